"""Prints how often the intervals for right-or-wrong answers cover the truth, how wide they are, and what is claimed.

Nothing is drawn here: every possible outcome is weighted by its probability, so there is no simulation error. Graded
scores, groups, looks, judges and learning curves are in `paired_simulations.py`.
Run: python benchmarks/paired_statistics.py
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy
from scipy.stats import beta, binom

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.experiment.inference import infer_score
from ftdecide.experiment.statistics import mcnemar_exact, read_difference, smallest_visible_gap, tango

Array = NDArray[np.float64]
Limits = tuple[Array, Array]

SIZES = (20, 50, 100, 200, 500)
SCORES = tuple(score / 100 for score in range(50, 100, 5))
GAPS = (0.0, 0.05, 0.10, 0.15, 0.20)
# Discordant pairs: from as few as the gap allows (0) to as many as two independent arms have (1).
DISCORDANCE = (0.0, 0.25, 0.5, 1.0)
MARGIN = 0.05
LEAST_COVERAGE = 0.93
MOST_CLAIMS = 0.05
Z = 1.959964


def truths() -> list[tuple[float, float]]:
    """Every share of wins and of losses on the grid of scores, gaps and discordance; mirrored ones are left out."""
    found: set[tuple[float, float]] = set()
    for score in SCORES:
        for gap in GAPS:
            apart = score * (1 - score + gap) + (score - gap) * (1 - score)
            for share in DISCORDANCE:
                discordant = gap + share * (apart - gap)
                found.add((round((discordant + gap) / 2, 6), round((discordant - gap) / 2, 6)))
    return sorted(found)


def outcomes(n: int) -> Limits:
    wins, losses = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
    possible = wins + losses <= n
    return wins[possible].astype(float), losses[possible].astype(float)


def probabilities(n: int, wins: Array, losses: Array, truth: tuple[float, float]) -> Array:
    rest = n - wins - losses
    ways = gammaln(n + 1) - gammaln(wins + 1) - gammaln(losses + 1) - gammaln(rest + 1)
    logs = ways + xlogy(wins, truth[0]) + xlogy(losses, truth[1]) + xlogy(rest, 1 - sum(truth))
    return np.asarray(np.exp(logs), dtype=np.float64)


@cache
def tango_of(wins: int, losses: int, n: int) -> tuple[float, float]:
    if wins < losses:
        low, high = tango_of(losses, wins, n)
        return -high, -low
    found = tango(wins, losses, n)
    return found.low, found.high


def ours(wins: Array, losses: Array, n: int) -> Limits:
    limits = [tango_of(int(won), int(lost), n) for won, lost in zip(wins, losses, strict=True)]
    return np.array([low for low, _high in limits]), np.array([high for _low, high in limits])


def adjusted_wald(wins: Array, losses: Array, n: int, extra: float) -> Limits:
    """Wald's interval, each kind of discordant pair seen `extra` times more: 1 is Bonett and Price's, 1/2 Agresti and
    Min's, 0 the one of the textbooks."""
    more = n + (2 if extra else 0)
    won, lost = (wins + extra) / more, (losses + extra) / more
    half = Z * np.sqrt((won + lost - (won - lost) ** 2) / more)
    return np.maximum(-1, won - lost - half), np.minimum(1, won - lost + half)


METHODS: dict[str, Callable[[Array, Array, int], Limits]] = {
    "ours (Tango)": ours,
    "Bonett-Price": lambda wins, losses, n: adjusted_wald(wins, losses, n, 1.0),
    "Agresti-Min": lambda wins, losses, n: adjusted_wald(wins, losses, n, 0.5),
    "Wald": lambda wins, losses, n: adjusted_wald(wins, losses, n, 0.0),
}


def show_intervals(title: str, rows: dict[int, dict[str, tuple[float, str, float, float]]]) -> bool:
    """Print lowest and mean coverage and mean width; tell whether ours covers enough everywhere."""
    print(f"\n{title}")
    print("   n  method             lowest  (at)                 mean    mean width")
    enough = True
    for n, methods in rows.items():
        valid = {name: row[3] for name, row in methods.items() if row[0] >= LEAST_COVERAGE}
        best = min(valid, key=lambda name: valid[name])
        for name, (lowest, place, mean, width) in methods.items():
            mark = "  narrowest of those that hold" if name == best else ""
            print(f"{n:4d}  {name:18s} {100 * lowest:5.1f}   {place:18s} {100 * mean:6.1f}   {width:8.4f}{mark}")
        own = next(iter(methods.values()))
        print(f"      ours is {own[3] / valid[best]:.3f} times as wide as the narrowest that holds")
        enough = enough and own[0] >= LEAST_COVERAGE
    return enough


def paired_coverage(n: int) -> dict[str, tuple[float, str, float, float]]:
    wins, losses = outcomes(n)
    weights = [probabilities(n, wins, losses, truth) for truth in truths()]
    likely = np.max(weights, axis=0) > 1e-9
    found = {}
    for name, method in METHODS.items():
        low, high = method(wins[likely], losses[likely], n)
        rows = []
        for truth, weight in zip(truths(), weights, strict=True):
            gap = truth[0] - truth[1]
            covers = (low <= gap + 1e-12) & (gap <= high + 1e-12)
            place = f"{100 * truth[0]:.1f} % / {100 * truth[1]:.1f} %"
            rows.append((float(weight[likely] @ covers), place, float(weight[likely] @ (high - low))))
        lowest = min(rows)
        found[name] = (lowest[0], lowest[1], float(np.mean([row[0] for row in rows])), _mean_of(rows, 2))
    return found


