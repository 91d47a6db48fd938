"""What keeping a model ready costs by the hour: a vendor's fee, or machines, as many as the busiest hour needs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.charges import Charge, Input, Machines, Rate
from ftdecide.costs.distribution import ends, middle
from ftdecide.costs.offers import Offer, find_machine
from ftdecide.costs.ranges import CAPACITY
from ftdecide.costs.rates import find_in_tier, known_tiers
from ftdecide.costs.scenario import Amount, Hosting, Option, ScenarioTraffic
from ftdecide.costs.types import Warning_
from ftdecide.errors import InputError
from ftdecide.translation import _, plural

if TYPE_CHECKING:
    from ftdecide.costs.serving import Capacity


def needs_machine(option: Option, offer: Offer) -> bool:
    """Say whether an option runs on machines of its own, so that a token costs nothing more."""
    hosting = option.hosting
    named = hosting is not None and (hosting.gpu is not None or hosting.usd_per_hour is not None)
    return offer.self_hosted or (offer.machines_only and (option.fine_tuned or named)) or _downloaded(option, offer)


def hosting_charges(option: Option, traffic: ScenarioTraffic, offer: Offer, day: date) -> Iterator[Charge | Warning_]:
    """Yield the hourly fee of a tuned model, or the hours of its machines.

    Raises:
        InputError: a machine that no price is known for, or one that answers nothing.
    """
    hosting = option.hosting or Hosting()
    if needs_machine(option, offer) or hosting.gpu is not None:
        yield from _machine(option, traffic, offer, day)
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


def _machine(option: Option, traffic: ScenarioTraffic, offer: Offer, day: date) -> Iterator[Charge | Warning_]:
    hosting = option.hosting or Hosting()
    name, price = _("machine"), None
    if hosting.usd_per_hour is None:
        try:
            price = find_machine(offer, hosting)
        except InputError as error:
            raise InputError(f"option {option.name!r}, {error}") from error
        if price is None:
            text = _("Machines: no hourly price is known. Name the machine, or give a price of your own for its hour.")
            yield Warning_(code="price_unknown", text=text)
            return
        name = " ".join(filter(None, (price.gpu, price.cloud and f"({price.cloud})")))
    elif hosting.gpu:
        name = hosting.gpu
    machines, warning = _machines(option, traffic, hosting.gpu or (price.gpu if price else None))
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
        machines=machines,
    )


def _machines(option: Option, traffic: ScenarioTraffic, gpu: str | None) -> tuple[Machines, Warning_ | None]:
    """Return how many machines are needed, by the capacity that is given or estimated, else the number given or one."""
    hosting, asked = option.hosting or Hosting(), given_capacity(option)
    peak = load_assumptions().peak_factor.value
    awake = _hours(hosting) or load_assumptions().hours_per_month.value
    machines = Machines(hosting.count or 1, awake, peak, None)
    if asked is not None:
        return replace(machines, per_second=Input(asked, "hosting.requests_per_second_capacity")), None
    found = estimated_capacity(option, traffic, gpu) if gpu else None
    if found is None:
        return _unknown_capacity(option, gpu, machines)
    machines = replace(machines, per_second=Input(found.requests_per_second, CAPACITY, given=False), grouped=found.gpus)
    return machines, Warning_(code="capacity_estimated", text=_say_capacity(found, machines, traffic, gpu))


def _say_capacity(found: "Capacity", machines: Machines, traffic: ScenarioTraffic, gpu: str | None) -> str:
    """Say what one machine is taken to answer, how many the traffic then needs, and how sure either is."""
    from ftdecide.costs.replicas import machines_needed

    rate = found.requests_per_second
    needed = machines_needed(middle(traffic.requests_per_month) * machines.groups_per_request, found)
    fewest, counted, most = (
        max(machines.least_groups, groups) * found.gpus for groups in (needed.least, needed.middle, needed.most)
    )
    told = _("One {gpu} is") if found.gpus == 1 else _("{n} {gpu} together are")
    notes = [
        _("{machines} taken to answer {middle:.3g} requests a second of this length ({low:.3g} to {high:.3g}).").format(
            machines=told.format(n=found.gpus, gpu=gpu), middle=rate.p50, low=rate.p10, high=rate.p90
        ),
        _("The busiest hour is taken to have {peak} times the average.").format(peak=machines.peak_factor),
        plural("The first month then takes {n} machine", "The first month then takes {n} machines", counted),
        found.text,
        _measure(),
    ]
    notes[2] += (
        "." if fewest == most else _(", from {fewest} to {most} over that range.").format(fewest=fewest, most=most)
    )
    return " ".join(notes)


def _measure() -> str:
    return _("Measure yours and put it into “Requests a second it can answer”.")


def _unknown_capacity(option: Option, gpu: str | None, machines: Machines) -> tuple[Machines, Warning_]:
    """Count the machines that are named, else as many as hold the weights, whatever the traffic."""
    from ftdecide.costs.weights import processors_for

    least = processors_for(option.model or "", gpu) if gpu else None
    if least and (option.hosting is None or option.hosting.count is None):
        machines = replace(machines, count=least)
    told = plural("{n} machine is", "{n} machines are", machines.count)
    text = _("How many requests a second a machine answers is not known, so {machines} counted whatever the traffic.")
    notes = [text.format(machines=told)]
    if least is None:
        notes.append(_("Whether the model fits on that is not known either."))
    elif least > 1:
        need = _("The weights of a model of this size take {n} x {gpu} in 16 bits.")
        notes.append(need.format(n=least, gpu=gpu))
    return machines, Warning_(code="capacity_unknown", text=" ".join((*notes, _measure())))


def given_capacity(option: Option) -> Amount | None:
    """Return how many requests a second the option says that one of its machines answers.

    Raises:
        InputError: none at all.
    """
    given = option.hosting and option.hosting.requests_per_second_capacity
    if given is not None and ends(given)[0] <= 0:
        text = _(
            "option {name!r}, hosting: a machine that answers 0 requests a second serves nobody; give “Requests a "
            "second it can answer” a number above 0, or none to have it estimated"
        )
        raise InputError(text.format(name=option.name))
    return given


def estimated_capacity(option: Option, traffic: ScenarioTraffic, gpu: str) -> "Capacity | None":
    """Estimate what as few processors as hold the model answer, or None where model or processor are not known."""
    # Architectures and measurements are read only where a scenario leaves the capacity open.
    from ftdecide.costs.serving import Replica, Requests, capacity
    from ftdecide.costs.serving_data import serving_facts

    tokens = float(middle(option.prompt_tokens) + middle(traffic.input_tokens))
    answer = max(1.0, float(middle(traffic.output_tokens)))
    for together in serving_facts().gpus_tried:
        try:
            return capacity(Replica(option.model or "", gpu, together), Requests(tokens, answer))
        except InputError:  # too small for the model, or not known at all: then no number helps
            continue
    return None
