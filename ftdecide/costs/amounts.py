"""The three amounts behind a month on one model: answering, keeping it ready, and training it once."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.prices import MTOK, Request, find_price, model_prices, price_request
from ftdecide.catalog.rates import Hosting
from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.costs.traffic import Traffic
from ftdecide.translation import _

HOURS_PER_MONTH = Decimal(365 * 24) / 12


class Figure(BaseModel):
    """An amount with how it came about and where its price was read."""

    model_config = ConfigDict(frozen=True)

    usd: Decimal
    how: str
    source: str
    as_of: str


def inference_figure(
    catalog: Catalog, provider: Provider, model: TunableModel, traffic: Traffic, *, fine_tuned: bool
) -> Figure | None:
    """A month of answers: one average request priced, times the requests; None without a price."""
    request = Request(
        input_tokens=traffic.prompt_tokens + traffic.input_tokens,
        output_tokens=traffic.output_tokens,
        kind="ft_inference" if fine_tuned else "base_inference",
    )
    priced = price_request(catalog, provider, model, request)
    if priced is None:
        return None
    how = _("{requests} requests at {usd} USD").format(
        requests=f"{traffic.requests_per_month:,}", usd=f"{priced.usd:f}"
    )
    return Figure(usd=priced.usd * traffic.requests_per_month, how=how, source=priced.source, as_of=priced.as_of)


def hosting_figure(provider: Provider, model: TunableModel, inference: Figure | None) -> Figure | None:
    """The fee for keeping a tuned model ready all month: its own, else the provider's cheapest machine, else none."""
    if model.deployable is False:
        return None
    fee = find_price(model_prices(provider, model), "hosting")
    if fee is not None and fee.usd_per_hour is not None:
        how = _("{hours:.0f} hours at {usd} USD").format(hours=HOURS_PER_MONTH, usd=fee.usd_per_hour)
        return Figure(usd=fee.usd_per_hour * HOURS_PER_MONTH, how=how, source=fee.source, as_of=fee.as_of)
    if not needs_machine(provider):
        return inference and no_fee(inference)
    machine = cheapest_machine(provider)
    if machine is None:
        return None
    how = _("{hours:.0f} hours of at least one {gpu} at {usd} USD, awake all month").format(
        hours=HOURS_PER_MONTH, gpu=machine.gpu, usd=machine.usd_per_hour
    )
    return Figure(usd=machine.usd_per_hour * HOURS_PER_MONTH, how=how, source=machine.source, as_of=machine.as_of)


def needs_machine(provider: Provider) -> bool:
    """Say whether tuned models run there only on dedicated machines, whatever price a token the training loop has."""
    return provider.serverless_adapters is not None and provider.serverless_adapters.value is False


def cheapest_machine(provider: Provider) -> Hosting | None:
    """Return the provider's cheapest dedicated machine for tuned models, by the newest reading of each."""
    newest: dict[tuple[str, str | None], Hosting] = {}
    for machine in provider.hosting:
        key = (machine.gpu, machine.cloud)
        if key not in newest or machine.as_of >= newest[key].as_of:
            newest[key] = machine
    return min(newest.values(), key=lambda machine: machine.usd_per_hour, default=None)


def training_figure(provider: Provider, model: TunableModel, traffic: Traffic) -> Figure | None:
    """One supervised run: tokens times the rate, at least the smallest charge; of a range of rates the upper end."""
    price = find_price(model_prices(provider, model), "training", method="sft", adaptation="lora")
    if price is None:
        return None
    rate = price.training_usd_per_mtok
    if rate is None and price.training_usd_per_mtok_range is not None:
        rate = price.training_usd_per_mtok_range.high
    if rate is None:
        return None
    usd = rate * traffic.training_tokens / MTOK
    smallest = provider.min_charge_per_job.usd if provider.min_charge_per_job else None
    if smallest is not None and usd < smallest:
        how = _("the smallest charge for a job")
        return Figure(usd=smallest, how=how, source=price.source, as_of=price.as_of)
    how = _("{tokens} tokens at {usd} USD a million").format(tokens=f"{traffic.training_tokens:,}", usd=rate)
    return Figure(usd=usd, how=how, source=price.source, as_of=price.as_of)


def no_fee(inference: Figure) -> Figure:
    """Return the zero of a provider that takes no hourly fee, read where its price a token was read."""
    return Figure(usd=Decimal(0), how=_("no hourly fee"), source=inference.source, as_of=inference.as_of)
