# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# scipy ships no types; every value from it passes through float() here.
"""Statistics of small paired comparisons: every arm answers the same items, so all inference is paired.

Pairs are counted as `wins` (arm right, baseline wrong), `losses` (the other way round) and `n`, all pairs.
"""

from collections.abc import Callable, Sequence
from math import comb, inf, sqrt
from statistics import NormalDist

from ftdecide.experiment.types import Interval, Reading

ALPHA = 0.05
LEAST_ITEMS = 15
FEW_ITEMS = 30
_NORMAL = NormalDist()


def share_limits(passed: float, n: float, z: float) -> tuple[float, float]:
    """Return Agresti and Coull's limits (Am. Stat. 52, 1998) for a share of `passed` among `n`, `z` quantiles wide.

    They contain Wilson's, which miss the truth too often near 0 and 1 with few rows: at 20 rows and a true share of
    95 % they cover it in 92.4 % of runs, these in 98.4 %. Counts need not be whole, so rows in groups can weigh less.
    """
    middle = (passed + z * z / 2) / (n + z * z)
    half = z * sqrt(middle * (1 - middle) / (n + z * z))
    return (0.0 if passed <= 0 else max(0.0, middle - half)), (1.0 if passed >= n else min(1.0, middle + half))


def tango(wins: int, losses: int, n: int, level: float = 0.95) -> Interval:
    """Return Tango's score interval for the paired difference (wins - losses) / n (Tango, Stat. Med. 17, 1998).

    The limits are where the score statistic reaches the normal quantile, found by bisection; it falls from -1 to 1, so
    this also holds with no discordant pair and with nothing but discordant pairs.
    """
    low, high = tango_limits(wins, losses, n, normal_quantile(level))
    return Interval(low=low, high=high, level=level)


def tango_limits(wins: float, losses: float, n: float, z: float) -> tuple[float, float]:
    """Return the limits of Tango's interval that is `z` quantiles wide; the counts need not be whole."""
    seen = (wins - losses) / n
    low = _bisect(lambda gap: score_statistic(wins, losses, n, gap) - z, -1.0, seen)
    return low, _bisect(lambda gap: score_statistic(wins, losses, n, gap) + z, seen, 1.0)


def score_statistic(wins: float, losses: float, n: float, gap: float) -> float:
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


def p_better(wins: float, losses: float) -> float:
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
    always below 15 items, `not_enough_data`. At a planned look both intervals are as much wider as it demands.
    """
    if n < LEAST_ITEMS:
        return "not_enough_data"
    if -margin < narrow.low and narrow.high < margin:
        return "same"
    if p_adjusted <= ALPHA + 1e-12:
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
    z_level, z_power = normal_quantile(level), _NORMAL.inv_cdf(power)

    def shortfall(gap: float) -> float:
        return z_level * sqrt(discordance) + z_power * sqrt(max(0.0, discordance - gap * gap)) - gap * sqrt(n)

    return _bisect(shortfall, 0.0, discordance)


def smallest_gap_one_way(n: int, power: float = 0.8, level: float = 0.95) -> float:
    """Return the smallest difference found in `power` of all runs when every discordant pair favours the same arm.

    No smaller one is visible with `n` pairs, whatever the discordance.
    """
    z_level, z_power = normal_quantile(level), _NORMAL.inv_cdf(power)

    def shortfall(gap: float) -> float:
        return z_level * sqrt(gap) + z_power * sqrt(gap - gap * gap) - gap * sqrt(n)

    return _bisect(shortfall, 1e-9, 1.0)


def normal_quantile(level: float) -> float:
    """Return how many standard errors a two-sided interval of that level reaches to either side."""
    return _NORMAL.inv_cdf((1 + level) / 2)


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that falls from `low` to `high` crosses zero, or the end that comes closest."""
    for _step in range(60):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
