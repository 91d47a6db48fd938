"""What training costs: by the token or by the hour, at the start and again, at least the smallest charge of a job."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ftdecide.catalog.rates import Price
from ftdecide.catalog.types import Provider
from ftdecide.costs.answer_charges import MILLIONTH
from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.charges import Charge, Input, Rate, Step, Terms
from ftdecide.costs.distribution import middle
from ftdecide.costs.offers import Offer, find_machine
from ftdecide.costs.ranges import TRAINING_SPAN
from ftdecide.costs.rates import find_in_tier, known_tiers
from ftdecide.costs.scenario import Hosting, Option, Range, Training
from ftdecide.costs.tally import amount, unit_price
from ftdecide.costs.types import Origin, Warning_
from ftdecide.translation import _


@dataclass(frozen=True)
class _Job:
    """One run: what is counted, at which price, and where that was read."""

    unit: str
    terms: Terms
    rate: Rate
    origin: Origin
    source: str
    as_of: str
    at_least_usd: Decimal | None = None


def training_charges(option: Option, offer: Offer, day: date) -> Iterator[Charge | Warning_]:
    """Yield the runs at the start and the retrainings, or a warning that says why they have no price."""
    training = option.training
    if training is None:
        return
    job = (
        _by_hand(option, offer, training, day) or _on_machines(option, offer, training, day) or _quoted(offer, training)
    )
    if isinstance(job, str):
        yield Warning_(code="price_unknown", text=_("Training: {why}").format(why=job))
        return
    if job.at_least_usd is not None and job.at_least_usd > amount(job.terms) * unit_price(job.rate):
        text = _("A training job costs at least {usd} USD there, more than its tokens; the smallest charge is counted.")
        yield Warning_(code="minimum_charge", text=text.format(usd=job.at_least_usd))
    price = _range(offer, training) if not _own_price(option) else None
    if price is not None:
        yield price
    yield _charge(job, Decimal(training.runs), retraining=False)
    if training.retrainings_per_year:
        yield _charge(job, training.retrainings_per_year, retraining=True)


def _charge(job: _Job, times: Decimal, *, retraining: bool) -> Charge:
    return Charge(
        item=_("Retraining") if retraining else _("Training"),
        code="retraining" if retraining else "training",
        driver="jobs" if retraining else "start",
        unit=job.unit,
        rate=job.rate,
        terms=job.terms,
        origin=job.origin,
        source=job.source,
        as_of=job.as_of,
        times=times,
        at_least_usd=job.at_least_usd,
    )


def _own_price(option: Option) -> Decimal | None:
    return option.prices_usd_per_mtok.training if option.prices_usd_per_mtok else None


def _by_hand(option: Option, offer: Offer, training: Training, day: date) -> _Job | None:
    """The reader's own price a million tokens; what else the provider bills by stays as it is."""
    price = _own_price(option)
    if price is None or training.tokens_per_epoch is None:
        return None
    provider = offer.sale.provider if offer.sale else None
    terms, least = _tokens(training, provider), _smallest_charge(provider)
    return _Job(_("million tokens"), terms, Rate.of(price), "assumed", _("your scenario"), day.isoformat(), least)


def _on_machines(option: Option, offer: Offer, training: Training, day: date) -> _Job | str | None:
    """Hours of one's own machines, or of the rented machine that the tier names."""
    if not offer.self_hosted:
        return None
    if training.hours is None:
        return _(
            "hours are not given, and on machines of one's own they are what is paid. Give “Hours of one run”; the "
            "command 'training' estimates them."
        )
    hosting = option.hosting or Hosting()
    hours = Input(training.hours, "training.hours")
    terms = ((hours, Input(Decimal(hosting.count or 1))),)
    rented = find_in_tier(offer.sale, "training") if offer.sale and offer.sale.tier else None
    unit = _("machine hours")
    if rented is not None and rented.usd_per_hour:
        return _Job(unit, ((hours,),), Rate.of(rented.usd_per_hour), "quoted", rented.source, rented.as_of)
    if hosting.usd_per_hour is not None:
        rate = Rate.of(hosting.usd_per_hour, "hosting.usd_per_hour")
        return _Job(unit, terms, rate, "assumed", _("your scenario"), day.isoformat())
    price = find_machine(offer, hosting)
    if price is None:
        return _("no hourly price is known; name the machine, or give a price of your own for its hour.")
    return _Job(unit, terms, Rate.of(price.usd_per_hour), "quoted", price.source, price.as_of)


