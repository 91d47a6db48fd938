"""What paired rows say about the true difference of two arms, and one arm's rows about its true score."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from ftdecide.experiment.clusters import Spread, measure_spread, sign_flip, student_quantile, student_tail
from ftdecide.experiment.statistics import (
    mcnemar_exact,
    normal_quantile,
    p_better,
    score_statistic,
    share_limits,
    tango_limits,
)
from ftdecide.experiment.types import Interval

LEVEL = 0.95
TOST_LEVEL = 0.90
# A tenth of a wholly wrong answer more than was seen, where it is asked how wrong those answers are that are wrong.
# Without it the interval of one arm with a few slightly wrong answers of 20 covers the truth in 90 % of runs, not 94.
UNSEEN = 0.1


class Inference(NamedTuple):
    """What the pairs say about the true difference; `narrow` is the interval that TOST needs, 90 % by default."""

    interval: Interval
    narrow: Interval
    p_value: float
    p_better: float
    spread: Spread


class Flips(NamedTuple):
    """Differences as wins and losses of one size: the same mean and the same mean square as they have.

    For right-or-wrong answers the size is 1 and these are the counts themselves.
    """

    wins: float
    losses: float
    size: float


def infer_gap(
    differences: Sequence[float],
    groups: Sequence[int] | None = None,
    *,
    seed: int = 0,
    level: float = LEVEL,
    narrow_level: float = TOST_LEVEL,
) -> Inference:
    """Return intervals and probabilities for the mean of n >= 2 differences between -1 and 1, one for every item.

    Right or wrong, each row alone: Tango's interval, exact McNemar, Dirichlet posterior. Rows in groups: the same
    counts divided by the design effect, with Student's quantile of the groups' degrees of freedom. Graded: the hull of
    Student's paired interval and Tango's for wins and losses of matched size, because Student's alone misses gaps that
    a few rows make. The p-value is the largest of those that apply, sign flips among them: a check may only make the
    reading more careful.
    """
    spread, flips = measure_spread(differences, groups), match_flips(differences)
    exact = _stand_alone(differences, groups)
    interval, narrow = (_limit_gap(spread, flips, each, exact=exact) for each in (level, narrow_level))
    if exact:
        p_value = mcnemar_exact(round(flips.wins), round(flips.losses))
    else:
        p_value = max(_p_values(spread, flips, sign_flip(differences, seed, groups)))
    above = p_better(flips.wins / spread.effect, flips.losses / spread.effect)
    return Inference(interval, narrow, p_value, above, spread)


def infer_interval(differences: Sequence[float], groups: Sequence[int] | None = None, level: float = LEVEL) -> Interval:
    """Return the interval of `infer_gap` alone, without the tests, which take longer."""
    exact = _stand_alone(differences, groups)
    return _limit_gap(measure_spread(differences, groups), match_flips(differences), level, exact=exact)


def infer_score(scores: Sequence[float], groups: Sequence[int] | None = None, level: float = LEVEL) -> Interval:
    """Return the interval for one arm's mean score, from one score between 0 and 1 for every item.

    Right or wrong: Agresti and Coull's. Graded: the hull of Student's and of theirs for errors of matched size. Rows in
    groups count less by the design effect, and Student's quantile takes the normal one's place.
    """
    low_end = sum(scores) < len(scores) / 2  # the scarcer side, successes or errors, decides how far one may be off
    flips = match_flips(scores if low_end else [1 - score for score in scores], UNSEEN)
    spread = measure_spread(scores, groups)
    exact = groups is None and all(score in (0, 1) for score in scores)
    z = normal_quantile(level) if groups is None or spread.error == 0 else student_quantile(spread, level)
    low, high = share_limits(flips.wins / spread.effect, spread.n / spread.effect, z)
    low, high = (flips.size * low, flips.size * high) if low_end else (1 - flips.size * high, 1 - flips.size * low)
    if not exact:
        half = student_quantile(spread, level) * spread.error if spread.error else 0.0
        low, high = min(low, spread.mean - half), max(high, spread.mean + half)
    return Interval(low=max(0.0, low), high=min(1.0, high), level=level)


def match_flips(differences: Sequence[float], unseen: float = 0.0) -> Flips:
    """Return wins and losses of one size whose mean and, but for `unseen`, mean square are those of the differences."""
    total = sum(abs(value) for value in differences) + unseen
    size = (sum(value * value for value in differences) + unseen) / total if total > 1e-12 else 1.0
    wins = sum(value for value in differences if value > 0) / size
    return Flips(wins, -sum(value for value in differences if value < 0) / size, size)


def _stand_alone(differences: Sequence[float], groups: Sequence[int] | None) -> bool:
    return groups is None and all(value in (-1, 0, 1) for value in differences)


def _limit_gap(spread: Spread, flips: Flips, level: float, *, exact: bool) -> Interval:
    if spread.error == inf:
        return Interval(low=-1.0, high=1.0, level=level)
    z = normal_quantile(level) if spread.groups is None or spread.error == 0 else student_quantile(spread, level)
    limits = tango_limits(flips.wins / spread.effect, flips.losses / spread.effect, spread.n / spread.effect, z)
    low, high = (flips.size * limit for limit in limits)
    if not exact:
        half = student_quantile(spread, level) * spread.error if spread.error else 0.0
        low, high = min(low, spread.mean - half), max(high, spread.mean + half)
    return Interval(low=max(-1.0, low), high=min(1.0, high), level=level)


def _p_values(spread: Spread, flips: Flips, p_flips: float) -> list[float]:
    if spread.error == inf:
        return [1.0]
    if spread.error == 0:
        return [p_flips]
    score = score_statistic(flips.wins / spread.effect, flips.losses / spread.effect, spread.n / spread.effect, 0.0)
    return [p_flips, student_tail(spread, spread.mean / spread.error), student_tail(spread, score)]
