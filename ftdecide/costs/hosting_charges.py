"""What keeping a model ready costs by the hour: a vendor's fee, or machines, as many as the busiest hour needs."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.charges import Charge, Input, Machines, Rate
from ftdecide.costs.offers import Offer, find_machine
from ftdecide.costs.rates import find_in_tier, known_tiers
from ftdecide.costs.scenario import Hosting, Option, Range
from ftdecide.costs.types import Warning_
from ftdecide.errors import InputError
from ftdecide.translation import _


def needs_machine(option: Option, offer: Offer) -> bool:
    """Say whether an option runs on machines of its own, so that a token costs nothing more."""
    hosting = option.hosting
    named = hosting is not None and (hosting.gpu is not None or hosting.usd_per_hour is not None)
    return offer.self_hosted or (offer.machines_only and (option.fine_tuned or named)) or _downloaded(option, offer)


def hosting_charges(option: Option, offer: Offer, day: date) -> Iterator[Charge | Warning_]:
    """Yield the hourly fee of a tuned model, or the hours of its machines.

    Raises:
        InputError: a machine that no price is known for, or one that answers nothing.
    """
    hosting = option.hosting or Hosting()
    if needs_machine(option, offer) or hosting.gpu is not None:
        yield from _machine(option, offer, hosting, day)
        return
    fee = find_in_tier(offer.sale, "hosting") if offer.sale and option.fine_tuned else None
    if hosting.usd_per_hour is not None:
        yield _fee(hosting, Rate.of(hosting.usd_per_hour, "hosting.usd_per_hour"), _("your scenario"), day.isoformat())
    elif fee is not None and fee.usd_per_hour is not None and offer.sale:
        yield _fee(hosting, Rate.of(fee.usd_per_hour), fee.source, fee.as_of)
        if not fee.usd_per_hour and fee.note:
            tier = fee.tier or known_tiers(offer.sale, "hosting")
            yield Warning_(code="hosting_note", text=_("Tier {tier}: {note}.").format(tier=tier, note=fee.note))


def _downloaded(option: Option, offer: Offer) -> bool:
    """Tuned weights that the vendor cannot serve, on a machine that the option names."""
    return bool(offer.sale and option.fine_tuned and offer.sale.model.deployable is False)


def _hours(hosting: Hosting) -> Decimal:
    return load_assumptions().hours_per_month.value if hosting.hours_per_month is None else hosting.hours_per_month


def _fee(hosting: Hosting, rate: Rate, source: str, as_of: str) -> Charge:
    return Charge(
        item=_("Keeping the tuned model deployed"),
        code="hosting",
        driver="month",
        unit=_("hours"),
        rate=rate,
        terms=((Input(_hours(hosting)), Input(Decimal(hosting.count or 1))),),
        origin="assumed" if hosting.usd_per_hour is not None else "quoted",
        source=source,
        as_of=as_of,
    )


def _machine(option: Option, offer: Offer, hosting: Hosting, day: date) -> Iterator[Charge | Warning_]:
    name, price = _("machine"), None
    if hosting.usd_per_hour is None:
        try:
            price = find_machine(offer, hosting)
        except InputError as error:
            raise InputError(f"option {option.name!r}, {error}") from error
        if price is None:
            text = _("Machines: no hourly price is known. Name the machine (hosting.gpu) or give hosting.usd_per_hour.")
            yield Warning_(code="price_unknown", text=text)
            return
        name = " ".join(filter(None, (price.gpu, price.cloud and f"({price.cloud})")))
    elif hosting.gpu:
        name = hosting.gpu
    capacity, warning = _capacity(option, hosting)
    if warning:
        yield warning
    given = hosting.usd_per_hour
    yield Charge(
        item=_("Machines: {name}").format(name=name),
        code="machines",
        driver="machines",
        unit=_("machine hours"),
        rate=Rate.of(price.usd_per_hour) if price else Rate.of(given or Decimal(0), "hosting.usd_per_hour"),
        terms=((Input(_hours(hosting)),),),
        origin="quoted" if price else "assumed",
        source=price.source if price else _("your scenario"),
        as_of=price.as_of if price else day.isoformat(),
        machines=capacity,
    )


def _capacity(option: Option, hosting: Hosting) -> tuple[Machines, Warning_ | None]:
    """Return how many machines are needed; without a stated capacity the number given, else one."""
    asked, count = hosting.requests_per_second_capacity, hosting.count or 1
    lowest = asked.low if isinstance(asked, Range) else asked
    if lowest is not None and lowest <= 0:
        raise InputError(
            f"option {option.name!r}, hosting.requests_per_second_capacity: a machine that answers nothing serves "
            "nobody; give a number above 0 or remove the key"
        )
    peak = load_assumptions().peak_factor.value
    per_second = Input(asked, "hosting.requests_per_second_capacity") if asked is not None else None
    machines = Machines(count, _hours(hosting), peak, per_second)
    if asked is not None:
        return machines, None
    text = _(
        "How many requests a second a machine answers is not given: {machines} counted, whatever the traffic. Give "
        "hosting.requests_per_second_capacity; the busiest hour is taken as {peak} times the average."
    )
    some = _("one machine is") if count == 1 else _("{count} machines are").format(count=count)
    return machines, Warning_(code="capacity_unknown", text=text.format(machines=some, peak=peak))
