"""The facts of `data/judge.yml`: the judge's prompt, how many pairs people label, and which models are kin."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError
from ftdecide.experiment.arm_plan import model_of
from ftdecide.experiment.judge.plan import JudgePlan
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Part
from ftdecide.providers.connections import find_connection
from ftdecide.settings import DATA
from ftdecide.translation import _

_FILE = DATA / "judge.yml"
_NAME_PARTS = re.compile(r"[a-z0-9]+")
_TUNED_ID = re.compile(r"^ft:([^:]+)", re.IGNORECASE)


class JudgePrompt(Part):
    """The texts with their blanks, how long an answer may be, and how long it probably is."""

    source: str
    instructions: str
    question: str
    mend: str
    max_output_tokens: Annotated[int, Field(ge=1)]
    likely_output_tokens: Annotated[int, Field(ge=1)]


class _Criterion(Part):
    text: str
    source: str


class _Labels(Part):
    pairs: Annotated[int, Field(ge=1)]
    source: str


class _Families(Part):
    source: str
    names: dict[str, tuple[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], ...]]


class JudgeFacts(Part):
    """The whole file."""

    schema_version: Literal[1]
    as_of: date
    prompt: JudgePrompt
    criterion: _Criterion
    labels: _Labels
    families: _Families


@cache
def judge_facts() -> JudgeFacts:
    """Read the facts once."""
    return validate(JudgeFacts, read_document(_FILE), _FILE.name)


def families_of(model: str, names: Mapping[str, tuple[str, ...]] | None = None) -> frozenset[str]:
    """Return the families that a model's name tells: those of which a word begins a part of it.

    A word that ends in a digit is a part as a whole ("o3", not "o30"); after others may follow what is no letter, so
    that "phi" is in "phi4" and in no "philosopher".
    """
    tuned = _TUNED_ID.match(model)
    parts = _NAME_PARTS.findall((tuned.group(1) if tuned else model).lower())
    known = judge_facts().families.names if names is None else names
    return frozenset(
        family for family, words in known.items() if any(_begins(part, word) for part in parts for word in words)
    )


def _begins(part: str, word: str) -> bool:
    after = part.removeprefix(word)
    if after == part:
        return False
    return not after or not (after[0].isdigit() if word[-1].isdigit() else after[0].isalpha())


def refuse_kin(experiment: Experiment) -> None:
    """Go on if the plan has no judge, or one of another family than every model that it judges.

    Raises:
        NotFoundError: no such provider.
        InputError: it has no address, it is kin to an arm's model, or a name tells no family and the plan states none.
    """
    judge = experiment.judge
    if judge is None:
        return
    find_connection(judge.provider.id, judge.provider.base_url)
    mine = _families(judge.provider.model, judge.family, "judge.family")
    for arm in experiment.arms:
        if arm.kind == "classical":
            continue
        model = model_of(arm, experiment.provider.model)
        shared = mine & _families(model, judge.arm_family, "judge.arm_family")
        if shared:
            text = _(
                "judge.provider.model: {judge!r} is of the same family ({family}) as {model!r} of arm {arm!r}, and "
                "models favour answers of their own kind; choose a judge of another family"
            )
            family = ", ".join(sorted(shared))
            raise InputError(text.format(judge=judge.provider.model, family=family, model=model, arm=arm.name))


def _families(model: str, stated: str | None, where: str) -> frozenset[str]:
    found = families_of(model)
    if stated is not None:
        # What is stated adds to what the name tells, so that a statement cannot hide kinship.
        return found | (families_of(stated) or {stated.strip().lower()})
    if not found:
        text = _("{where}: the name {model!r} does not tell which family the model is of; name it there")
        raise InputError(text.format(where=where, model=model))
    return found


def labels_wanted(judge: JudgePlan | None) -> int:
    """Return how many pairs people are to judge."""
    return (judge.labels if judge else None) or judge_facts().labels.pairs


def criterion_of(judge: JudgePlan | None) -> str:
    """Return by what pairs are judged, in the words of the plan where it has any."""
    return judge.criterion if judge else judge_facts().criterion.text
