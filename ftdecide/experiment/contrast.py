"""One arm set against another, item by item: the difference and how sure it is."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from types import MappingProxyType
from typing import NamedTuple

from ftdecide.experiment.clusters import number_groups
from ftdecide.experiment.contrast_words import describe
from ftdecide.experiment.inference import LEVEL, TOST_LEVEL, Inference, infer_gap
from ftdecide.experiment.looks import Look, level_at, sequential_p
from ftdecide.experiment.more_rows import rows_to_settle
from ftdecide.experiment.statistics import LEAST_ITEMS, holm, read_difference
from ftdecide.experiment.types import Answer, Contrast, Grade, Reading


class Graded(NamedTuple):
    """An answer with its grade and with the value that is compared: 0 to 1.

    `failed_share` is the share of an item's repeats that failed; an answer that failed has failed wholly.
    """

    answer: Answer
    grade: Grade
    value: float
    failed_share: float = 0.0


class Pairing(NamedTuple):
    """The items that two arms both have, and how their difference is to be read.

    `final` says whether anything may be claimed: at the end, or at a planned `look`, which makes the bounds stricter.
    `groups` maps an item to the group its row belongs to; items that are missing or map to "" stand alone.
    """

    arm: str
    baseline: str
    pairs: tuple[tuple[Graded, Graded], ...]
    margin: float
    seed: int
    final: bool
    groups: Mapping[str, str] = MappingProxyType({})
    look: Look | None = None


def average_repeats(repeats: Sequence[Graded]) -> Graded:
    """Return one item's repeats as one: their mean value, with the first answer that did not fail to show for it."""
    first = next((each for each in repeats if each.answer.error is None), repeats[0])
    failed = fmean(float(each.answer.error is not None) for each in repeats)
    return first._replace(value=fmean(each.value for each in repeats), failed_share=failed)


def pair(arm: Mapping[str, Graded], baseline: Mapping[str, Graded]) -> tuple[tuple[Graded, Graded], ...]:
    """Return the two answers to every item that both arms have, in the order of the first."""
    return tuple((mine, baseline[item]) for item, mine in arm.items() if item in baseline)


def contrast_all(pairings: Sequence[Pairing]) -> tuple[Contrast, ...]:
    """Return all declared contrasts, their p-values adjusted for the looks and, by Holm, for being several."""
    found = [infer(pairing) for pairing in pairings]
    known = [(pairing, each) for pairing, each in zip(pairings, found, strict=True) if each]
    adjusted = iter(holm([_p_over_looks(each.p_value, pairing.look) for pairing, each in known]))
    return tuple(
        _contrast(pairing, inference, next(adjusted) if inference else None, len(known))
        for pairing, inference in zip(pairings, found, strict=True)
    )


def infer(pairing: Pairing) -> Inference | None:
    """Return intervals and probabilities, or None with fewer than 15 items."""
    if len(pairing.pairs) < LEAST_ITEMS:
        return None
    levels = (LEVEL, TOST_LEVEL)
    if pairing.look:
        levels = (level_at(pairing.look, 1 - LEVEL), level_at(pairing.look, 1 - TOST_LEVEL))
    return infer_gap(
        _differences(pairing), group_pairs(pairing), seed=pairing.seed, level=levels[0], narrow_level=levels[1]
    )


def group_pairs(pairing: Pairing) -> tuple[int, ...] | None:
    """Return every pair's group as a number, or None where each stands alone."""
    return number_groups([pairing.groups.get(mine.answer.item, "") for mine, _theirs in pairing.pairs])


def count_flips(pairs: Sequence[tuple[Graded, Graded]]) -> tuple[int, int]:
    """Return on how many items the first arm did better, and on how many the second."""
    wins = sum(mine.value > theirs.value for mine, theirs in pairs)
    return wins, sum(mine.value < theirs.value for mine, theirs in pairs)


def _differences(pairing: Pairing) -> list[float]:
    return [mine.value - theirs.value for mine, theirs in pairing.pairs]


def _p_over_looks(p_value: float, look: Look | None) -> float:
    return sequential_p(p_value, look) if look else p_value


def _contrast(pairing: Pairing, inference: Inference | None, p_adjusted: float | None, contrasts: int) -> Contrast:
    pairs, n = pairing.pairs, len(pairing.pairs)
    wins, losses = count_flips(pairs)
    reading, more = _read(pairing, inference, p_adjusted, contrasts)
    return Contrast(
        arm=pairing.arm,
        baseline=pairing.baseline,
        n=n,
        difference=fmean(_differences(pairing)) if pairs else None,
        interval=inference.interval if inference else None,
        p_value=inference.p_value if inference else None,
        p_adjusted=p_adjusted,
        p_better=inference.p_better if inference else None,
        reading=reading,
        wins=wins,
        losses=losses,
        ties=n - wins - losses,
        band=_band(pairs) if pairs else None,
        text=describe(reading, n, inference.interval if inference else None, more, final=pairing.final),
        groups=inference.spread.groups if inference else None,
        more_rows=more,
    )


def _read(
    pairing: Pairing, inference: Inference | None, p_adjusted: float | None, contrasts: int
) -> tuple[Reading, int | None]:
    """Return the reading and, where there is not enough data, how many more rows would settle it."""
    if not inference or p_adjusted is None or not pairing.final:
        return "not_enough_data", None
    n, differences = len(pairing.pairs), _differences(pairing)
    reading = read_difference(n, inference.interval, inference.narrow, p_adjusted, pairing.margin)
    if reading != "not_enough_data":
        return reading, None
    groups = group_pairs(pairing)
    more = rows_to_settle(differences, groups, pairing.margin, contrasts=contrasts, seed=pairing.seed)
    return reading, more


def _band(pairs: Sequence[tuple[Graded, Graded]]) -> tuple[float, float]:
    """Return the difference if failed rows had gone as badly, and as well, for the first arm as they could."""

    def worst(graded: Graded) -> float:
        return 0.0 if graded.answer.error is not None else graded.value

    def best(graded: Graded) -> float:
        return 1.0 if graded.answer.error is not None else graded.value + graded.failed_share

    low = fmean(worst(mine) - best(theirs) for mine, theirs in pairs)
    return low, fmean(best(mine) - worst(theirs) for mine, theirs in pairs)
