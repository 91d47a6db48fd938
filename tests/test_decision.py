import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from benchmarks.decisions import measure
from ftdecide.assessment.answers import flat_answers, with_answers
from ftdecide.assessment.types import Assessment, dump_assessment, read_assessment
from ftdecide.catalog import load_catalog
from ftdecide.decision import decide, decision_json
from ftdecide.decision.evidence import load_answers, load_effects
from ftdecide.decision.posterior import beta_cdf, p_better
from ftdecide.decision.types import Decision, Verdict
from ftdecide.settings import DATA
from tests.assessment_strategy import assessments, documents, share

TODAY = date(2026, 11, 22)
EXAMPLES = {
    "support_ticket_routing": Verdict.CLASSICAL_MODEL,
    "policy_assistant": Verdict.RAG,
    "contract_clauses": Verdict.FINE_TUNE,
    "product_texts": Verdict.CHANGE_BASE_MODEL,
}
lawful = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decided(**blocks: Any) -> Decision:
    return decide(read_assessment({"schema_version": 1, **blocks}), TODAY, load_catalog())


def p_tune(document: dict[str, Any]) -> float:
    return decide(read_assessment(document), TODAY, load_catalog()).probabilities[Verdict.FINE_TUNE]


@lawful
@given(assessments)
def test_any_valid_assessment_is_decided_with_probabilities_that_sum_to_one(assessment: Assessment) -> None:
    decision = decide(assessment, TODAY, load_catalog())
    assert sum(decision.probabilities.values()) == pytest.approx(1)
    assert set(decision.probabilities) == set(Verdict)
    assert decision.confidence == max(decision.probabilities.values()) == decision.probabilities[decision.verdict]
    assert decision.as_of == (assessment.as_of or TODAY)
    document = decision_json(decision)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert decision.next_step
    assert len(decision.gates) == 7


@lawful
@given(assessments)
def test_the_same_assessment_gives_the_same_decision(assessment: Assessment) -> None:
    assert decide(assessment, TODAY) == decide(assessment, TODAY)


@lawful
@given(documents, st.text(max_size=30))
def test_title_description_domain_and_metric_never_matter(document: dict[str, Any], text: str) -> None:
    use_case = {**document.get("use_case", {}), "description": text, "domain": text, "metric": text}
    renamed = {**document, "title": text, "use_case": use_case}
    plain = {key: value for key, value in document.items() if key != "title"}
    assert decide(read_assessment(renamed), TODAY) == decide(read_assessment(plain), TODAY)


@lawful
@given(assessments)
def test_a_blocked_gate_never_yields_fine_tune(assessment: Assessment) -> None:
    decision = decide(assessment, TODAY, load_catalog())
    if any(gate.status == "block" for gate in decision.gates):
        assert decision.verdict is not Verdict.FINE_TUNE
        assert decision.probabilities[Verdict.FINE_TUNE] == 0
    if any(gate.status == "block" for gate in decision.gates if gate.name != "changing_knowledge"):
        assert decision.probabilities[Verdict.FINE_TUNE_PLUS_RAG] == 0


@lawful
@given(documents, st.integers(0, 300), st.integers(1, 300), st.integers(0, 300))
def test_more_measured_wins_never_lower_the_probability_of_tuning(
    document: dict[str, Any], wins: int, more: int, losses: int
) -> None:
    benefits = {**document.get("benefits", {}), "paired_losses": losses}
    few = {**document, "benefits": {**benefits, "paired_wins": wins}}
    many = {**document, "benefits": {**benefits, "paired_wins": wins + more}}
    assert p_tune(many) >= p_tune(few) - 1e-9


@settings(lawful, max_examples=100)
@given(documents, share, share, st.sampled_from(["prompt_engineering", "few_shot"]))
def test_a_better_prompt_never_raises_the_probability_of_tuning(
    document: dict[str, Any], one: float, other: float, kind: str
) -> None:
    low, high = sorted((one, other))
    path = f"alternatives.{kind}.score"
    known = flat_answers(dump_assessment(read_assessment(document)))
    base = dump_assessment(read_assessment(with_answers({"schema_version": 1}, known)))
    assert p_tune(with_answers(base, {path: high})) <= p_tune(with_answers(base, {path: low})) + 1e-9


