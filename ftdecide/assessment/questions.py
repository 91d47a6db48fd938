"""The questionnaire: which field is asked for how, and when; the wording is in `data/questions/`."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.types import Assessment
from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

BLOCKS = ("use_case", "alternatives", "costs", "benefits")
"""The lesson's four blocks, in their order; each is one file and one page."""

Kind = Literal[
    "text", "long_text", "choice", "several", "flag", "count", "number", "share", "amount", "date", "provider", "model"
]
Case = dict[str, tuple[str | bool, ...]]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(_Part):
    """One answer to choose; `explain` says in a line what it means."""

    value: str
    label: str
    explain: str = ""


class Question(_Part):
    """How one field of the assessment is asked for; every question may stay open.

    `good` says what a good answer looks like; `shown_when` lists the cases in which the question is relevant.
    """

    field: str
    kind: Kind
    ask: str
    why: str
    good: str
    unit: str = ""
    at_least: int = 0
    at_most: int | None = None
    options: tuple[Option, ...] = ()
    shown_when: tuple[Case, ...] | None = None


class Section(_Part):
    """Questions under one heading."""

    title: str
    lead: str = ""
    questions: tuple[Question, ...]


class Block(_Part):
    """One of the four blocks, shown as one page."""

    block: Literal["use_case", "alternatives", "costs", "benefits"]
    title: str
    lead: str
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions of the block, in order."""
        return tuple(question for section in self.sections for question in section.questions)


@cache
def load_questions() -> tuple[Block, ...]:
    """Read the four blocks.

    Raises:
        InputError: a file under `data/questions/` is not as it should be.
    """
    return tuple(_load_block(name) for name in BLOCKS)


def find_question(field: str) -> tuple[Block, Question] | None:
    """Return the question that asks for `field`, with its block; None if no question does."""
    return _by_field().get(field)


def relevant(block: Block, assessment: Assessment) -> tuple[Section, ...]:
    """Return the block's sections with those questions that matter given the other answers, or that are answered."""
    answers = flat_answers(assessment.model_dump())
    sections = (
        section.model_copy(update={"questions": tuple(q for q in section.questions if _is_relevant(q, answers))})
        for section in block.sections
    )
    return tuple(section for section in sections if section.questions)


def ask_first(fields: Iterable[str], assessment: Assessment) -> tuple[str, ...]:
    """Return for each field the question to answer next, once: its own, or the one that brings it up.

    Fields that no question asks for, and those that the other answers have made irrelevant, are left out.
    """
    answers = flat_answers(assessment.model_dump())
    leading = (_leading_to(field, answers) for field in fields)
    return tuple(dict.fromkeys(field for field in leading if field))


def _leading_to(field: str, answers: Mapping[str, object]) -> str | None:
    found = find_question(field)
    if found is None or _is_relevant(found[1], answers):
        return field if found else None
    for case in found[1].shown_when or ():
        unmet = next(name for name, wanted in case.items() if not _holds(answers.get(name), wanted))
        if unmet not in answers and (first := _leading_to(unmet, answers)):
            return first
        if unmet in answers and unmet.endswith(".effort"):  # not tried yet: what is missing is the score itself
            return field
    return None


def _load_block(name: str) -> Block:
    path = DATA / "questions" / f"{name}.yml"
    return validate(Block, read_document(path), str(path))


@cache
def _by_field() -> Mapping[str, tuple[Block, Question]]:
    return {question.field: (block, question) for block in load_questions() for question in block.questions}


def _is_relevant(question: Question, answers: Mapping[str, object]) -> bool:
    if question.shown_when is None or question.field in answers:
        return True
    return any(
        all(_holds(answers.get(field), wanted) for field, wanted in case.items()) for case in question.shown_when
    )


def _holds(answer: object, wanted: tuple[str | bool, ...]) -> bool:
    if answer is None:
        return False
    given = cast("tuple[object, ...]", answer) if isinstance(answer, tuple) else (answer,)
    return "known" in wanted or any(value in wanted for value in given)
