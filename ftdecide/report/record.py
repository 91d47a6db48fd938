"""The decision record: everything that is handed to others, as one frozen object without clock or chance."""

import json
from collections.abc import Mapping
from typing import Any

from ftdecide import __version__
from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.questions import ask_first, load_questions
from ftdecide.assessment.types import Assessment, dump_assessment
from ftdecide.assessment.wording import name_field, say_answer
from ftdecide.decision.types import Decision, Flip, Gate, Reason
from ftdecide.decision.verdict import decision_json
from ftdecide.decision.wording import (
    explain_verdict,
    name_reason_origin,
    name_state,
    name_verdict,
    say_change,
    say_evidence_value,
    say_pays_from,
)
from ftdecide.report.comparison import Comparison, read_comparison
from ftdecide.report.hashes import hash_data, hash_json
from ftdecide.report.method import say_method
from ftdecide.report.types import (
    RECORD_VERSION,
    Asked,
    Chance,
    Change,
    Chapter,
    Check,
    Cited,
    Given,
    Point,
    Record,
    Source,
)
from ftdecide.translation import _


def make_record(assessment: Assessment, decision: Decision, run: Mapping[str, object] | None = None) -> Record:
    """Put assessment, decision and the cited run together; the same input always gives the same record."""
    comparison = read_comparison(run)
    if run is None:
        return assemble_record(assessment, decision, comparison, None)
    cited = Cited(run_id=str(run.get("run_id") or ""), sha256=hash_json(run), shown_sha256="")
    return assemble_record(assessment, decision, comparison, cited)


def assemble_record(
    assessment: Assessment, decision: Decision, comparison: Comparison | None, cited: Cited | None
) -> Record:
    """Put a record together from the part of the cited run that it shows; the hashes are worked out anew.

    Only the hash of the run's whole result is taken over from `cited`, because a record does not hold that result.
    """
    document = dump_assessment(assessment)
    if cited is not None:
        shown = hash_json(comparison.model_dump(mode="json") if comparison else None)
        cited = cited.model_copy(update={"shown_sha256": shown})
    run = cited.model_dump() if cited else None
    record = Record(
        record_version=RECORD_VERSION,
        title=" ".join((assessment.title or "").split()) or _("Untitled assessment"),
        as_of=decision.as_of,
        verdict=decision.verdict.value,
        verdict_name=name_verdict(decision.verdict),
        verdict_meaning=explain_verdict(decision.verdict),
        confidence=decision.confidence,
        chances=_chances(decision),
        reasons=tuple(_point(reason) for reason in decision.reasons),
        gates=tuple(_check(gate) for gate in decision.gates),
        missing=tuple(
            Asked(field=field, question=name_field(field)) for field in ask_first(decision.missing, assessment)
        ),
        flips=tuple(_change(flip) for flip in decision.flips),
        risks=decision.risks,
        next_step=decision.next_step,
        options=decision.options,
        option_names=tuple(name_verdict(option.option) for option in decision.options),
        pays=_say_pays(decision),
        comparison=comparison,
        chapters=_chapters(document),
        method=say_method(),
        version=__version__,
        data=hash_data(),
        seeds={},
        assessment=document,
        decision=decision_json(decision),
        run=cited,
        fingerprint=hash_json({"assessment": document, "as_of": decision.as_of.isoformat(), "run": run}),
        checksum="",
    )
    return record.model_copy(update={"checksum": checksum_of(record.model_dump(mode="json"))})


def record_json(record: Record) -> str:
    """Return the record as the text of its JSON file; numbers are written so that reading gives them back exactly."""
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def checksum_of(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a record's document without its own checksum."""
    return hash_json({name: value for name, value in document.items() if name != "checksum"})


def _chances(decision: Decision) -> tuple[Chance, ...]:
    ordered = sorted(decision.probabilities.items(), key=lambda item: -item[1])
    return tuple(Chance(name=name_verdict(verdict), probability=p) for verdict, p in ordered)


def _point(reason: Reason) -> Point:
    return Point(
        code=reason.code,
        text=reason.text,
        weight=reason.weight,
        origin=name_reason_origin(reason.origin),
        source=_source(reason.source),
    )


def _check(gate: Gate) -> Check:
    return Check(
        title=gate.title,
        status=gate.status,
        state=name_state(gate.status),
        text=gate.text,
        source=_source(gate.source),
    )


def _change(flip: Flip) -> Change:
    now, then = say_change(flip)
    return Change(
        field=flip.field, question=name_field(flip.field), now=now, then=then, verdict=name_verdict(flip.verdict)
    )


def _say_pays(decision: Decision) -> tuple[str, ...]:
    value, pays_from = decision.evidence_value, decision.pays_from_usd
    told = say_evidence_value(value) if value is not None else ""
    return tuple(filter(None, (told, say_pays_from(pays_from) if pays_from is not None else "")))


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
