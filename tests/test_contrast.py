"""Contrasts in words, with groups, repeats and looks, and how many more rows would settle an open one."""

import numpy as np
import pytest

from ftdecide.experiment.contrast import Graded, Pairing, average_repeats, contrast_all
from ftdecide.experiment.contrast_words import describe
from ftdecide.experiment.looks import Look
from ftdecide.experiment.more_rows import _settled, rows_to_settle
from ftdecide.experiment.statistics import mcnemar_exact, read_difference, tango
from ftdecide.experiment.types import Answer, Contrast, Grade, Interval


def graded(arm: str, item: int, value: float, *, error: str | None = None) -> Graded:
    reason = "right" if value == 1 else "wrong"
    grade = Grade(score=value, passed=value == 1, reason="failed" if error else reason)
    return Graded(Answer(arm=arm, item=str(item), error=error), grade, value)


def contrast(
    wins: int,
    losses: int,
    n: int,
    *,
    groups: dict[str, str] | None = None,
    look: Look | None = None,
    several: int = 1,
    final: bool = True,
    margin: float = 0.05,
) -> Contrast:
    gaps = [1] * wins + [-1] * losses + [0] * (n - wins - losses)
    pairs = tuple(
        (graded("tuned", item, float(gap == 1)), graded("base", item, float(gap == -1)))
        for item, gap in enumerate(gaps)
    )
    pairing = Pairing("tuned", "base", pairs, margin, 1, final, groups or {}, look)
    return contrast_all([pairing] * several)[0]


def test_readings_are_said_in_words() -> None:
    assert contrast(25, 3, 100).text == "better by 13 to 32 points"
    assert contrast(3, 25, 100).text == "worse by 13 to 32 points"
    assert contrast(2, 2, 200).text.startswith("practically the same (between")
    open_one = contrast(18, 10, 100)
    assert open_one.text.startswith(f"not enough data: about {open_one.more_rows} more rows would settle it (between 2")
    assert contrast(300, 215, 700, several=12).reading == "better"


def test_a_settled_or_forbidden_reading_asks_for_no_more_rows() -> None:
    assert contrast(25, 3, 100).more_rows is None
    assert contrast(18, 10, 100, final=False).more_rows is None
    assert contrast(18, 10, 100, final=False).text.startswith("no claim before the end: so far between")
    assert contrast(5, 0, 14).text == "not enough data: only 14 items"


def test_rows_of_one_group_count_less() -> None:
    alone = contrast(16, 2, 60)
    together = contrast(16, 2, 60, groups={str(item): f"g{item // 6}" for item in range(60)})
    assert alone.reading == "better"
    assert alone.groups is None
    assert (together.reading, together.groups) == ("not_enough_data", 10)


def test_an_early_look_claims_only_what_is_overwhelming() -> None:
    early = Look(1, (40, 80))
    assert contrast(10, 1, 40).reading == "better"
    assert contrast(10, 1, 40, look=early).reading == "not_enough_data"
    assert contrast(24, 1, 40, look=early).reading == "better"
    assert contrast(1, 24, 40, look=early).reading == "worse"


def test_an_early_look_calls_arms_the_same_only_when_they_surely_are() -> None:
    assert contrast(0, 0, 60).reading == "same"
    assert contrast(0, 0, 60, look=Look(1, (60, 120))).reading == "not_enough_data"


def test_repeats_of_an_item_are_averaged_and_their_failures_are_kept() -> None:
    found = average_repeats([graded("a", 1, 0.0, error="timeout"), graded("a", 1, 1.0), graded("a", 1, 0.0)])
    assert found.value == pytest.approx(1 / 3)
    assert found.failed_share == pytest.approx(1 / 3)
    assert found.answer.error is None
    pairs = tuple((found, graded("b", 1, 0.0)) for _item in range(15))
    result = contrast_all([Pairing("a", "b", pairs, 0.05, 1, final=True)])[0]
    assert result.band == pytest.approx((1 / 3, 2 / 3))
    assert result.difference == pytest.approx(1 / 3)


def test_one_answer_is_its_own_average() -> None:
    only = graded("a", 1, 1.0)
    assert average_repeats([only]) == only


def test_twelve_contrasts_need_more_rows_than_one() -> None:
    differences = [1.0] * 14 + [-1.0] * 6 + [0.0] * 60
    one, twelve = (rows_to_settle(differences, None, 0.02, contrasts=count) for count in (1, 12))
    assert one is not None
    assert twelve is None or twelve > one


def test_rows_asked_for_settle_the_reading_in_four_of_five_runs() -> None:
    """Truths drawn from the posterior, further rows from them, read by the product's own reading."""
    draw = np.random.default_rng(3)
    wins, losses, n = 14, 5, 80
    more = rows_to_settle([1.0] * wins + [-1.0] * losses + [0.0] * (n - wins - losses), None, 0.05)
    assert more is not None
    settled = 0
    for truth in draw.dirichlet([wins + 0.5, losses + 0.5, n - wins - losses + 1], 150):
        won, lost, _rest = (int(count) for count in draw.multinomial(more, truth))
        counts = (wins + won, losses + lost, n + more)
        p_value = mcnemar_exact(*counts[:2])
        settled += read_difference(counts[2], tango(*counts), tango(*counts, 0.9), p_value, 0.05) != "not_enough_data"
    assert 0.7 <= settled / 150 <= 0.95


def test_equal_arms_with_a_tiny_margin_may_need_more_than_5000_rows() -> None:
    assert rows_to_settle([1.0] * 30 + [-1.0] * 30 + [0.0] * 40, None, 0.005) is None
    assert "not even 5,000 more rows" in contrast(30, 30, 100, margin=0.005).text


@pytest.mark.parametrize("margin", [0.02, 0.05, 0.15])
def test_many_counts_are_read_at_once_as_one_is(margin: float) -> None:
    draw = np.random.default_rng(11)
    for n in (20, 60, 300):
        counts = draw.multinomial(n, draw.dirichlet([1, 1, 2], 60))
        wins, losses = counts[:, 0].astype(np.float64), counts[:, 1].astype(np.float64)
        found = _settled(wins, losses, n, margin, 1)
        for won, lost, settled in zip(counts[:, 0].tolist(), counts[:, 1].tolist(), found, strict=True):
            read = read_difference(n, tango(won, lost, n), tango(won, lost, n, 0.9), mcnemar_exact(won, lost), margin)
            assert (read != "not_enough_data") == bool(settled)


def test_one_point_is_said_as_one() -> None:
    said = describe("same", 100, Interval(low=-0.012, high=0.031), None, final=True)
    assert said == "practically the same (between 1 point worse and 3 points better)"
