"""Picks the price that counts, and prices one request."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.figures import earliest_day
from ftdecide.catalog.rates import Adaptation, Method, Price, PriceKind
from ftdecide.catalog.types import Catalog, Provider, TunableModel

MTOK = Decimal(1_000_000)
_PACKAGE = "genai-prices"


class RequestPrice(BaseModel):
    """What one request costs, with where that was read and when."""

    model_config = ConfigDict(frozen=True)

    usd: Decimal
    source: str
    as_of: str


class Request(BaseModel):
    """One average request: its tokens, and by which of a model's rates it is billed.

    `cached_tokens` are the part of `input_tokens` billed at the cached rate; `tier` names one of the provider's, where
    it has several.
    """

    model_config = ConfigDict(frozen=True)

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    kind: Literal["base_inference", "ft_inference", "base_batch", "ft_batch"] = "base_inference"
    tier: str | None = None


def model_prices(provider: Provider, model: TunableModel) -> tuple[Price, ...]:
    """The newest reading of every price that applies to a model, its provider's bracket prices included."""
    inherited = tuple(
        price for price in provider.prices if price.bracket is not None and price.bracket == model.bracket
    )
    newest: dict[tuple[str | int | None, ...], Price] = {}
    for price in (*model.prices, *inherited):
        known = newest.get(price.key)
        if known is None or (earliest_day(price.as_of) or date.min) >= (earliest_day(known.as_of) or date.min):
            newest[price.key] = price
    return tuple(newest.values())


def find_price(  # noqa: PLR0913 - each argument is a filter of its own, all but two optional
    prices: tuple[Price, ...],
    kind: PriceKind,
    *,
    tier: str | None = None,
    method: Method | None = None,
    adaptation: Adaptation | None = None,
    input_tokens: int = 0,
) -> Price | None:
    """Pick from `model_prices` the one of a kind; an entry without method or adaptation holds for all of them.

    Where prices have tiers and none is asked for, "global" is taken: the cheapest that is guaranteed. A request longer
    than `above_input_tokens` takes the dearer entry.
    """
    candidates = [
        price
        for price in prices
        if price.kind == kind
        and price.tier in ((tier,) if tier else (None, "global"))
        and (method is None or price.method in (None, method))
        and (adaptation is None or price.adaptation in (None, adaptation))
        and input_tokens > (price.above_input_tokens or -1)
    ]
    return max(candidates, key=lambda price: price.above_input_tokens or 0, default=None)


def price_request(catalog: Catalog, provider: Provider, model: TunableModel, request: Request) -> RequestPrice | None:
    """Price one average request, or None where no price is known.

    Multiply the result by the number of requests: price tables have steps by the length of one request, so a month's
    total of tokens must never be priced at once. Base models are looked up in the package genai-prices first, unless
    our entry overrides it; fine-tuned and batch rates are our own data.
    """
    entry = find_price(
        model_prices(provider, model), request.kind, tier=request.tier, input_tokens=request.input_tokens
    )
    ours = _price_entry(entry, request) if entry else None
    if request.kind != "base_inference" or request.tier is not None or (entry and entry.overrides_package):
        return ours
    packaged = price_untuned(catalog, provider, model.id, request)
    return ours if packaged is None or (ours and ours.usd == packaged.usd) else packaged


def price_untuned(catalog: Catalog, provider: Provider, model: str, request: Request) -> RequestPrice | None:
    """Price one request to a model as it is, tunable or not, by the package genai-prices; None where it knows none."""
    tokens = (request.input_tokens, request.cached_tokens, request.output_tokens)
    packaged = _price_from_package(provider.genai_prices_id, model, tokens)
    if packaged is None:
        return None
    installed = version(_PACKAGE)
    dates = {package.version: package.as_of for package in catalog.packages if package.name == _PACKAGE}
    return RequestPrice(usd=packaged, source=f"pypi:{_PACKAGE}=={installed}", as_of=dates.get(installed, "undated"))


def _price_entry(price: Price, request: Request) -> RequestPrice | None:
    """Price a request by an entry of ours; without a cached rate, cached tokens cost the full rate."""
    if price.input_usd_per_mtok is None or price.output_usd_per_mtok is None:
        return None
    cached_rate = (
        price.input_usd_per_mtok if price.cached_input_usd_per_mtok is None else price.cached_input_usd_per_mtok
    )
    usd = (
        price.input_usd_per_mtok * (request.input_tokens - request.cached_tokens)
        + cached_rate * request.cached_tokens
        + price.output_usd_per_mtok * request.output_tokens
    ) / MTOK
    return RequestPrice(usd=usd, source=price.source, as_of=price.as_of)


@cache
def _price_from_package(genai_provider: str | None, model: str, tokens: tuple[int, int, int]) -> Decimal | None:
    if genai_provider is None:
        return None
    from genai_prices import Usage, calc_price

    input_tokens, cached_tokens, output_tokens = tokens
    usage = Usage(input_tokens=input_tokens, cache_read_tokens=cached_tokens, output_tokens=output_tokens)
    try:
        return calc_price(usage, model, provider_id=genai_provider).total_price
    except LookupError:  # the package does not know this provider or model; our own entry is used
        return None
