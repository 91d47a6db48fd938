"""What more test rows are worth: how often they would change whether to tune, and what that would save.

NB is the net benefit of fine-tuning until the horizon: the worth of more correct answers, less what tuning costs more.
The gain comes from the rows that only one model got right (Dirichlet(1/2) over the four outcomes of a pair).
EVPI = E[max(NB, 0)] - max(E[NB], 0); EVSI(n) is the same after n further rows, whose outcomes are drawn from what is
believed now (Raiffa and Schlaifer, "Applied Statistical Decision Theory", 1961).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log1p, sqrt
from typing import TYPE_CHECKING, Final

from ftdecide.decision.types import EvidenceValue
from ftdecide.decision.uncertain import Uncertain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_DRAWS: Final = 50_000
_SEED: Final = 20261122
_PRIOR: Final = 0.5
_SIZES: Final = (25, 50, 100, 200, 400, 800, 1600)
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


@dataclass(frozen=True, slots=True)
class Stakes:
    """What hangs on the decision until the horizon, in USD.

    `worth` is that of a gain of 1, all answers wrong before and right after; `extra_cost` is what tuning costs more and
    may be negative; `row_usd` is the price of one labelled row, None where nobody knows it.
    """

    worth: Uncertain
    extra_cost: Uncertain
    row_usd: float | None


@lru_cache(maxsize=256)
def value_evidence(pairs: Pairs, stakes: Stakes) -> EvidenceValue:
    """Return what perfect knowledge and more rows are worth; the same figures always give the same result."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    known = pairs.wins + pairs.losses + pairs.ties + 4 * _PRIOR
    shares = random.dirichlet([pairs.wins + _PRIOR, pairs.losses + _PRIOR, pairs.ties + 2 * _PRIOR], _DRAWS)
    edge = pairs.wins - pairs.losses
    expected = stakes.worth.mean * edge / known - stakes.extra_cost.mean
    worth = _draw(stakes.worth, random.standard_normal(_DRAWS))
    cost = _draw(stakes.extra_cost, random.standard_normal(_DRAWS))
    benefit = worth * (shares[:, 0] - shares[:, 1]) - cost
    perfect = _gained(benefit, expected)
    samples: list[tuple[int, float]] = []
    for size in _SIZES:
        seen = random.multinomial(size, shares)
        after = (edge + seen[:, 0] - seen[:, 1]).astype(np.float64) / (known + size)
        sample = _gained(stakes.worth.mean * after - stakes.extra_cost.mean, expected)
        samples.append((size, min(perfect, sample)))
    rows, worth_usd = _choose(samples, stakes.row_usd)
    return EvidenceValue(
        p_pays=round(float((benefit > 0).mean()), 3),
        expected_usd=round(expected, 2),
        evpi_usd=round(perfect, 2),
        rows=rows,
        evsi_usd=round(worth_usd, 2),
        rows_cost_usd=None if rows is None or stakes.row_usd is None else round(rows * stakes.row_usd, 2),
    )


def _draw(amount: Uncertain, normal: "Numbers") -> "Numbers":
    """Turn standard normal numbers into draws of an amount: lognormal where it is positive, as for all quantiles."""
    import numpy as np

    if amount.mean <= 0 or amount.variance == 0:
        return amount.mean + sqrt(amount.variance) * normal
    spread = sqrt(log1p(amount.variance / amount.mean / amount.mean))
    return amount.mean * np.exp(spread * normal - spread * spread / 2)


def _gained(benefit: "Numbers", expected: float) -> float:
    """Return how much better it is to choose after seeing the benefit; draws are moved to their known mean first."""
    import numpy as np

    moved = benefit + (expected - benefit.mean())
    return max(0.0, float(np.maximum(moved, 0.0).mean()) - max(expected, 0.0))


def _choose(samples: list[tuple[int, float]], row_usd: float | None) -> tuple[int | None, float]:
    """Return the number of rows that brings most beyond its price, and its worth; None where no number does."""
    if row_usd is None:
        most = max(value for _size, value in samples)
        rows, value = next((size, value) for size, value in samples if value >= _ENOUGH * most)
        return (rows, value) if value >= _LEAST_USD else (None, value)
    rows, value = max(samples, key=lambda sample: sample[1] - sample[0] * row_usd)
    return (rows, value) if value - rows * row_usd >= _LEAST_USD else (None, value)