def _mean_of(rows: list[tuple[float, str, float]], place: int) -> float:
    return float(np.mean([row[place] for row in rows]))


def score_limits(n: int) -> dict[str, list[tuple[float, float]]]:
    passed = np.arange(n + 1)
    own = [infer_score([1.0] * count + [0.0] * (n - count)) for count in range(n + 1)]
    middle = (passed + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * np.sqrt(passed * (n - passed) / n + Z * Z / 4)
    jeffreys = beta.ppf([[0.025], [0.975]], passed + 0.5, n - passed + 0.5)
    exact = (
        np.where(passed == 0, 0.0, beta.ppf(0.025, passed, n - passed + 1)),
        np.where(passed == n, 1.0, beta.ppf(0.975, passed + 1, n - passed)),
    )
    return {
        "ours (Agresti-Coull)": [(each.low, each.high) for each in own],
        "Wilson": list(zip((middle - half).tolist(), (middle + half).tolist(), strict=True)),
        "Jeffreys": list(zip(jeffreys[0].tolist(), jeffreys[1].tolist(), strict=True)),
        "Clopper-Pearson": list(zip(exact[0].tolist(), exact[1].tolist(), strict=True)),
    }


def score_coverage(n: int) -> dict[str, tuple[float, str, float, float]]:
    found = {}
    for name, limits in score_limits(n).items():
        rows = []
        for score in SCORES:
            weight = binom.pmf(np.arange(n + 1), n, score)
            covers = [low - 1e-12 <= score <= high + 1e-12 for low, high in limits]
            rows.append((float(weight @ covers), f"{score:.0%}", float(weight @ [high - low for low, high in limits])))
        lowest = min(rows)
        found[name] = (lowest[0], lowest[1], float(np.mean([row[0] for row in rows])), _mean_of(rows, 2))
    return found


def show_readings() -> bool:
    """Print how two arms are read, equal ones first; tell whether equal ones are told apart seldom enough."""
    print(f"\nReadings with a margin of {MARGIN:.0%}, in per cent of runs; both shares alike are two equal arms")
    print("   n  wins / losses     better    same   worse   not enough data")
    seldom = True
    for n in SIZES[:4]:
        wins, losses = outcomes(n)
        for truth in ((0.02, 0.02), (0.05, 0.05), (0.10, 0.10), (0.20, 0.20), (0.10, 0.05), (0.15, 0.05), (0.25, 0.05)):
            weight = probabilities(n, wins, losses, truth)
            shares = dict.fromkeys(("better", "same", "worse", "not_enough_data"), 0.0)
            for won, lost, share in zip(wins, losses, weight, strict=True):
                if share > 1e-8:
                    shares[read(int(won), int(lost), n)] += share
            print(
                f"{n:4d}  {truth[0]:.0%} / {truth[1]:.0%}".ljust(22)
                + "".join(f"{100 * share:8.1f}" for share in shares.values())
            )
            if truth[0] == truth[1]:
                seldom = seldom and shares["better"] + shares["worse"] <= MOST_CLAIMS
    return seldom


@cache
def read(wins: int, losses: int, n: int) -> str:
    interval, narrow = tango(wins, losses, n), tango(wins, losses, n, 0.9)
    return read_difference(n, interval, narrow, mcnemar_exact(wins, losses), MARGIN)


def visible(n: int, discordance: float) -> str:
    gap = smallest_visible_gap(n, discordance)
    wins, losses = outcomes(n)
    weight = probabilities(n, wins, losses, ((discordance + gap) / 2, max(0.0, discordance - gap) / 2))
    found = sum(
        share
        for won, lost, share in zip(wins, losses, weight, strict=True)
        if share > 1e-7 and mcnemar_exact(int(won), int(lost)) <= 0.05 and tango_of(int(won), int(lost), n)[0] > 0
    )
    return f"{100 * gap:.1f} ({100 * found:.0f})"


def main() -> None:
    paired = show_intervals(
        "Paired difference, right or wrong: coverage of nominal 95 % intervals, in per cent (at wins / losses)",
        {n: paired_coverage(n) for n in SIZES},
    )
    single = show_intervals(
        "Score of one arm, right or wrong: coverage of nominal 95 % intervals, in per cent (at true score)",
        {n: score_coverage(n) for n in SIZES},
    )
    seldom = show_readings()
    print("\nSmallest visible gap in points (80 % power, 5 %), at 10 / 20 / 30 % discordant pairs;")
    print("in brackets the per cent of runs in which the reading, which also asks for exact McNemar, is 'better'")
    for n in SIZES[:4]:
        print(f"{n:4d}  " + " / ".join(visible(n, share) for share in (0.1, 0.2, 0.3)))
    print(f"\nEvery interval of ours covers at least {LEAST_COVERAGE:.0%} everywhere: {paired and single}")
    print(f"Equal arms are called better or worse in at most {MOST_CLAIMS:.0%} of runs: {seldom}")
    sys.exit(0 if paired and single and seldom else 1)


if __name__ == "__main__":
    main()
