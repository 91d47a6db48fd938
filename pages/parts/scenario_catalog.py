"""What the catalogue knows of an option's model: names, tiers, and until when it can be had."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ftdecide.catalog.availability import Availability, model_availability
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.prices import model_prices
from ftdecide.catalog.rates import PriceKind
from ftdecide.catalog.types import Provider, TunableModel
from ftdecide.errors import NotFoundError
from ftdecide.translation import _

SELF_HOSTED = "self_hosted"
_ORDER = ("open", "existing_customers_only", "gone")


@dataclass(frozen=True)
class Entry:
    """One provider's model as a choice: `state` says whether it can be had on the day, `words` until when."""

    provider: str
    provider_name: str
    model: str
    name: str
    state: str
    words: str


@lru_cache(maxsize=64)
def list_entries(day: date, tuned: bool, customer: bool | None) -> tuple[Entry, ...]:  # noqa: FBT001 - cached by position
    """Return the models that an option can use, those that can be had on the day first."""
    found = [
        _entry(provider, model, day, tuned=tuned, customer=customer)
        for provider, model in load_catalog().models()
        if model.tunable or not tuned
    ]
    return tuple(sorted(found, key=lambda entry: _ORDER.index(entry.state)))


def _entry(provider: Provider, model: TunableModel, day: date, *, tuned: bool, customer: bool | None) -> Entry:
    found = model_availability(provider, model, day, existing_customer=customer)
    kind, words = say_availability(found, day, tuned=tuned)
    return Entry(provider.id, provider.name.split(" (")[0], model.id, model.display, kind, words)


def say_availability(found: Availability, day: date, *, tuned: bool) -> tuple[str, str]:
    """Return whether a model can be had on the day ("open", "existing_customers_only", "gone") and until when."""
    ends = found.retires_on if tuned else found.base_retires_on
    if ends is not None and ends <= day:
        return "gone", _("retired {day}").format(day=ends)
    if tuned and found.state == "closed":
        last = found.last_job_date
        return "gone", _("closed for tuning since {day}").format(day=last) if last else _("closed for tuning")
    until = _("until {day}").format(day=ends) if ends else ""
    if tuned and found.state == "existing_customers_only":
        return "existing_customers_only", " · ".join(part for part in (_("existing customers"), until) if part)
    return "open", until


def availability_of(option: Mapping[str, Any], day: date, *, customer: bool | None) -> Availability | None:
    """Return what is known about an option's model on the day, or None where the catalogue does not know it."""
    try:
        provider = find_provider(load_catalog(), option.get("provider") or "")
        model = find_model(load_catalog(), provider.id, option.get("model") or "")
    except NotFoundError:
        return None
    return model_availability(provider, model, day, existing_customer=customer)


def find_entry(option: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the names of an option's provider and model, or None where the catalogue does not know them."""
    try:
        provider = find_provider(load_catalog(), option.get("provider") or "")
        model = find_model(load_catalog(), provider.id, option.get("model") or "")
    except NotFoundError:
        return None
    return provider.name.split(" (")[0], model.display.split(" (")[0]


def list_tiers(option: Mapping[str, Any]) -> list[str]:
    """Return the price tiers that an option's model has, in the order of the catalogue."""
    try:
        provider = find_provider(load_catalog(), option.get("provider") or "")
        model = find_model(load_catalog(), provider.id, option.get("model") or "")
    except NotFoundError:
        return []
    kind: PriceKind = "ft_inference" if option.get("fine_tuned") else "base_inference"
    prices = model_prices(provider, model)
    return list(dict.fromkeys(price.tier for price in prices if price.tier and price.kind == kind))


def full_id(provider: str, model: str) -> str:
    """Return the catalogue's id of a model, which an option may name in a shorter way; unknown ones stay."""
    try:
        return find_model(load_catalog(), provider, model).id
    except NotFoundError:
        return model
