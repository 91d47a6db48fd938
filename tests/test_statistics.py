"""Small paired comparisons: checked against statsmodels and scipy, published examples and exact coverage."""

from math import comb, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import ttest_rel
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from ftdecide.experiment.clusters import sign_flip
from ftdecide.experiment.inference import infer_gap, infer_score
from ftdecide.experiment.statistics import (
    holm,
    mcnemar_exact,
    p_better,
    read_difference,
    score_statistic,
    share_limits,
    smallest_gap_one_way,
    smallest_visible_gap,
    tango,
)
from ftdecide.experiment.types import Interval
from ftdecide.experiment.warning import warn_groups, warn_size

Z = NormalDist().inv_cdf(0.975)


@st.composite
def cells(draw: st.DrawFn, least: int = 1, most: int = 400) -> tuple[int, int, int]:
    n = draw(st.integers(least, most))
    wins = draw(st.integers(0, n))
    return wins, draw(st.integers(0, n - wins)), n


@pytest.mark.parametrize("n", [1, 2, 15, 40, 96, 1000])
def test_the_limits_of_a_share_equal_those_of_statsmodels_and_contain_wilson(n: int) -> None:
    for passed in {0, 1, n // 3, n // 2, n - 1, n}:
        low, high = share_limits(passed, n, Z)
        expected = proportion_confint(passed, n, method="agresti_coull")
        assert (max(expected[0], 0), min(expected[1], 1)) == pytest.approx(
            (low if passed else max(expected[0], 0), high if passed < n else min(expected[1], 1)), abs=1e-6
        )
        inner = proportion_confint(passed, n, method="wilson")
        assert low <= inner[0] + 1e-12
        assert inner[1] - 1e-12 <= high
        found = infer_score([1.0] * passed + [0.0] * (n - passed))
        assert (found.low, found.high) == pytest.approx((low, high))


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (1, 0), (6, 0), (18, 10), (25, 3), (200, 150), (7, 7)])
def test_exact_mcnemar_equals_statsmodels(wins: int, losses: int) -> None:
    assert mcnemar_exact(wins, losses) == pytest.approx(mcnemar([[5, wins], [losses, 5]], exact=True).pvalue)


def test_tango_gives_the_published_interval_for_airway_hyper_responsiveness() -> None:
    # Fagerland, Lydersen and Laake, Recommended tests and confidence intervals for paired binomial proportions,
    # Stat. Med. 33 (2014): 21 children, 1 and 7 discordant, Tango's interval from -0.517 to -0.026.
    found = tango(1, 7, 21)
    assert (round(found.low, 3), round(found.high, 3)) == (-0.517, -0.026)


def likeliest_losses(wins: int, losses: int, n: int, gap: float) -> float:
    """Share of losses that makes the counts likeliest when wins are `gap` more frequent, found by search."""

    def surprise(share: float) -> float:
        probabilities = (share + gap, share, 1 - 2 * share - gap)
        counts = (wins, losses, n - wins - losses)
        return -sum(count * np.log(max(p, 1e-300)) for count, p in zip(counts, probabilities, strict=True) if count)

    bounds = (max(0.0, -gap), (1 - gap) / 2)
    return float(minimize_scalar(surprise, bounds=bounds, method="bounded", options={"xatol": 1e-11}).x)


@pytest.mark.parametrize(("wins", "losses", "n"), [(1, 7, 21), (18, 10, 100), (25, 3, 100), (3, 3, 20), (12, 0, 40)])
def test_tango_limits_are_where_the_score_test_just_rejects(wins: int, losses: int, n: int) -> None:
    interval = tango(wins, losses, n)
    for gap, expected in ((interval.low, Z), (interval.high, -Z)):
        share = likeliest_losses(wins, losses, n, gap)
        statistic = (wins - losses - n * gap) / sqrt(n * (2 * share + gap - gap * gap))
        assert statistic == pytest.approx(expected, abs=1e-3)


