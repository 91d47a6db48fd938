"""The decision record: everything that is handed to others, as one frozen object without clock or chance."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from ftdecide import __version__
from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.questions import ask_first, load_questions
from ftdecide.assessment.types import Assessment, dump_assessment
from ftdecide.assessment.wording import name_field, say_answer
from ftdecide.decision.types import Decision, Option
from ftdecide.decision.wording import explain_verdict, name_reason_origin, name_state, name_verdict, say_change
from ftdecide.report.comparison import Comparison, read_comparison
from ftdecide.report.method import say_method
from ftdecide.translation import _


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """Where something was read; `url` is null for what is no address, `text` empty for the answers themselves."""

    text: str
    url: str | None


class Point(_Part):
    """A reason: its sentence, where it comes from, and how strongly it speaks for (+) or against (-) the verdict."""

    code: str
    text: str
    weight: float
    origin: str
    source: Source


class Check(_Part):
    """A gate with its status in a word."""

    title: str
    status: str
    state: str
    text: str
    source: Source


class Change(_Part):
    """An answer that would change the verdict, in words."""

    field: str
    question: str
    now: str
    then: str
    verdict: str


class Chance(_Part):
    """A verdict's name and probability."""

    name: str
    probability: float


class Asked(_Part):
    """A field and the question that asks for it."""

    field: str
    question: str


class Given(_Part):
    """An answered question."""

    question: str
    answer: str


class Chapter(_Part):
    """One block's answers."""

    title: str
    answers: tuple[Given, ...]


class Record(_Part):
    """What is exported. `fingerprint` is the SHA-256 of the answers, the day and the cited run."""

    title: str
    as_of: date
    verdict: str
    verdict_name: str
    verdict_meaning: str
    confidence: float
    chances: tuple[Chance, ...]
    reasons: tuple[Point, ...]
    gates: tuple[Check, ...]
    missing: tuple[Asked, ...]
    flips: tuple[Change, ...]
    risks: tuple[str, ...]
    next_step: str
    options: tuple[Option, ...]
    option_names: tuple[str, ...]
    comparison: Comparison | None
    chapters: tuple[Chapter, ...]
    method: tuple[str, ...]
    version: str
    fingerprint: str
    assessment: dict[str, Any]


def make_record(assessment: Assessment, decision: Decision, run: Mapping[str, object] | None = None) -> Record:
    """Put assessment, decision and the cited run together; the same input always gives the same record."""
    document, asked = dump_assessment(assessment), ask_first(decision.missing, assessment)
    ordered = sorted(decision.probabilities.items(), key=lambda item: -item[1])
    return Record(
        title=" ".join((assessment.title or "").split()) or _("Untitled assessment"),
        as_of=decision.as_of,
        verdict=decision.verdict.value,
        verdict_name=name_verdict(decision.verdict),
        verdict_meaning=explain_verdict(decision.verdict),
        confidence=decision.confidence,
        chances=tuple(Chance(name=name_verdict(verdict), probability=p) for verdict, p in ordered),
        reasons=tuple(
            Point(
                code=reason.code,
                text=reason.text,
                weight=reason.weight,
                origin=name_reason_origin(reason.origin),
                source=_source(reason.source),
            )
            for reason in decision.reasons
        ),
        gates=tuple(
            Check(
                title=gate.title,
                status=gate.status,
                state=name_state(gate.status),
                text=gate.text,
                source=_source(gate.source),
            )
            for gate in decision.gates
        ),
        missing=tuple(Asked(field=field, question=name_field(field)) for field in asked),
        flips=tuple(
            Change(
                field=flip.field,
                question=name_field(flip.field),
                now=say_change(flip)[0],
                then=say_change(flip)[1],
                verdict=name_verdict(flip.verdict),
            )
            for flip in decision.flips
        ),
        risks=decision.risks,
        next_step=decision.next_step,
        options=decision.options,
        option_names=tuple(name_verdict(option.option) for option in decision.options),
        comparison=read_comparison(run),
        chapters=_chapters(document),
        method=say_method(),
        version=__version__,
        fingerprint=_fingerprint(document, decision.as_of, run),
        assessment=document,
    )


def _source(source: str) -> Source:
    if source == _("Your answers"):  # said already by the origin
        return Source(text="", url=None)
    return Source(text=source, url=source if source.startswith(("https://", "http://")) else None)


def _chapters(document: Mapping[str, Any]) -> tuple[Chapter, ...]:
    """Return the answers in the order of the questionnaire; what no question asks for comes last."""
    answers = {path: value for path, value in flat_answers(document).items() if path not in ("schema_version", "title")}
    chapters: list[Chapter] = []
    for block in load_questions():
        fields = [question.field for question in block.questions if question.field in answers]
        given = tuple(
            Given(question=name_field(field), answer=say_answer(field, answers.pop(field))) for field in fields
        )
        if given:
            chapters.append(Chapter(title=_(block.title), answers=given))
    if answers:
        rest = tuple(Given(question=field, answer=str(value)) for field, value in answers.items())
        chapters.append(Chapter(title=_("Further answers"), answers=rest))
    return tuple(chapters)


def _fingerprint(document: Mapping[str, Any], as_of: date, run: Mapping[str, object] | None) -> str:
    content = {"assessment": document, "as_of": as_of.isoformat(), "run": run}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
