"""What the options of a scenario cost at other volumes, for a chart of cost by requests a month."""

from datetime import date
from decimal import Decimal

from ftdecide.catalog.types import Catalog
from ftdecide.costs.breakeven import make_curve
from ftdecide.costs.distribution import middle
from ftdecide.costs.plan import make_plan
from ftdecide.costs.scenario import Amount, Range, Scenario
from ftdecide.costs.uncertainty import decimal

_POINTS = 81
_WIDEST = 30
"""The chart reaches from a thirtieth of the traffic to thirty times as much."""


def scale_traffic(scenario: Scenario, factor: Decimal) -> Scenario:
    """Return the scenario with its requests a month multiplied."""
    asked = scenario.traffic.requests_per_month
    new: Amount = (
        Range(low=asked.low * factor, high=asked.high * factor) if isinstance(asked, Range) else asked * factor
    )
    return scenario.model_copy(update={"traffic": scenario.traffic.model_copy(update={"requests_per_month": new})})


def cost_by_volume(scenario: Scenario, today: date, catalog: Catalog) -> dict[str, tuple[tuple[Decimal, Decimal], ...]]:
    """Return for every option that can be had (requests a month, US dollars over the horizon), by rising volume.

    Every range is at its middle. Without any traffic there is nothing to draw.

    Raises:
        InputError: as in `estimate`.
    """
    import numpy as np

    asked = float(middle(scenario.traffic.requests_per_month))
    if not asked:
        return {}
    volumes = np.geomspace(asked / _WIDEST, asked * _WIDEST, _POINTS)
    found: dict[str, tuple[tuple[Decimal, Decimal], ...]] = {}
    for option in scenario.options:
        plan = make_plan(scenario, option, scenario.as_of or today, catalog)
        if plan.available:
            usd = make_curve(plan).at(volumes)
            found[option.name] = tuple((decimal(at), decimal(cost)) for at, cost in zip(volumes, usd, strict=True))
    return found
