"""The time left: never negative, less as work gets done, and not driven mad by a slow start."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.experiment.forecast import _minutes
from ftdecide.experiment.plan import sample_experiment
from ftdecide.experiment.progress import PhaseProgress, expected_seconds, remaining_seconds, training_share
from ftdecide.experiment.run import preflight_run
from ftdecide.experiment.run_words import phase_words, time_words
from ftdecide.experiment.workflow import phases_of
from ftdecide.store.tunes import SavedEvent

SECONDS = st.floats(0, 10_000)
PHASES = st.lists(
    st.builds(
        PhaseProgress,
        phase=st.just("answer:x"),
        expected_seconds=SECONDS,
        observed_seconds=SECONDS,
        share=st.floats(0, 1),
    ),
    max_size=6,
)


def phase(expected: float, observed: float, share: float) -> PhaseProgress:
    return PhaseProgress(phase="answer:x", expected_seconds=expected, observed_seconds=observed, share=share)


@given(PHASES)
def test_the_time_left_is_never_negative(phases: list[PhaseProgress]) -> None:
    assert remaining_seconds(phases) >= 0


@given(PHASES)
def test_nothing_is_left_when_all_is_done(phases: list[PhaseProgress]) -> None:
    assert remaining_seconds([each.model_copy(update={"share": 1.0}) for each in phases]) == 0


def test_before_anything_is_known_the_estimate_stands() -> None:
    assert remaining_seconds([phase(100, 0, 0), phase(50, 0, 0)]) == 150


def test_a_phase_that_is_a_quarter_done_is_judged_by_its_own_speed() -> None:
    assert remaining_seconds([phase(100, 50, 0.25)]) == 150


def test_a_machine_twice_as_slow_takes_longer_for_the_rest_too() -> None:
    assert 150 < remaining_seconds([phase(300, 600, 1.0), phase(100, 0, 0)]) <= 200


def test_one_slow_first_answer_does_not_become_hours() -> None:
    assert remaining_seconds([phase(10, 112, 1 / 16), phase(60, 0, 0)]) < 300


def test_training_is_as_far_as_its_last_measurement() -> None:
    assert training_share([]) == 0
    assert training_share([{"step": 3, "total_steps": 12}, {"step": None, "total_steps": None}]) == 0.25


def test_the_phases_of_a_plan_are_estimated_and_have_words() -> None:
    experiment = sample_experiment("support_tickets", train_rows=20, test_rows=20)
    phases = phases_of(experiment)
    assert phases[0] == "answer:classical"
    assert phases[-4:] == ["upload:fine_tuned", "create:fine_tuned", "train:fine_tuned", "answer:fine_tuned"]
    _rows, preflight = preflight_run(experiment)
    whole = sum(expected_seconds(preflight, each, local=True) for each in phases)
    assert whole <= preflight.minutes.p50 * 60
    assert whole == pytest.approx(preflight.minutes.p50 * 60, rel=0.5)
    assert all(":" in words for words in map(phase_words, phases))
    assert time_words(30) == "less than a minute left"
    assert time_words(200) == "about 3 min left"


def test_time_at_work_counts_an_attempt_that_was_cancelled_in_the_middle_of_a_phase() -> None:
    def event(key: str, minute: int) -> SavedEvent:
        return SavedEvent(key=key, kind="", payload={}, at=datetime(2026, 11, 22, 12, minute, tzinfo=UTC))

    first = [event("begin:1:answer:zero_shot", 0), event("end:1:answer:zero_shot", 2), event("begin:1:train:tuned", 2)]
    second = [event("begin:2:train:tuned", 30), event("end:2:train:tuned", 33)]
    assert _minutes([*first, event("forecast:1", 6), *second], 3) == 9
