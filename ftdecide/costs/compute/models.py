"""Open models by name, and the architecture of a model of which only the size is known."""

import difflib
from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.costs.compute.assumptions import UnknownModel
from ftdecide.costs.compute.shape import Shape
from ftdecide.costs.training_job import JobModel
from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError
from ftdecide.settings import DATA
from ftdecide.translation import _

BILLION = 1e9


class OpenModel(BaseModel):
    """The architecture of one open model, the configuration that states it, and what vendors call the same weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    hub: str
    aliases: tuple[str, ...] = ()
    params_b: float = Field(gt=0)
    active_params_b: float | None = Field(default=None, gt=0)
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    tied_embeddings: bool
    experts: int = 1
    experts_per_token: int = 1
    context_tokens: int
    source: str
    as_of: date


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[OpenModel, ...]


@cache
def load_models() -> tuple[OpenModel, ...]:
    """Read `data/models.yml` once."""
    path = DATA / "models.yml"
    return validate(_File, read_document(path), str(path)).models


def find_model(name: str) -> OpenModel:
    """Return the model called `name`: its id, repository or alias, or one with a word such as "instruct" after it.

    Raises:
        InputError: no such model; the message names close ones.
    """
    wanted = name.strip().lower()
    plain = wanted.removesuffix("-instruct").removesuffix("-base").removesuffix("-it").removesuffix("-chat")
    for model in load_models():
        repository = model.hub.lower()
        names = {model.id, repository, repository.rsplit("/", 1)[-1], *model.aliases}
        if wanted in names or plain in names or plain.rsplit("/", 1)[-1] in names:
            return model
    known = [model.id for model in load_models()]
    close = difflib.get_close_matches(plain.rsplit("/", 1)[-1], known, n=3, cutoff=0.4)
    hint = f"did you mean {', '.join(map(repr, close))}? " if close else ""
    raise InputError(
        f"model: {name!r} is not in the list; {hint}A model that is not listed is described as an object with params_b"
    )


def shapes_of(model: str | JobModel, unknown: UnknownModel) -> tuple[list[tuple[float, Shape]], tuple[str, ...]]:
    """Return the architectures that `model` may have, with weights, and in words what was assumed.

    What an object leaves open is worked out from its size, so that a larger model never has a smaller layer; the
    vocabulary, which size does not tell, is one of several.

    Raises:
        InputError: no listed model has this name.
    """
    if isinstance(model, str):
        return [(1.0, _listed(find_model(model)))], ()
    vocabularies = {model.vocab: 1.0} if model.vocab is not None else unknown.vocab
    total = sum(vocabularies.values())
    shapes = [(weight / total, _built(model, vocab, unknown)) for vocab, weight in vocabularies.items()]
    missing = [name for name in _ARCHITECTURE if getattr(model, name) is None]
    if not missing:
        return shapes, ()
    told = _("The model's {fields} are not given and worked out from its size.")
    return shapes, (told.format(fields=", ".join(missing)),)


_ARCHITECTURE = ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocab", "tied_embeddings")


def _built(model: JobModel, vocab: int, unknown: UnknownModel) -> Shape:
    params = model.params_b * BILLION
    typical = max(unknown.head_dim, (params * unknown.hidden_per_layer / unknown.params_per_square) ** (1 / 3))
    hidden = model.hidden or round(typical)
    head_dim = model.head_dim or (max(1, hidden // model.heads) if model.heads else unknown.head_dim)
    heads = model.heads or max(1, round(hidden / head_dim))
    return Shape(
        params=params,
        active_params=min(model.active_params_b or model.params_b, model.params_b) * BILLION,
        layers=model.layers or max(1, round(typical / unknown.hidden_per_layer)),
        hidden=hidden,
        heads=heads,
        kv_heads=min(heads, model.kv_heads or max(1, heads // unknown.heads_per_kv_head)),
        head_dim=head_dim,
        ffn=model.ffn or round(hidden * unknown.ffn_per_hidden),
        vocab=vocab,
        tied_embeddings=bool(model.tied_embeddings),
    )


def _listed(model: OpenModel) -> Shape:
    return Shape(
        params=model.params_b * BILLION,
        active_params=(model.active_params_b or model.params_b) * BILLION,
        layers=model.layers,
        hidden=model.hidden,
        heads=model.heads,
        kv_heads=model.kv_heads,
        head_dim=model.head_dim,
        ffn=model.ffn,
        vocab=model.vocab,
        tied_embeddings=model.tied_embeddings,
    )
