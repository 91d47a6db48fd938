"""Small figures of a record as positions on an axis from 0 to 1; each format draws them in its own way."""

import math
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.decision.types import Quantiles
from ftdecide.report.comparison import Comparison
from ftdecide.report.figures import money, percent, short_money, span
from ftdecide.report.printable import Words
from ftdecide.report.types import Record
from ftdecide.translation import _

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 4


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mark(_Part):
    """One row: where its range begins, its middle and its end lie on the axis, and the figure in words."""

    name: Words
    low: float
    mid: float
    high: float
    text: Words


class Tick(_Part):
    """A place on the axis and what stands there."""

    at: float
    text: str


class Chart(_Part):
    """Rows on one axis; `description` says the same in words, `zero` is where nothing lies if the axis shows it."""

    title: Words
    description: Words
    form: Literal["bars", "ranges", "points"]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...] = ()
    zero: float | None = None


def draw_chances(record: Record) -> Chart:
    """Return the probability of every verdict as bars."""
    marks = [
        Mark(name=c.name, low=0, mid=c.probability, high=c.probability, text=percent(c.probability))
        for c in record.chances
    ]
    return _chart(_("How sure is that?"), "bars", marks)


def draw_values(record: Record) -> Chart | None:
    """Return each option's net value as a range that holds in 8 of 10 cases; None if none is known."""
    known = [
        (name, option.net_value_usd)
        for name, option in zip(record.option_names, record.options, strict=True)
        if option.net_value_usd is not None
    ]
    if not known:
        return None
    axis = _spread([value for _name, amount in known for value in (amount.p10, amount.p90)])
    low, high = axis[0], axis[-1]
    at = [(value - low) / (high - low) for value in axis]
    marks = [_value_mark(name, amount, low, high) for name, amount in known]
    ticks = tuple(Tick(at=place, text=short_money(value)) for place, value in zip(at, axis, strict=True))
    title = _("Net value until the horizon, USD")
    return _chart(title, "ranges", marks, ticks=ticks, zero=-low / (high - low))


def draw_targets(record: Record) -> Chart | None:
    """Return each option's probability of reaching the target as points; None if none is known."""
    marks = [
        Mark(name=name, low=p, mid=p, high=p, text=percent(p))
        for name, option in zip(record.option_names, record.options, strict=True)
        if (p := option.p_meets_target) is not None
    ]
    title = _("Probability of reaching the target")
    return _chart(title, "points", marks, ticks=_percent_ticks()) if marks else None


def draw_scores(found: Comparison) -> Chart | None:
    """Return what each option of a comparison scored, with its 95 % interval; None if nothing was scored."""
    marks = [
        Mark(name=arm.name, low=arm.low, mid=arm.score, high=arm.high, text=percent(arm.score))
        for arm in found.arms
        if arm.score is not None and arm.low is not None and arm.high is not None
    ]
    return _chart(_("Score with its 95 % interval"), "ranges", marks, ticks=_percent_ticks()) if marks else None


def _chart(
    title: str,
    form: Literal["bars", "ranges", "points"],
    marks: Sequence[Mark],
    *,
    ticks: tuple[Tick, ...] = (),
    zero: float | None = None,
) -> Chart:
    said = "; ".join(f"{mark.name}: {mark.text}" for mark in marks)
    return Chart(title=title, description=said, form=form, marks=tuple(marks), ticks=ticks, zero=zero)


def _value_mark(name: str, amount: Quantiles, low: float, high: float) -> Mark:
    places = [(value - low) / (high - low) for value in (amount.p10, amount.p50, amount.p90)]
    text = f"{money(amount.p50)} ({span(money(amount.p10), money(amount.p90))})"
    return Mark(name=name, low=places[0], mid=places[1], high=places[2], text=text)


def _percent_ticks() -> tuple[Tick, ...]:
    return tuple(Tick(at=share, text=percent(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0))


def _spread(values: Sequence[float]) -> list[float]:
    """Return round numbers at equal distances that reach around all values and zero."""
    low, high = min(0.0, *values), max(0.0, *values)
    rough = (high - low) / _TICKS or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in _STEPS if size * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * number for number in range(first, max(last, first + 1) + 1)]
