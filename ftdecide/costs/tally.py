"""Multiplies a plan out in exact decimals, every range at its middle."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext

from ftdecide.costs.charges import EXACT, Charge, Plan, Rate, Terms
from ftdecide.costs.distribution import middle
from ftdecide.costs.months import grow, retrainings, share
from ftdecide.costs.types import Line
from ftdecide.translation import _


@dataclass(frozen=True)
class Tally:
    """A plan multiplied out: its lines, what falls due at the start, and requests and cost month by month."""

    lines: tuple[Line, ...]
    one_off_usd: Decimal
    own_usd: Decimal
    month_requests: tuple[Decimal, ...]
    month_usd: tuple[Decimal, ...]

    @property
    def total_usd(self) -> Decimal:
        """Everything over the horizon."""
        with localcontext(EXACT):
            return sum((line.usd for line in self.lines), Decimal(0))


def tally(plan: Plan) -> Tally:
    """Multiply a plan out; `own_usd` is what the option's own model costs after the start."""
    with localcontext(EXACT):
        growth = middle(plan.traffic.monthly_growth)
        requests = grow(middle(plan.traffic.requests_per_month), growth, len(plan.months))
        lines: list[Line] = []
        months = [Decimal(0)] * len(requests)
        one_off = own = Decimal(0)
        for charge in plan.charges:
            price, unit, times = _price(charge)
            quantities = tuple(times * count for count in counts(charge, plan, requests))
            usd = sum(quantities, Decimal(0)) * price
            lines.append(_line(charge, sum(quantities, Decimal(0)), unit, price, usd))
            if charge.phase == "one_off":
                one_off += usd
                continue
            own += usd if charge.phase == "monthly" else 0
            months = [month + count * price for month, count in zip(months, quantities, strict=True)]
    return Tally(tuple(lines), one_off, own, requests, tuple(months))


def amount(terms: Terms) -> Decimal:
    """Return a sum of products, exactly."""
    total = Decimal(0)
    with localcontext(EXACT):
        for product in terms:
            value = Decimal(1)
            for part in product:
                value *= middle(part.amount)
            total += value
    return total


def unit_price(rate: Rate) -> Decimal:
    """Return the price that the length of an average request chooses."""
    length = amount(rate.length)
    above = [step for step in rate.steps if length > step.above or not step.above]
    return middle(max(above, key=lambda step: step.above).usd.amount)


def _price(charge: Charge) -> tuple[Decimal, str, Decimal]:
    """Return price, unit and factor of the quantity; a job below the smallest charge is billed by the job."""
    price, each = unit_price(charge.rate), amount(charge.terms)
    if charge.at_least_usd is not None and price * each < charge.at_least_usd:
        return charge.at_least_usd, _("jobs at the smallest charge"), Decimal(1)
    return price, charge.unit, each


def counts(charge: Charge, plan: Plan, requests: tuple[Decimal, ...]) -> Iterator[Decimal]:
    """Yield month by month how often the charge's terms fall due."""
    jobs = tuple(retrainings(charge.times, plan.months)) if charge.driver == "jobs" else ()
    for number, (month, asked) in enumerate(zip(plan.months, requests, strict=True)):
        served = share(asked, month.served_days, month.days)
        match charge.driver:
            case "start":
                yield charge.times if number == 0 else Decimal(0)
            case "end":
                yield charge.times if number == plan.end else Decimal(0)
            case "requests":
                yield asked - served if charge.after else served
            case "month":
                whole = share(Decimal(1), month.served_days, month.days)
                yield 1 - whole if charge.after else whole
            case "machines":
                yield share(machine_count(charge, asked), month.served_days, month.days)
            case "jobs":
                yield jobs[number]


def machine_count(charge: Charge, requests: Decimal) -> Decimal:
    """Return how many machines a month's requests need at the busiest hour."""
    machines = charge.machines
    if machines is None:
        return Decimal(1)
    if machines.per_second is None:
        return Decimal(machines.least_groups * machines.grouped)
    # 50 digits are enough to divide by: whole machines are counted.
    with localcontext(prec=50):
        needed = requests * machines.groups_per_request / middle(machines.per_second.amount)
        return max(Decimal(machines.least_groups), needed.to_integral_value(ROUND_CEILING)) * machines.grouped


def _line(charge: Charge, quantity: Decimal, unit: str, price: Decimal, usd: Decimal) -> Line:
    return Line(
        item=charge.item,
        code=charge.code,
        phase=charge.phase,
        quantity=quantity,
        unit=unit,
        unit_price_usd=price,
        usd=usd,
        origin=charge.origin,
        source=charge.source,
        as_of=charge.as_of,
    )
