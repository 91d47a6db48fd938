"""What answers cost until the horizon at the catalogue's prices, of a base model and of its fine-tune."""

from typing import NamedTuple

from ftdecide.assessment.types import Assessment
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.prices import find_price, model_prices
from ftdecide.catalog.rates import Price, PriceKind
from ftdecide.catalog.types import Catalog
from ftdecide.decision.measured import Features
from ftdecide.decision.uncertain import Uncertain, uncertain
from ftdecide.errors import NotFoundError

_HOURS_PER_MONTH = 730.0
_PER_MTOK = 1e-6


class _Rates(NamedTuple):
    """USD for each token of the instructions, of the input and of the output."""

    prompt: float
    input: float
    output: float


def months_of_use(assessment: Assessment, found: Features) -> float:
    """Months until the horizon, or until the base model is retired if that comes first."""
    months = found["life_months"]
    return months if isinstance(months, float) else float(assessment.traffic.horizon_months or 0)


def cost_of_answers(
    assessment: Assessment, found: Features, catalog: Catalog | None, *, tuned: bool
) -> Uncertain | None:
    """All answers until the horizon in USD, with hosting where a tuned model is hosted by the hour; None: not known."""
    rates, requests = _rates(assessment, catalog, tuned=tuned), assessment.traffic.requests_per_month
    each = _each(assessment, rates) if rates else None
    if each is None or requests is None:
        return None
    months = months_of_use(assessment, found)
    answers = each.times(uncertain(requests).scaled(months))
    return answers.plus(Uncertain(hosting_usd_per_month(assessment, catalog) * months)) if tuned else answers


def extra_cost_of_answers(assessment: Assessment, catalog: Catalog | None) -> Uncertain | None:
    """What one answer of the fine-tune costs more than one of its base, in USD; negative if less."""
    base, tuned = _rates(assessment, catalog, tuned=False), _rates(assessment, catalog, tuned=True)
    if base is None or tuned is None:
        return None
    # The same tokens are paid at either rate, so that only the difference of the rates is multiplied with them.
    more = _Rates(*(one - other for one, other in zip(tuned, base, strict=True)))
    return _each(assessment, more)


def hosting_usd_per_month(assessment: Assessment, catalog: Catalog | None) -> float:
    """What keeping the tuned model deployed costs a month; 0 where the catalogue names no price by the hour."""
    hosting = _price(assessment, catalog, "hosting")
    if hosting is None or hosting.usd_per_hour is None:
        return 0.0
    return float(hosting.usd_per_hour) * _HOURS_PER_MONTH


def _each(assessment: Assessment, rates: _Rates) -> Uncertain | None:
    traffic = assessment.traffic
    if traffic.prompt_tokens is None or traffic.input_tokens is None or traffic.output_tokens is None:
        return None
    each = uncertain(traffic.prompt_tokens).scaled(rates.prompt)
    each = each.plus(uncertain(traffic.input_tokens).scaled(rates.input))
    return each.plus(uncertain(traffic.output_tokens).scaled(rates.output))


def _rates(assessment: Assessment, catalog: Catalog | None, *, tuned: bool) -> _Rates | None:
    price = _price(assessment, catalog, "ft_inference" if tuned else "base_inference")
    if price is None or price.input_usd_per_mtok is None or price.output_usd_per_mtok is None:
        return None
    read, said = float(price.input_usd_per_mtok) * _PER_MTOK, float(price.output_usd_per_mtok) * _PER_MTOK
    removed = (assessment.benefits.prompt_tokens_removed_share or 0.0) if tuned else 0.0
    return _Rates(read * (1.0 - removed), read, said)


def _price(assessment: Assessment, catalog: Catalog | None, kind: PriceKind) -> Price | None:
    """Return the price of a kind for the named model; None where the catalogue has none."""
    costs = assessment.costs
    if catalog is None or not costs.provider or not costs.base_model:
        return None
    try:
        provider = find_provider(catalog, costs.provider)
        model = find_model(catalog, costs.provider, costs.base_model)
    except NotFoundError:
        return None
    return find_price(model_prices(provider, model), kind)
