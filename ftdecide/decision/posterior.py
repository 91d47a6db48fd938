"""Probabilities of paired and single test results in closed form, in plain arithmetic."""

import math
from functools import lru_cache

_TINY = 1e-300
_MAX_TERMS = 400


@lru_cache(maxsize=4096)
def p_better(wins: float, losses: float) -> float:
    """Return the probability that the arm with `wins` is really better than the one with `losses`.

    With a Dirichlet(1/2) prior over the four outcomes of a pair, the share of wins among the disagreements is
    Beta(wins + 1/2, losses + 1/2), whatever the ties; "better" means that this share is above one half.
    """
    return 1.0 - beta_cdf(0.5, wins + 0.5, losses + 0.5)


def p_at_least(target: float, score: float, n: float) -> float:
    """Return the probability that a true score reaches `target`, after `score` on `n` examples (Jeffreys prior)."""
    return 1.0 - beta_cdf(target, score * n + 0.5, (1.0 - score) * n + 0.5)


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Lentz's continued fraction, Numerical Recipes (3rd edition), section 6.4; exact to about ten digits for a, b below
    a million, beyond which the normal approximation is closer than the digits shown.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if a + b > 1e5:
        mean, variance = a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1.0))
        return 0.5 * math.erfc((mean - x) / math.sqrt(2.0 * variance))
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_cdf(1.0 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return min(1.0, math.exp(front) * _continued_fraction(x, a, b) / a)


def _continued_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    result = d
    for m in range(1, _MAX_TERMS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _away_from_zero(1.0 + step * d)
            c = _away_from_zero(1.0 + step / c)
            result *= d * c
        if abs(d * c - 1.0) < 1e-12:
            break
    return result


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
