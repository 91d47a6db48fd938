"""Cases in which a senior practitioner would be sure, and small changes that must move the verdict the sensible way."""

from datetime import date
from typing import Any

import pytest

from ftdecide.assessment.types import read_assessment
from ftdecide.catalog import load_catalog
from ftdecide.decision import decide
from ftdecide.decision.types import Decision, Verdict

TODAY = date(2026, 11, 22)
TUNING = (Verdict.FINE_TUNE, Verdict.FINE_TUNE_PLUS_RAG)

ROUTER: dict[str, Any] = {
    "use_case.task": "classification",
    "use_case.goals": ["quality"],
    "use_case.label_scheme": "in_house",
    "use_case.output_format": "short_label",
    "use_case.target_score": 0.92,
    "use_case.knowledge.source": "domain",
    "traffic.requests_per_month": 200_000,
    "traffic.horizon_months": 24,
    "traffic.value_per_success_usd": 0.2,
    "alternatives.prompt_engineering": {"effort": "systematic", "score": 0.78},
    "alternatives.few_shot": {"effort": "systematic", "score": 0.82},
    "alternatives.change_base_model": {"effort": "basic", "score": 0.80},
    "alternatives.classical_model": {"effort": "basic", "score": 0.70},
    "alternatives.evaluation_examples": 300,
    "alternatives.evaluation_trust": "human_validated",
    "costs.tunable": "yes",
    "costs.base_model_retires_in_months": 24,
    "costs.training_examples": 4000,
    "costs.training_data_quality": "high",
    "costs.data_rights": "cleared",
    "costs.engineer_hours": 80,
    "costs.hourly_rate_usd": 100,
    "costs.budget_usd": 30_000,
}
"""Prompts are exhausted, data, rights, money and traffic are there."""

PROVEN = ROUTER | {
    "benefits.fine_tuned_score": 0.91,
    "benefits.paired_wins": 40,
    "benefits.paired_losses": 13,
    "benefits.paired_ties": 247,
}
"""The same after a comparison that fine-tuning won clearly."""

VOICE: dict[str, Any] = {
    "use_case.task": "generation",
    "use_case.goals": ["style"],
    "use_case.output_format": "free_text",
    "alternatives.few_shot": {"effort": "systematic", "score": 0.65},
    "alternatives.evaluation_examples": 200,
    "alternatives.evaluation_trust": "human_validated",
    "costs.tunable": "yes",
    "costs.training_examples": 6000,
    "costs.training_data_quality": "high",
    "costs.data_rights": "cleared",
}


def decided(answers: dict[str, Any], **changes: Any) -> Decision:
    document: dict[str, Any] = {"schema_version": 1}
    for path, value in (answers | changes).items():
        *blocks, name = path.split(".")
        part = document
        for block in blocks:
            part = part.setdefault(block, {})
        part[name] = value
    return decide(read_assessment(document), TODAY, load_catalog())


def test_a_proven_gain_that_pays_is_a_reason_to_tune() -> None:
    assert decided(PROVEN).verdict is Verdict.FINE_TUNE


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("no requests", {"traffic.requests_per_month": 0}),
        ("no requests, and price is the goal", {"traffic.requests_per_month": 0, "use_case.goals": ["cost"]}),
        ("ten requests a month never earn it back", {"traffic.requests_per_month": 10}),
        ("a better answer is worth nothing", {"traffic.value_per_success_usd": 0}),
        ("more effort than a life pays for", {"costs.engineer_hours": 1e300}),
        ("no money", {"costs.budget_usd": 0}),
        ("no rights", {"costs.data_rights": "blocked"}),
        ("no examples", {"costs.training_examples": 0}),
        ("not tunable", {"costs.tunable": "no"}),
        ("retired next month", {"costs.base_model_retires_in_months": 1}),
        ("a prompt does better", {"alternatives.few_shot": {"effort": "systematic", "score": 0.97}}),
        ("another base does better", {"alternatives.change_base_model": {"effort": "basic", "score": 0.95}}),
        ("a classifier does better", {"alternatives.classical_model": {"effort": "basic", "score": 0.93}}),
        ("the scores deny the gain", {"benefits.fine_tuned_score": 0.5}),
        ("no test set", {"alternatives.evaluation_trust": "none"}),
    ],
)
def test_one_thing_that_speaks_loudly_against_it_ends_tuning(why: str, changes: dict[str, Any]) -> None:
    assert decided(PROVEN, **changes).verdict not in TUNING, why


def test_four_wins_of_ten_examples_prove_nothing() -> None:
    few = {"benefits.paired_wins": 4, "benefits.paired_losses": 0, "benefits.paired_ties": 6}
    assert decided(PROVEN, **few, **{"alternatives.evaluation_examples": 10}).verdict is Verdict.PILOT_FIRST


def test_more_pairs_than_test_examples_are_pointed_out() -> None:
    decision = decided(PROVEN, **{"alternatives.evaluation_examples": 50})
    assert any("more paired results than test examples" in risk for risk in decision.risks)


