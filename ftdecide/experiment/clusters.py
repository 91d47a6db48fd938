# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# scipy ships no types; every value from it passes through float() here.
"""Rows that come in groups (one customer, document or template): how much less they tell than as many rows alone."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

FEW_GROUPS = 15
MOST_EXACT_SIGNS = 13
SIGN_DRAWS = 10_000


class Spread(NamedTuple):
    """How sure the mean of `n` rows is: its standard error, with the degrees of freedom to judge it by.

    `effect` is Kish's design effect, at least 1: `n` rows in these groups tell as much as n / effect rows alone.
    `groups` is the number of groups, null where every row is a group of its own.
    """

    mean: float
    error: float
    degrees: float
    effect: float
    n: int
    groups: int | None


def number_groups(names: Sequence[str]) -> tuple[int, ...] | None:
    """Return a group number for every row, or None where no group has two rows; "" is a group of its own."""
    numbers: dict[str, int] = {}
    found: list[int] = []
    for place, name in enumerate(names):
        found.append(numbers.setdefault(f"n{name}" if name else f"r{place}", len(numbers)))
    return tuple(found) if len(numbers) < len(names) else None


def measure_spread(values: Sequence[float], groups: Sequence[int] | None = None) -> Spread:
    """Return mean and standard error of one value or more, robust to rows of one group going together.

    With groups the error is the bias-reduced one (CR2) with Bell and McCaffrey's degrees of freedom (Survey Methodology
    28, 2002), worked out for the correlation within groups that the rows show; few or very unequal groups leave few
    degrees. Without any spread the correlation is unknown, so a group counts as a single row. With one group alone
    nothing is known of others: the error is infinite.
    """
    import numpy as np

    data = np.asarray(values, dtype=np.float64)
    n, mean = data.size, float(data.mean())
    alone = float(data.var(ddof=1)) / n if n > 1 else 0.0
    if groups is None or len(set(groups)) == n:
        return Spread(mean, sqrt(alone), max(1.0, n - 1.0), 1.0, n, None)
    sizes = np.bincount(np.asarray(groups)).astype(np.float64)
    count = int(sizes.size)
    if count == 1:
        return Spread(mean, float("inf"), 1.0, float(n), n, 1)
    surplus = np.bincount(np.asarray(groups), weights=data - mean)
    together = float((surplus**2 / (1 - sizes / n)).sum()) / n**2
    if alone < 1e-15:
        return Spread(mean, 0.0, count - 1.0, n / count, n, count)
    effect = max(1.0, together / alone)
    likeness = (effect - 1) / (float((sizes**2).sum()) / n - 1)
    degrees = _degrees(sizes.tolist(), min(1.0, likeness))
    return Spread(mean, sqrt(together), degrees, effect, n, count)


def sign_flip(differences: Sequence[float], seed: int, groups: Sequence[int] | None = None) -> float:
    """Return the two-sided p-value of the sign-flip permutation test for a mean of zero; groups flip as a whole.

    Exact with few groups that differ, else by seeded draws. The order of rows and the sign of all do not matter.
    """
    import numpy as np

    data = np.asarray(differences, dtype=np.float64)
    sums = data if groups is None else np.bincount(np.asarray(groups), weights=data)
    sums = np.sort(np.abs(sums[np.abs(sums) > 1e-12]))
    seen = abs(float(data.sum())) - 1e-9
    if sums.size <= MOST_EXACT_SIGNS:
        every = np.zeros(1)
        for size in sums.tolist():
            every = np.concatenate([every + size, every - size])
        return float((np.abs(every) >= seen).mean())
    signs = 2 * np.random.default_rng(seed).integers(0, 2, size=(SIGN_DRAWS, sums.size), dtype=np.int8) - 1
    extreme = np.abs(signs.astype(np.float64) @ sums) >= seen
    return float((1 + extreme.sum()) / (1 + SIGN_DRAWS))


def student_quantile(spread: Spread, level: float) -> float:
    """Return how many standard errors a two-sided interval of that level reaches to either side."""
    from scipy.special import stdtrit

    return float(stdtrit(spread.degrees, (1 + level) / 2))


def student_tail(spread: Spread, statistic: float) -> float:
    """Return the two-sided p-value of a statistic that is Student-distributed under the hypothesis."""
    from scipy.special import stdtr

    return 2 * float(stdtr(spread.degrees, -abs(statistic)))


def _degrees(sizes: Sequence[float], likeness: float) -> float:
    """Return Satterthwaite's degrees of freedom of the CR2 variance when rows of a group correlate by `likeness`.

    The variance is a sum of squares of residual group sums; with covariance matrix M they have tr(M)^2 / sum(M^2).
    M has v_g on its diagonal less s_g v_h + s_h v_g - s_g s_h V everywhere, scaled by the leverages, where s is a
    group's share of the rows, v the variance of its sum and V that of all.
    """
    import numpy as np

    size = np.asarray(sizes, dtype=np.float64)
    share, variance = size / size.sum(), size * (1 + (size - 1) * likeness)
    crossed = np.outer(share, variance)
    matrix = np.diag(variance) - crossed - crossed.T + np.outer(share, share) * variance.sum()
    scale = 1 / np.sqrt(1 - share)
    matrix *= np.outer(scale, scale)
    return max(1.0, float(np.trace(matrix)) ** 2 / float((matrix**2).sum()))
