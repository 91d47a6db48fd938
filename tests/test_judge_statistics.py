"""A judge corrected by people's labels, and curves of score against training rows."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from ftdecide.experiment.inference import infer_gap
from ftdecide.experiment.learning_curve import Trained, fit_curve
from ftdecide.experiment.prediction_powered import agree, correct_judge, flip_rate, merge_orders


def judged(n: int, labelled: int, bias: float, seed: int) -> tuple[list[float], list[float | None]]:
    """Two equal arms, and a judge that calls the first better in a share `bias` of the pairs whatever they are."""
    draw = np.random.default_rng(seed)
    truth = draw.choice([-1.0, 0.0, 1.0], size=n, p=[0.3, 0.4, 0.3])
    said = np.where(draw.random(n) < bias, 1.0, truth)
    people: list[float | None] = [float(label) if place < labelled else None for place, label in enumerate(truth)]
    return said.tolist(), people


def test_people_correct_a_judge_that_favours_an_arm() -> None:
    runs = [correct_judge(*judged(300, 60, 0.15, seed)) for seed in range(200)]
    found = [run for run in runs if run is not None]
    assert np.mean([run.naive for run in found]) == pytest.approx(0.15, abs=0.01)
    assert np.mean([run.difference for run in found]) == pytest.approx(0.0, abs=0.015)
    covered = [run.interval.low <= 0 <= run.interval.high for run in found if run.interval]
    assert np.mean(covered) > 0.93


def test_a_good_judge_narrows_what_people_alone_would_say() -> None:
    said, people = judged(400, 60, 0.02, 1)
    found = correct_judge(said, people)
    assert found is not None
    assert found.interval is not None
    alone = infer_gap([label for label in people if label is not None]).interval
    assert found.interval.high - found.interval.low < 0.75 * (alone.high - alone.low)
    assert 0.5 < found.weight < 1


def test_a_useless_judge_leaves_people_alone() -> None:
    people: list[float | None] = [1.0, 0.0, -1.0, 1.0, 0.0] * 4
    found = correct_judge([0.0] * 100, people + [None] * 80)
    assert found is not None
    assert (found.weight, found.difference) == (0.0, pytest.approx(0.2))
    assert found.interval == infer_gap([1.0, 0.0, -1.0, 1.0, 0.0] * 4).interval
    assert found.kappa == pytest.approx(0.0)


def test_exchanging_the_arms_turns_the_sign_of_a_judged_difference() -> None:
    said, people = judged(200, 40, 0.1, 4)
    there = correct_judge(said, people)
    back = correct_judge([-each for each in said], [None if each is None else -each for each in people])
    assert there is not None
    assert back is not None
    assert there.difference == pytest.approx(-back.difference)
    assert there.interval is not None
    assert back.interval is not None
    assert there.interval.low == pytest.approx(-back.interval.high)


def test_too_few_labels_give_no_interval_and_none_at_all_nothing() -> None:
    said, people = judged(100, 14, 0.1, 2)
    found = correct_judge(said, people)
    assert found is not None
    assert (found.interval, found.p_value, found.labelled) == (None, None, 14)
    assert correct_judge(said, [None] * 100) is None


def test_agreement_equals_statsmodels() -> None:
    draw = np.random.default_rng(9)
    people = draw.choice([-1.0, 0.0, 1.0], size=80)
    judge = np.where(draw.random(80) < 0.3, draw.choice([-1.0, 0.0, 1.0], size=80), people)
    table = [[int(((judge == a) & (people == b)).sum()) for b in (-1, 0, 1)] for a in (-1, 0, 1)]
    assert agree(judge.tolist(), people.tolist()) == pytest.approx(cohens_kappa(table).kappa)
    assert agree([0.0, 0.0], [0.0, 0.0]) is None


def test_a_verdict_that_changes_with_the_order_is_a_tie_and_counted() -> None:
    assert (merge_orders(1.0, 1.0), merge_orders(1.0, -1.0), merge_orders(0.0, -1.0)) == (1.0, 0.0, 0.0)
    share, interval = flip_rate([1.0, 1.0, 0.0, -1.0], [1.0, -1.0, 0.0, -1.0])
    assert share == 0.25
    assert interval.low < 0.25 < interval.high


def curve(shares: tuple[float, ...], n: int, seed: int) -> list[Trained]:
    """Items of differing difficulty, right where the share of items that a model gets right reaches them."""
    draw = np.random.default_rng(seed)
    hard = draw.random(n)
    rows = (50, 100, 200)[-len(shares) :]
    return [
        Trained(size, ((hard + draw.normal(0, 0.1, n)) < share).astype(float).tolist())
        for size, share in zip(rows, shares, strict=True)
    ]


def test_a_rising_curve_says_what_doubling_would_add() -> None:
    found = fit_curve(curve((0.4, 0.5, 0.6), 300, 1), 0.02)
    assert found is not None
    assert found.prospect == "helps"
    assert found.interval.low < 0.1 < found.interval.high
    low, high = (round(100 * bound) for bound in (found.interval.low, found.interval.high))
    assert found.text == f"doubling the data would add {low} to {high} points"
    assert [point.rows for point in found.points] == [50, 100, 200]


def test_a_flat_curve_says_that_more_data_would_hardly_help() -> None:
    level = [1.0] * 160 + [0.0] * 40
    found = fit_curve([Trained(rows, level) for rows in (50, 100, 200)], 0.05)
    assert found is not None
    assert (found.prospect, found.gain) == ("hardly_helps", 0.0)
    assert found.text.startswith("doubling the data would hardly help")


def test_a_curve_that_jumped_and_then_stood_still_promises_no_further_jump() -> None:
    found = fit_curve(curve((0.1, 0.7, 0.7), 300, 3), 0.02)
    assert found is not None
    assert found.interval.high < 0.1


def test_a_few_items_or_one_size_say_nothing_and_few_items_are_unclear() -> None:
    assert fit_curve(curve((0.4, 0.5, 0.6), 14, 1), 0.02) is None
    assert fit_curve(curve((0.5,), 100, 1), 0.02) is None
    found = fit_curve(curve((0.4, 0.5, 0.6), 20, 2), 0.02)
    assert found is not None
    assert found.prospect == "unclear"
    assert "not clear whether more data would help" in found.text
