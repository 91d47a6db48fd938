# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# scipy ships no types; every value from it is turned into a float or a numpy array before it leaves this module.
"""How many more rows would settle a comparison that does not have enough: simulated from what the rows so far say."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ftdecide.experiment.clusters import measure_spread
from ftdecide.experiment.inference import LEVEL, TOST_LEVEL, match_flips
from ftdecide.experiment.statistics import LEAST_ITEMS, normal_quantile

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

MOST_ROWS = 5_000
CHANCE = 0.8
DRAWS = 500
# Round figures: no more is known. The answer is the first that suffices.
_STEPS = (10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 2500)
_ROWS = (*_STEPS, 3000, 4000, MOST_ROWS)


def rows_to_settle(
    differences: Sequence[float],
    groups: Sequence[int] | None,
    margin: float,
    *,
    contrasts: int = 1,
    seed: int = 0,
) -> int | None:
    """Return how many further rows give four chances in five that the reading is no longer "not enough data".

    None when even 5,000 would not. The truth is drawn from the Dirichlet(1/2) posterior over the four cells, further
    rows from the truth; graded differences and rows in groups go in as wins and losses of matched size and weight.
    `contrasts` is how many were declared: each must then pass a bound that is so many times stricter.
    """
    spread, flips = measure_spread(differences, groups), match_flips(differences)
    counts = (flips.wins / spread.effect, flips.losses / spread.effect, spread.n / spread.effect)
    return _search(counts, spread.effect, margin / flips.size, contrasts, seed)


@lru_cache(maxsize=256)
def _search(counts: tuple[float, float, float], effect: float, margin: float, contrasts: int, seed: int) -> int | None:
    def suffice(rows: int) -> bool:
        return _chance_settled(counts, rows / effect, margin, contrasts, seed) >= CHANCE

    if not suffice(MOST_ROWS):
        return None
    low, high = 0, len(_ROWS) - 1
    while low < high:  # the chance grows with the rows, but for the noise of the draws
        middle = (low + high) // 2
        low, high = (low, middle) if suffice(_ROWS[middle]) else (middle + 1, high)
    return _ROWS[low]


def _chance_settled(counts: tuple[float, float, float], rows: float, margin: float, contrasts: int, seed: int) -> float:
    import numpy as np

    wins, losses, n = counts
    draw = np.random.default_rng(seed)
    truth = draw.dirichlet([wins + 0.5, losses + 0.5, max(0.0, n - wins - losses) + 1], DRAWS)
    further = draw.multinomial(max(1, round(rows)), truth)
    won, lost = further[:, 0].astype(np.float64) + wins, further[:, 1].astype(np.float64) + losses
    settled = _settled(won, lost, n + max(1, round(rows)), margin, contrasts)
    return float(settled.mean())


def _settled(
    wins: "NDArray[float64]", losses: "NDArray[float64]", n: float, margin: float, contrasts: int
) -> "NDArray[float64]":
    """Return 1 where the counts would be read as better, worse or the same, as `read_difference` does, else 0."""
    import numpy as np
    from scipy.special import betaincc

    fewer, discordant = np.minimum(wins, losses), wins + losses
    p_value = np.minimum(1.0, 2 * betaincc(fewer + 1, np.maximum(discordant - fewer, 1e-9), 0.5))
    differs = (p_value * contrasts <= 1 - LEVEL) & (discordant > 0)
    differs &= np.abs(wins - losses) > normal_quantile(LEVEL) * np.sqrt(discordant)
    z = normal_quantile(TOST_LEVEL)
    same = (_score(wins, losses, n, -margin) > z) & (_score(wins, losses, n, margin) < -z)
    return ((differs | same) & (n >= LEAST_ITEMS)).astype(np.float64)


def _score(wins: "NDArray[float64]", losses: "NDArray[float64]", n: float, gap: float) -> "NDArray[float64]":
    """Return `statistics.score_statistic` for many counts at once; a gap that cannot be is infinitely far off."""
    import numpy as np

    if abs(gap) >= 1:
        return np.full(wins.shape, -np.inf if gap > 0 else np.inf)
    linear = (2 * n - wins + losses) * gap - wins - losses
    root = np.sqrt(np.maximum(0.0, linear**2 + 8 * n * losses * gap * (1 - gap)))
    share = np.maximum(np.maximum((root - linear) / (4 * n), 0.0), -gap)
    return (wins - losses - n * gap) / np.sqrt(np.maximum(n * (2 * share + gap * (1 - gap)), 1e-12))