def test_tango_stands_where_no_pair_or_every_pair_is_discordant() -> None:
    nothing = tango(0, 0, 20)
    assert (nothing.low, nothing.high) == pytest.approx((-Z * Z / (20 + Z * Z), Z * Z / (20 + Z * Z)))
    assert tango(20, 0, 20).high == 1.0
    assert tango(20, 0, 20).low == pytest.approx(20 / (20 + Z * Z) * 2 - 1, abs=0.05)
    assert tango(0, 1, 1).low == -1.0


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(cells())
def test_tango_contains_what_was_seen_and_stays_between_its_bounds(counts: tuple[int, int, int]) -> None:
    wins, losses, n = counts
    found = tango(wins, losses, n)
    assert -1 <= found.low <= (wins - losses) / n + 1e-12
    assert (wins - losses) / n - 1e-12 <= found.high <= 1


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(cells())
def test_exchanging_the_arms_mirrors_everything(counts: tuple[int, int, int]) -> None:
    wins, losses, n = counts
    there, back = tango(wins, losses, n), tango(losses, wins, n)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert mcnemar_exact(wins, losses) == mcnemar_exact(losses, wins)
    assert p_better(wins, losses) == pytest.approx(1 - p_better(losses, wins), abs=1e-9)


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(cells(), st.floats(0.5, 0.98))
def test_a_higher_level_gives_a_wider_interval(counts: tuple[int, int, int], level: float) -> None:
    wins, losses, n = counts
    narrow, wide = tango(wins, losses, n, level), tango(wins, losses, n, level + 0.01)
    assert wide.low <= narrow.low + 1e-12
    assert narrow.high <= wide.high + 1e-12


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(cells(least=2), st.floats(-0.99, 0.98))
def test_the_score_statistic_falls_as_the_supposed_gap_grows(counts: tuple[int, int, int], gap: float) -> None:
    assert score_statistic(*counts, gap + 0.01) <= score_statistic(*counts, gap) + 1e-9


@pytest.mark.parametrize("n", [20, 50])
def test_tango_covers_the_truth_in_93_of_100_runs_or_more(n: int) -> None:
    """Exact coverage: every possible outcome, weighted by its probability."""
    outcomes = [(wins, losses) for wins in range(n + 1) for losses in range(n + 1 - wins)]
    intervals = {(wins, losses): tango(wins, losses, n) for wins, losses in outcomes if wins >= losses}
    for win_share, loss_share in [(0.05, 0.05), (0.1, 0.05), (0.1, 0.1), (0.2, 0.1), (0.3, 0.2), (0.4, 0.1)]:
        truth, covered = win_share - loss_share, 0.0
        for wins, losses in outcomes:
            found = intervals.get((wins, losses))
            low, high = (
                (found.low, found.high) if found else (-intervals[losses, wins].high, -intervals[losses, wins].low)
            )
            if low <= truth <= high:
                rest = n - wins - losses
                ways = comb(n, wins) * comb(n - wins, losses)
                covered += ways * win_share**wins * loss_share**losses * (1 - win_share - loss_share) ** rest
        assert covered >= 0.93, (n, win_share, loss_share, covered)


@pytest.mark.parametrize(("wins", "losses", "n"), [(18, 10, 100), (0, 0, 30), (3, 5, 40), (25, 3, 100)])
def test_p_better_equals_draws_from_the_dirichlet_posterior(wins: int, losses: int, n: int) -> None:
    both = (n - wins - losses) // 2
    draws = np.random.default_rng(1).dirichlet(
        [wins + 0.5, losses + 0.5, both + 0.5, n - wins - losses - both + 0.5], 200_000
    )
    assert p_better(wins, losses) == pytest.approx(float((draws[:, 0] > draws[:, 1]).mean()), abs=0.005)


@hypothesis_settings(max_examples=12, deadline=None)  # statsmodels takes its time
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_equals_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(tuple(multipletests(p_values, method="holm")[1]))


def test_the_smallest_visible_gap_is_that_of_the_design_table() -> None:
    table = {50: (10, 17, 21), 100: (8.8, 12, 15), 200: (6.2, 8.8, 11), 500: (4.0, 5.6, 6.8)}
    for n, row in table.items():
        for discordance, points in zip((0.1, 0.2, 0.3), row, strict=True):
            digits = 0 if isinstance(points, int) else 1
            assert round(100 * smallest_visible_gap(n, discordance), digits) == points


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(st.integers(15, 5000), st.floats(0.02, 0.9))
def test_more_items_show_smaller_gaps(n: int, discordance: float) -> None:
    assert 0 < smallest_visible_gap(n + 50, discordance) <= smallest_visible_gap(n, discordance) <= discordance


