"""What a difference between two arms means, in words."""

from ftdecide.experiment.more_rows import MOST_ROWS
from ftdecide.experiment.types import Interval, Reading
from ftdecide.translation import _, plural


def describe(reading: Reading, n: int, interval: Interval | None, more_rows: int | None, *, final: bool) -> str:
    """Return the reading of `n` items in words, with its interval in points, and what would settle an open one.

    `more_rows` is how many more rows would probably settle it, None for more than 5,000; before the end (`final` is
    false) nothing is claimed and nothing advised.
    """
    if interval is None:
        return plural("not enough data: only {n} item", "not enough data: only {n} items", n)
    low, high = interval.low, interval.high
    if reading == "better":
        return _("better by {low} to {high} points").format(low=_points(low), high=_points(high))
    if reading == "worse":
        return _("worse by {low} to {high} points").format(low=_points(-high), high=_points(-low))
    between = _("between {low} and {high}").format(low=_signed(low), high=_signed(high))
    if reading == "same":
        return _("practically the same ({between})").format(between=between)
    return _unsettled(between, more_rows, final=final)


def _unsettled(between: str, more_rows: int | None, *, final: bool) -> str:
    if not final:
        return _("no claim before the end: so far {between}").format(between=between)
    if more_rows is None:
        text = _("not enough data: not even {most} more rows would surely settle it ({between})")
        return text.format(most=f"{MOST_ROWS:,}", between=between)
    text = _("not enough data: about {more} more rows would settle it ({between})")
    return text.format(more=f"{more_rows:,}", between=between)


def _signed(gap: float) -> str:
    points = _points(abs(gap))
    if gap < 0:
        return _("1 point worse") if points == "1" else _("{points} points worse").format(points=points)
    return _("1 point better") if points == "1" else _("{points} points better").format(points=points)


def _points(gap: float) -> str:
    """Return a difference in whole points, or with one digit where it is below one point."""
    points = 100 * gap
    return f"{points:.0f}" if abs(points) >= 0.95 else f"{points:.1f}"
