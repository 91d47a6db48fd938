"""Finds a provider or model by any of the names people use for it."""

import difflib
import re

from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.errors import NotFoundError

_SNAPSHOT_DAY = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def find_provider(catalog: Catalog, provider: str) -> Provider:
    """Return the provider with this id, name or alias; case, spaces and dashes do not matter.

    Raises:
        NotFoundError: nothing answers to the name; the message lists the ids.
    """
    wanted = _fold(provider).replace("-", "_")
    for candidate in catalog.providers.values():
        names = (candidate.id, candidate.name, *candidate.aliases)
        if wanted in {_fold(name).replace("-", "_") for name in names}:
            return candidate
    known = ", ".join(catalog.providers)
    raise NotFoundError(f"provider {provider!r} is not in the catalogue; known are {known}")


def find_model(catalog: Catalog, provider: str, model: str) -> TunableModel:
    """Return a provider's model by its id, a shorter form ("gpt-4.1-mini") or a tuned id ("ft:gpt-4.1-mini-…:org::x").

    Raises:
        NotFoundError: the provider or the model is not known; the message names close matches.
    """
    owner = find_provider(catalog, provider)
    wanted = _fold(model.split(":")[1] if model.lower().startswith("ft:") and ":" in model[3:] else model)
    for names_of in (_exact_names, _short_names):
        for candidate in owner.models:
            if wanted in names_of(candidate):
                return candidate
    known = {
        name: candidate.id for candidate in owner.models for name in _short_names(candidate) | {_fold(candidate.id)}
    }
    close = dict.fromkeys(known[name] for name in difflib.get_close_matches(wanted, known, n=6, cutoff=0.5))
    if close:
        hint = f"did you mean {', '.join(map(repr, list(close)[:3]))}?"
    elif owner.models:
        hint = f"known are {', '.join(candidate.id for candidate in owner.models)}"
    else:
        hint = "the catalogue lists no models there"
    raise NotFoundError(f"model {model!r} of {owner.name} is not in the catalogue; {hint}")


def _exact_names(model: TunableModel) -> set[str]:
    return {_fold(name) for name in (model.id, model.display, *model.aliases)}


def _short_names(model: TunableModel) -> set[str]:
    """The names without the day of the snapshot and without the owner's part before a slash."""
    undated = {_SNAPSHOT_DAY.sub("", name) for name in _exact_names(model)}
    return undated | {name.rsplit("/", 1)[-1] for name in undated}


def _fold(name: str) -> str:
    """Lower case, with "gpt-4.1 (2025-04-14)" and "GPT 4.1 2025-04-14" alike."""
    return re.sub(r"[\s()_-]+", "-", name.strip().lower()).strip("-")
