"""How far single inputs move an option's total: each at its two ends, everything else in the middle."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ftdecide.catalog.types import Catalog
from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.charges import Plan
from ftdecide.costs.distribution import ends, middle, varies
from ftdecide.costs.plan import make_plan
from ftdecide.costs.ranges import label_of, list_amounts, put_amount, put_input
from ftdecide.costs.scenario import Amount, Scenario
from ftdecide.costs.tally import tally
from ftdecide.costs.telling import say_usd
from ftdecide.costs.types import Spread, Swing, Warning_
from ftdecide.translation import _

_WORTH_TELLING = Decimal("0.01")
"""Ends that lie closer together than this share of the total change nothing that anybody would decide by."""


def sensitivity(scenario: Scenario, option: str, today: date, catalog: Catalog) -> tuple[Swing, ...]:
    """Move each input of an option to its low and its high end with the others in the middle, largest effect first.

    Among the inputs are those that the scenario does not give: assumed hours, an estimated capacity, a span of prices.
    A plain number is moved up and down by the assumed share of `data/cost_assumptions.yml`; zeros stay.

    Raises:
        InputError: as in `estimate`, or no option has that name.
    """
    start = scenario.as_of or today
    swings = [*_given(scenario, option, start, catalog), *_others(scenario, option, start, catalog)]
    moving = [swing for swing in swings if swing.low_usd != swing.high_usd]
    return tuple(sorted(moving, key=lambda swing: (-abs(swing.high_usd - swing.low_usd), swing.path)))


def tell_undrawn(plan: Plan) -> Iterator[Warning_]:
    """Say what plain numbers hide: a range of ours or of a vendor that moves the total, which counts its middle.

    Numbers have to come out exactly, so such a range is drawn only together with ranges of the scenario.
    """
    for source in () if plan.drawn else filter(varies, plan.inputs):
        low, high = ends(source.amount)
        at_ends = sorted(tally(put_input(plan, source, end)).total_usd for end in (low, high))
        if at_ends[1] - at_ends[0] < _WORTH_TELLING * at_ends[1]:
            continue
        text = _(
            "{label}: the total counts {middle}, and from {low} to {high} is possible, which makes it {least} to "
            "{most} USD. It shows no range as no number of the scenario is one; give any of them a low and a high end."
        ).format(
            label=label_of(source.name),
            middle=_short(middle(source.amount)),
            low=_short(low),
            high=_short(high),
            least=say_usd(at_ends[0]),
            most=say_usd(at_ends[1]),
        )
        yield Warning_(code="range_not_drawn", text=text)


def _given(scenario: Scenario, option: str, start: date, catalog: Catalog) -> Iterator[Swing]:
    """Yield the swings of what the scenario gives; everything that follows from an input moves with it."""
    for path, amount in list_amounts(scenario, option):
        low, high = _swung(amount)
        usd: list[Decimal] = []
        for end in (low, high):
            moved = put_amount(scenario, option, path, end)
            usd.append(tally(make_plan(moved, moved.options[0], start, catalog)).total_usd)
        origin = "assumed" if isinstance(amount, Decimal) else "given"
        yield Swing(path=path, label=label_of(path), low=low, high=high, low_usd=usd[0], high_usd=usd[1], origin=origin)


def _others(scenario: Scenario, option: str, start: date, catalog: Catalog) -> Iterator[Swing]:
    """Yield the swings of inputs that the scenario does not give."""
    chosen = next(each for each in scenario.options if each.name == option)
    plan = make_plan(scenario, chosen, start, catalog)
    for source in plan.inputs:
        if source.given:
            continue
        low, high = _swung(source.amount)
        low_usd, high_usd = (tally(put_input(plan, source, end)).total_usd for end in (low, high))
        label = label_of(source.name)
        yield Swing(
            path=source.name, label=label, low=low, high=high, low_usd=low_usd, high_usd=high_usd, origin="assumed"
        )


def _swung(amount: Amount | Spread) -> tuple[Decimal, Decimal]:
    if not isinstance(amount, Decimal):
        return ends(amount)
    share = load_assumptions().swing_share.value
    return amount * (1 - share), amount * (1 + share)


def _short(amount: Decimal) -> str:
    """Write an amount in three digits, large ones in full."""
    return f"{amount:,.0f}" if amount >= 1000 else f"{float(amount):,.3g}"
