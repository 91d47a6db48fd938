"""From how many requests a month on one option costs less than another, everything else in the middle of its range.

Cost over the horizon is linear in the requests of a month, except for machines: they come whole, and it climbs in
steps. Two straight lines cross at (difference of what does not depend on requests) / (difference of what a request
costs). With machines every piece between two steps is such a line, and the first crossing is searched piece by piece.
"""

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

import numpy as np

from ftdecide.costs.charges import Charge, Plan
from ftdecide.costs.distribution import Draws, middle
from ftdecide.costs.months import grow
from ftdecide.costs.tally import amount, tally, unit_price
from ftdecide.costs.telling import say_usd
from ftdecide.costs.types import BreakEven
from ftdecide.translation import _

_MOST_STEPS = 200
"""So many further machines are looked at one by one; beyond them a step is half a percent of their cost at most."""
_PROBE = Decimal(10) ** 6
_DIGITS = 40
_NEARLY_ONE = 1 - 1e-12
_MILLION, _BILLION = Decimal(10) ** 6, Decimal(10) ** 9


@dataclass(frozen=True)
class Curve:
    """Cost over the horizon by the requests of the first month: a line, and stairs of machines.

    `stairs` holds, for every month's machines, what one costs, how many there are at least, and how many (not rounded)
    one request a month needs.
    """

    fixed_usd: Decimal
    usd_per_request: Decimal
    stairs: tuple[tuple[float, int, float], ...] = ()

    def at(self, requests: Draws, *, just_above: bool = False) -> Draws:
        """Return the cost at each number of requests a month, or just above it, where a step may lie."""
        usd = float(self.fixed_usd) + float(self.usd_per_request) * requests
        for each, least, needed in self.stairs:
            exact = needed * requests
            whole = np.floor(exact / _NEARLY_ONE) + 1 if just_above else np.ceil(exact * _NEARLY_ONE)
            usd = usd + each * np.maximum(whole, least)
        return usd


def make_curve(plan: Plan) -> Curve:
    """Take a plan apart into what depends on the number of requests and what does not."""
    stepped = [charge for charge in plan.charges if charge.machines and charge.machines.per_second]
    smooth = replace(plan, charges=tuple(charge for charge in plan.charges if charge not in stepped))

    def total(requests: Decimal) -> Decimal:
        return tally(
            replace(smooth, traffic=plan.traffic.model_copy(update={"requests_per_month": requests}))
        ).total_usd

    with localcontext(prec=_DIGITS):
        fixed = total(Decimal(0))
        stairs = tuple(step for charge in stepped for step in _stairs(charge, plan))
        return Curve(fixed, (total(_PROBE) - fixed) / _PROBE, _merged(stairs))


@dataclass(frozen=True)
class Side:
    """One of two options that are compared: its name and its cost by volume."""

    name: str
    curve: Curve


def compare(mine: Side, theirs: Side) -> tuple[BreakEven, BreakEven]:
    """Say where two options first cost the same, once from the view of each."""
    found = _crossing(mine.curve, theirs.curve)
    middle_usd = np.array([float(found) / 2 if found else 1.0])
    sign = float(np.sign((mine.curve.at(middle_usd) - theirs.curve.at(middle_usd))[0]))
    return _say(mine, theirs, found, sign), _say(theirs, mine, found, -sign)


def _say(mine: Side, theirs: Side, found: Decimal | None, sign: float) -> BreakEven:
    """Say it of one side; `sign` is that of what it costs more than the other below the crossing."""
    if found is not None:
        text = _("{a} costs less than {b} from about {n} requests a month on.")
        if sign < 0:
            text = _("{a} costs less than {b} up to about {n} requests a month.")
        text = text.format(a=mine.name, b=theirs.name, n=say_volume(found))
        if mine.curve.stairs or theirs.curve.stairs:
            text += " " + _("Machines come whole, so further up the order may change again.")
    else:
        text = _never(mine, theirs, sign)
    return BreakEven(option=mine.name, against=theirs.name, requests_per_month=found, text=text)


