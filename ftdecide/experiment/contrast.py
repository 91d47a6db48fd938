"""One arm set against another, item by item: the difference, how sure it is, and how to say it in words."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from ftdecide.experiment.statistics import (
    LEAST_ITEMS,
    holm,
    mcnemar_exact,
    p_better,
    paired_t,
    read_difference,
    sign_flip,
    tango,
)
from ftdecide.experiment.types import Answer, Contrast, Grade, Interval, Reading
from ftdecide.translation import _, plural

TOST_LEVEL = 0.90


class Graded(NamedTuple):
    """An answer with its grade and with the value that is compared: 0 to 1."""

    answer: Answer
    grade: Grade
    value: float


class Pairing(NamedTuple):
    """The items that two arms both have, and how their difference is to be read."""

    arm: str
    baseline: str
    pairs: tuple[tuple[Graded, Graded], ...]
    graded: bool
    margin: float
    seed: int
    final: bool


class Inference(NamedTuple):
    """What the pairs say about the true difference; `narrow` is the 90 % interval that TOST needs."""

    interval: Interval
    narrow: Interval
    p_value: float
    p_better: float


def pair(arm: Mapping[str, Graded], baseline: Mapping[str, Graded]) -> tuple[tuple[Graded, Graded], ...]:
    """Return the two answers to every item that both arms have, in the order of the first."""
    return tuple((mine, baseline[item]) for item, mine in arm.items() if item in baseline)


def contrast_all(pairings: Sequence[Pairing]) -> tuple[Contrast, ...]:
    """Return all declared contrasts, their p-values adjusted by Holm for being several."""
    found = [infer(pairing) for pairing in pairings]
    adjusted = iter(holm([inference.p_value for inference in found if inference]))
    return tuple(
        _contrast(pairing, inference, next(adjusted) if inference else None)
        for pairing, inference in zip(pairings, found, strict=True)
    )


def infer(pairing: Pairing) -> Inference | None:
    """Return intervals and probabilities, or None with fewer than 15 items.

    Right-or-wrong answers: Tango's intervals, exact McNemar, Dirichlet posterior. Graded ones: paired t, and as p-value
    the larger of its own and that of the sign-flip test, so that the check can only make the reading more careful.
    """
    n = len(pairing.pairs)
    if n < LEAST_ITEMS:
        return None
    if pairing.graded:
        differences = [mine.value - theirs.value for mine, theirs in pairing.pairs]
        interval, p_value, above = paired_t(differences)
        narrow = paired_t(differences, TOST_LEVEL)[0]
        return Inference(interval, narrow, max(p_value, sign_flip(differences, pairing.seed)), above)
    wins, losses = count_flips(pairing.pairs)
    return Inference(
        tango(wins, losses, n), tango(wins, losses, n, TOST_LEVEL), mcnemar_exact(wins, losses), p_better(wins, losses)
    )


def count_flips(pairs: Sequence[tuple[Graded, Graded]]) -> tuple[int, int]:
    """Return on how many items the first arm did better, and on how many the second."""
    wins = sum(mine.value > theirs.value for mine, theirs in pairs)
    return wins, sum(mine.value < theirs.value for mine, theirs in pairs)


def _contrast(pairing: Pairing, inference: Inference | None, p_adjusted: float | None) -> Contrast:
    pairs, n = pairing.pairs, len(pairing.pairs)
    wins, losses = count_flips(pairs)
    reading: Reading = "not_enough_data"
    if inference and p_adjusted is not None and pairing.final:
        reading = read_difference(n, inference.interval, inference.narrow, p_adjusted, pairing.margin)
    return Contrast(
        arm=pairing.arm,
        baseline=pairing.baseline,
        n=n,
        difference=fmean(mine.value - theirs.value for mine, theirs in pairs) if pairs else None,
        interval=inference.interval if inference else None,
        p_value=inference.p_value if inference else None,
        p_adjusted=p_adjusted,
        p_better=inference.p_better if inference else None,
        reading=reading,
        wins=wins,
        losses=losses,
        ties=n - wins - losses,
        band=_band(pairs) if pairs else None,
        text=_words(reading, n, inference.interval if inference else None, final=pairing.final),
    )


def _band(pairs: Sequence[tuple[Graded, Graded]]) -> tuple[float, float]:
    """Return the difference if failed rows had gone as badly, and as well, for the first arm as they could."""

    def worst(graded: Graded) -> float:
        return 0.0 if graded.answer.error is not None else graded.value

    def best(graded: Graded) -> float:
        return 1.0 if graded.answer.error is not None else graded.value

    low = fmean(worst(mine) - best(theirs) for mine, theirs in pairs)
    return low, fmean(best(mine) - worst(theirs) for mine, theirs in pairs)


def _words(reading: Reading, n: int, interval: Interval | None, *, final: bool) -> str:
    if interval is None:
        return plural("not enough data: only {n} item", "not enough data: only {n} items", n)
    low, high = interval.low, interval.high
    if reading == "better":
        return _("better by {low} to {high} points").format(low=_points(low), high=_points(high))
    if reading == "worse":
        return _("worse by {low} to {high} points").format(low=_points(-high), high=_points(-low))
    between = _("between {low} and {high}").format(low=_signed(low), high=_signed(high))
    if reading == "same":
        return _("practically the same: {between}").format(between=between)
    if not final:
        return _("no claim before the end: so far {between}").format(between=between)
    return _("not enough data: {between}").format(between=between)


def _signed(gap: float) -> str:
    if gap < 0:
        return _("{points} points worse").format(points=_points(-gap))
    return _("{points} points better").format(points=_points(gap))


def _points(gap: float) -> str:
    """Return a difference in whole points, or with one digit where it is below one point."""
    points = 100 * gap
    return f"{points:.0f}" if abs(points) >= 0.95 else f"{points:.1f}"
