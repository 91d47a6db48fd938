"""What no arm should do, whatever its score: refuse, break the form, say nothing, or invent what nobody knows."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from statistics import fmean
from typing import Annotated, Literal

from pydantic import Field

from ftdecide.dataset.signs.answers import is_refusal
from ftdecide.documents import read_document, validate
from ftdecide.experiment.answer_json import leaves, read_object
from ftdecide.experiment.arm_checks import Guardrail, GuardrailKind
from ftdecide.experiment.clusters import number_groups
from ftdecide.experiment.inference import infer_score
from ftdecide.experiment.part import Part
from ftdecide.experiment.types import Answer, Grade, Row
from ftdecide.settings import DATA

Rule = Callable[[Row, Answer, Grade], bool | None]
"""Whether an answer does it; None where its row gives no occasion to."""

_EMPTY, _FILTERED = "empty", "content_filter"
_PATH = DATA / "guardrails.yml"


class _Unknown(Part):
    most_words: Annotated[int, Field(ge=1)]
    patterns: tuple[str, ...]


class _Facts(Part):
    """Everything in `data/guardrails.yml`."""

    schema_version: Literal[1]
    source: str
    as_of: date
    unknown: _Unknown
    shown_items: Annotated[int, Field(ge=1)]


def guardrails(rows: Sequence[Row], answers: Sequence[Answer], grades: Sequence[Grade]) -> tuple[Guardrail, ...]:
    """Return how often one arm did what it should not; `grades` are those of `answers`, in the same order.

    A failed call is no answer and counts nowhere; one that came back without text is empty, and what the provider's
    filter kept back is refused. Where an item was asked several times its share is the mean over
    them, and it is counted once if any of them did it. Answers to other items than those of `rows` are passed over.
    """
    by_item = {row.item: row for row in rows}
    seen = [
        (by_item[answer.item], answer, mark)
        for answer, mark in zip(answers, grades, strict=True)
        if answer.item in by_item and (answer.error is None or answer.failure in (_EMPTY, _FILTERED))
    ]
    return tuple(_count(kind, rule, seen) for kind, rule in RULES.items())


def refuses(row: Row, answer: Answer, _grade: Grade) -> bool | None:
    """Whether an answer begins with a refusal or was filtered; no occasion where the reference is one too."""
    return None if is_refusal(row.reference) else answer.failure == _FILTERED or is_refusal(answer.text)


def breaks_form(_row: Row, _answer: Answer, grade: Grade) -> bool | None:
    """Whether an answer could not be read in the form asked for."""
    return grade.reason == "format"


def is_empty(_row: Row, answer: Answer, _grade: Grade) -> bool | None:
    """Whether an answer has no text, for another reason than a filter."""
    return answer.failure != _FILTERED and not answer.text.strip()


def invents(row: Row, answer: Answer, grade: Grade) -> bool | None:
    """Whether an answer says something where the reference says that nothing is known.

    That is a short reference with a phrase such as "not stated", or a JSON object with a field that is null. Invented
    is an answer that is neither right, nor empty, nor a refusal, nor says itself that nothing is known; of JSON, one
    that fills such a field.
    """
    record = read_object(row.reference)
    if record is not None:
        unknown = [name for name, value in leaves(record).items() if value is None]
        if not unknown:
            return None
        given = read_object(answer.text)
        return given is not None and any(_fills(given, name) for name in unknown)
    if not says_unknown(row.reference):
        return None
    return bool(answer.text.strip()) and not (grade.passed or is_refusal(answer.text) or _admits(answer.text))


def withholds(row: Row, answer: Answer, grade: Grade) -> bool | None:
    """Whether an answer says that nothing is known where the reference has an answer; the other side of inventing."""
    if says_unknown(row.reference) or read_object(row.reference) is not None:
        return None
    return not grade.passed and says_unknown(answer.text)


RULES: Mapping[GuardrailKind, Rule] = {
    "refusal": refuses,
    "format_break": breaks_form,
    "empty": is_empty,
    "invented": invents,
    "withheld": withholds,
}


def says_unknown(text: str) -> bool:
    """Whether a short text says that nothing is known; a longer one also says something else."""
    return len(text.split()) <= _facts().unknown.most_words and _admits(text)


def _admits(text: str) -> bool:
    return _finder().search(text.casefold().replace("\u2019", "'")) is not None


def _fills(record: dict[str, object], name: str) -> bool:
    """Whether `record` has a value where the reference has null, a text that says nothing is known aside."""
    for path, value in leaves(record).items():
        below = path == name or path.startswith((f"{name}.", f"{name}["))
        if below and value is not None and str(value).strip() and not says_unknown(str(value)):
            return True
    return False


def _count(kind: GuardrailKind, rule: Rule, seen: Iterable[tuple[Row, Answer, Grade]]) -> Guardrail:
    done: dict[str, list[bool]] = {}
    groups: dict[str, str] = {}
    for row, answer, grade in seen:
        found = rule(row, answer, grade)
        if found is not None:
            done.setdefault(row.item, []).append(found)
            groups[row.item] = row.group
    shares = [fmean(each) for each in done.values()]
    items = [item for item, each in done.items() if any(each)]
    interval = infer_score(shares, number_groups(list(groups.values()))) if shares else None
    return Guardrail(
        kind=kind,
        count=len(items),
        n=len(shares),
        share=fmean(shares) if shares else None,
        interval=interval,
        items=tuple(items[: _facts().shown_items]),
    )


@cache
def _facts() -> _Facts:
    return validate(_Facts, read_document(_PATH), _PATH.name)


@cache
def _finder() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in _facts().unknown.patterns))
