"""Prints simulated coverage of the intervals for graded scores, groups, judges and learning curves, and false claims.

Right-or-wrong answers that stand alone are worked out exactly in `paired_statistics.py`.
Run: python benchmarks/paired_simulations.py [runs of every cell, 2000 by default]
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.experiment.inference import infer_gap, infer_interval, infer_score
from ftdecide.experiment.learning_curve import Trained, fit_curve
from ftdecide.experiment.looks import Look, level_at, may_claim, plan_looks
from ftdecide.experiment.prediction_powered import correct_judge
from ftdecide.experiment.statistics import holm, mcnemar_exact, read_difference, tango

Array = NDArray[np.float64]
Bounds = tuple[float, float]

SEED = 20261122
RUNS = 2_000
SIZES = (20, 50, 100, 200, 500)
LEAST_COVERAGE = 0.93
MOST_CLAIMS = 0.05
MARGIN = 0.05
FIELDS = 4


class Table:
    """Coverage and width of our interval and a rival's over the cells of one table."""

    def __init__(self, title: str, rival: str) -> None:
        self.rows: list[tuple[float, float, float, float]] = []
        print(f"\n{title}")
        print(f"{'':44s}  ours: covers   width    {rival}: covers   width")

    def add(self, cell: str, truth: float, found: Sequence[tuple[Bounds, Bounds]]) -> None:
        row = [
            (float(np.mean([low - 1e-9 <= truth <= high + 1e-9 for low, high in each])), width_of(each))
            for each in zip(*found, strict=True)
        ]
        self.rows.append((*row[0], *row[1]))
        print(f"{cell:44s} {100 * row[0][0]:12.1f} {row[0][1]:9.4f} {100 * row[1][0]:16.1f} {row[1][1]:9.4f}")

    def holds(self) -> bool:
        lowest, width, rival, rival_width = np.array(self.rows).T
        print(
            f"{'lowest coverage, mean width':44s} {100 * lowest.min():12.1f} {width.mean():9.4f}"
            f" {100 * rival.min():16.1f} {rival_width.mean():9.4f}"
        )
        return bool(lowest.min() >= LEAST_COVERAGE)


def width_of(bounds: Sequence[Bounds]) -> float:
    return float(np.mean([high - low for low, high in bounds]))


def student(values: Array) -> Bounds:
    half = float(stdtrit(values.size - 1, 0.975)) * float(values.std(ddof=1)) / sqrt(values.size)
    return float(values.mean()) - half, float(values.mean()) + half


def bounds_of(differences: Array, groups: Sequence[int] | None = None) -> Bounds:
    found = infer_interval(differences.tolist(), groups)
    return found.low, found.high


# --- graded scores -------------------------------------------------------------------------------------------------


def shared_fields(draw: Generator, n: int, score: float, gap: float) -> tuple[Array, Array]:
    """Records of four fields; both arms answer most fields alike, so that few items differ."""
    luck = draw.random((n, FIELDS))
    again = np.where(draw.random((n, FIELDS)) < 0.3, draw.random((n, FIELDS)), luck)
    return (luck < score).mean(axis=1), (again < score - gap).mean(axis=1)


def one_way_fields(draw: Generator, n: int, score: float, gap: float) -> tuple[Array, Array]:
    """The better arm has right whatever the other has: as few discordant items as the gap allows."""
    luck = draw.random((n, FIELDS))
    return (luck < score).mean(axis=1), (luck < score - gap).mean(axis=1)


def overlaps(draw: Generator, n: int, score: float, gap: float) -> tuple[Array, Array]:
    """Scores anywhere between 0 and 1, as chrF and ROUGE-L give, half of their spread shared by the arms."""
    size = 6.0
    return draw.beta(size * score, size * (1 - score), n), draw.beta(size * (score - gap), size * (1 - score + gap), n)


def repeats(draw: Generator, n: int, score: float, gap: float) -> tuple[Array, Array]:
    """Right or wrong, asked three times and averaged; items differ in difficulty."""
    ease = draw.beta(2 * score, 2 * (1 - score), n)
    return draw.binomial(3, ease) / 3, draw.binomial(3, ease * (score - gap) / score) / 3


