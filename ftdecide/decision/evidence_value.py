"""What more test rows are worth: how often they would change whether to tune, and what that would save.

NB is the net benefit of fine-tuning until the horizon: the worth of more correct answers, less what tuning costs more.
The gain comes from the rows that only one model got right (Dirichlet(1/2) over the four outcomes of a pair).
EVPI = E[max(NB, 0)] - max(E[NB], 0); EVSI(n) is the same for what NB is expected to be after n further rows. Gain and
cost are taken as normal, so that both have a closed form (Raiffa and Schlaifer, "Applied Statistical Decision Theory",
1961, section 5.6); over the worth, which cannot be negative, it is summed by Gauss-Hermite quadrature.
"""

from dataclasses import dataclass
from math import erfc, exp, isfinite, log1p, pi, sqrt
from typing import Final

from ftdecide.decision.types import EvidenceValue
from ftdecide.decision.uncertain import Uncertain, p_above

_PRIOR: Final = 0.5
_SIZES: Final = (25, 50, 100, 200, 400, 800, 1600)
# Nodes and weights of seven points for a standard normal number (Abramowitz and Stegun, table 25.10, rescaled).
_NODES: Final = (
    (0.0, 16 / 35),
    *(
        (sign * node, weight)
        for sign in (-1, 1)
        for node, weight in (
            (1.154405394739968, 0.240123178605013),
            (2.366759410734541, 0.030757123967586),
            (3.750439717725742, 0.000548268855972),
        )
    ),
)
# Below this nobody should be sent to label anything.
_LEAST_USD: Final = 1.0
# Where labels have no price, so many rows are named as give this share of what the most rows would.
_ENOUGH: Final = 0.8


@dataclass(frozen=True, slots=True)
class Pairs:
    """Outcomes of the rows that both models answered."""

    wins: float
    losses: float
    ties: float

    @property
    def known(self) -> float:
        """How many rows the belief rests on, those of the prior included."""
        return self.wins + self.losses + self.ties + 4 * _PRIOR

    @property
    def gain(self) -> Uncertain:
        """The share of answers that are right more often after tuning: mean and variance of the posterior."""
        unlike = (self.wins + self.losses + 2 * _PRIOR) / self.known
        mean = (self.wins - self.losses) / self.known
        return Uncertain(mean, max(0.0, unlike - mean * mean) / (self.known + 1))


@dataclass(frozen=True, slots=True)
class Stakes:
    """What hangs on the decision until the horizon, in USD.

    `worth` is that of a gain of 1, all answers wrong before and right after; `extra_cost` is what tuning costs more and
    may be negative; `row_usd` is the price of one labelled row, None where nobody knows it.
    """

    worth: Uncertain
    extra_cost: Uncertain
    row_usd: float | None


def value_evidence(pairs: Pairs, stakes: Stakes) -> EvidenceValue | None:
    """Return what perfect knowledge and more rows are worth; None where that is beyond all the money there is."""
    gain, cost = pairs.gain, stakes.extra_cost
    expected = stakes.worth.mean * gain.mean - cost.mean
    cases = [(gain.scaled(worth).minus(cost), weight) for worth, weight in _spread(stakes.worth)]
    if not all(isfinite(benefit.variance) and isfinite(benefit.mean) for benefit, _weight in cases):
        return None
    chosen = sum(weight * _best(benefit.mean, sqrt(benefit.variance)) for benefit, weight in cases)
    perfect = max(0.0, chosen - max(expected, 0.0))
    samples: list[tuple[int, float]] = []
    for size in _SIZES:
        learned = stakes.worth.mean * sqrt(gain.variance * size / (pairs.known + size))
        samples.append((size, min(perfect, max(0.0, _best(expected, learned) - max(expected, 0.0)))))
    rows, value = _choose(samples, stakes.row_usd)
    return EvidenceValue(
        p_pays=round(sum(weight * p_above(0.0, benefit) for benefit, weight in cases), 3),
        expected_usd=round(expected, 2),
        evpi_usd=round(perfect, 2),
        rows=rows,
        evsi_usd=round(value, 2),
        rows_cost_usd=None if rows is None or stakes.row_usd is None else round(rows * stakes.row_usd, 2),
    )


def _spread(worth: Uncertain) -> list[tuple[float, float]]:
    """Return cases of a lognormal amount with their weights; their mean is that of the amount."""
    if worth.mean <= 0 or worth.variance == 0:
        return [(worth.mean, 1.0)]
    sigma = sqrt(log1p(worth.variance / worth.mean / worth.mean))
    cases = [(exp(sigma * node), weight) for node, weight in _NODES]
    mean = sum(case * weight for case, weight in cases)
    return [(worth.mean * case / mean, weight) for case, weight in cases]


def _best(mean: float, spread: float) -> float:
    """Return E[max(x, 0)] of a normal amount: the unit normal loss of what may be lost by not choosing."""
    if spread == 0:
        return max(mean, 0.0)
    z = mean / spread
    return spread * exp(-z * z / 2) / sqrt(2 * pi) + mean * erfc(-z / sqrt(2)) / 2


def _choose(samples: list[tuple[int, float]], row_usd: float | None) -> tuple[int | None, float]:
    """Return the number of rows that brings most beyond its price, and its worth; None where no number does."""
    if row_usd is None:
        most = max(value for _size, value in samples)
        rows, value = next((size, value) for size, value in samples if value >= _ENOUGH * most)
        return (rows, value) if value >= _LEAST_USD else (None, value)
    rows, value = max(samples, key=lambda sample: sample[1] - sample[0] * row_usd)
    return (rows, value) if value - rows * row_usd >= _LEAST_USD else (None, value)