@pytest.mark.parametrize("n", [15, 20, 50, 100, 400])
def test_a_gap_that_all_discordant_pairs_make_is_found_in_about_80_of_100_runs(n: int) -> None:
    gap = smallest_gap_one_way(n)
    assert smallest_visible_gap(n, gap) == pytest.approx(gap, abs=1e-6)
    least = next(wins for wins in range(n) if tango(wins, 0, n).low > 0 and mcnemar_exact(wins, 0) <= 0.05)
    found = sum(comb(n, wins) * gap**wins * (1 - gap) ** (n - wins) for wins in range(least, n + 1))
    assert 0.7 < found < 0.9


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(st.lists(st.floats(-1, 1, width=16), min_size=15, max_size=60))
def test_the_interval_of_graded_differences_contains_that_of_scipy(differences: list[float]) -> None:
    assume(np.std(differences) > 1e-6)
    assume(any(value not in (-1, 0, 1) for value in differences))
    found = infer_gap(differences)
    expected = ttest_rel(differences, np.zeros(len(differences)))
    low, high = expected.confidence_interval()
    assert found.interval.low <= max(-1, low) + 1e-9
    assert min(1, high) - 1e-9 <= found.interval.high
    assert found.p_value >= expected.pvalue - 1e-12


def test_many_smooth_differences_have_about_the_interval_of_scipy() -> None:
    differences = np.random.default_rng(5).normal(0.05, 0.2, 300).clip(-1, 1)
    found = infer_gap(differences.tolist())
    low, high = ttest_rel(differences, np.zeros(300)).confidence_interval()
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=0.002)


def test_graded_differences_without_spread_are_not_taken_for_certainty() -> None:
    found = infer_gap([0.0] * 20)
    assert (found.interval.low, found.p_value, found.p_better) == (pytest.approx(tango(0, 0, 20).low), 1.0, 0.5)
    assert infer_gap([0.2] * 20).interval.low < 0.19


def test_sign_flip_agrees_with_the_exact_test_on_pass_and_fail() -> None:
    differences = [1.0] * 18 + [-1.0] * 10 + [0.0] * 72
    assert sign_flip(differences, seed=1) == pytest.approx(mcnemar_exact(18, 10), abs=0.015)
    assert sign_flip(differences, seed=1) == sign_flip(differences, seed=1)


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_interval_of_a_mean_stays_between_0_and_1(scores: list[float]) -> None:
    found = infer_score(scores)
    assert 0 <= found.low <= found.high <= 1


def reading(wins: int, losses: int, n: int, margin: float = 0.05, contrasts: int = 1) -> str:
    p_adjusted = holm([mcnemar_exact(wins, losses)] * contrasts)[0]
    return read_difference(n, tango(wins, losses, n), tango(wins, losses, n, 0.9), p_adjusted, margin)


def test_a_difference_is_read_in_three_ways_or_not_at_all() -> None:
    assert reading(25, 3, 100) == "better"
    assert reading(3, 25, 100) == "worse"
    assert reading(10, 9, 1000) == "same"
    assert reading(18, 10, 100) == "not_enough_data"
    assert reading(0, 0, 20) == "not_enough_data"


def test_fewer_than_15_items_say_nothing_however_clear_they_look() -> None:
    assert reading(14, 0, 14) == "not_enough_data"
    assert reading(15, 0, 15) == "better"


def test_a_sure_but_tiny_difference_is_practically_the_same() -> None:
    assert reading(300, 200, 10_000) == "same"
    assert reading(300, 200, 10_000, margin=0.005) == "better"


def test_several_contrasts_need_more_than_one() -> None:
    assert mcnemar_exact(16, 5) < 0.05 < holm([mcnemar_exact(16, 5)] * 3)[0]
    assert reading(16, 5, 100) == "better"
    assert reading(16, 5, 100, contrasts=3) == "not_enough_data"


@hypothesis_settings(deadline=None)  # the machine may be busy
@given(cells(least=15), st.floats(0.001, 0.3))
def test_no_reading_contradicts_its_interval(counts: tuple[int, int, int], margin: float) -> None:
    wins, losses, n = counts
    interval: Interval = tango(wins, losses, n)
    found = reading(wins, losses, n, margin)
    assert found != "better" or interval.low > 0
    assert found != "worse" or interval.high < 0
    assert found != "same" or abs(wins - losses) / n < margin


def test_no_pair_differs_means_p_is_one() -> None:
    assert mcnemar_exact(0, 0) == 1.0
    assert p_better(0, 0) == pytest.approx(0.5)


def test_few_rows_and_few_groups_are_warned_of() -> None:
    assert "nothing can be inferred" in warn_size(14)
    assert "very large differences" in warn_size(29)
    assert warn_size(30) == ""
    assert "only 14 groups" in warn_groups([f"customer {row % 14}" for row in range(60)])
    assert warn_groups([f"customer {row % 15}" for row in range(60)]) == ""
    assert warn_groups([""] * 10) == ""
