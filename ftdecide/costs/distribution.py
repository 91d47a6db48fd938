"""What lies between the ends of a range: a distribution whose 5 % and 95 % points are exactly those ends.

A range above zero is lognormal: the one with the two given points, its middle the geometric mean of the ends. Costs,
counts and durations are positive, their causes multiply, and they are skewed to the right; that is what the lognormal
describes (Limpert, Stahel and Abbt, "Log-normal distributions across the sciences", BioScience 51, 2001). A three-point
PERT was not chosen because it needs a most likely value that nobody is asked for, and ends that cannot be exceeded.
A lognormal never reaches zero, so a range that begins there is a normal distribution between its ends, cut off at zero.
What we estimate ourselves comes with a middle of its own: each half of it is lognormal, with the 10 %, 50 % and 90 %
points that are given.
"""

from decimal import Context, Decimal
from functools import cache
from math import log
from statistics import NormalDist
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ftdecide.costs.charges import Input
from ftdecide.costs.scenario import Amount, Range
from ftdecide.costs.types import Spread

Draws = NDArray[np.float64]

Z95 = 1.6448536269514722
"""The 95 % point of the standard normal distribution."""
_Z90 = 1.2815515655446004
_FURTHEST_Z = 4.0
_SMALLEST_SHARE = Decimal("1e-9")
_DIGITS = Context(prec=12)
SEED = 20261122


def middle(amount: Amount | Spread) -> Decimal:
    """Return a number as it is, and of a range the median of its distribution, to twelve digits."""
    if isinstance(amount, Spread):
        return amount.p50
    if not isinstance(amount, Range):
        return amount
    if amount.low == amount.high:
        return amount.low
    if amount.low == 0:
        return _DIGITS.divide(amount.high, Decimal(2))
    return _DIGITS.sqrt(Context(prec=60).multiply(_lower_end(amount), amount.high))


def ends(amount: Amount | Spread) -> tuple[Decimal, Decimal]:
    """Return the two ends of a range, as it states them; a number has the same twice."""
    if isinstance(amount, Spread):
        return amount.p10, amount.p90
    return (amount.low, amount.high) if isinstance(amount, Range) else (amount, amount)


def draw(source: Input, draws: int) -> Draws | float:
    """Draw an input: a plain number is itself; inputs of one name get the same quantiles, whatever their ranges.

    The quantiles are the midpoints of `draws` equal slices in an order that the name alone decides, so equal options
    have equal draws and the ends of the range are met to a slice.
    """
    amount = source.amount
    if isinstance(amount, Decimal) or not varies(source):
        return float(middle(amount))
    z = _normal(source.name, draws)
    if isinstance(amount, Spread):
        down, up = log(amount.p50 / amount.p10) / _Z90, log(amount.p90 / amount.p50) / _Z90
        return float(amount.p50) * np.exp(np.where(z < 0, down, up) * z)
    if amount.low == 0:
        half = float(amount.high) / 2
        return np.maximum(0.0, half + half / Z95 * z)
    low, high = np.log(float(_lower_end(amount))), np.log(float(amount.high))
    return np.exp((low + high) / 2 + (high - low) / (2 * Z95) * z)


def varies(source: Input) -> bool:
    """Say whether an input is a range with two different ends."""
    low, high = ends(source.amount)
    return low != high


def _lower_end(amount: Range) -> Decimal:
    """The lower end, at least a billionth of the upper one: beyond that the draws would leave the range of floats."""
    return max(amount.low, _DIGITS.multiply(amount.high, _SMALLEST_SHARE))


@cache
def _normal(name: str, draws: int) -> Draws:
    return np.random.default_rng([SEED, crc32(name.encode())]).permutation(_slices(draws))


@cache
def _slices(draws: int) -> Draws:
    normal = NormalDist()
    z = np.array([normal.inv_cdf((number + 0.5) / draws) for number in range(draws)])
    return np.clip(z, -_FURTHEST_Z, _FURTHEST_Z)
