"""Finds what a model charges for a million tokens, with the steps by the length of one request."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Literal

from ftdecide.catalog.prices import find_price, model_prices
from ftdecide.catalog.rates import Adaptation, Method, Price, PriceKind
from ftdecide.catalog.types import Catalog, Provider, TunableModel

PACKAGE = "genai-prices"
Way = Literal["input", "cached_input", "output"]
Steps = tuple[tuple[int, Decimal], ...]
"""Prices with the length of a request above which each holds; the first holds from 0 on."""


@dataclass(frozen=True)
class Tariff:
    """The three rates of a model in US dollars per million tokens, and where they were read."""

    input: Steps
    cached_input: Steps
    output: Steps
    source: str
    as_of: str


@dataclass(frozen=True)
class Sale:
    """What is bought of whom: a provider's model, in one of its price tiers, None for the usual one."""

    catalog: Catalog
    provider: Provider
    model: TunableModel
    tier: str | None = None


def known_tiers(sale: Sale, kind: PriceKind) -> tuple[str, ...]:
    """The tiers that prices of a kind have, in the order of the file; empty where there is one price for all."""
    prices = model_prices(sale.provider, sale.model)
    return tuple(dict.fromkeys(price.tier for price in prices if price.kind == kind and price.tier))


def find_in_tier(
    sale: Sale, kind: PriceKind, *, method: Method | None = None, adaptation: Adaptation | None = None
) -> Price | None:
    """Pick a price in the tier that was asked for, else in the usual one."""
    prices = model_prices(sale.provider, sale.model)
    tier = sale.tier if sale.tier in known_tiers(sale, kind) else None
    return find_price(prices, kind, tier=tier, method=method, adaptation=adaptation)


def find_tariff(sale: Sale, kind: Literal["base_inference", "ft_inference", "base_batch", "ft_batch"]) -> Tariff | None:
    """Return the rates of a kind, or None where they are not known.

    Rates of base models come from the package genai-prices unless our own entry overrides it or a tier of ours is asked
    for; where both agree our entry is named, which says when it was read.
    """
    ours = _own_tariff(sale, kind)
    entry = find_in_tier(sale, kind)
    if kind != "base_inference" or sale.tier in known_tiers(sale, kind) or (entry and entry.overrides_package):
        return ours
    packaged = _packaged(sale)
    if packaged is None or (ours and _same(ours, packaged)):
        return ours
    return packaged


def _own_tariff(sale: Sale, kind: PriceKind) -> Tariff | None:
    entry = find_in_tier(sale, kind)
    if entry is None or entry.input_usd_per_mtok is None or entry.output_usd_per_mtok is None:
        return None
    same = [
        price
        for price in model_prices(sale.provider, sale.model)
        if (price.kind, price.tier) == (kind, entry.tier) and price.input_usd_per_mtok is not None
    ]
    steps = sorted(same, key=lambda price: price.above_input_tokens or 0)

    def of(way: Way) -> Steps:
        found: list[tuple[int, Decimal]] = []
        for price in steps:
            rates = {"input": price.input_usd_per_mtok, "output": price.output_usd_per_mtok}
            # Without a cached rate, cached tokens cost the full rate.
            rates["cached_input"] = (
                price.input_usd_per_mtok if price.cached_input_usd_per_mtok is None else price.cached_input_usd_per_mtok
            )
            usd = rates[way]
            if usd is not None:
                found.append((price.above_input_tokens or 0, usd))
        return tuple(found)

    return Tariff(of("input"), of("cached_input"), of("output"), entry.source, entry.as_of)


def _packaged(sale: Sale) -> Tariff | None:
    if sale.provider.genai_prices_id is None:
        return None
    found = _package_steps(sale.provider.genai_prices_id, sale.model.id)
    if found is None:
        return None
    installed = _installed()
    dates = {package.version: package.as_of for package in sale.catalog.packages if package.name == PACKAGE}
    return Tariff(*found, f"pypi:{PACKAGE}=={installed}", dates.get(installed, "undated"))


@cache
def _installed() -> str:
    return version(PACKAGE)


def _same(ours: Tariff, packaged: Tariff) -> bool:
    """Say whether both charge the same, steps for long requests included."""
    mine = (ours.input, ours.cached_input, ours.output)
    return mine == (packaged.input, packaged.cached_input, packaged.output)


@cache
def _package_steps(provider: str, model: str) -> tuple[Steps, Steps, Steps] | None:
    from genai_prices import Usage, calc_price

    try:
        prices = calc_price(Usage(input_tokens=1, output_tokens=1), model, provider_id=provider).model_price
    except LookupError:  # the package does not know this provider or model; our own entry is used
        return None
    found = [_steps(prices.input_mtok), _steps(prices.cache_read_mtok), _steps(prices.output_mtok)]
    if found[0] is None or found[2] is None:
        return None
    return found[0], found[1] or found[0], found[2]


def _steps(price: object) -> Steps | None:
    from genai_prices.types import TieredPrices

    if isinstance(price, TieredPrices):
        return ((0, price.base), *((tier.start, tier.price) for tier in price.tiers))
    return ((0, price),) if isinstance(price, Decimal) else None