@lawful
@given(assessments)
def test_every_flip_really_changes_the_verdict(assessment: Assessment) -> None:
    decision = decide(assessment, TODAY, load_catalog())
    document = dump_assessment(assessment)
    known = flat_answers(document)
    for flip in decision.flips:
        assert flip.from_ == known.get(flip.field)
        changed = read_assessment(with_answers(document, {flip.field: flip.to}))
        assert decide(changed, TODAY, load_catalog()).verdict is flip.verdict
        assert flip.verdict is not decision.verdict


@lawful
@given(assessments)
def test_every_missing_path_is_a_real_unknown_field(assessment: Assessment) -> None:
    known = flat_answers(dump_assessment(assessment))
    for path in decide(assessment, TODAY).missing:
        value: Any = assessment
        for name in path.split("."):
            value = getattr(value, name)
        assert path not in known
        assert value in (None, ())


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return measure()


def test_the_published_cases_are_met_as_well_as_on_the_day_the_weights_were_set(published: dict[str, Any]) -> None:
    result = published
    assert result["hand_set"]["strict"] >= 0.80
    assert result["hand_set"]["lenient"] >= 0.96
    assert result["hand_set"]["wrong_fine_tune"] <= 1
    refitted = result["refitted_from_nothing_by_source"]
    assert refitted["strict"] >= 0.66
    assert refitted["lenient"] >= 0.85
    assert refitted["wrong_fine_tune"] <= 3


def test_confidence_is_about_as_high_as_it_is_right(published: dict[str, Any]) -> None:
    result = published
    strict, around = result["hand_set"]["strict"], result["calibration"]["mean_confidence"]
    assert strict - 0.25 < around < strict


@pytest.mark.parametrize(("name", "verdict"), EXAMPLES.items())
def test_worked_examples_keep_their_verdicts(name: str, verdict: Verdict) -> None:
    document = json.loads((DATA / "examples" / f"{name}.json").read_text("utf-8"))
    assert document["title"].startswith("Example: ")
    decision = decide(read_assessment(document), TODAY, load_catalog())
    assert decision.verdict is verdict
    assert decision.reasons


def test_all_example_files_are_pinned() -> None:
    assert {path.stem for path in (DATA / "examples").glob("*.json")} == set(EXAMPLES)


def test_a_nearly_empty_assessment_asks_for_evidence_with_low_confidence() -> None:
    empty = decided()
    assert empty.verdict in (Verdict.NOT_NOW, Verdict.PILOT_FIRST)
    assert empty.confidence < 0.5
    assert {"use_case.goals", "use_case.task"} <= set(empty.missing[:5])
    begun = decided(use_case={"task": "rewriting", "goals": ["style"]})
    assert begun.verdict is Verdict.PILOT_FIRST
    assert begun.confidence < 0.5


def labels_measured(wins: int, losses: int, **alternatives: Any) -> Decision:
    return decided(
        use_case={"task": "extraction", "goals": ["quality"]},
        alternatives={"prompt_engineering": {"effort": "systematic", "score": 0.7}, **alternatives},
        costs={"tunable": "yes", "training_examples": 2000, "data_rights": "cleared"},
        benefits={
            "fine_tuned_score": 0.7 + (wins - losses) / 100,
            "paired_wins": wins,
            "paired_losses": losses,
            "paired_ties": 100 - wins - losses,
        },
    )


def test_eighteen_against_ten_is_no_proof_and_twenty_five_against_three_is() -> None:
    assert labels_measured(18, 10).verdict is Verdict.PILOT_FIRST
    assert labels_measured(25, 3).verdict is Verdict.FINE_TUNE
    assert labels_measured(3, 25).verdict is Verdict.PROMPT_ENGINEERING


@pytest.mark.parametrize(
    "goals", [["quality"], ["quality", "cost"], ["quality", "cost", "latency"], ["format", "style"]]
)
@pytest.mark.parametrize("task", ["classification", "generation", "tool_use", "query_generation"])
def test_weak_proof_stays_weak_whatever_the_task_and_goals(task: str, goals: list[str]) -> None:
    use_case = {"task": task, "goals": goals, "label_scheme": "in_house", "output_format": "strict_schema"}
    measured = {"paired_wins": 18, "paired_losses": 10, "paired_ties": 72}
    costs = {"tunable": "yes", "training_examples": 2000, "data_rights": "cleared"}
    assert decided(use_case=use_case, costs=costs, benefits=measured).verdict is Verdict.PILOT_FIRST


