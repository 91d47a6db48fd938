"""Whether more training rows would help, from scores on the same items after training on a part of the rows."""

from collections.abc import Sequence
from math import log2
from statistics import fmean
from typing import Literal, NamedTuple

from ftdecide.experiment.inference import LEVEL, infer_interval, infer_score
from ftdecide.experiment.statistics import LEAST_ITEMS
from ftdecide.experiment.types import Interval
from ftdecide.translation import _

Prospect = Literal["helps", "hardly_helps", "unclear"]


class Trained(NamedTuple):
    """The score, 0 to 1, of every item after training on so many `rows`; items in the same order in every one."""

    rows: int
    scores: Sequence[float]


class CurvePoint(NamedTuple):
    """The mean score after training on so many rows."""

    rows: int
    score: float
    interval: Interval


class LearningCurve(NamedTuple):
    """The points, and what twice the largest number of rows would add to the score, with its interval.

    The interval counts that the test items are a sample, and that the curve may bend; it does not count that training
    again with another seed gives another model.
    """

    points: tuple[CurvePoint, ...]
    gain: float
    interval: Interval
    prospect: Prospect
    text: str


def fit_curve(
    trained: Sequence[Trained], margin: float, groups: Sequence[int] | None = None, level: float = LEVEL
) -> LearningCurve | None:
    """Return the fitted curve, or None with fewer than two sizes or 15 items, from which nothing follows.

    What the next doubling gains lies between two laws, and the interval spans both of theirs. The hopeful one: as much
    as every doubling so far, a straight line in the logarithm of the rows; or, where the items show that it bends, as
    much as the last doubling. The sober one: half of the last, as if half the errors that can be cured were; a power
    law (Hestness and others, arXiv 1712.00409) lies between. Each is a mean over items, so the items' own spread and
    their groups give its interval. A gain counts as help from `margin` on.
    """
    sizes = sorted(trained, key=lambda each: each.rows)
    if len({each.rows for each in sizes}) < 2 or len(sizes[0].scores) < LEAST_ITEMS:
        return None
    straight, last = _gains(sizes), _gains(sizes[-2:])
    bend = infer_interval([(late - all_) / 2 for late, all_ in zip(last, straight, strict=True)], groups, level)
    hopeful = straight if bend.low <= 0 <= bend.high else last
    bounds = [infer_interval(each, groups, level) for each in (hopeful, [gain / 2 for gain in last])]
    points = tuple(CurvePoint(each.rows, fmean(each.scores), infer_score(each.scores, groups, level)) for each in sizes)
    room = 1 - points[-1].interval.low
    interval = Interval(
        low=min(each.low for each in bounds), high=min(room, max(each.high for each in bounds)), level=level
    )
    prospect: Prospect = "unclear"
    if interval.low > 0:
        prospect = "helps"
    elif interval.high < margin:
        prospect = "hardly_helps"
    gain = fmean((fmean(hopeful), fmean(last) / 2))
    return LearningCurve(points, gain, interval, prospect, _words(prospect, interval))


def _gains(sizes: Sequence[Trained]) -> list[float]:
    """Return every item's least-squares slope against the logarithm of the rows: its mean is the gain of a doubling."""
    places = [log2(each.rows) for each in sizes]
    middle = fmean(places)
    weights = [place - middle for place in places]
    total = sum(weight * weight for weight in weights)
    items = zip(*(each.scores for each in sizes), strict=True)
    return [sum(weight * score for weight, score in zip(weights, item, strict=True)) / total for item in items]


def _words(prospect: Prospect, interval: Interval) -> str:
    low, high = (f"{100 * bound:.0f}" for bound in (interval.low, interval.high))
    if prospect == "helps":
        return _("doubling the data would add {low} to {high} points").format(low=low, high=high)
    if prospect == "hardly_helps":
        return _("doubling the data would hardly help: {high} points at most").format(high=max(high, "0", key=float))
    text = _("not clear whether more data would help: doubling it would change the score by {low} to {high} points")
    return text.format(low=low, high=f"+{high}")
