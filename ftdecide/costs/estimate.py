"""What every option of a scenario costs over its horizon, how sure that is, and where one overtakes another."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate, combinations, permutations

import numpy as np

from ftdecide.catalog.types import Catalog
from ftdecide.costs.breakeven import Side, compare, make_curve
from ftdecide.costs.charges import EXACT, Plan
from ftdecide.costs.months import share
from ftdecide.costs.numbers import plain_number
from ftdecide.costs.overflow import refuse_overflow
from ftdecide.costs.plan import make_plan
from ftdecide.costs.scenario import Scenario
from ftdecide.costs.swings import tell_undrawn
from ftdecide.costs.tally import Tally, tally
from ftdecide.costs.types import BreakEven, Estimate, Line, MonthCost, OptionCost, Spread, Swing, Warning_
from ftdecide.costs.uncertainty import DRAWS, Simulation, is_uncertain, running_medians, simulate, spread, spreads
from ftdecide.translation import _

__all__ = ["BreakEven", "Estimate", "Line", "MonthCost", "OptionCost", "Spread", "Swing", "Warning_", "estimate"]

_DIGITS = 40
Json = dict[str, object]


def estimate(scenario: Scenario, today: date, catalog: Catalog, draws: int = DRAWS) -> Estimate:
    """Cost every option of a scenario as of its own day, or of `today` where it names none.

    Amounts given as numbers give exact results; ranges are drawn `draws` times, with the same draws in every option.
    An option that cannot be had on that day is kept with `available` False, nothing counted and a warning with the why.

    Raises:
        InputError: the catalogue does not know a provider, model or machine, or amounts grow beyond every number.
    """
    start = scenario.as_of or today
    plans = tuple(make_plan(scenario, option, start, catalog) for option in scenario.options)
    return Estimate(
        as_of=start,
        horizon_months=scenario.horizon_months,
        options=tuple(_cost(plan, draws) for plan in plans),
        breakeven=tuple(_breakeven(plans)),
    )


def estimate_json(result: Estimate) -> Json:
    """Return an estimate as a JSON-ready document; amounts become numbers only here.

    The totals of an option with `available` false are 0, the sum of its lines, of which it has none; they are no price.
    """
    return {
        "as_of": result.as_of.isoformat(),
        "horizon_months": result.horizon_months,
        "options": [_option_json(option) for option in result.options],
        "breakeven": [
            {
                "option": found.option,
                "against": found.against,
                "requests_per_month": _number(found.requests_per_month),
                "text": found.text,
            }
            for found in result.breakeven
        ],
    }


def _cost(plan: Plan, draws: int) -> OptionCost:
    counted = tally(plan)
    drawn = simulate(plan, draws) if is_uncertain(plan) and plan.charges else None
    refuse_overflow(plan, counted, drawn)
    one_off, monthly, total, each = _spreads(drawn) if drawn else at_the_middle(plan, counted)
    return OptionCost(
        name=plan.option.name,
        one_off_usd=one_off,
        monthly_usd=monthly,
        total_usd=total,
        cost_per_1000_requests_usd=each,
        lines=counted.lines,
        warnings=(*plan.warnings, *tell_undrawn(plan)),
        months=tuple(_months(plan, counted, drawn)),
        ends_on=plan.ends_on,
        successor=plan.successor,
        available=plan.available,
    )


def at_the_middle(plan: Plan, counted: Tally) -> tuple[Spread, Spread, Spread, Spread | None]:
    """Return one-off, monthly, total and per 1,000 requests with every range at its middle."""
    total = counted.total_usd
    answered = sum(_answered(plan, counted), Decimal(0)) if plan.available else Decimal(0)
    with localcontext(prec=_DIGITS):
        served = sum((Decimal(month.served_days) / month.days for month in plan.months), Decimal(0))
        monthly = counted.own_usd / served if served else Decimal(0)
        each = sure(total * 1000 / answered) if answered else None
    return sure(counted.one_off_usd), sure(monthly), sure(total), each


def _spreads(drawn: Simulation) -> tuple[Spread, Spread, Spread, Spread | None]:
    total, requests = drawn.total_usd, drawn.answered
    some = requests > 0
    each = spread(1000 * total[some] / requests[some]) if np.any(some) else None
    return spread(drawn.one_off_usd), spread(drawn.monthly_usd), spread(total), each


def _answered(plan: Plan, counted: Tally) -> Iterator[Decimal]:
    """Requests that are paid for, month by month: without a successor none after the end."""
    for month, requests in zip(plan.months, counted.month_requests, strict=True):
        yield requests if plan.successor or not plan.ends_on else share(requests, month.served_days, month.days)


def _months(plan: Plan, counted: Tally, drawn: Simulation | None) -> Iterator[MonthCost]:
    usd = spreads(drawn.month_usd) if drawn else tuple(map(sure, counted.month_usd))
    if drawn:
        spent = running_medians(drawn.one_off_usd, drawn.month_usd)
    else:
        with localcontext(EXACT):
            spent = tuple(accumulate(counted.month_usd, initial=counted.one_off_usd))[1:]
    months = zip(plan.months, counted.month_requests, usd, spent, strict=True)
    for month, requests, cost, cumulative in months:
        yield MonthCost(start=month.start, requests=requests, usd=cost, cumulative_usd=cumulative)


def _breakeven(plans: tuple[Plan, ...]) -> Iterator[BreakEven]:
    """Compare every option with every other, in the order of the scenario."""
    names = [plan.option.name for plan in plans]
    sides = {at: Side(names[at], make_curve(plan)) for at, plan in enumerate(plans) if not _why_not(plan)}
    found: dict[tuple[int, int], BreakEven] = {}
    for one, other in combinations(sides, 2):
        found[one, other], found[other, one] = compare(sides[one], sides[other])
    for one, other in permutations(range(len(plans)), 2):
        why = _why_not(plans[one]) or _why_not(plans[other]) or ""
        none = BreakEven(option=names[one], against=names[other], requests_per_month=None, text=why)
        yield found.get((one, other), none)


def _why_not(plan: Plan) -> str | None:
    """Say why an option cannot be compared, or None."""
    name = plan.option.name
    if not plan.available:
        return _("Not compared: {name} cannot be had on that day.").format(name=name)
    if not plan.complete:
        return _("Not compared: a price of {name} is not known.").format(name=name)
    if plan.ends_on and not plan.successor:
        text = _("Not compared: {name} stops on {day}, and what comes after is not known.")
        return text.format(name=name, day=plan.ends_on)
    return None


def sure(usd: Decimal) -> Spread:
    """Return the spread of an amount that does not vary."""
    return Spread(p10=usd, p50=usd, p90=usd)


def _option_json(option: OptionCost) -> Json:
    each = option.cost_per_1000_requests_usd
    return {
        "name": option.name,
        "available": option.available,
        "one_off_usd": _spread_json(option.one_off_usd),
        "monthly_usd": _spread_json(option.monthly_usd),
        "total_usd": _spread_json(option.total_usd),
        "cost_per_1000_requests_usd": each and _number(each.p50),
        "cost_per_1000_requests_spread_usd": each and _spread_json(each),
        "lines": [_line_json(line) for line in option.lines],
        "warnings": [{"code": warning.code, "text": warning.text} for warning in option.warnings],
        "months": [
            {
                "start": month.start.isoformat(),
                "requests": _number(month.requests),
                "usd": _spread_json(month.usd),
                "cumulative_usd": _number(month.cumulative_usd),
            }
            for month in option.months
        ],
        "ends_on": option.ends_on.isoformat() if option.ends_on else None,
        "successor": option.successor,
    }


def _line_json(line: Line) -> Json:
    numbers = {name: _number(getattr(line, name)) for name in ("quantity", "unit_price_usd", "usd")}
    return {**line.model_dump(), **numbers}


def _spread_json(values: Spread) -> Json:
    return {"p10": _number(values.p10), "p50": _number(values.p50), "p90": _number(values.p90)}


def _number(value: Decimal | None) -> int | float | None:
    return None if value is None else plain_number(value)
