# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# scipy ships no types; every value from it passes through float() here.
"""Statistics of small paired comparisons: every arm answers the same items, so all inference is paired.

Pairs are counted as `wins` (arm right, baseline wrong), `losses` (the other way round) and `n`, all pairs.
"""

from collections.abc import Callable, Sequence
from math import comb, inf, sqrt
from statistics import NormalDist, fmean, stdev

from ftdecide.experiment.types import Interval, Reading

LEAST_ITEMS = 15
FEW_ITEMS = 30
_NORMAL = NormalDist()


def wilson(passed: int, n: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval for a share of `passed` among `n` >= 1 items (Wilson 1927)."""
    z = _quantile(level)
    share = passed / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if passed == 0 else max(0.0, middle - half)
    return Interval(low=low, high=1.0 if passed == n else min(1.0, middle + half), level=level)


def tango(wins: int, losses: int, n: int, level: float = 0.95) -> Interval:
    """Return Tango's score interval for the paired difference (wins - losses) / n (Tango, Stat. Med. 17, 1998).

    The limits are where the score statistic reaches the normal quantile, found by bisection; it falls from -1 to 1, so
    this also holds with no discordant pair and with nothing but discordant pairs.
    """
    z = _quantile(level)
    seen = (wins - losses) / n
    low = _bisect(lambda gap: score_statistic(wins, losses, n, gap) - z, -1.0, seen)
    high = _bisect(lambda gap: score_statistic(wins, losses, n, gap) + z, seen, 1.0)
    return Interval(low=low, high=high, level=level)


def score_statistic(wins: int, losses: int, n: int, gap: float) -> float:
    """Return Tango's statistic for the hypothesis that the true difference is `gap`; about standard normal if it is.

    The share of losses is the maximum likelihood estimate under that hypothesis.
    """
    quadratic, constant = 2 * n, -losses * gap * (1 - gap)
    linear = -wins - losses + (2 * n - wins + losses) * gap
    loss_share = (sqrt(max(0.0, linear * linear - 4 * quadratic * constant)) - linear) / (2 * quadratic)
    loss_share = max(0.0, -gap, loss_share)  # rounding may leave the possible range by a hair
    variance = n * (2 * loss_share + gap * (1 - gap))
    surplus = wins - losses - n * gap
    if variance <= 0:
        return 0.0 if surplus == 0 else inf * surplus
    return surplus / sqrt(variance)


def mcnemar_exact(wins: int, losses: int) -> float:
    """Return the two-sided exact p-value of McNemar's test: are wins and losses equally likely?"""
    discordant = wins + losses
    tail = sum(comb(discordant, k) for k in range(min(wins, losses) + 1))
    return min(1.0, 2 * tail / 2**discordant)


def p_better(wins: int, losses: int) -> float:
    """Return the probability that the arm is truly better, from a Dirichlet(1/2) prior over the four cells.

    Given that a pair is discordant, the share of wins is Beta(wins + 1/2, losses + 1/2) whatever the concordant cells
    are, so no draws are needed: this is its mass above one half.
    """
    from scipy.special import betaincc

    return float(betaincc(wins + 0.5, losses + 0.5, 0.5))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the p-values adjusted for having several contrasts (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return tuple(adjusted)


def read_difference(n: int, interval: Interval, narrow: Interval, p_adjusted: float, margin: float) -> Reading:
    """Read a difference in three ways, or not at all.

    `same` when the 90 % interval `narrow` lies within the margin on both sides (two one-sided tests at 5 %, TOST);
    else `better` or `worse` when the 95 % interval excludes zero and the adjusted p-value is at most 0.05; else, and
    always below 15 items, `not_enough_data`.
    """
    if n < LEAST_ITEMS:
        return "not_enough_data"
    if -margin < narrow.low and narrow.high < margin:
        return "same"
    if p_adjusted <= 1 - interval.level + 1e-12:
        if interval.low > 0:
            return "better"
        if interval.high < 0:
            return "worse"
    return "not_enough_data"


def smallest_visible_gap(n: int, discordance: float, power: float = 0.8, level: float = 0.95) -> float:
    """Return the smallest true difference that McNemar's test finds in `power` of all runs with `n` pairs.

    `discordance` is the share of pairs where exactly one arm is right. A difference cannot exceed it, so it is also the
    largest value returned: then not even that much is found so often. Solves Connor's sample size formula (Biometrics
    43, 1987) for the difference.
    """
    z_level, z_power = _quantile(level), _NORMAL.inv_cdf(power)

    def shortfall(gap: float) -> float:
        return z_level * sqrt(discordance) + z_power * sqrt(max(0.0, discordance - gap * gap)) - gap * sqrt(n)

    return _bisect(shortfall, 0.0, discordance)


def smallest_gap_one_way(n: int, power: float = 0.8, level: float = 0.95) -> float:
    """Return the smallest difference found in `power` of all runs when every discordant pair favours the same arm.

    No smaller one is visible with `n` pairs, whatever the discordance.
    """
    z_level, z_power = _quantile(level), _NORMAL.inv_cdf(power)

    def shortfall(gap: float) -> float:
        return z_level * sqrt(gap) + z_power * sqrt(gap - gap * gap) - gap * sqrt(n)

    return _bisect(shortfall, 1e-9, 1.0)


def paired_t(differences: Sequence[float], level: float = 0.95) -> tuple[Interval, float, float]:
    """Return interval, two-sided p-value and probability of a positive mean for graded differences between -1 and 1.

    Student's paired t on n >= 2 items. Without any spread t claims certainty; then the interval gets the width that
    Tango's has when no pair is discordant, and the p-value is that of the sign-flip test.
    """
    from scipy.stats import t as student

    n, mean, spread = len(differences), fmean(differences), stdev(differences)
    if spread < 1e-12:
        half = _quantile(level) ** 2 / (n + _quantile(level) ** 2)
        p_value = 1.0 if mean == 0 else 2.0 ** (1 - n)
        return _clipped(mean, half, level), p_value, 0.5 if mean == 0 else float(mean > 0)
    error = spread / sqrt(n)
    half = float(student.ppf((1 + level) / 2, n - 1)) * error
    p_value = 2 * float(student.sf(abs(mean) / error, n - 1))
    return _clipped(mean, half, level), p_value, float(student.cdf(mean / error, n - 1))


def mean_interval(scores: Sequence[float], level: float = 0.95) -> Interval:
    """Return Student's interval for the mean of scores between 0 and 1, for one arm with graded answers.

    Where the scores show no spread, or there are fewer than two, it is Wilson's for that share instead.
    """
    n, mean = len(scores), fmean(scores)
    if n < 2 or stdev(scores) < 1e-12:
        return wilson(round(mean * n), n, level)
    from scipy.stats import t as student

    half = float(student.ppf((1 + level) / 2, n - 1)) * stdev(scores) / sqrt(n)
    return Interval(low=max(0.0, mean - half), high=min(1.0, mean + half), level=level)


def sign_flip(differences: Sequence[float], seed: int, flips: int = 10_000) -> float:
    """Return the two-sided p-value of the sign-flip permutation test for a mean of zero, by `flips` seeded draws."""
    import numpy as np

    values = np.asarray(differences, dtype=np.float64)
    signs = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(flips, values.size))
    extreme = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    return float((1 + extreme.sum()) / (1 + flips))


def _quantile(level: float) -> float:
    return _NORMAL.inv_cdf((1 + level) / 2)


def _clipped(middle: float, half: float, level: float) -> Interval:
    return Interval(low=max(-1.0, middle - half), high=min(1.0, middle + half), level=level)


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that falls from `low` to `high` crosses zero, or the end that comes closest."""
    for _step in range(80):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
