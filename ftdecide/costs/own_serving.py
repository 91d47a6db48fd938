"""What one machine of an option serves, how many its busiest hour needs, and what its answers then cost."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ftdecide.catalog.types import Catalog
from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.distribution import middle
from ftdecide.costs.hosting_charges import estimated_capacity, given_capacity
from ftdecide.costs.own_machine import MachineRate, machine_rate, spread_of
from ftdecide.costs.replicas import machines_needed
from ftdecide.costs.scenario import Hosting, Option, ScenarioTraffic
from ftdecide.costs.serving import Capacity, usd_per_mtok_output
from ftdecide.costs.types import Spread
from ftdecide.translation import _

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Served:
    """An option's machines under its traffic of the first month.

    `machines` is how many GPUs are kept: for the fast end, the middle and the slow end of what one serves, and never
    fewer than the option names; `busy_at_peak` and `busy` are the shares of what the middle can do that the busiest and
    the average hour use. Prices are None without traffic or a rate.
    """

    capacity: Capacity
    machines: tuple[int, int, int]
    peak_requests_per_second: Decimal
    busy_at_peak: Decimal
    busy: Decimal
    rate: MachineRate | None
    usd_per_mtok: Spread | None
    usd_per_mtok_when_full: Spread | None


def serve_option(option: Option, traffic: ScenarioTraffic, day: date, catalog: Catalog) -> Served | None:
    """Return what the option's machines do with the traffic; None where model or GPU are not known to the estimate.

    A capacity that the option gives comes before the estimate. The price of a million output tokens follows from
    machines and traffic alone: `machines` times the price of an hour over the tokens of an hour, its range from how
    many machines are needed at both ends. When full, it is that of one machine that is busy all the time.

    Raises:
        InputError: a machine that is not listed, or one that answers nothing.
    """
    hosting, assumed = option.hosting or Hosting(), load_assumptions()
    found = _given(option, traffic, day) or (hosting.gpu and estimated_capacity(option, traffic, hosting.gpu)) or None
    if found is None:
        return None
    hours = hosting.hours_per_month or assumed.hours_per_month.value
    average = middle(traffic.requests_per_month) / (hours * _SECONDS_PER_HOUR)
    peak = average * assumed.peak_factor.value
    needed = machines_needed(peak, found)
    least = -(-(hosting.count or 1) // found.gpus)
    fewest, groups, most = (max(least, count) for count in (needed.least, needed.middle, needed.most))
    per_second = found.requests_per_second.p50 * groups
    rate = machine_rate(option, day, catalog)
    usd = middle(rate.usd_per_hour) if rate else None
    return Served(
        capacity=found,
        machines=(fewest * found.gpus, groups * found.gpus, most * found.gpus),
        peak_requests_per_second=peak,
        busy_at_peak=peak / per_second,
        busy=average / per_second,
        rate=rate,
        usd_per_mtok=_at_traffic(found, usd, average, (fewest, groups, most)) if usd is not None and average else None,
        usd_per_mtok_when_full=None if usd is None else usd_per_mtok_output(found, usd),
    )


def _at_traffic(found: Capacity, usd: Decimal, average: Decimal, machines: tuple[int, int, int]) -> Spread:
    """Return the price of a million output tokens of a traffic, for the fewest, middle and most machines it needs."""
    # One machine's price for these tokens, whose own speed cancels out and which no load of one machine bounds.
    full = usd_per_mtok_output(found, usd).p50
    low, middle_, high = (full * found.requests_per_second.p50 / average * count for count in machines)
    return Spread(p10=low, p50=middle_, p90=high)


def _given(option: Option, traffic: ScenarioTraffic, day: date) -> Capacity | None:
    """Return the capacity that an option gives for one machine."""
    asked = given_capacity(option)
    if asked is None:
        return None
    rates = spread_of(asked)
    low, mid, high = (Decimal(format(rate, ".4g")) for rate in (rates.p10, rates.p50, rates.p90))
    answer = max(Decimal(1), middle(traffic.output_tokens))
    return Capacity(
        requests_per_second=Spread(p10=low, p50=mid, p90=high),
        output_tokens_per_second=Spread(p10=low * answer, p50=mid * answer, p90=high * answer),
        gpus=1,
        in_flight=1,
        origin="assumed",
        source=_("your scenario"),
        as_of=day.isoformat(),
        text=_("You gave this number yourself."),
    )
