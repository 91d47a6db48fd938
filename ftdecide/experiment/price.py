"""What a comparison costs, from the catalogue's prices."""

import math
from decimal import Decimal
from typing import Literal

from ftdecide.catalog import Catalog, Provider, TunableModel, find_model, find_provider
from ftdecide.catalog.prices import (
    MTOK,
    Request,
    RequestPrice,
    find_price,
    model_prices,
    price_request,
    price_untuned,
)
from ftdecide.errors import NotFoundError
from ftdecide.experiment.data_plan import ProviderPlan
from ftdecide.experiment.types import Part
from ftdecide.experiment.workload import ArmWork, OtherWork, Workload
from ftdecide.translation import _


class CostLine(Part):
    """One amount of the estimate, with where its price was read; both ends are null where no price is known."""

    item: str
    p50_usd: Decimal | None
    p95_usd: Decimal | None
    origin: Literal["measured", "quoted", "assumed"]
    source: str
    as_of: str


def price_work(
    work: Workload, plan: ProviderPlan, catalog: Catalog, minutes_p95: float, repeated_share: float
) -> tuple[CostLine, ...]:
    """Return the cost of answering, training, keeping the tuned models ready during the run, and looking things up.

    The upper end takes answers as long as allowed and some calls paid twice. An item without a known price has none.
    """
    try:
        provider = find_provider(catalog, plan.id)
    except NotFoundError as error:
        return (_unknown(_("all calls"), str(error)),)
    lines: list[CostLine] = []
    for arm in work.arms:
        lines.append(_answers(arm, provider, catalog, Decimal(str(repeated_share))))
        if arm.training_tokens:
            model = _tunable(catalog, provider, arm.model)
            item = _("{arm}: training on {tokens} tokens").format(arm=arm.arm, tokens=arm.training_tokens)
            lines += (
                [_unknown(item, provider.id)]
                if model is None
                else [_training(item, arm, provider, model), *_hosting(arm, provider, model, minutes_p95)]
            )
    return (*lines, *(_other(other, provider, catalog) for other in work.other))


def price_answer(catalog: Catalog, provider: Provider, model_id: str, request: Request) -> RequestPrice | None:
    """Return the price of one request, by our own entry or the package's, also for a model that cannot be tuned."""
    model = _tunable(catalog, provider, model_id)
    if model is None:
        return price_untuned(catalog, provider, model_id, request) if request.kind == "base_inference" else None
    return price_request(catalog, provider, model, request)


def _tunable(catalog: Catalog, provider: Provider, model_id: str) -> TunableModel | None:
    try:
        return find_model(catalog, provider.id, model_id)
    except NotFoundError:
        return None


def total(lines: tuple[CostLine, ...], end: Literal["p50_usd", "p95_usd"]) -> Decimal | None:
    """Return the sum of all lines at one end, or None when any price is unknown."""
    amounts: list[Decimal | None] = [line.p50_usd if end == "p50_usd" else line.p95_usd for line in lines]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _answers(arm: ArmWork, provider: Provider, catalog: Catalog, repeated_share: Decimal) -> CostLine:
    item = _("{arm}: {calls} answers").format(arm=arm.arm, calls=arm.calls)
    inputs = math.ceil(arm.prompt_tokens / arm.calls)
    kind = "ft_inference" if arm.kind == "fine_tuned" else "base_inference"
    likely, most = (
        price_answer(catalog, provider, arm.model, Request(input_tokens=inputs, output_tokens=outputs, kind=kind))
        for outputs in (math.ceil(arm.completion_tokens / arm.calls), math.ceil(arm.most_completion_tokens / arm.calls))
    )
    if likely is None or most is None:
        return _unknown(item, provider.id)
    return CostLine(
        item=item,
        p50_usd=likely.usd * arm.calls,
        p95_usd=most.usd * arm.calls * (1 + repeated_share),
        origin="quoted",
        source=likely.source,
        as_of=likely.as_of,
    )


def _other(work: OtherWork, provider: Provider, catalog: Catalog) -> CostLine:
    text = {
        "embed": _("looking up: embeddings of {tokens} tokens"),
        "judge": _("judge: {calls} comparisons"),
        "general": _("{calls} general questions to the tuned model")
        if work.tuned
        else _("{calls} general questions to the base model"),
    }
    item = text[work.role].format(tokens=work.prompt_tokens, calls=work.calls)
    request = Request(
        input_tokens=math.ceil(work.prompt_tokens / work.calls),
        output_tokens=math.ceil(work.completion_tokens / work.calls),
        kind="ft_inference" if work.tuned else "base_inference",
    )
    price = price_answer(catalog, provider, work.model, request)
    if price is None:
        return _unknown(item, provider.id)
    usd = price.usd * work.calls
    return CostLine(item=item, p50_usd=usd, p95_usd=usd, origin="quoted", source=price.source, as_of=price.as_of)


def _training(item: str, arm: ArmWork, provider: Provider, model: TunableModel) -> CostLine:
    price = find_price(model_prices(provider, model), "training", method="sft")
    if price is None:
        return _unknown(item, provider.id)
    width = price.training_usd_per_mtok_range
    low = price.training_usd_per_mtok if width is None else width.low
    high = price.training_usd_per_mtok if width is None else width.high
    if low is None or high is None:
        return _unknown(item, provider.id)
    charge = provider.min_charge_per_job.usd if provider.min_charge_per_job else None
    least = charge or Decimal(0)
    return CostLine(
        item=item,
        p50_usd=max(least, (low + high) / 2 * arm.training_tokens / MTOK),
        p95_usd=max(least, high * arm.training_tokens / MTOK),
        origin="quoted",
        source=price.source,
        as_of=price.as_of,
    )


def _hosting(arm: ArmWork, provider: Provider, model: TunableModel, minutes_p95: float) -> list[CostLine]:
    price = find_price(model_prices(provider, model), "hosting")
    if price is None or price.usd_per_hour is None:
        return []
    hours = max(1, math.ceil(minutes_p95 / 60))
    return [
        CostLine(
            item=_("{arm}: keeping the tuned model ready, up to {hours} hours").format(arm=arm.arm, hours=hours),
            p50_usd=price.usd_per_hour,
            p95_usd=price.usd_per_hour * hours,
            origin="quoted",
            source=price.source,
            as_of=price.as_of,
        )
    ]


def _unknown(item: str, source: str) -> CostLine:
    return CostLine(item=item, p50_usd=None, p95_usd=None, origin="assumed", source=source, as_of="undated")
