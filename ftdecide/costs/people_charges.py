"""What people, labels, retrieval and storage cost, and moving to another model."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ftdecide.costs.answer_charges import MILLIONTH
from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.charges import Charge, Driver, Input, Rate, Step, Terms
from ftdecide.costs.distribution import middle
from ftdecide.costs.offers import Offer
from ftdecide.costs.ranges import ENGINEERING_RATE, MIGRATION_HOURS
from ftdecide.costs.scenario import Amount, Effort, Option
from ftdecide.costs.telling import say_usd
from ftdecide.costs.types import Warning_
from ftdecide.translation import _


def people_charges(option: Option, day: date) -> Iterator[Charge | Warning_]:
    """Yield hours at the start and every month, and labels."""
    effort = option.effort
    if effort is None:
        return
    rate = _rate(effort, day)
    if effort.hours is not None:
        work = _Work(_("Engineering"), "engineering", "start", _("hours"))
        yield _charge(work, rate, ((Input(effort.hours, "effort.hours"),),))
    if effort.upkeep_hours_per_month is not None:
        work = _Work(_("Upkeep"), "upkeep", "month", _("hours"))
        yield _charge(work, rate, ((Input(effort.upkeep_hours_per_month, "effort.upkeep_hours_per_month"),),))
    if effort.labels and effort.usd_per_label is None:
        text = _("Labels: {count} are wanted, and what one label costs is not given; the total leaves them out.")
        yield Warning_(code="price_unknown", text=text.format(count=effort.labels))
    elif effort.labels and effort.usd_per_label is not None:
        work = _Work(_("Labels"), "labels", "start", _("labels"))
        price = _given(effort.usd_per_label, "effort.usd_per_label", day)
        yield _charge(work, price, ((Input(Decimal(effort.labels)),),))


def retrieval_charges(option: Option, day: date) -> Iterator[Charge]:
    """Yield the search index and what is embedded for it."""
    retrieval = option.retrieval
    if retrieval is None:
        return
    if retrieval.usd_per_month is not None:
        work = _Work(_("Search index"), "retrieval", "month", _("months"))
        price = _given(retrieval.usd_per_month, "retrieval.usd_per_month", day)
        yield _charge(work, price, ((Input(Decimal(1)),),))
    if retrieval.embedding_tokens_per_month is not None:
        tokens = Input(retrieval.embedding_tokens_per_month, "retrieval.embedding_tokens_per_month")
        work, assumed = _Work(_("Embedding"), "embedding", "month", _("million tokens")), load_assumptions()
        price = assumed.embedding_usd_per_mtok
        yield _charge(work, _Price(Input(price.value), price.source, price.as_of), ((tokens, MILLIONTH),))


def storage_charges(option: Option, offer: Offer) -> Iterator[Charge]:
    """Yield the fee for keeping tuned weights, by the model or by the GB of one adapter."""
    storage = offer.sale.provider.storage if offer.sale and option.fine_tuned else None
    if storage is None:
        return
    adapter = load_assumptions().adapter_gb.value
    if storage.usd_per_model_month is not None:
        price, unit, kept = storage.usd_per_model_month, _("model months"), Decimal(1)
    elif storage.usd_per_gb_month is not None:
        price, unit, kept = storage.usd_per_gb_month, _("GB months"), max(Decimal(0), adapter - (storage.free_gb or 0))
    else:
        return
    yield Charge(
        item=_("Storage of the tuned weights"),
        code="storage",
        driver="month",
        unit=unit,
        rate=Rate.of(price),
        terms=((Input(kept),),),
        origin="quoted",
        source=storage.source,
        as_of=storage.as_of,
    )


def migration_charges(option: Option, day: date) -> Iterator[Charge | Warning_]:
    """Yield the work of moving to the model that comes after, and say that its hours are an assumption."""
    effort, hours = option.effort or Effort(), load_assumptions().migration_hours
    work = _Work(_("Moving to another model (hours assumed)"), "migration", "end", _("hours"))
    rate = _rate(effort, day)
    named = Input(hours.value, MIGRATION_HOURS, given=False)
    yield replace(
        _charge(work, rate, ((named,),)), after=True, origin="assumed", source=hours.source, as_of=hours.as_of
    )
    text = _(
        "Moving to another model: {hours:f} hours are an assumption, and at {usd} USD an hour they cost {all} USD. "
        "{whose} The hours are a cell of the spreadsheet, and stand in data/cost_assumptions.yml."
    ).format(
        hours=hours.value,
        usd=say_usd(middle(rate.price.amount)),
        all=say_usd(middle(rate.price.amount) * hours.value),
        whose=_("The price of an hour is yours.")
        if effort.usd_per_hour is not None
        else _("The price of an hour is assumed too; put yours into “One hour costs”."),
    )
    yield Warning_(code="migration_assumed", text=text)


@dataclass(frozen=True)
class _Work:
    """What a line of the bill is called, what its quantity follows, and the unit it is counted in."""

    item: str
    code: str
    driver: Driver
    unit: str


@dataclass(frozen=True)
class _Price:
    """What one unit costs, and where that comes from; the scenario's own numbers count as assumed."""

    price: Input
    source: str
    as_of: str


def _given(usd: Amount, path: str, day: date) -> _Price:
    return _Price(Input(usd, path), _("your scenario"), day.isoformat())


def _rate(effort: Effort, day: date) -> _Price:
    """Return the price of an hour: the scenario's, else the one that is assumed."""
    if effort.usd_per_hour is not None:
        return _given(effort.usd_per_hour, "effort.usd_per_hour", day)
    assumed = load_assumptions().engineering_usd_per_hour
    return _Price(Input(assumed.value, ENGINEERING_RATE, given=False), assumed.source, assumed.as_of)


def _charge(work: _Work, price: _Price, terms: Terms) -> Charge:
    return Charge(
        item=work.item,
        code=work.code,
        driver=work.driver,
        unit=work.unit,
        rate=Rate((Step(0, price.price),)),
        terms=terms,
        origin="assumed",
        source=price.source,
        as_of=price.as_of,
    )