def _quoted(offer: Offer, training: Training) -> _Job | str:
    price = _price(offer, training)
    name = offer.model_name or _("this option")
    methods = offer.sale.model.methods if offer.sale else ()
    if methods and training.method not in methods:
        text = _("{name} is not trained by {method} there, only by {methods}.")
        return text.format(name=name, method=training.method, methods=", ".join(methods))
    if price is None or offer.sale is None:
        tiers = ", ".join(known_tiers(offer.sale, "training")) if offer.sale else ""
        known = _(" Known tiers: {tiers}.").format(tiers=tiers) if tiers else ""
        return _("no price of {method} is known for {name}.").format(method=training.method, name=name) + known
    if price.usd_per_hour is not None:
        if training.hours is None:
            return _("{name} is trained by the hour; give “Hours of one run”.").format(name=name)
        hours = ((Input(training.hours, "training.hours"),),)
        return _Job(_("hours"), hours, Rate.of(price.usd_per_hour), "quoted", price.source, price.as_of)
    rate = _rate_of(price)
    if rate is None or training.tokens_per_epoch is None:
        return _("{name} is trained by the token; give training.tokens_per_epoch.").format(name=name)
    provider = offer.sale.provider
    terms, least = _tokens(training, provider), _smallest_charge(provider)
    return _Job(_("million tokens"), terms, rate, "quoted", price.source, price.as_of, least)


def _rate_of(price: Price) -> Rate | None:
    """Return the price of a million tokens; one that is published as a span is a range."""
    if price.training_usd_per_mtok is not None:
        return Rate.of(price.training_usd_per_mtok)
    span = _span(price)
    return span and Rate((Step(0, Input(span, TRAINING_SPAN, given=False)),))


def _span(price: Price) -> Range | None:
    published = price.training_usd_per_mtok_range
    return Range(low=published.low, high=published.high) if published else None


def _price(offer: Offer, training: Training) -> Price | None:
    """The price of LoRA, else of whatever adaptation is offered."""
    if offer.sale is None:
        return None
    lora = find_in_tier(offer.sale, "training", method=training.method, adaptation="lora")
    return lora or find_in_tier(offer.sale, "training", method=training.method)


def _range(offer: Offer, training: Training) -> Warning_ | None:
    price = None if offer.self_hosted else _price(offer, training)
    span = _span(price) if price and price.training_usd_per_mtok is None else None
    if span is None:
        return None
    text = _(
        "For training only a span of prices is published, {low} to {high} USD a million tokens. Lines count its "
        "middle, {middle:.3g}; give a training price of your own once you know it."
    )
    return Warning_(code="price_range", text=text.format(low=span.low, high=span.high, middle=middle(span)))


def _smallest_charge(provider: Provider | None) -> Decimal | None:
    return provider.min_charge_per_job.usd if provider and provider.min_charge_per_job else None


def _tokens(training: Training, provider: Provider | None) -> Terms:
    """Millions of tokens of one run: the training part once an epoch, and the validation part where it is billed."""
    assumed = load_assumptions()
    epochs = provider.epochs_default if provider else None
    billed = provider.validation_tokens_billed if provider else None
    rounds = training.epochs if training.epochs is not None else Decimal(epochs) if epochs else assumed.epochs.value
    terms: Terms = ()
    if training.tokens_per_epoch is not None:
        terms = ((Input(training.tokens_per_epoch, "training.tokens_per_epoch"), Input(rounds), MILLIONTH),)
    if billed and billed.value and training.validation_tokens is not None:
        passes = assumed.evaluations.value if training.evaluations is None else Decimal(training.evaluations)
        terms += ((Input(training.validation_tokens, "training.validation_tokens"), Input(passes), MILLIONTH),)
    return terms