def _never(mine: Side, theirs: Side, sign: float) -> str:
    if not sign:
        return _("{a} and {b} cost the same at every volume.").format(a=mine.name, b=theirs.name)
    low, high = (mine, theirs) if sign < 0 else (theirs, mine)
    if low.curve.stairs or high.curve.stairs:
        text = _(
            "{low} is cheaper at every volume: without any request it costs {low_usd} against {high_usd} USD over the "
            "whole time. Machines come whole: they cost the same until the busiest hour needs one more."
        )
        return text.format(
            low=low.name,
            low_usd=_without_requests(low.curve),
            high_usd=_without_requests(high.curve),
        )
    text = _(
        "{low} is cheaper at every volume: without any request it costs {low_usd} against {high_usd} USD over the "
        "whole time, and every 1,000 requests a month add {low_each} against {high_each} USD to that."
    )
    return text.format(
        low=low.name,
        low_usd=_without_requests(low.curve),
        high_usd=_without_requests(high.curve),
        low_each=_each_thousand(low.curve),
        high_each=_each_thousand(high.curve),
    )


def say_volume(requests: Decimal) -> str:
    """Return a number of requests in its first two digits, as people say it: "82 million", "41,000", "7.5"."""
    rounded = Decimal(f"{requests:.1e}")
    for size, text in ((_BILLION, _("{n} billion")), (_MILLION, _("{n} million"))):
        if rounded >= size:
            return text.format(n=f"{(rounded / size).normalize():,f}")
    return f"{rounded.normalize():,f}"


def _without_requests(curve: Curve) -> str:
    return say_usd(Decimal(repr(float(curve.at(np.zeros(1))[0]))))


def _each_thousand(curve: Curve) -> str:
    """What 1,000 requests in each first month cost over the horizon, machines as if they could be cut."""
    return say_usd(Decimal(repr(1000 * _slope(curve))))


def _crossing(mine: Curve, theirs: Curve) -> Decimal | None:
    if not mine.stairs and not theirs.stairs:
        with localcontext(prec=_DIGITS):
            fixed, slope = mine.fixed_usd - theirs.fixed_usd, mine.usd_per_request - theirs.usd_per_request
            found = -fixed / slope if slope else Decimal(0)
            return found if found > 0 else None
    points = _steps(mine, theirs)
    right = np.append(points[1:], points[-1] * 2)
    at_left = mine.at(points, just_above=True) - theirs.at(points, just_above=True)
    at_right = mine.at(right) - theirs.at(right)
    # Past the last step machines grow as if they could be cut; the line through it says whether and where they meet.
    slope = _slope(mine) - _slope(theirs)
    at_right[-1] = at_left[-1] + slope * (right[-1] - points[-1])
    sign = np.sign(at_left[0]) or np.sign(at_right[0])
    for number in np.flatnonzero((at_left * sign < 0) | (at_right * sign < 0)):
        if at_left[number] * sign <= 0:
            return Decimal(repr(float(points[number]))) if points[number] > 0 else None
        width = right[number] - points[number]
        part = at_left[number] / (at_left[number] - at_right[number])
        return Decimal(repr(float(points[number] + part * width)))
    if at_left[-1] * slope < 0:
        return Decimal(repr(float(points[-1] - at_left[-1] / slope)))
    return None


def _steps(mine: Curve, theirs: Curve) -> Draws:
    """Every number of requests above which one more machine is needed, as far as all stairs are looked at."""
    stairs = [step for step in (*mine.stairs, *theirs.stairs) if step[2] > 0 and step[0] > 0]
    if not stairs:
        return np.array([0.0, 1.0])
    end = min((least + _MOST_STEPS) / needed for _usd, least, needed in stairs)
    found = [np.arange(least, least + _MOST_STEPS + 1) / needed for _usd, least, needed in stairs]
    points = np.unique(np.concatenate([np.zeros(1), *found]))
    return points[points <= end]


def _slope(curve: Curve) -> float:
    return float(curve.usd_per_request) + sum(usd * needed for usd, _least, needed in curve.stairs)


def _stairs(charge: Charge, plan: Plan) -> list[tuple[float, int, float]]:
    machines = charge.machines
    if machines is None or machines.per_second is None:
        return []
    usd = amount(charge.terms) * unit_price(charge.rate) * machines.grouped
    needed = machines.groups_per_request / middle(machines.per_second.amount)
    factors = grow(_PROBE, middle(plan.traffic.monthly_growth), len(plan.months))
    return [
        (float(usd) * month.served_days / month.days, machines.least_groups, float(needed * factor / _PROBE))
        for month, factor in zip(plan.months, factors, strict=True)
    ]


def _merged(stairs: tuple[tuple[float, int, float], ...]) -> tuple[tuple[float, int, float], ...]:
    """Add up the machines of months that need equally many."""
    usd: dict[tuple[int, float], float] = {}
    for each, least, needed in stairs:
        usd[least, needed] = usd.get((least, needed), 0.0) + each
    return tuple((each, least, needed) for (least, needed), each in usd.items())
