"""What a comparison found: failed rows, partial runs, contrasts, flips, and what the assessment learns from it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ftdecide.assessment.types import read_assessment
from ftdecide.experiment.evidence import evidence_from, summary_json
from ftdecide.experiment.identity import hash_rows
from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.summary import summarise, summarise_look
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
        part: dict[str, object] = document
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


@hypothesis_settings(deadline=None)  # as below
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


@hypothesis_settings(deadline=None)  # about time says nothing here: the machine may be busy
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


LOOKING = (
    {"kind": "zero_shot"},
    {"kind": "zero_shot", "retrieval": True},
    {"kind": "fine_tuned"},
    {"kind": "fine_tuned", "retrieval": True},
)


def look_up_summary(**texts: str) -> Summary:
    experiment = plan(data={"sample": "company_policies"}, arms=LOOKING)
    given_answers = [answer for each in experiment.arms for answer in answers(each.name, texts[each.name])]
    return summarise(experiment, rows(40), given_answers)


def test_retrieval_that_beats_tuning_is_said_to() -> None:
    summary = look_up_summary(
        zero_shot="B" * 40,
        zero_shot_retrieval="A" * 24 + "B" * 16,
        fine_tuned="A" * 4 + "B" * 36,
        fine_tuned_retrieval="A" * 26 + "B" * 14,
    )
    table = summary.two_by_two
    assert table
    assert [(each.arm, each.baseline) for each in table.contrasts] == [
        ("zero_shot_retrieval", "fine_tuned"),
        ("zero_shot_retrieval", "zero_shot"),
        ("fine_tuned_retrieval", "fine_tuned"),
        ("fine_tuned_retrieval", "zero_shot_retrieval"),
    ]
    assert table.contrasts[0].difference == pytest.approx(0.5)
    assert table.text.startswith("Retrieval beats fine-tuning: better by ")
    found = evidence_from(summary)
    assert (found["alternatives.rag.score"], found["benefits.fine_tuned_score"]) == (0.6, 0.1)
    assert (found["benefits.paired_wins"], found["benefits.paired_losses"]) == (0, 20)
    assert json.loads(json.dumps(summary_json(summary)))["two_by_two"]["text"] == table.text


def test_tuning_that_beats_retrieval_is_said_to_and_no_winner_is_made_up() -> None:
    cells = {"zero_shot": "B" * 40, "fine_tuned_retrieval": "A" * 40}
    tuned = look_up_summary(zero_shot_retrieval="B" * 40, fine_tuned="A" * 30 + "B" * 10, **cells)
    assert tuned.two_by_two
    assert tuned.two_by_two.text.startswith("Fine-tuning beats retrieval: retrieval is worse by ")
    equal = look_up_summary(zero_shot_retrieval="AB" * 20, fine_tuned="BA" * 20, **cells)
    assert equal.two_by_two
    assert equal.two_by_two.text.startswith("Retrieval against fine-tuning: not enough data")


def test_without_retrieval_there_is_no_table() -> None:
    assert run().two_by_two is None


def test_repeats_of_an_item_are_one_item_with_their_mean() -> None:
    experiment = plan(arms=[{"kind": "zero_shot"}, {"kind": "few_shot"}], repeats=2)
    given_answers = [
        answer.model_copy(update={"repeat": repeat})
        for name, texts in (("zero_shot", ("A" * 20, "A" * 10 + "B" * 10)), ("few_shot", ("A" * 20, "A" * 20)))
        for repeat, text in enumerate(texts)
        for answer in answers(name, text)
    ]
    summary = summarise(experiment, rows(20), given_answers)
    once, found = arm(summary, "zero_shot"), contrast(summary, "zero_shot")
    assert (once.n, once.score, once.repeats, once.prompt_tokens) == (20, 0.75, 2, 4000)
    assert (found.n, found.difference, found.losses, found.ties) == (20, -0.25, 10, 10)
    half = summarise(experiment, rows(20), [each for each in given_answers if each.repeat == 0], finished=False)
    assert (half.partial, arm(half, "zero_shot").n) == (True, 0)


def test_groups_widen_the_interval() -> None:
    test = tuple(row.model_copy(update={"group": f"customer {row.line % 8}"}) for row in rows(40).test)
    grouped = rows(40).model_copy(update={"test": test})
    text = "".join("A" if row.line % 8 < 4 else "B" for row in test)
    given_answers = [each for name in ARMS for each in answers(name, text if name == "fine_tuned" else "B" * 40)]
    alone, together = (summarise(plan(), each, given_answers) for each in (rows(40), grouped))
    assert (alone.groups, together.groups) == (0, 8)
    widths = [
        interval.high - interval.low
        for interval in (contrast(each, "fine_tuned").interval for each in (alone, together))
        if interval
    ]
    assert widths[0] < widths[1]


def test_a_learning_curve_says_whether_more_rows_would_help() -> None:
    experiment = plan(arms=[{"kind": "few_shot"}, {"kind": "fine_tuned"}], learning_curve=True)
    scores = {"few_shot": 20, "fine_tuned": 60, "fine_tuned_50": 40, "fine_tuned_25": 20}
    given_answers = [each for name, right in scores.items() for each in answers(name, "A" * right + "B" * (80 - right))]
    train = tuple(Row(item=f"train-{k}", prompt=f"lesson {k}", reference="AB"[k % 2], line=k) for k in range(1, 41))
    many = rows(80).model_copy(update={"train": train})
    summary = summarise(experiment, many, given_answers)
    curve = summary.learning_curve
    assert curve
    assert [(point.arm, point.rows, point.score) for point in curve.points] == [
        ("fine_tuned_25", 10, 0.25),
        ("fine_tuned_50", 20, 0.5),
        ("fine_tuned", 40, 0.75),
    ]
    assert (curve.prospect, curve.text) == ("helps", curve.text)
    assert curve.interval.low <= curve.gain <= curve.interval.high
    assert [each.arm for each in summary.contrasts] == ["fine_tuned"]
    assert evidence_from(summary)["benefits.fine_tuned_score"] == 0.75


def test_planned_looks_show_nothing_before_the_first_and_claim_carefully_at_it() -> None:
    experiment = plan(arms=[{"kind": "zero_shot"}, {"kind": "few_shot"}], looks=2)
    given_answers = [*answers("zero_shot", "B" * 60), *answers("few_shot", "A" * 29 + "-" * 31)]
    assert summarise_look(experiment, rows(60), given_answers) is None
    given_answers = [*answers("zero_shot", "B" * 60), *answers("few_shot", "A" * 45 + "-" * 15)]
    shown = summarise_look(experiment, rows(60), given_answers)
    assert shown
    assert (shown.test_rows, shown.partial, contrast(shown, "zero_shot").reading) == (30, False, "worse")
    narrow = summarise(plan(arms=[{"kind": "zero_shot"}, {"kind": "few_shot"}]), rows(30), given_answers)
    wide, usual = contrast(shown, "zero_shot").interval, contrast(narrow, "zero_shot").interval
    assert wide
    assert usual
    assert wide.high > usual.high