SHAPES: dict[str, Callable[[Generator, int, float, float], tuple[Array, Array]]] = {
    "four fields, mostly alike": shared_fields,
    "four fields, one way": one_way_fields,
    "overlap scores": overlaps,
    "three repeats": repeats,
}


def graded(runs: int) -> bool:
    table = Table("Graded scores, paired difference: coverage of nominal 95 % intervals, in per cent", "Student")
    lines: list[tuple[str, float, list[tuple[Bounds, Bounds]]]] = []
    for number, (name, shape) in enumerate(SHAPES.items()):
        for n in SIZES:
            for score, gap in ((0.95, 0.05), (0.9, 0.0), (0.8, 0.1), (0.6, 0.2)):
                draw = np.random.default_rng([SEED, 1, number, n, round(100 * score), round(100 * gap)])
                pairs = [shape(draw, n, score, gap) for _run in range(runs // 2 if n == SIZES[-1] else runs)]
                cell = f"{name}, n {n}, {score:.0%}"
                table.add(
                    f"{cell} against {score - gap:.0%}",
                    gap,
                    [(bounds_of(mine - theirs), student(mine - theirs)) for mine, theirs in pairs],
                )
                lines.append((cell, score, [(score_of(mine), student(mine)) for mine, _theirs in pairs]))
    first = table.holds()
    arms = Table("Graded scores, one arm: coverage of nominal 95 % intervals, in per cent", "Student")
    for line in lines:
        arms.add(*line)
    return arms.holds() and first


def score_of(scores: Array) -> Bounds:
    found = infer_score(scores.tolist())
    return found.low, found.high


# --- groups --------------------------------------------------------------------------------------------------------

GROUP_SIZES = {"groups of 5": (5,), "groups of 1 to 10": (1, 2, 5, 10)}
FLIPS = ((0.05, 0.05), (0.10, 0.05), (0.20, 0.0), (0.30, 0.20))


def grouped_rows(draw: Generator, sizes: Sequence[int], truth: tuple[float, float], likeness: float) -> Array:
    """Wins and losses whose chances vary from group to group so that two rows of one correlate by `likeness`."""
    shares = np.array([*truth, 1 - sum(truth)])
    chances = np.broadcast_to(shares, (len(sizes), 3))
    if likeness:
        chances = draw.dirichlet(np.maximum(shares, 1e-9) * (1 - likeness) / likeness, len(sizes))
    chances = np.repeat(chances, sizes, axis=0)
    luck = draw.random(len(chances))
    return np.where(luck < chances[:, 0], 1.0, np.where(luck < chances[:, 0] + chances[:, 1], -1.0, 0.0))


def groups(runs: int) -> bool:
    table = Table("Rows in groups, paired difference: coverage of nominal 95 % intervals, in per cent", "ignoring them")
    for count in (10, 20, 50):
        for number, (name, pattern) in enumerate(GROUP_SIZES.items()):
            sizes = [pattern[place % len(pattern)] for place in range(count)]
            numbers = np.repeat(np.arange(count), sizes).tolist()
            for likeness in (0.0, 0.1, 0.3):
                for truth in FLIPS:
                    draw = np.random.default_rng([SEED, 2, count, number, round(100 * likeness), round(100 * truth[0])])
                    rows = [grouped_rows(draw, sizes, truth, likeness) for _run in range(runs)]
                    cell = f"{count} {name}, correlation {likeness}, {truth[0]:.0%} / {truth[1]:.0%}"
                    found = [(bounds_of(each, numbers), bounds_of(each)) for each in rows]
                    table.add(cell, truth[0] - truth[1], found)
    return table.holds()


# --- judges --------------------------------------------------------------------------------------------------------


def judges(runs: int) -> bool:
    table = Table(
        "A judge corrected by people (PPI++): coverage of nominal 95 % intervals, in per cent", "people alone"
    )
    for labelled, n in ((20, 100), (20, 300), (60, 300)):
        for name, noise, bias in (("right", 0.0, 0.0), ("likes one arm", 0.05, 0.10), ("poor", 0.40, 0.05)):
            for truth in ((0.3, 0.3), (0.3, 0.1), (0.2, 0.0)):
                draw = np.random.default_rng([SEED, 3, labelled, n, round(100 * noise), round(100 * truth[1])])
                found = [judged(draw, labelled, n, (noise, bias), truth) for _run in range(runs)]
                cell = f"{labelled} labels of {n}, judge {name}, {truth[0]:.0%} / {truth[1]:.0%}"
                table.add(cell, truth[0] - truth[1], found)
    return table.holds()


def judged(
    draw: Generator, labelled: int, n: int, errors: tuple[float, float], truth: tuple[float, float]
) -> tuple[Bounds, Bounds]:
    noise, bias = errors
    luck = draw.random(n)
    labels = np.where(luck < truth[0], 1.0, np.where(luck < sum(truth), -1.0, 0.0))
    said = np.where(draw.random(n) < noise, draw.choice([-1.0, 0.0, 1.0], n), labels)
    said = np.where(draw.random(n) < bias, 1.0, said).tolist()
    people = [float(label) if place < labelled else None for place, label in enumerate(labels)]
    found = correct_judge(said, people)
    assert found is not None
    assert found.interval is not None
    return (found.interval.low, found.interval.high), bounds_of(labels[:labelled])


# --- learning curves -----------------------------------------------------------------------------------------------

CURVES: dict[str, Callable[[float], float]] = {
    "flat at 70 %": lambda _doublings: 0.7,
    "flat at 95 %": lambda _doublings: 0.95,
    "5 points a doubling": lambda doublings: 0.6 + 0.05 * doublings,
    "a quarter fewer errors a doubling": lambda doublings: 1 - 0.3 * 0.75**doublings,
    "half as much every doubling, up to 90 %": lambda doublings: 0.9 - 0.1 * 0.5**doublings,
}


def curves(runs: int) -> bool:
    title = "Learning curve from 25, 50 and 100 % of the rows: coverage of what doubling adds, in per cent"
    table = Table(title, "straight line")
    for number, (name, law) in enumerate(CURVES.items()):
        for n in (20, 50, 100, 200):
            draw = np.random.default_rng([SEED, 4, number, n])
            found = [curve(draw, n, law) for _run in range(runs // 4)]
            table.add(f"{name}, {n} items", law(1) - law(0), found)
    return table.holds()


def curve(draw: Generator, n: int, law: Callable[[float], float]) -> tuple[Bounds, Bounds]:
    ease = draw.normal(size=n) * sqrt(0.8)
    trained = [
        Trained(
            200 * 2**doublings // 1,
            (ndtr(ease + draw.normal(size=n) * sqrt(0.2)) < law(doublings)).astype(float).tolist(),
        )
        for doublings in (-2, -1, 0)
    ]
    found = fit_curve(trained, 0.02)
    assert found is not None
    slope = (np.array(trained[2].scores) - np.array(trained[0].scores)) / 2
    return (found.interval.low, found.interval.high), bounds_of(slope)


# --- equal arms ----------------------------------------------------------------------------------------------------


def claimed(differences: Array, groups_: Sequence[int] | None = None) -> bool:
    """Whether two arms are called better or worse; the tests are worked out only where the interval leaves it open."""
    low, high = bounds_of(differences, groups_)
    if low <= 0 <= high:
        return False
    found = infer_gap(differences.tolist(), groups_, seed=SEED)
    return read_difference(differences.size, found.interval, found.narrow, found.p_value, MARGIN) in ("better", "worse")


def flips_of(draw: Generator, n: int, share: float) -> Array:
    return draw.choice([1.0, -1.0, 0.0], size=n, p=[share, share, 1 - 2 * share])


def claimed_of_three(draw: Generator, n: int) -> bool:
    """Three arms against one baseline, all of the same true score 80 %: is any of them called better or worse?"""
    base = draw.random(n) < 0.8
    arms = [(draw.random(n) < 0.8).astype(float) - base for _arm in range(3)]
    counts = [(int((arm > 0).sum()), int((arm < 0).sum())) for arm in arms]
    adjusted = holm([mcnemar_exact(*count) for count in counts])
    return any(
        read_difference(n, tango(*count, n), tango(*count, n, 0.9), p_value, MARGIN) in ("better", "worse")
        for count, p_value in zip(counts, adjusted, strict=True)
        if p_value <= 0.05
    )


def claimed_over_looks(differences: Array, looks: int, *, planned: bool) -> bool:
    """Whether any of the looks claims a difference: at its planned bound, or at 5 % every time."""
    rows = plan_looks(looks, differences.size)
    for number, count in enumerate(rows, start=1):
        look = Look(number, rows)
        seen = differences[:count]
        wins, losses = int((seen > 0).sum()), int((seen < 0).sum())
        p_value, level = mcnemar_exact(wins, losses), level_at(look) if planned else 0.95
        if may_claim(look, p_value) if planned else p_value <= 0.05:
            interval = tango(wins, losses, count, level)
            if interval.low > 0 or interval.high < 0:
                return True
    return False


def equal_arms(runs: int) -> Iterator[tuple[str, float, bool]]:
    """Yield what was simulated, how often a difference was claimed, and whether that is to be rare."""
    for n in (20, 50, 200):
        draw = np.random.default_rng([SEED, 5, n])
        shape = f"n {n}, "
        rows = [flips_of(draw, n, 0.15) for _run in range(runs)]
        yield shape + "right or wrong", share_of(claimed(each) for each in rows), True
        pairs = [shared_fields(draw, n, 0.8, 0.0) for _run in range(runs)]
        yield shape + "four fields", share_of(claimed(mine - theirs) for mine, theirs in pairs), True
        sizes = [5] * (n // 5)
        numbers = np.repeat(np.arange(n // 5), 5).tolist()
        clumps = [grouped_rows(draw, sizes, (0.15, 0.15), 0.2) for _run in range(runs)]
        yield shape + "groups of 5, correlation 0.2", share_of(claimed(each, numbers) for each in clumps), True
        yield shape + "the same, groups ignored", share_of(claimed(each) for each in clumps), False
        yield shape + "any of three arms, Holm", share_of(claimed_of_three(draw, n) for _run in range(runs)), True
    for looks in (3, 5):
        draw = np.random.default_rng([SEED, 6, looks])
        rows = [flips_of(draw, 300, 0.2) for _run in range(runs)]
        planned = share_of(claimed_over_looks(each, looks, planned=True) for each in rows)
        yield f"n 300, {looks} planned looks", planned, True
        at_will = share_of(claimed_over_looks(each, looks, planned=False) for each in rows)
        yield f"n 300, {looks} looks at 5 % each", at_will, False


def share_of(claims: Iterator[bool]) -> float:
    return float(np.mean(list(claims)))


def false_claims(runs: int) -> bool:
    print(f"\nTwo equal arms called better or worse, in per cent of {runs} runs")
    seldom = True
    for name, share, ours in equal_arms(runs):
        print(f"{name:44s} {100 * share:6.1f}{'' if ours else '   (not what we do)'}")
        seldom = seldom and (share <= MOST_CLAIMS or not ours)
    return seldom


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(f"Seed {SEED}, {runs} runs a cell, so 95 % comes out within {196 * sqrt(0.0475 / runs):.1f} points as a rule")
    held = {part.__name__: part(runs) for part in (graded, groups, judges, curves)}
    held["false_claims"] = false_claims(runs)
    print(
        f"\nEvery coverage of ours at least {LEAST_COVERAGE:.0%}, every claim of ours at most {MOST_CLAIMS:.0%}: {held}"
    )
    sys.exit(0 if all(held.values()) else 1)


if __name__ == "__main__":
    main()
