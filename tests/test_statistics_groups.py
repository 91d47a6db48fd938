"""Rows in groups, graded scores and repeats: checked against statsmodels, laws that always hold, and worked cases."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from ftdecide.experiment.clusters import measure_spread, number_groups, sign_flip
from ftdecide.experiment.inference import infer_gap, infer_score, match_flips
from ftdecide.experiment.statistics import mcnemar_exact, tango

VALUES = st.one_of(
    st.lists(st.sampled_from([-1.0, 0.0, 0.0, 1.0]), min_size=15, max_size=60),
    st.lists(st.floats(-1, 1, width=16), min_size=15, max_size=60),
)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[float], tuple[int, ...] | None]:
    values = draw(VALUES)
    names = draw(st.lists(st.sampled_from(["", "a", "b", "c", "d", "e", "f"]), min_size=len(values), max_size=60))
    return values, number_groups(names[: len(values)])


def test_rows_that_share_a_name_are_a_group_and_an_empty_name_stands_alone() -> None:
    assert number_groups(["a", "", "b", "a", ""]) == (0, 1, 2, 0, 3)
    assert number_groups(["a", "", "b", ""]) is None
    assert number_groups([]) is None


@pytest.mark.parametrize("count", [6, 15, 40])
def test_groups_of_one_size_have_the_standard_error_of_statsmodels(count: int) -> None:
    groups = np.repeat(np.arange(count), 4)
    values = np.random.default_rng(count).normal(size=4 * count)
    fitted = OLS(values, np.ones(4 * count)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "df_correction": False}
    )
    found = measure_spread(values.tolist(), groups.tolist())
    assert found.error == pytest.approx(fitted.bse[0])
    assert found.degrees == pytest.approx(count - 1)
    assert found.groups == count


def test_groups_of_one_row_each_are_no_groups_at_all() -> None:
    values = np.random.default_rng(1).normal(size=40).tolist()
    alone, found = measure_spread(values), measure_spread(values, list(range(40)))
    assert found.error == pytest.approx(alone.error)
    assert found.degrees == pytest.approx(39)
    assert found.effect == pytest.approx(1.0)
    nearly = measure_spread(values, [*range(39), 38])
    assert nearly.error == pytest.approx(alone.error, rel=0.2)
    assert 36 < nearly.degrees < 39


def test_rows_repeated_four_times_tell_no_more_than_once() -> None:
    once = [1.0] * 12 + [-1.0] * 4 + [0.0] * 24
    found = infer_gap(once * 4, list(range(40)) * 4)
    assert found.spread.effect == pytest.approx(4 * 159 / 156, rel=0.02)
    alone = infer_gap(once)
    assert found.interval.high - found.interval.low > 0.98 * (alone.interval.high - alone.interval.low)
    assert found.p_value == pytest.approx(alone.p_value, abs=0.01)
    assert infer_gap(once * 4).interval.low > found.interval.low


def test_very_unequal_groups_leave_few_degrees_of_freedom() -> None:
    values = np.random.default_rng(2).normal(size=60)
    values[:30] += 1.0
    groups = [0] * 30 + list(range(1, 31))
    assert measure_spread(values.tolist(), groups).degrees < 5


def test_with_one_group_alone_nothing_is_known() -> None:
    found = infer_gap([1.0] * 15 + [0.0] * 5, [0] * 20)
    assert (found.interval.low, found.interval.high, found.p_value) == (-1.0, 1.0, 1.0)
    assert infer_score([1.0] * 15 + [0.0] * 5, [0] * 20).low < 0.05


def test_few_groups_never_suffice_for_a_claim_however_many_rows_they_have() -> None:
    assert infer_gap([1.0] * 100, [place % 5 for place in range(100)]).p_value == pytest.approx(2 / 2**5)


@hypothesis_settings(deadline=None)  # about time says nothing here: the machine may be busy
@given(grouped())
def test_exchanging_the_arms_turns_the_sign(rows: tuple[list[float], tuple[int, ...] | None]) -> None:
    values, groups = rows
    there, back = infer_gap(values, groups), infer_gap([-value for value in values], groups)
    assert (there.interval.low, there.interval.high) == pytest.approx(
        (-back.interval.high, -back.interval.low), abs=1e-6
    )
    assert there.p_value == pytest.approx(back.p_value)
    assert there.p_better == pytest.approx(1 - back.p_better, abs=1e-6)


@hypothesis_settings(deadline=None)  # about time says nothing here: the machine may be busy
@given(grouped(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: tuple[list[float], tuple[int, ...] | None], random: object) -> None:
    values, groups = rows
    order = list(range(len(values)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = number_groups([f"g{groups[place]}" for place in order]) if groups else None
    there, again = infer_gap(values, groups), infer_gap([values[place] for place in order], shuffled)
    assert (there.interval.low, there.interval.high) == pytest.approx(
        (again.interval.low, again.interval.high), abs=1e-6
    )
    assert there.p_value == pytest.approx(again.p_value, abs=1e-6)


@hypothesis_settings(deadline=None)  # about time says nothing here: the machine may be busy
@given(grouped())
def test_every_interval_contains_what_was_seen(rows: tuple[list[float], tuple[int, ...] | None]) -> None:
    values, groups = rows
    found = infer_gap(values, groups)
    mean = float(np.mean(values))
    for interval in (found.interval, found.narrow):
        assert -1 <= interval.low <= mean + 1e-9
        assert mean - 1e-9 <= interval.high <= 1
    assert found.interval.low <= found.narrow.low + 1e-9
    scores = [abs(value) for value in values]
    score = infer_score(scores, groups)
    assert 0 <= score.low <= float(np.mean(scores)) + 1e-9
    assert float(np.mean(scores)) - 1e-9 <= score.high <= 1


@hypothesis_settings(deadline=None)  # about time says nothing here: the machine may be busy
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=15, max_size=80))
def test_a_loss_turned_into_a_win_never_makes_the_arm_less_likely_better(values: list[float]) -> None:
    assume(-1.0 in values)
    place = values.index(-1.0)
    for better in (0.0, 1.0):
        turned = [*values[:place], better, *values[place + 1 :]]
        assert infer_gap(turned).p_better >= infer_gap(values).p_better


@hypothesis_settings(deadline=None)  # about time says nothing here: the machine may be busy
@given(st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=40))
def test_matched_flips_keep_mean_and_mean_square(values: list[float]) -> None:
    flips = match_flips(values)
    assert flips.size * (flips.wins - flips.losses) == pytest.approx(sum(values), abs=1e-6)
    assume(any(values))
    assert flips.size**2 * (flips.wins + flips.losses) == pytest.approx(sum(value**2 for value in values))
    assert flips.wins + flips.losses <= len(values) + 1e-6


def test_right_or_wrong_answers_keep_tango_and_mcnemar() -> None:
    found = infer_gap([1.0] * 18 + [-1.0] * 10 + [0.0] * 72)
    assert found.interval == tango(18, 10, 100)
    assert found.narrow == tango(18, 10, 100, 0.9)
    assert found.p_value == mcnemar_exact(18, 10)


def test_the_sign_flip_test_is_exact_where_few_rows_differ() -> None:
    assert sign_flip([1.0] * 9 + [-1.0] * 2 + [0.0] * 30, seed=1) == pytest.approx(mcnemar_exact(9, 2))
    assert sign_flip([0.0] * 20, seed=1) == 1.0
    assert sign_flip([0.5, 0.25, 0.25], seed=1) == pytest.approx(2 / 8)
    assert sign_flip([0.5, 0.25, 0.25], seed=1, groups=[0, 1, 1]) == pytest.approx(2 / 4)


def test_a_graded_interval_is_wider_on_the_side_where_rare_large_gaps_may_hide() -> None:
    found = infer_gap([0.5] * 3 + [0.0] * 37)
    mean = 1.5 / 40
    assert found.interval.high - mean > 1.3 * (mean - found.interval.low)


def test_an_arm_whose_few_errors_were_small_may_still_make_a_large_one() -> None:
    scores = [1.0] * 16 + [0.9] * 4
    found = infer_score(scores)
    student_low = np.mean(scores) - 2.093 * np.std(scores, ddof=1) / np.sqrt(20)
    assert found.low < student_low - 0.03
