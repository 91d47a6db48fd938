"""Lists what can be tuned on a day, ready to be written as JSON."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from ftdecide.catalog.availability import Availability, model_availability
from ftdecide.catalog.figures import is_stale
from ftdecide.catalog.lookup import find_provider
from ftdecide.catalog.prices import model_prices
from ftdecide.catalog.rates import Price
from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.translation import _

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def list_tunable(catalog: Catalog, as_of: date, provider: str | None = None) -> list[dict[str, Json]]:
    """Return every model that can be or could once be tuned, with methods, prices and windows as of a day.

    Prices are in US dollars per million tokens or per hour, as their names say; `stale` marks figures read more than
    90 days before `as_of`.

    Raises:
        NotFoundError: the provider is unknown.
    """
    only = find_provider(catalog, provider).id if provider else None
    return [
        _row(owner, model, as_of)
        for owner, model in catalog.models()
        if model.tunable and (only is None or owner.id == only)
    ]


def tell_tunable(rows: Iterable[dict[str, Json]]) -> str:
    """Return the rows of `list_tunable` as a table for people, a line each: what, whether, and until when."""
    head = (_("provider"), _("model"), _("who may tune it"), _("last job"), _("tuned models stop"))
    words = {"open": _("anybody"), "existing_customers_only": _("existing customers"), "closed": _("nobody")}
    table = [head] + [
        (
            str(row["provider"]),
            str(row["id"]),
            words[str(row["state"])],
            str(row["last_job_date"] or "-"),
            str(row["retires_on"] or "-"),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)


def _row(provider: Provider, model: TunableModel, as_of: date) -> dict[str, Json]:
    available = model_availability(provider, model, as_of)
    prices = model_prices(provider, model)
    read: list[str] = [price.as_of for price in prices] + ([available.as_of] if available.as_of else [])
    return {
        "provider": provider.id,
        "provider_name": provider.name,
        "id": model.id,
        "display": model.display,
        "methods": list(model.methods),
        "adaptations": list(model.adaptations),
        "deployable": model.deployable,
        **_windows(available),
        "prices": [_price(price, as_of) for price in prices],
        "stale": any(is_stale(day, as_of) for day in read),
        "note": model.note,
    }


def _windows(available: Availability) -> dict[str, Json]:
    day = {
        name: value.isoformat() if value else None
        for name, value in (
            ("last_job_date", available.last_job_date),
            ("retires_on", available.retires_on),
            ("base_retires_on", available.base_retires_on),
            ("new_customers_until", available.new_customers_until),
            ("existing_customers_until", available.existing_customers_until),
        )
    }
    return {
        "state": available.state,
        **day,
        "dates_are_minimum": available.minimum,
        "text": available.text,
        "source": available.source,
        "as_of": available.as_of,
    }


def _price(price: Price, as_of: date) -> dict[str, Json]:
    kept: dict[str, Json] = {
        name: _number(value)
        for name, value in price.model_dump(exclude_none=True, exclude={"meters", "overrides_package"}).items()
    }
    return {**kept, "stale": is_stale(price.as_of, as_of)}


def _number(value: object) -> Json:
    """Turn exact amounts into JSON numbers at the very end; everything else in a price is text already."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): _number(part) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - a dumped model
    return value if isinstance(value, str | int | bool) else str(value)
