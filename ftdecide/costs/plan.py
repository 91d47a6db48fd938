"""Makes of an option what will be billed: charges over months, and what a reader must know about them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ftdecide.catalog.figures import STALE_AFTER_DAYS, is_stale
from ftdecide.catalog.types import Catalog
from ftdecide.costs.answer_charges import Answers, answer_charges
from ftdecide.costs.charges import Charge, Plan
from ftdecide.costs.hosting_charges import hosting_charges, needs_machine
from ftdecide.costs.lifetime import Life, find_life
from ftdecide.costs.months import add_months, make_months
from ftdecide.costs.offers import Offer, find_offer
from ftdecide.costs.people_charges import migration_charges, people_charges, retrieval_charges, storage_charges
from ftdecide.costs.ranges import has_ranges
from ftdecide.costs.rates import known_tiers
from ftdecide.costs.scenario import Option, Scenario
from ftdecide.costs.training_charges import training_charges
from ftdecide.costs.types import Warning_
from ftdecide.translation import _


def make_plan(scenario: Scenario, option: Option, start: date, catalog: Catalog) -> Plan:
    """Plan one option of a scenario from the day `start` on.

    Raises:
        InputError: the option names a provider, model or machine that the catalogue does not know.
    """
    offer = find_offer(catalog, option)
    life = find_life(offer, option, start, add_months(start, scenario.horizon_months))
    found = tuple(_items(scenario, option, offer, life, start)) if life.available else ()
    charges = tuple(item for item in found if isinstance(item, Charge))
    told = tuple(item for item in found if isinstance(item, Warning_))
    return Plan(
        option=option,
        traffic=scenario.traffic,
        charges=charges,
        months=make_months(start, scenario.horizon_months, life.ends_on, life.last_job_date),
        warnings=tuple(dict.fromkeys((*life.warnings, *told, *_stale(charges, start)))),
        available=life.available,
        complete=not any(warning.code == "price_unknown" for warning in told),
        drawn=has_ranges(scenario),
        ends_on=life.ends_on,
        successor=life.after.model.display if life.after else None,
    )


def _items(scenario: Scenario, option: Option, offer: Offer, life: Life, day: date) -> Iterator[Charge | Warning_]:
    yield from _tier(option, offer)
    yield from training_charges(option, offer, day)
    yield from people_charges(option, day)
    prices = option.prices_usd_per_mtok
    named = prices is not None and (prices.input is not None or prices.output is not None)
    if named or not needs_machine(option, offer):
        own = Answers(option, scenario.traffic, offer.sale, option.fine_tuned, day)
        yield from answer_charges(own)
    yield from hosting_charges(option, scenario.traffic, offer, day)
    yield from storage_charges(option, offer)
    yield from retrieval_charges(option, day)
    if life.after is not None:
        yield from migration_charges(option, day)
        # People and the search index go on whichever model answers.
        for item in (*people_charges(option, day), *retrieval_charges(option, day)):
            if isinstance(item, Charge) and item.driver == "month":
                yield replace(item, after=True)
        later = Answers(option, scenario.traffic, life.after, fine_tuned=False, day=day, after=True)
        yield from answer_charges(later)


def _tier(option: Option, offer: Offer) -> Iterator[Warning_]:
    """Say that a tier is not known where the provider has tiers and none is called so."""
    if offer.sale is None or option.tier is None:
        return
    kinds = ("ft_inference" if option.fine_tuned else "base_inference", "training", "hosting")
    known = dict.fromkeys(tier for kind in kinds for tier in known_tiers(offer.sale, kind))
    if known and option.tier not in known:
        text = _("Tier {tier!r} is not known there (known: {known}); the usual prices are counted.")
        yield Warning_(code="tier_unknown", text=text.format(tier=option.tier, known=", ".join(known)))


def _stale(charges: tuple[Charge, ...], day: date) -> Iterator[Warning_]:
    """Name the quoted prices that were read more than 90 days before the day of the estimate."""
    old = [charge for charge in charges if charge.origin == "quoted" and is_stale(charge.as_of, day)]
    if old:
        items = "; ".join(f"{charge.item} ({charge.as_of})" for charge in old)
        text = _("Prices read more than {days} days before {day}, to be checked: {items}.")
        yield Warning_(code="price_stale", text=text.format(days=STALE_AFTER_DAYS, day=day, items=items))


def hosted_until_end(plan: Plan) -> Decimal:
    """Return how many months the option's own model serves within the horizon, parts by days."""
    return sum((Decimal(month.served_days) / month.days for month in plan.months), Decimal(0))
