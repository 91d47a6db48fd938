"""What a comparison found: failed rows, partial runs, contrasts, flips, and what the assessment learns from it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.assessment.types import read_assessment
from ftdecide.experiment.evidence import evidence_from, summary_json
from ftdecide.experiment.identity import hash_rows
from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.summary import summarise
from ftdecide.experiment.types import Answer, ArmResult, Contrast, Row, Rows, Summary

ARMS = ("zero_shot", "few_shot", "fine_tuned", "classical")


def plan(**changes: object) -> Experiment:
    return read_experiment(
        {
            "schema_version": 1,
            "title": "Queues",
            "data": {"sample": "support_tickets"},
            "arms": [{"kind": kind} for kind in ARMS],
            "grader": {"kind": "label", "labels": ["A", "B"]},
            **changes,
        }
    )


def rows(n: int) -> Rows:
    test = tuple(Row(item=f"test-{k}", prompt=f"question {k}", reference="A", line=k) for k in range(1, n + 1))
    train = tuple(Row(item=f"train-{k}", prompt=f"lesson {k}", reference="AB"[k % 2], line=k) for k in range(1, 5))
    return Rows(train=train, test=test, train_hash=hash_rows(train), test_hash=hash_rows(test))


def answers(arm: str, texts: str, *, tokens: int = 100) -> list[Answer]:
    """One answer a letter: A is right, B wrong, ? in no form, ! an error, and a dash no answer at all."""
    made: list[Answer] = []
    for k, letter in enumerate(texts, start=1):
        if letter == "!":
            made.append(Answer(arm=arm, item=f"test-{k}", error="rate limit"))
        elif letter != "-":
            text = "I cannot say" if letter == "?" else letter
            made.append(
                Answer(
                    arm=arm,
                    item=f"test-{k}",
                    text=text,
                    prompt_tokens=tokens,
                    completion_tokens=2,
                    latency_ms=10.0 * k,
                    cost_usd=Decimal("0.001"),
                )
            )
    return made


def run(finished: bool = True, n: int = 40, experiment: Experiment | None = None, **texts: str) -> Summary:  # noqa: FBT001, FBT002
    given_answers = [
        answer
        for arm in ARMS
        for answer in answers(arm, texts.get(arm, "A" * n), tokens=20 if arm == "fine_tuned" else 100)
    ]
    return summarise(experiment or plan(), rows(n), given_answers, finished=finished)


def arm(summary: Summary, name: str) -> ArmResult:
    return next(each for each in summary.arms if each.name == name)


def contrast(summary: Summary, name: str) -> Contrast:
    return next(each for each in summary.contrasts if each.arm == name)


def test_failed_rows_count_as_wrong_and_show_their_band() -> None:
    found = arm(run(few_shot="A" * 30 + "!" * 10), "few_shot")
    assert (found.n, found.failed, found.score, found.band) == (40, 10, 0.75, (0.75, 1.0))
    assert found.interval
    assert found.interval.low < 0.75 < found.interval.high


def test_rows_without_an_answer_fail_in_a_finished_run() -> None:
    summary = run(few_shot="A" * 39 + "-")
    assert (arm(summary, "few_shot").n, arm(summary, "few_shot").failed, summary.partial) == (40, 1, False)


def test_a_partial_run_compares_the_rows_that_both_have_and_claims_nothing() -> None:
    summary = run(finished=False, few_shot="B" * 30 + "-" * 10, fine_tuned="-" * 5 + "A" * 35)
    assert summary.partial
    assert (arm(summary, "few_shot").n, arm(summary, "few_shot").failed) == (30, 0)
    found = contrast(summary, "fine_tuned")
    assert (found.n, found.wins, found.difference) == (25, 25, 1.0)
    assert found.interval
    assert found.reading == "not_enough_data"
    assert "no claim before the end" in found.text
    assert any("ended early" in text for text in summary.warnings)
    assert evidence_from(summary) == {}


def test_an_arm_that_has_not_begun_has_no_score() -> None:
    found = arm(run(finished=False, classical="-" * 40), "classical")
    assert (found.n, found.score, found.interval, found.band, found.latency_ms) == (0, None, None, None, None)


def test_a_stopped_run_in_which_everything_was_answered_is_whole() -> None:
    assert not run(finished=False).partial


def test_a_clear_gain_is_read_as_better_and_said_in_points() -> None:
    found = contrast(run(few_shot="A" * 20 + "B" * 20), "fine_tuned")
    assert (found.reading, found.wins, found.losses, found.ties) == ("better", 20, 0, 20)
    assert found.text.startswith("better by 3")
    assert found.p_value is not None
    assert found.p_adjusted is not None
    assert found.p_value <= found.p_adjusted < 0.05
    assert found.p_better is not None
    assert found.p_better > 0.99


def test_a_loss_is_said_as_such() -> None:
    found = contrast(run(zero_shot="B" * 30 + "A" * 10), "zero_shot")
    assert (found.reading, found.difference) == ("worse", -0.75)
    assert found.text.startswith("worse by 60 to 86")


def test_fewer_than_15_rows_infer_nothing() -> None:
    summary = run(n=14, few_shot="B" * 14)
    found = contrast(summary, "fine_tuned")
    assert (found.interval, found.p_value, found.p_better, found.reading) == (None, None, None, "not_enough_data")
    assert (found.difference, found.text) == (1.0, "not enough data: only 14 items")
    assert any("nothing can be inferred" in text for text in summary.warnings)


def test_15_to_29_rows_are_warned_of() -> None:
    assert any("very large differences" in text for text in run(n=29).warnings)
    assert run(n=30).warnings == ()


def test_answers_in_no_form_are_wrong_and_counted_apart() -> None:
    summary = run(zero_shot="?" * 20 + "B" * 10 + "A" * 10)
    assert (arm(summary, "zero_shot").score, arm(summary, "zero_shot").format_breaks) == (0.25, 20)
    assert any(text.startswith("Base model, instructions only: 20 of 40 answers") for text in summary.warnings)


def test_flipped_rows_come_with_both_answers() -> None:
    summary = run(few_shot="B" + "A" * 39, fine_tuned="AB" + "A" * 38)
    flips = [flip for flip in summary.flips if flip.arm == "fine_tuned"]
    assert [(flip.item, flip.won, flip.answer, flip.baseline_answer) for flip in flips] == [
        ("test-1", True, "A", "B"),
        ("test-2", False, "B", "A"),
    ]
    assert flips[0].prompt == "question 1"


def test_the_difference_band_spans_what_failed_rows_could_have_been() -> None:
    found = contrast(run(few_shot="!" * 4 + "A" * 36, fine_tuned="!!" + "A" * 38), "fine_tuned")
    assert found.band == pytest.approx((-0.05, 0.1))
    assert found.difference == pytest.approx(0.05)


def test_tokens_cost_and_latency_are_those_of_the_answers() -> None:
    found = arm(run(few_shot="A" * 39 + "!"), "few_shot")
    assert (found.prompt_tokens, found.completion_tokens, found.cost_usd) == (3900, 78, Decimal("0.039"))
    assert found.latency_ms
    assert (found.latency_ms.p50, found.latency_ms.p95) == pytest.approx((200.0, 371.0))


def test_graded_answers_are_compared_by_their_share_that_is_right() -> None:
    experiment = plan(arms=[{"kind": "few_shot"}, {"kind": "fine_tuned"}], grader={"kind": "fields"})
    reference = json.dumps({"a": 1, "b": 2})
    base = rows(20)
    test = tuple(row.model_copy(update={"reference": reference}) for row in base.test)
    half, whole = json.dumps({"a": 1, "b": 3}), reference
    given_answers = [
        Answer(arm=name, item=row.item, text=half if name == "few_shot" and row.line % 2 else whole)
        for name in ("few_shot", "fine_tuned")
        for row in test
    ]
    summary = summarise(experiment, base.model_copy(update={"test": test}), given_answers)
    found = contrast(summary, "fine_tuned")
    assert (summary.metric, arm(summary, "few_shot").score) == ("score", 0.75)
    assert (found.difference, found.wins, found.losses, found.ties) == (0.25, 10, 0, 10)
    assert found.interval
    assert found.interval.low < 0.25 < found.interval.high
    assert found.reading == "better"


def test_the_assessment_learns_what_was_measured() -> None:
    summary = run(zero_shot="A" * 10 + "B" * 30, few_shot="A" * 20 + "B" * 20, classical="A" * 35 + "B" * 5)
    found = evidence_from(summary)
    assert found["alternatives.prompt_engineering.score"] == 0.25
    assert found["alternatives.few_shot.score"] == 0.5
    assert found["alternatives.few_shot.examples_in_prompt"] == 4  # there are no more rows to learn from
    assert found["alternatives.few_shot.effort"] == "basic"
    assert found["alternatives.classical_model.score"] == 0.875
    assert found["benefits.fine_tuned_score"] == 1.0
    assert found["benefits.prompt_tokens_removed_share"] == 0.8
    assert summary.tuned_against_best
    assert summary.tuned_against_best.baseline == "classical"
    assert [found[f"benefits.paired_{name}"] for name in ("wins", "losses", "ties")] == [5, 0, 35]


def test_every_field_that_it_learns_exists_in_the_assessment() -> None:
    document: dict[str, object] = {"schema_version": 1}
    for path, value in evidence_from(run()).items():
        part = document
        *parents, leaf = path.split(".")
        for name in parents:
            part = part.setdefault(name, {})  # type: ignore[assignment]  # nested documents are dicts by construction
        part[leaf] = value
    assert read_assessment(document).alternatives.evaluation_examples == 40


def test_the_command_line_gets_what_its_contract_names() -> None:
    found = json.loads(json.dumps(summary_json(run(few_shot="A" * 20 + "B" * 20))))
    for each in found["arms"]:
        assert {"name", "score", "interval", "n", "failed", "cost_usd", "latency_ms"} <= each.keys()
        assert isinstance(each["cost_usd"], float)
        assert each["interval"][0] <= each["score"] <= each["interval"][1]
        assert each["latency_ms"].keys() == {"p50", "p95"}
    for each in found["contrasts"]:
        assert {"arm", "baseline", "difference", "interval", "p_value", "p_better", "reading"} <= each.keys()
    assert found["flips"][1] == {"arm": "fine_tuned", "baseline": "few_shot", "wins": 20, "losses": 0, "ties": 20}


texts = st.text("AB?!-", min_size=20, max_size=20)


@given(st.booleans(), texts, texts, texts)
def test_whatever_happened_the_result_adds_up_and_reads_back(
    finished: bool,  # noqa: FBT001
    few_shot: str,
    fine_tuned: str,
    classical: str,
) -> None:
    summary = run(finished=finished, n=20, few_shot=few_shot, fine_tuned=fine_tuned, classical=classical)
    assert Summary.model_validate_json(summary.model_dump_json()) == summary
    for each in summary.contrasts:
        assert each.wins + each.losses + each.ties == each.n
        assert each.difference is None or each.difference == pytest.approx((each.wins - each.losses) / each.n)
        if each.band and each.difference is not None:
            assert each.band[0] - 1e-9 <= each.difference <= each.band[1] + 1e-9
        flips = [flip for flip in summary.flips if flip.arm == each.arm]
        assert sum(flip.won for flip in flips) == each.wins
        assert len(flips) == each.wins + each.losses
    for result, text in zip(summary.arms[1:], (few_shot, fine_tuned, classical), strict=True):
        right = text.count("A")
        assert result.n == (20 if finished else 20 - text.count("-"))
        assert result.score is None or result.score == pytest.approx(right / result.n)


@given(st.permutations(range(20)))
def test_the_order_in_which_answers_come_changes_nothing(order: list[int]) -> None:
    given_answers = [answer for name in ARMS for answer in answers(name, "AB" * 10)]
    shuffled = [given_answers[index + 20 * turn] for turn in range(4) for index in order]
    assert summarise(plan(), rows(20), shuffled) == summarise(plan(), rows(20), given_answers)


def test_repeated_questions_in_the_test_rows_are_warned_of() -> None:
    base = rows(30)
    twice = (*base.test[:29], base.test[0].model_copy(update={"item": "test-30", "line": 30}))
    summary = summarise(plan(), base.model_copy(update={"test": twice}), [])
    assert any("repeats another's question" in text for text in summary.warnings)
