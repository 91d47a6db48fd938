"""The decision: from an assessment to a verdict with everything that stands behind it."""

from datetime import date
from functools import cache
from typing import Any

from ftdecide.assessment.types import Assessment, Range
from ftdecide.catalog.types import Catalog
from ftdecide.decision.answers import Answers, read_answers
from ftdecide.decision.availability import catalog_answers
from ftdecide.decision.evidence import load_steps
from ftdecide.decision.gates import CompiledCase, compile_cases, read_gates
from ftdecide.decision.judge import judge
from ftdecide.decision.measured import Features
from ftdecide.decision.options import read_options
from ftdecide.decision.reasons import read_reasons
from ftdecide.decision.stakes import STAKES, read_stakes
from ftdecide.decision.types import Decision, EvidenceValue
from ftdecide.decision.what_if import read_flips, read_missing, try_answers


def decide(assessment: Assessment, today: date, catalog: Catalog | None = None) -> Decision:
    """Answer "should we fine-tune?" from the assessment alone, as of its own day or else `today`.

    Pure: no clock, no store, no randomness; titles, descriptions, domains and other free text are never read. With a
    `catalog`, the named provider and base model are looked up in it; a name it does not know changes nothing.
    """
    as_of = assessment.as_of or today
    stated = read_answers(assessment)
    answers = {**stated, **catalog_answers(assessment, as_of, catalog), STAKES: read_stakes(assessment, catalog)}
    now = judge(answers)
    tried = try_answers(answers)
    found: Features = {**now.features, "verdict": now.verdict.value}
    gates = read_gates(now.features)
    return Decision(
        as_of=as_of,
        verdict=now.verdict,
        confidence=now.probabilities[now.verdict],
        probabilities=now.probabilities,
        reasons=read_reasons(now, gates),
        gates=gates,
        risks=tuple(risk.text(found) for risk in _risks() if risk.applies(found)),
        missing=read_missing(answers, now, tried),
        flips=read_flips(answers, now, tried, _as_stated(assessment, stated)),
        next_step=next(step.text(found) for step in _next_steps() if step.applies(found)),
        options=read_options(assessment, now.features, catalog),
        evidence_value=value if isinstance(value := now.features["evidence_value"], EvidenceValue) else None,
        pays_from_usd=usd if isinstance(usd := now.features["pays_from_usd"], float) else None,
    )


@cache
def _risks() -> tuple[CompiledCase, ...]:
    return compile_cases(load_steps().risks)


@cache
def _next_steps() -> tuple[CompiledCase, ...]:
    return compile_cases(load_steps().next_steps)


def _as_stated(assessment: Assessment, stated: Answers) -> Answers:
    """Return the stated answers as the assessment has them: ranges as ranges, goals as a list."""
    shown: Answers = {}
    for path in stated:
        value: object = assessment
        for name in path.split("."):
            value = getattr(value, name)
        shown[path] = value.model_dump() if isinstance(value, Range) else value
    if stated.get("use_case.goals"):
        shown["use_case.goals"] = list(assessment.use_case.goals)
    return shown


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return the decision as the JSON document that the command line promises."""
    document = decision.model_dump(mode="json")
    for flip in document["flips"]:
        flip["from"] = flip.pop("from_")
    return document
