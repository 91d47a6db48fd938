"""A small fixed set of general questions: what a model knew before tuning, and whether it still does."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ftdecide.documents import read_document, validate
from ftdecide.experiment.arm_checks import Forgetting
from ftdecide.experiment.graders.outcome import right, wrong
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.number_text import read_numbers
from ftdecide.experiment.part import Part
from ftdecide.experiment.statistics import LEAST_ITEMS, tango
from ftdecide.experiment.types import Answer, Grade, Row
from ftdecide.settings import DATA
from ftdecide.translation import _

PREFIX = "general-"
"""What the items of these questions begin with; those of a test set begin otherwise."""

ASKED = "general:"
"""What stands before the name of an arm where answers to these questions are kept, apart from those to the test set."""

_PATH = DATA / "general_questions.yml"


class GeneralQuestion(Part):
    """A question with every accepted text, and the number that is right where the answer is one."""

    question: Annotated[str, Field(min_length=1)]
    accepted: Annotated[tuple[str, ...], Field(min_length=1)]
    number: Decimal | None = None


class GeneralQuestions(Part):
    """Everything in `data/general_questions.yml`."""

    schema_version: Literal[1]
    source: str
    as_of: date
    instructions: str
    max_output_tokens: Annotated[int, Field(ge=1)]
    questions: tuple[GeneralQuestion, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        asked = [normalise(each.question) for each in self.questions]
        if len(asked) != len(set(asked)) or len(asked) < LEAST_ITEMS:
            raise ValueError(f"there should be at least {LEAST_ITEMS} questions, none of them twice")
        return self


@cache
def general_questions() -> GeneralQuestions:
    """Return the questions, always the same."""
    return validate(GeneralQuestions, read_document(_PATH), _PATH.name)


def general_rows() -> tuple[Row, ...]:
    """Return the questions as rows that can be asked; `reference` is the first accepted text, `line` the number."""
    facts = general_questions()
    return tuple(
        Row(
            item=f"{PREFIX}{number:02}",
            prompt=each.question,
            reference=each.accepted[0],
            line=number,
            system=facts.instructions,
        )
        for number, each in enumerate(facts.questions, start=1)
    )


def grade_general(item: str, answer: str) -> Grade:
    """Return whether `answer` to the question called `item` holds one of its accepted texts, or its number.

    Raises:
        KeyError: no question has this name.
    """
    question = _by_item()[item]
    if not answer.strip():
        return wrong("empty", _("The answer is empty."))
    text = normalise(answer)
    if any(re.search(rf"(?<!\w){re.escape(normalise(each))}(?!\w)", text) for each in question.accepted):
        return right()
    if question.number is not None and any(each.value == question.number for each in read_numbers(answer)):
        return right()
    return wrong("wrong", _("None of the accepted texts occurs."))


def measure_forgetting(base: Sequence[Answer], tuned: Sequence[Answer]) -> Forgetting | None:
    """Return how many general questions the base model and the tuned one answer right, and what is lost.

    Only questions that both were asked count, one answer each: the first; a failed call is no answer. None where fewer
    than 15 were.
    """
    before, after = _marks(base), _marks(tuned)
    items = sorted(before.keys() & after.keys())
    if len(items) < LEAST_ITEMS:
        return None
    lost = tuple(item for item in items if before[item] and not after[item])
    gained = sum(after[item] and not before[item] for item in items)
    interval = tango(gained, len(lost), len(items))
    base_right, tuned_right = (sum(marks[item] for item in items) for marks in (before, after))
    return Forgetting(
        base=base[0].arm,
        tuned=tuned[0].arm,
        n=len(items),
        base_right=base_right,
        tuned_right=tuned_right,
        lost=tuple(_by_item()[item].question for item in lost),
        difference=(tuned_right - base_right) / len(items),
        interval=interval,
        text=_say(base_right, tuned_right, len(items), high=interval.high),
    )


def _say(base_right: int, tuned_right: int, n: int, *, high: float) -> str:
    text = _("Of {n} general questions the base model answers {base} right, the tuned one {tuned}.")
    told = text.format(n=n, base=base_right, tuned=tuned_right)
    if high < 0:
        return f"{told} {_('Tuning made it forget.')}"
    if tuned_right < base_right:
        return f"{told} {_('That may be chance.')}"
    return told


def _marks(answers: Sequence[Answer]) -> dict[str, bool]:
    marks: dict[str, bool] = {}
    for answer in sorted(answers, key=lambda answer: answer.repeat):
        if answer.item in _by_item() and answer.error is None:
            marks.setdefault(answer.item, grade_general(answer.item, answer.text).passed)
    return marks


@cache
def _by_item() -> Mapping[str, GeneralQuestion]:
    questions = general_questions().questions
    return {row.item: question for row, question in zip(general_rows(), questions, strict=True)}
