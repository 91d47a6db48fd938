# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# scipy ships no types; every value from it passes through float() before it leaves this module.
"""Looking at results before the end without fooling oneself: a fixed plan of looks, early ones with stricter bounds.

A look takes the first rows of the test set, in their order, once every arm has answered them. Between looks nothing is
shown. Early claims need much stronger evidence (O'Brien and Fleming's bounds, by the spending function of Lan and
DeMets, Biometrika 70, 1983), so all looks together claim a difference of equal arms in at most 5 % of runs.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, sqrt
from statistics import NormalDist
from typing import NamedTuple

from ftdecide.experiment.statistics import ALPHA, LEAST_ITEMS

_NORMAL = NormalDist()
_GRID = 121
_REACH = 12.0


class Look(NamedTuple):
    """The look with this `number`, from 1, in a plan that looks after so many `rows`, the last being all of them."""

    number: int
    rows: tuple[int, ...]


def plan_looks(looks: int, total: int) -> tuple[int, ...]:
    """Return after how many rows each look takes place, evenly spread; looks at fewer than 15 rows are left out."""
    counts = {ceil(total * number / looks) for number in range(1, looks)}
    return (*sorted(count for count in counts if LEAST_ITEMS <= count < total), total)


def reached_look(rows: tuple[int, ...], answered: int) -> Look | None:
    """Return the last look whose rows are answered, or None before the first: then every result is masked.

    `answered` is how many of the test set's first rows every arm has answered without a gap. What may be shown is the
    result on the first `shown_rows(look)` rows, not on those answered since.
    """
    number = sum(answered >= count for count in rows)
    return Look(number, rows) if number else None


def shown_rows(look: Look) -> int:
    """Return on how many rows of the test set, from the first, this look's result rests."""
    return look.rows[look.number - 1]


def leading_rows(items: Sequence[str], answered: Sequence[set[str]]) -> int:
    """Return how many of the first `items` are in every arm's set of answered items, up to the first that is not."""
    for place, item in enumerate(items):
        if not all(item in done for done in answered):
            return place
    return len(items)


def bound_at(look: Look, alpha: float = ALPHA) -> float:
    """Return how many standard errors from zero a difference must be at this look to be claimed."""
    return _bounds(tuple(count / look.rows[-1] for count in look.rows), alpha)[look.number - 1]


def level_at(look: Look, alpha: float = ALPHA) -> float:
    """Return the level of the interval to show at this look; all of a run's looks cover together with 1 - alpha."""
    return 1 - 2 * _NORMAL.cdf(-bound_at(look, alpha))


def may_claim(look: Look, p_value: float, alpha: float = ALPHA) -> bool:
    """Tell whether a difference with this two-sided p-value may be claimed at this look."""
    return p_value <= 1 - level_at(look, alpha) + 1e-12


@lru_cache(maxsize=256)
def sequential_p(p_value: float, look: Look) -> float:
    """Return the smallest error rate alpha over all looks at which this p-value may be claimed at this look.

    It takes the place of the p-value, in Holm's procedure too (Liu and Anderson, JASA 103, 2008). With one look only,
    it is the p-value itself.
    """
    if len(look.rows) == 1:
        return p_value
    low, high = p_value, 1.0
    for _step in range(20):
        middle = sqrt(max(low, 1e-12) * high)
        low, high = (low, middle) if may_claim(look, p_value, middle) else (middle, high)
    return high


@lru_cache(maxsize=1024)
def _bounds(shares: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Return the bound at each share of the information, by recursive integration (Armitage and others, 1969).

    Under the hypothesis the estimate times its information moves like Brownian motion; `density` is that of the paths
    which no earlier look has stopped, on a grid between that look's bounds.
    """
    import numpy as np
    from scipy.special import ndtr

    edge, found, spent = 0.0, list[float](), 0.0
    grid, density = np.zeros(1), np.ones(1)
    for place, share in enumerate(shares):
        step = sqrt(share - (shares[place - 1] if place else 0.0))
        budget = _spent(share, alpha) - spent
        spent += budget
        low, high = 0.0, _REACH * sqrt(share)
        for _step in range(40):
            edge = (low + high) / 2
            outside = ndtr((grid - edge) / step) + ndtr((-edge - grid) / step)
            low, high = (edge, high) if float(outside @ density) > budget else (low, edge)
        found.append(edge / sqrt(share))
        points = np.linspace(-edge, edge, _GRID)
        weights = np.ones(_GRID)
        weights[1:-1:2], weights[2:-1:2] = 4, 2
        weights *= 2 * edge / (_GRID - 1) / 3
        moves = np.exp(-(((points[:, None] - grid) / step) ** 2) / 2) / (step * sqrt(2 * np.pi))
        grid, density = points, (moves @ density) * weights
    return tuple(found)


def _spent(share: float, alpha: float) -> float:
    """Return how much of the error rate may be used up at a share of the information, half of it on either side."""
    return 4 * _NORMAL.cdf(_NORMAL.inv_cdf(alpha / 4) / sqrt(share))
