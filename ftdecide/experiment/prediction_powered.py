"""What a judge's verdicts are worth once people have labelled some of the same pairs: PPI++, agreement, flip rate.

Verdicts are in favour of the arm: 1 better, 0 a tie, -1 worse; or anything between where verdicts are averaged.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from ftdecide.experiment.clusters import Spread, student_quantile, student_tail
from ftdecide.experiment.inference import LEVEL, infer_gap, infer_score
from ftdecide.experiment.statistics import LEAST_ITEMS
from ftdecide.experiment.types import Interval

# Below this agreement a judge's verdicts are secondary to people's (statistics of the design; Landis and Koch, 1977,
# call agreement above it substantial).
LEAST_KAPPA = 0.6
# As if one more label had been a whole step from what the judge lets expect. Without it an interval takes a judge that
# 20 labels happen to confirm for perfect: one that favours an arm in 10 % of pairs was covered in 78 % of runs, not 95.
DOUBT_LABELS = 1
_STEP = 1.0


class Corrected(NamedTuple):
    """A judge's difference corrected by people's labels.

    `naive` is what the judge alone says of all pairs and `by_people` what the labels alone say. `weight` is PPI++'s
    lambda, 0 for a useless judge. `interval` and `p_value` are null with fewer than 15 labels. `kappa` is Cohen's, null
    where it is undefined.
    """

    difference: float
    interval: Interval | None
    p_value: float | None
    naive: float
    by_people: float
    weight: float
    labelled: int
    n: int
    kappa: float | None


def correct_judge(judge: Sequence[float], people: Sequence[float | None], level: float = LEVEL) -> Corrected | None:
    """Return the difference over all pairs, from the judge's verdicts on all and people's on a random part of them.

    Prediction-powered inference with tuned weight (PPI++: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453). Unbiased
    however the judge errs, as long as the labelled pairs were drawn at random. `people` is None where nobody labelled;
    without any label there is nothing to correct by, and the result is None.
    """
    labelled = [(said, label) for said, label in zip(judge, people, strict=True) if label is not None]
    if not labelled:
        return None
    rest = [said for said, label in zip(judge, people, strict=True) if label is None]
    n, naive, by_people = (
        len(labelled),
        sum(judge) / len(judge),
        sum(label for _said, label in labelled) / len(labelled),
    )
    weight = _tune_weight(labelled, judge, len(rest))
    surplus = [label - weight * said for said, label in labelled]
    difference = sum(surplus) / n + (weight * sum(rest) / len(rest) if rest else 0.0)
    interval, p_value = None, None
    if n >= LEAST_ITEMS and not weight:
        alone = infer_gap([label for _said, label in labelled], level=level)
        interval, p_value = alone.interval, alone.p_value
    elif n >= LEAST_ITEMS:
        error = sqrt(_variance(surplus, DOUBT_LABELS) / n + weight**2 * _variance(judge) / len(rest))
        spread = Spread(difference, error, n - 1.0, 1.0, n, None)
        half = student_quantile(spread, level) * error
        interval = Interval(low=max(-1.0, difference - half), high=min(1.0, difference + half), level=level)
        p_value = student_tail(spread, difference / error)
    kappa = agree([said for said, _label in labelled], [label for _said, label in labelled])
    return Corrected(difference, interval, p_value, naive, by_people, weight, n, len(judge), kappa)


def agree(judge: Sequence[float], people: Sequence[float]) -> float | None:
    """Return Cohen's kappa of who is said to be better, or None where chance alone would make them agree always."""
    n, pairs = len(judge), [(_sign(said), _sign(label)) for said, label in zip(judge, people, strict=True)]
    seen = sum(said == label for said, label in pairs) / n
    by_chance = sum(
        sum(said == verdict for said, _label in pairs) * sum(label == verdict for _said, label in pairs)
        for verdict in (-1, 0, 1)
    ) / (n * n)
    return (seen - by_chance) / (1 - by_chance) if by_chance < 1 else None


def merge_orders(first: float, second: float) -> float:
    """Return one verdict from those of both presentation orders, both in favour of the arm: a tie if they differ."""
    return first if _sign(first) == _sign(second) else 0.0


def flip_rate(firsts: Sequence[float], seconds: Sequence[float]) -> tuple[float, Interval]:
    """Return how often the verdict changed with the order of presentation, with its interval; one pair at least."""
    flipped = [float(_sign(first) != _sign(second)) for first, second in zip(firsts, seconds, strict=True)]
    return sum(flipped) / len(flipped), infer_score(flipped)


def _tune_weight(labelled: Sequence[tuple[float, float]], judge: Sequence[float], rest: int) -> float:
    """Return the weight of the judge that makes the variance least, between 0 and 1."""
    n = len(labelled)
    mean_said, mean_label = (sum(pair[place] for pair in labelled) / n for place in (0, 1))
    spread = sum((said - mean_said) ** 2 for said, _label in labelled)
    if n < 2 or not rest or spread <= 0 or _variance(judge) <= 0:
        return 0.0
    together = sum((said - mean_said) * (label - mean_label) for said, label in labelled)
    return min(1.0, max(0.0, together / spread / (1 + n / rest)))


def _variance(values: Sequence[float], doubts: int = 0) -> float:
    """Return the variance with n - 1, after so many further values a whole step from the mean."""
    mean = sum(values) / len(values)
    return (sum((value - mean) ** 2 for value in values) + doubts * _STEP**2) / (len(values) + doubts - 1)


def _sign(verdict: float) -> int:
    return (verdict > 0) - (verdict < 0)
