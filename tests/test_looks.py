"""Planned looks: bounds as published, claims before the end seldom and never without them, results masked between."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ftdecide.experiment.looks import (
    Look,
    bound_at,
    leading_rows,
    level_at,
    may_claim,
    plan_looks,
    reached_look,
    sequential_p,
    shown_rows,
)


# Lan-DeMets bounds of O'Brien and Fleming's type, two-sided 5 %, as gsDesign and Jennison and Turnbull print them.
@pytest.mark.parametrize(
    ("rows", "bounds"),
    [
        ((100,), (1.960,)),
        ((50, 100), (2.963, 1.969)),
        ((20, 40, 60, 80, 100), (4.877, 3.357, 2.680, 2.290, 2.031)),
    ],
)
def test_the_bounds_are_the_published_ones(rows: tuple[int, ...], bounds: tuple[float, ...]) -> None:
    found = [bound_at(Look(number + 1, rows)) for number in range(len(rows))]
    assert found == pytest.approx(bounds, abs=0.001)


def test_looks_together_err_in_5_of_100_runs() -> None:
    rows = (30, 70, 100)
    steps = np.random.default_rng(7).normal(size=(200_000, 3)) * np.sqrt(np.diff([0, *rows]))
    scores = steps.cumsum(axis=1) / np.sqrt(rows)
    bounds = np.array([bound_at(Look(number, rows)) for number in (1, 2, 3)])
    assert (np.abs(scores) > bounds).any(axis=1).mean() == pytest.approx(0.05, abs=0.002)
    assert (np.abs(scores) > 1.96).any(axis=1).mean() > 0.09


def test_a_plan_spreads_its_looks_and_leaves_out_those_too_early() -> None:
    assert plan_looks(1, 100) == (100,)
    assert plan_looks(4, 100) == (25, 50, 75, 100)
    assert plan_looks(4, 40) == (20, 30, 40)
    assert plan_looks(3, 12) == (12,)


def test_results_are_masked_until_the_first_planned_look_and_rest_on_its_rows() -> None:
    rows = plan_looks(2, 60)
    assert reached_look(rows, 29) is None
    look = reached_look(rows, 45)
    assert look == Look(1, (30, 60))
    assert shown_rows(look) == 30
    assert reached_look(rows, 60) == Look(2, (30, 60))


def test_only_rows_that_every_arm_has_answered_without_a_gap_count() -> None:
    assert leading_rows(["a", "b", "c", "d"], [{"a", "b", "d"}, {"a", "b", "c", "d"}]) == 2
    assert leading_rows(["a", "b"], [{"a", "b"}, {"b", "a"}]) == 2


def test_what_suffices_at_the_end_does_not_suffice_early() -> None:
    rows = (50, 100)
    assert may_claim(Look(2, rows), 0.04)
    assert not may_claim(Look(1, rows), 0.04)
    assert may_claim(Look(1, rows), 0.002)
    assert level_at(Look(1, rows)) > level_at(Look(2, rows)) > 0.95


@hypothesis_settings(max_examples=15, deadline=None)  # each works out many bounds
@given(st.floats(1e-6, 1.0), st.integers(1, 3))
def test_a_p_value_over_looks_is_at_most_5_per_cent_exactly_where_a_claim_is_allowed(
    p_value: float, number: int
) -> None:
    look = Look(number, (40, 80, 120))
    assert sequential_p(p_value, look) >= p_value - 1e-12
    if abs(p_value - (1 - level_at(look))) > 1e-5:
        assert (sequential_p(p_value, look) <= 0.05) == may_claim(look, p_value)


def test_with_one_look_nothing_changes() -> None:
    assert sequential_p(0.031, Look(1, (100,))) == 0.031
    assert level_at(Look(1, (100,))) == pytest.approx(0.95)
