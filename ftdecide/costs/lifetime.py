"""Whether an option can be had on a day, how long its model answers, and what a reader must know about that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ftdecide.catalog.availability import Availability, effective_windows, model_availability
from ftdecide.catalog.lookup import find_model
from ftdecide.costs.offers import Offer
from ftdecide.costs.rates import Sale, find_tariff
from ftdecide.costs.scenario import Option, Training
from ftdecide.costs.types import Warning_
from ftdecide.errors import NotFoundError
from ftdecide.translation import _


@dataclass(frozen=True)
class Life:
    """`ends_on` is the first day without an answer, if it lies within the horizon; `after` takes the traffic then."""

    available: bool
    ends_on: date | None
    last_job_date: date | None
    after: Sale | None
    warnings: tuple[Warning_, ...]


def find_life(offer: Offer, option: Option, start: date, end: date) -> Life:
    """Say how long an option lives between two days, the second not included."""
    if offer.sale is None or offer.self_hosted:
        return Life(available=True, ends_on=None, last_job_date=None, after=None, warnings=())
    sale = offer.sale
    available = model_availability(sale.provider, sale.model, start)
    stops = available.retires_on if option.fine_tuned else available.base_retires_on
    refusal = tuple(_refusals(offer, option, available, stops, start))
    if refusal:
        text = _("{name} is therefore not costed, and left out of every break-even.").format(name=option.name)
        gone = (*refusal, Warning_(code="not_available", text=text))
        return Life(available=False, ends_on=None, last_job_date=None, after=None, warnings=gone)
    last_job = available.last_job_date if wants_jobs(option) else None
    ends_on = stops if stops is not None and stops < end else None
    after = find_successor(sale) if ends_on else None
    told = (*_job_warnings(option, available, end), *_end_warnings(sale, option, ends_on, after))
    return Life(available=True, ends_on=ends_on, last_job_date=last_job, after=after, warnings=told)


def wants_jobs(option: Option) -> bool:
    """Say whether an option trains anything; a tuned one that does not is a tune that exists already."""
    return option.training is not None and _trains(option.training)


def _trains(training: Training) -> bool:
    return training.tokens_per_epoch is not None or training.hours is not None


def find_successor(sale: Sale) -> Sale | None:
    """Return the model that the provider names as the replacement, else the one that another provider of it names."""
    for provider, model in ((sale.provider, sale.model), *sale.catalog.models()):
        if model.id == sale.model.id and model.replaced_by:
            for seller in (sale.provider, provider):
                try:
                    found = Sale(sale.catalog, seller, find_model(sale.catalog, seller.id, model.replaced_by))
                except NotFoundError:
                    continue
                if find_tariff(found, "base_inference"):
                    return found
    return None


def _refusals(
    offer: Offer, option: Option, available: Availability, stops: date | None, start: date
) -> Iterator[Warning_]:
    """Yield why an option cannot be had at all on the first day."""
    name = offer.model_name
    if stops is not None and start >= stops:
        what = _("The tuned versions of {model}") if option.fine_tuned else _("{model}")
        text = _("{what} stopped answering on {day}.").format(what=what.format(model=name), day=stops)
        yield Warning_(code="retired", text=text)
    if not option.fine_tuned and not wants_jobs(option):
        return
    if available.state == "closed" and (wants_jobs(option) or not offer.sale or offer.sale.provider.status == "closed"):
        yield Warning_(code="no_new_jobs_after", text=available.text)
    own_machine = option.hosting is not None and (option.hosting.gpu or option.hosting.usd_per_hour is not None)
    if offer.sale and offer.sale.model.deployable is False and not own_machine:
        text = _(
            "{provider} trains {model} but cannot serve the result; download it, and name a machine of your own under "
            "hosting (gpu or usd_per_hour)."
        ).format(provider=offer.sale.provider.name, model=name)
        yield Warning_(code="not_deployable", text=text)


def _job_warnings(option: Option, available: Availability, end: date) -> Iterator[Warning_]:
    if not option.fine_tuned and not wants_jobs(option):
        return
    if not wants_jobs(option):
        text = _("No training is counted: {name} is taken for a tuned model that exists already.")
        yield Warning_(code="training_not_counted", text=text.format(name=option.name))
    if available.state == "existing_customers_only":
        yield Warning_(code="existing_customers_only", text=available.text)
    last = available.last_job_date
    if available.state == "closed":
        yield Warning_(code="no_new_jobs_after", text=available.text)
    elif last is not None and last < end:
        word = _("at least until {day}") if available.minimum else _("until {day}")
        text = _("New training jobs can be created {until}.").format(until=word.format(day=last))
        if option.training and option.training.retrainings_per_year > Decimal(0):
            text += " " + _("Retrainings after that day cannot happen and are not counted.")
        yield Warning_(code="no_new_jobs_after", text=text)


def _end_warnings(sale: Sale, option: Option, ends_on: date | None, after: Sale | None) -> Iterator[Warning_]:
    if ends_on is None:
        return
    what = _("the tuned model") if option.fine_tuned else sale.model.display
    name = sale.provider.name
    windows = effective_windows(sale.provider, sale.model)
    which = "deployment_retires_on" if option.fine_tuned and windows.deployment_retires_on else "base_retires_on"
    earliest = which in windows.no_earlier_than
    day = (_("{day} at the earliest") if earliest else "{day}").format(day=ends_on)
    if after is None:
        text = _(
            "On {day}, {what} at {provider} stops, within the horizon. No replacement is named: nothing is counted "
            "after that day, so compare the average month rather than the total."
        ).format(day=day, what=what, provider=name)
        yield Warning_(code="retires_within_horizon", text=text)
        yield Warning_(code="no_successor", text=_("Nobody names a replacement of {what}.").format(what=what))
        return
    whose = "" if after.provider.id == sale.provider.id else _(" (priced at {name})").format(name=after.provider.name)
    text = _(
        "On {day}, {what} at {provider} stops, within the horizon. From then on {successor}{whose} is counted at its "
        "own price and with the same prompt, and once the work of moving."
    ).format(day=day, what=what, provider=name, successor=after.model.display, whose=whose)
    if option.fine_tuned:
        text += " " + _("Untuned, it may need a longer prompt than the tuned model did.")
    yield Warning_(code="retires_within_horizon", text=text)
