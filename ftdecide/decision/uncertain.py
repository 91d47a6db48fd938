"""Uncertain amounts as mean and variance, combined exactly where independent and read off as quantiles."""

import math
from dataclasses import dataclass

from ftdecide.assessment.types import Range
from ftdecide.decision.types import Quantiles

_Z90 = 1.2815515655446004
_Z95 = 1.6448536269514722
_Z75 = 0.6744897501960817
_WIDEST_RATIO = 1e4
_LARGEST_USD = 1e15


@dataclass(frozen=True, slots=True)
class Uncertain:
    """An amount of which only mean and variance matter."""

    mean: float
    variance: float = 0.0

    def plus(self, other: "Uncertain") -> "Uncertain":
        """Return the sum of two independent amounts."""
        return Uncertain(self.mean + other.mean, self.variance + other.variance)

    def minus(self, other: "Uncertain") -> "Uncertain":
        """Return the difference of two independent amounts."""
        return Uncertain(self.mean - other.mean, self.variance + other.variance)

    def times(self, other: "Uncertain") -> "Uncertain":
        """Return the product of two independent amounts."""
        second = (self.variance + self.mean * self.mean) * (other.variance + other.mean * other.mean)
        mean = self.mean * other.mean
        return Uncertain(mean, max(0.0, second - mean * mean))

    def scaled(self, factor: float) -> "Uncertain":
        """Return the amount multiplied by a certain factor."""
        return Uncertain(self.mean * factor, self.variance * factor * factor)


def uncertain(amount: float | Range) -> Uncertain:
    """Read a number, or a 90 % interval as lognormal; as normal where it starts at 0 or is absurdly wide."""
    if not isinstance(amount, Range):
        return Uncertain(float(amount))
    if amount.low <= 0 or amount.high / amount.low > _WIDEST_RATIO:
        spread = (amount.high - amount.low) / (2 * _Z95)
        return Uncertain((amount.low + amount.high) / 2, spread * spread)
    mu = (math.log(amount.low) + math.log(amount.high)) / 2
    sigma = (math.log(amount.high) - math.log(amount.low)) / (2 * _Z95)
    mean = math.exp(mu + sigma**2 / 2)
    return Uncertain(mean, mean * mean * math.expm1(sigma**2))


def from_quartiles(p25: float, p50: float, p75: float) -> Uncertain:
    """Read quartiles as a normal distribution around the median."""
    return Uncertain(p50, ((p75 - p25) / (2 * _Z75)) ** 2)


def sensible(amount: Uncertain | None) -> Uncertain | None:
    """Return the amount, or None where it is unknown or beyond all the money there is."""
    if amount is None or not math.isfinite(amount.variance) or abs(amount.mean) > _LARGEST_USD:
        return None
    return amount


def positive_quantiles(amount: Uncertain) -> Quantiles:
    """Return quantiles of an amount that cannot be negative: lognormal with the same mean and variance."""
    if amount.mean <= 0:
        return Quantiles(p10=0.0, p50=0.0, p90=0.0)
    spread = math.sqrt(math.log1p(amount.variance / amount.mean / amount.mean))
    middle = math.log(amount.mean) - spread**2 / 2
    return Quantiles(
        p10=_cents(math.exp(middle - _Z90 * spread)),
        p50=_cents(math.exp(middle)),
        p90=_cents(math.exp(middle + _Z90 * spread)),
    )


def quantiles(amount: Uncertain) -> Quantiles:
    """Return quantiles of an amount that may be negative: normal with the same mean and variance."""
    spread = _Z90 * math.sqrt(amount.variance)
    return Quantiles(p10=_cents(amount.mean - spread), p50=_cents(amount.mean), p90=_cents(amount.mean + spread))


def p_above(threshold: float, amount: Uncertain) -> float:
    """Return the probability that a normal amount lies above `threshold`."""
    if amount.variance == 0:
        return float(amount.mean >= threshold)
    return 0.5 * math.erfc((threshold - amount.mean) / math.sqrt(2 * amount.variance))


def _cents(usd: float) -> float:
    return round(usd, 2)
