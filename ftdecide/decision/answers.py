"""The known answers of an assessment, flat and by dotted path: all that a verdict is ever made from."""

import math
from collections.abc import Mapping
from typing import cast

from ftdecide.assessment.types import Assessment, Range

Answers = dict[str, object]
"""Known answers by dotted field path; ranges stand as their middle, goals as a tuple."""

_BLOCKS = ("use_case", "traffic", "alternatives", "costs", "benefits")
_UNREAD = frozenset(("description", "domain", "metric", "model"))


def read_answers(assessment: Assessment) -> Answers:
    """Return the known answers that may move a verdict; titles, descriptions and domains are left out on purpose."""
    answers: Answers = {}
    for block in _BLOCKS:
        part: object = getattr(assessment, block)
        _collect(answers, block, vars(part))
    return answers


def _collect(answers: Answers, prefix: str, part: Mapping[str, object]) -> None:
    for name, value in part.items():
        if value is None or value == () or name in _UNREAD:
            continue
        if isinstance(value, Range):
            answers[f"{prefix}.{name}"] = middle(value)
        elif isinstance(value, str | int | float | tuple):
            answers[f"{prefix}.{name}"] = cast("object", value)
        else:
            _collect(answers, f"{prefix}.{name}", vars(value))


def middle(amount: Range) -> float:
    """Return the middle of a 90 % interval: geometric where both ends are positive, as for costs and volumes."""
    return math.sqrt(amount.low) * math.sqrt(amount.high) if amount.low > 0 else amount.high / 2


def middle_of(amount: float | Range) -> float:
    """Return an amount as answers hold it."""
    return middle(amount) if isinstance(amount, Range) else float(amount)


def number(answers: Answers, path: str) -> float | None:
    """Return a numeric answer, or None if it is not known."""
    value = answers.get(path)
    return float(value) if isinstance(value, int | float) else None


def goals_in(answers: Answers) -> tuple[str, ...]:
    """Return the stated goals."""
    goals = answers.get("use_case.goals")
    return cast("tuple[str, ...]", goals) if isinstance(goals, tuple) else ()