def test_a_measured_gain_replaces_the_forecast() -> None:
    codes = {reason.code for reason in labels_measured(18, 10).reasons}
    forecasts = {rule.code for rule in load_effects().rules if rule.forecast}
    assert "measured_gain" in codes
    assert not codes & forecasts


def test_a_classical_model_that_equals_everything_wins() -> None:
    equal = labels_measured(12, 10, classical_model={"effort": "basic", "score": 0.72})
    assert equal.verdict is Verdict.CLASSICAL_MODEL


def test_an_untunable_base_is_changed_and_a_base_soon_gone_is_not_tuned() -> None:
    strong: dict[str, Any] = {
        "use_case": {"task": "classification", "goals": ["quality", "cost", "latency"], "label_scheme": "in_house"},
        "alternatives": {"prompt_engineering": {"effort": "systematic", "score": 0.6}},
    }
    assert decided(**strong, costs={"tunable": "yes", "training_examples": 5000}).verdict is Verdict.FINE_TUNE
    assert decided(**strong, costs={"tunable": "no"}).verdict is Verdict.CHANGE_BASE_MODEL
    gone = decided(**strong, costs={"tunable": "yes", "base_model_retires_in_months": 1})
    assert gone.verdict is Verdict.CHANGE_BASE_MODEL
    assert gone.reasons[0].code == "gate_base_model_life"


def test_the_catalogue_knows_what_has_closed() -> None:
    use_case = {"task": "classification", "goals": ["quality"], "label_scheme": "in_house"}
    costs = {"provider": "openai", "base_model": "gpt-3.5-turbo-0125", "tunable": "yes"}
    tunable = next(gate for gate in decided(use_case=use_case, costs=costs).gates if gate.name == "tunable")
    assert tunable.status == "block"
    assert tunable.source.startswith("http")


def test_facts_that_change_are_retrieved() -> None:
    knowledge = {"source": "private", "changes": "weekly"}
    use_case = {"task": "question_answering", "goals": ["knowledge"], "knowledge": knowledge}
    decision = decided(use_case=use_case, costs={"tunable": "yes"})
    assert decision.verdict is Verdict.RAG
    assert decision.probabilities[Verdict.FINE_TUNE] == 0


def test_options_give_figures_only_where_they_are_known() -> None:
    known = json.loads((DATA / "examples" / "contract_clauses.json").read_text("utf-8"))
    options = {option.option: option for option in decide(read_assessment(known), TODAY, load_catalog()).options}
    tuned = options[Verdict.FINE_TUNE]
    assert tuned.cost_usd is not None
    assert tuned.net_value_usd is not None
    assert 0 < tuned.cost_usd.p10 < tuned.cost_usd.p50 < tuned.cost_usd.p90
    assert options[Verdict.RAG].cost_usd is None
    assert all(option.cost_usd is option.net_value_usd is None for option in decided().options)


def test_decision_json_names_what_the_command_line_promises() -> None:
    document = decision_json(decided(costs={"tunable": "no"}))
    promised = "verdict confidence probabilities reasons gates missing flips next_step options as_of"
    assert set(promised.split()) <= set(document)
    assert all(set(flip) == {"field", "from", "to", "verdict"} for flip in document["flips"])
    assert all({"code", "text", "source"} <= set(reason) for reason in document["reasons"])


@given(st.floats(0.01, 0.99), st.floats(0.5, 400), st.floats(0.5, 400))
def test_the_beta_distribution_equals_scipys(x: float, a: float, b: float) -> None:
    assert beta_cdf(x, a, b) == pytest.approx(beta.cdf(x, a, b), abs=1e-9)


def test_probability_of_being_better_is_even_without_disagreements() -> None:
    assert p_better(0, 0) == pytest.approx(0.5)
    assert p_better(18, 10) == pytest.approx(0.932, abs=0.005)


def test_plausible_answers_are_valid_answers() -> None:
    for path, values in load_answers().plausible.items():
        for value in values:
            answer = [value] if path == "use_case.goals" else value
            read_assessment(with_answers({"schema_version": 1}, {path: answer}), path)


def test_published_cases_are_kept_with_their_sources() -> None:
    text = Path(DATA / "evidence" / "decision_cases.yaml").read_text("utf-8")
    assert text.count("source: http") >= 49