@pytest.mark.parametrize("score", [0.91, 0.94, 0.97, 1.0])
def test_where_the_prompt_is_above_ninety_a_forecast_never_says_tune(score: float) -> None:
    prompt = {"alternatives.few_shot": {"effort": "systematic", "score": score}, "use_case.target_score": None}
    assert decided(ROUTER, **prompt).verdict not in TUNING


def test_a_target_that_is_met_needs_no_tuning_unless_it_saves_something() -> None:
    met = {"use_case.target_score": 0.8}
    assert decided(ROUTER, **met).verdict not in TUNING
    cheaper = {
        "use_case.goals": ["cost", "latency"],
        "traffic.requests_per_month": 5_000_000,
        "benefits.smaller_model_planned": True,
        "benefits.fine_tuned_score": 0.82,
        "benefits.paired_wins": 20,
        "benefits.paired_losses": 20,
        "benefits.paired_ties": 260,
    }
    assert decided(ROUTER, **cheaper).verdict is Verdict.FINE_TUNE


def test_a_classifier_that_meets_the_target_at_no_cost_goes_before_a_slightly_better_prompt() -> None:
    decision = decided(
        ROUTER,
        **{
            "use_case.goals": ["cost", "latency"],
            "use_case.target_score": 0.85,
            "alternatives.few_shot": {"effort": "systematic", "score": 0.92},
            "alternatives.classical_model": {"effort": "basic", "score": 0.91},
        },
    )
    assert decision.verdict is Verdict.CLASSICAL_MODEL


def test_prompts_come_first_where_none_was_tried() -> None:
    untried = {"alternatives.prompt_engineering.effort": "none", "alternatives.few_shot.effort": "none"}
    for task, goal in (("classification", "quality"), ("rewriting", "style")):
        decision = decided({"use_case.task": task, "use_case.goals": [goal], **untried})
        assert decision.verdict is Verdict.PROMPT_ENGINEERING


def test_a_stronger_base_is_next_where_prompts_are_exhausted_and_reasoning_is_missing() -> None:
    decision = decided(
        {
            "use_case.task": "reasoning",
            "use_case.goals": ["quality"],
            "use_case.needs_frontier_reasoning": True,
            "alternatives.prompt_engineering": {"effort": "systematic", "score": 0.5},
            "alternatives.few_shot": {"effort": "systematic", "score": 0.55},
            "alternatives.change_base_model.effort": "none",
        }
    )
    assert decision.verdict is Verdict.CHANGE_BASE_MODEL


def test_a_style_alone_is_never_a_case_for_retrieval() -> None:
    decision = decided(VOICE)
    assert decision.verdict is Verdict.FINE_TUNE
    assert decision.probabilities[Verdict.RAG] < 0.1


@pytest.mark.parametrize("task", ["conversation", "generation", "question_answering"])
@pytest.mark.parametrize("changes", ["monthly", "weekly", "daily"])
def test_own_facts_that_change_are_never_trained_in(task: str, changes: str) -> None:
    facts = {"use_case.task": task, "use_case.knowledge.source": "private", "use_case.knowledge.changes": changes}
    decision = decided(VOICE, **facts)
    assert decision.probabilities[Verdict.FINE_TUNE] == 0
    assert decision.probabilities[Verdict.RAG] > decided(VOICE).probabilities[Verdict.RAG]


def test_answers_that_must_cite_their_source_speak_for_retrieval() -> None:
    assert decided(VOICE, **{"use_case.knowledge.citations_required": True}).verdict is Verdict.RAG


def test_a_router_does_not_care_how_often_the_news_change() -> None:
    daily = {"use_case.knowledge.source": "private", "use_case.knowledge.changes": "daily"}
    assert decided(PROVEN, **daily).verdict is Verdict.FINE_TUNE


def test_a_tune_that_beat_retrieval_keeps_retrieval() -> None:
    decision = decided(
        VOICE,
        **{
            "use_case.task": "question_answering",
            "use_case.goals": ["knowledge", "format"],
            "use_case.output_format": "strict_schema",
            "use_case.knowledge.changes": "weekly",
            "alternatives.rag": {"effort": "systematic", "score": 0.70},
            "benefits.fine_tuned_score": 0.86,
            "benefits.paired_wins": 40,
            "benefits.paired_losses": 8,
            "benefits.paired_ties": 152,
        },
    )
    assert decision.verdict is Verdict.FINE_TUNE_PLUS_RAG


def test_without_examples_a_pilot_is_not_the_answer() -> None:
    assert decided(ROUTER, **{"costs.training_examples": 0}).verdict is not Verdict.PILOT_FIRST


@pytest.mark.parametrize(("as_of", "open_"), [("2020-01-01", True), ("2026-11-22", True), ("2035-01-01", False)])
def test_the_day_decides_whether_the_model_may_still_be_tuned(as_of: str, open_: bool) -> None:  # noqa: FBT001 - a case
    hosted = {"costs.provider": "openai", "costs.base_model": "gpt-4.1-mini", "as_of": as_of}
    tunable = next(gate for gate in decided(PROVEN, **hosted).gates if gate.name == "tunable")
    assert (tunable.status != "block") is open_
