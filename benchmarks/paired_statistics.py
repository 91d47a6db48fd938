"""Prints how often the intervals cover the truth and how often the readings are right, exactly, over a grid.

Every possible outcome of a paired test is weighted by its probability, so there is no simulation error.
Run: python benchmarks/paired_statistics.py
"""

import sys
from collections.abc import Callable
from math import lgamma, log, sqrt
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.experiment.statistics import mcnemar_exact, read_difference, smallest_visible_gap, tango

SIZES = (20, 30, 50, 100)
# Share of rows where only the arm is right, and where only the baseline is.
TRUTHS = (
    (0.02, 0.02),
    (0.05, 0.05),
    (0.10, 0.05),
    (0.10, 0.10),
    (0.15, 0.05),
    (0.20, 0.10),
    (0.25, 0.15),
    (0.30, 0.30),
    (0.40, 0.10),
    (0.50, 0.02),
)
MARGIN = 0.05

Bounds = Callable[[int, int, int], tuple[float, float]]


def tango_bounds(wins: int, losses: int, n: int) -> tuple[float, float]:
    found = tango(wins, losses, n)
    return found.low, found.high


def wald_bounds(wins: int, losses: int, n: int) -> tuple[float, float]:
    """The interval of the textbooks, for comparison only."""
    gap = (wins - losses) / n
    half = 1.959964 * sqrt(max(0.0, (wins + losses) / n - gap * gap) / n)
    return gap - half, gap + half


def outcomes(n: int) -> list[tuple[int, int]]:
    return [(wins, losses) for wins in range(n + 1) for losses in range(n + 1 - wins)]


def probability(n: int, wins: int, losses: int, win_share: float, loss_share: float) -> float:
    rest = n - wins - losses
    ways = lgamma(n + 1) - lgamma(wins + 1) - lgamma(losses + 1) - lgamma(rest + 1)
    return float(
        np.exp(ways + wins * log(win_share) + losses * log(loss_share) + rest * log(1 - win_share - loss_share))
    )


def coverage(n: int, bounds: Bounds) -> list[float]:
    limits = {outcome: bounds(*outcome, n) for outcome in outcomes(n)}
    return [
        sum(
            probability(n, *outcome, *truth)
            for outcome, (low, high) in limits.items()
            if low - 1e-12 <= truth[0] - truth[1] <= high + 1e-12
        )
        for truth in TRUTHS
    ]


def readings(n: int) -> list[dict[str, float]]:
    read = {
        (wins, losses): read_difference(
            n, tango(wins, losses, n), tango(wins, losses, n, 0.9), mcnemar_exact(wins, losses), MARGIN
        )
        for wins, losses in outcomes(n)
    }
    names = ("better", "same", "worse", "not_enough_data")
    return [
        {
            name: sum(probability(n, *outcome, *truth) for outcome, found in read.items() if found == name)
            for name in names
        }
        for truth in TRUTHS
    ]


def visible(n: int, discordance: float) -> str:
    gap = smallest_visible_gap(n, discordance)
    win_share, loss_share = (discordance + gap) / 2, max(1e-12, (discordance - gap) / 2)
    found = sum(
        probability(n, wins, losses, win_share, loss_share)
        for wins, losses in outcomes(n)
        if mcnemar_exact(wins, losses) <= 0.05 and tango(wins, losses, n).low > 0
    )
    return f"{100 * gap:.1f} ({100 * found:.0f})"


def main() -> None:
    print("Coverage of nominal 95 % intervals (per cent of runs)")
    print("   n  " + "".join(f"{win:.0%}/{loss:.0%}".rjust(9) for win, loss in TRUTHS) + "   lowest")
    for n in SIZES:
        for name, bounds in (("Tango", tango_bounds), ("Wald", wald_bounds)):
            row = coverage(n, bounds)
            print(f"{n:4d}  " + "".join(f"{100 * each:9.1f}" for each in row) + f"   {100 * min(row):.1f}  {name}")
    print(f"\nReadings with a margin of {MARGIN:.0%} (per cent of runs)")
    for n in SIZES:
        for (win, loss), row in zip(TRUTHS, readings(n), strict=True):
            shares = "  ".join(f"{name} {100 * share:5.1f}" for name, share in row.items())
            print(f"{n:4d}  {win:.0%}/{loss:.0%}".ljust(16) + shares)
    print("\nSmallest visible gap in points (80 % power, 5 %), at 10 / 20 / 30 % discordant pairs;")
    print("in brackets the per cent of runs in which the reading, which also asks for exact McNemar, is 'better'")
    for n in (20, 50, 100, 200):
        print(f"{n:4d}  " + " / ".join(visible(n, share) for share in (0.1, 0.2, 0.3)))


if __name__ == "__main__":
    main()
