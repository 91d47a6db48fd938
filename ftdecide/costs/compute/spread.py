"""A figure with its range, and how several possibilities with weights become one range."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import exp, hypot, log
from statistics import NormalDist


@dataclass(frozen=True)
class Spread:
    """A figure as the values that 10, 50 and 90 per cent of cases stay below."""

    p10: float
    p50: float
    p90: float

    def least(self, other: "Spread") -> "Spread":
        """Return the smaller of both, mark by mark."""
        return Spread(min(self.p10, other.p10), min(self.p50, other.p50), min(self.p90, other.p90))

    def scaled(self, factor: float) -> "Spread":
        """Multiply by a number that is known."""
        return Spread(self.p10 * factor, self.p50 * factor, self.p90 * factor)

    def inverse(self) -> "Spread":
        """Return one over it, for positive values."""
        return Spread(1 / self.p90, 1 / self.p50, 1 / self.p10)

    def times(self, other: "Spread") -> "Spread":
        """Multiply by an independent figure: widths add up as squares of logarithms. Positive values, or exactly 0."""
        if min(self.p10, other.p10) <= 0:
            return Spread(self.p10 * other.p10, self.p50 * other.p50, self.p90 * other.p90)
        down = hypot(log(self.p50 / self.p10), log(other.p50 / other.p10))
        up = hypot(log(self.p90 / self.p50), log(other.p90 / other.p50))
        middle = self.p50 * other.p50
        return Spread(middle * exp(-down), middle, middle * exp(up))

    def json(self, digits: int = 2) -> dict[str, float]:
        """Return it as a document has it."""
        return {"p10": round(self.p10, digits), "p50": round(self.p50, digits), "p90": round(self.p90, digits)}


UNKNOWN_JSON: dict[str, None] = {"p10": None, "p50": None, "p90": None}


@cache
def _distances(marks: int) -> tuple[float, ...]:
    """Return how far evenly spaced probabilities lie from the middle, in units of p50 to p90."""
    normal = NormalDist()
    return tuple(normal.inv_cdf((mark + 0.5) / marks) / normal.inv_cdf(0.9) for mark in range(marks))


_MARKS = ((40, 45), (400, 15))
_FEWEST_MARKS = 5
"""Points a part, by how many parts there are at most. Five times an odd number: 0.1, 0.5 and 0.9 are among them."""


def mix(parts: Iterable[tuple[float, Spread]]) -> Spread:
    """Return the range of a figure that is one of several with given weights.

    Each part is taken as two halves of a normal distribution around its middle. Equal parts give themselves, and where
    no part falls the mixture does not either.
    """
    weighted = list(parts)
    marks = next((marks for most, marks in _MARKS if len(weighted) <= most), _FEWEST_MARKS)
    points: list[tuple[float, float]] = []
    for weight, spread in weighted:
        up, down = spread.p90 - spread.p50, spread.p50 - spread.p10
        points += [(spread.p50 + (up if at > 0 else down) * at, weight / marks) for at in _distances(marks)]
    points.sort()
    total = sum(weight for _value, weight in points)
    return Spread(*(max(0.0, _quantile(points, total * chance)) for chance in (0.1, 0.5, 0.9)))


def _quantile(points: list[tuple[float, float]], target: float) -> float:
    """Return the first of sorted points at which the running weight reaches `target`."""
    passed = 0.0
    for value, weight in points:
        passed += weight
        if passed >= target * (1 - _ROUNDING):
            return value
    return points[-1][0]


_ROUNDING = 1e-9
