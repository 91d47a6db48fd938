"""What people, labels, retrieval and storage cost, and moving to another model."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ftdecide.costs.answer_charges import MILLIONTH
from ftdecide.costs.assumptions import Assumption, load_assumptions
from ftdecide.costs.charges import Charge, Driver, Input, Rate, Terms
from ftdecide.costs.offers import Offer
from ftdecide.costs.scenario import Amount, Effort, Option
from ftdecide.costs.types import Warning_
from ftdecide.translation import _


def people_charges(option: Option, day: date) -> Iterator[Charge | Warning_]:
    """Yield hours at the start and every month, and labels."""
    effort = option.effort
    if effort is None:
        return
    if effort.hours is not None:
        yield _hours(_("Engineering"), "engineering", "start", Input(effort.hours, "effort.hours"), effort, day)
    if effort.upkeep_hours_per_month is not None:
        upkeep = Input(effort.upkeep_hours_per_month, "effort.upkeep_hours_per_month")
        yield _hours(_("Upkeep"), "upkeep", "month", upkeep, effort, day)
    if effort.labels and effort.usd_per_label is None:
        text = _("Labels: {count} are wanted, and what one label costs is not given; the total leaves them out.")
        yield Warning_(code="price_unknown", text=text.format(count=effort.labels))
    elif effort.labels and effort.usd_per_label is not None:
        price = (effort.usd_per_label, "effort.usd_per_label")
        labels = Decimal(effort.labels)
        yield given(_("Labels"), "labels", "start", _("labels"), price, ((Input(labels),),), day)


def retrieval_charges(option: Option, day: date) -> Iterator[Charge]:
    """Yield the search index and what is embedded for it."""
    retrieval = option.retrieval
    if retrieval is None:
        return
    if retrieval.usd_per_month is not None:
        price = (retrieval.usd_per_month, "retrieval.usd_per_month")
        yield given(_("Search index"), "retrieval", "month", _("months"), price, ((Input(Decimal(1)),),), day)
    if retrieval.embedding_tokens_per_month is not None:
        tokens = Input(retrieval.embedding_tokens_per_month, "retrieval.embedding_tokens_per_month")
        price = load_assumptions().embedding_usd_per_mtok
        yield _assumed(_("Embedding"), "embedding", _("million tokens"), price, ((tokens, MILLIONTH),))


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


def migration_charge(option: Option, day: date) -> Charge:
    """Return the work of moving to the model that comes after."""
    assumed = load_assumptions()
    rate = option.effort.usd_per_hour if option.effort else None
    hours = assumed.migration_hours
    return Charge(
        item=_("Moving to another model"),
        code="migration",
        driver="end",
        unit=_("hours"),
        rate=Rate.of(assumed.engineering_usd_per_hour.value) if rate is None else Rate.of(rate, "effort.usd_per_hour"),
        terms=((Input(hours.value, "assumed.migration_hours"),),),
        origin="assumed",
        source=hours.source,
        as_of=hours.as_of if rate is None else day.isoformat(),
        after=True,
    )


def given(  # noqa: PLR0913, PLR0917 - a line of the bill
    item: str, code: str, driver: Driver, unit: str, price: tuple[Amount, str], terms: Terms, day: date
) -> Charge:
    """Return a charge whose price stands in the scenario, under the name of its field."""
    return Charge(
        item=item,
        code=code,
        driver=driver,
        unit=unit,
        rate=Rate.of(*price),
        terms=terms,
        origin="assumed",
        source=_("your scenario"),
        as_of=day.isoformat(),
    )


def _hours(item: str, code: str, driver: Driver, hours: Input, effort: Effort, day: date) -> Charge:  # noqa: PLR0913, PLR0917 - as above
    if effort.usd_per_hour is not None:
        price = (effort.usd_per_hour, "effort.usd_per_hour")
        return given(item, code, driver, _("hours"), price, ((hours,),), day)
    return _assumed(item, code, _("hours"), load_assumptions().engineering_usd_per_hour, ((hours,),), driver)


def _assumed(item: str, code: str, unit: str, price: Assumption, terms: Terms, driver: Driver = "month") -> Charge:  # noqa: PLR0913, PLR0917 - as above
    return Charge(
        item=item,
        code=code,
        driver=driver,
        unit=unit,
        rate=Rate.of(price.value),
        terms=terms,
        origin="assumed",
        source=price.source,
        as_of=price.as_of,
    )
