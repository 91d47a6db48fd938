"""The two limits of few-shot examples: how many fit the context window, and what each one costs a month."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.prices import Request, price_request
from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.costs.context_window import Window, context_window
from ftdecide.costs.traffic import Traffic
from ftdecide.costs.types import Origin
from ftdecide.dataset.prompt_tokens import PromptTokens, TokenRange
from ftdecide.errors import NotFoundError
from ftdecide.translation import _, plural


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class ExampleCost(_Result):
    """What one more example in every request costs a month, sent anew each time and read from the provider's cache.

    `cached_usd` is None where no lower rate for repeated text is known.
    """

    usd: Decimal
    cached_usd: Decimal | None
    origin: Origin
    source: str
    as_of: str


class FewShotLimits(_Result):
    """Both limits for one model; None where window, price or an example is not known.

    `examples_that_fit` counts examples of the mean length in all, `examples_that_fit_at_worst` with all counts at
    the upper end of its band. `text` says it in plain words.
    """

    window: Window | None
    examples_that_fit: int | None
    examples_that_fit_at_worst: int | None
    month: ExampleCost | None
    text: str


def few_shot_limits(
    catalog: Catalog, provider: str | None, model: str | None, tokens: PromptTokens, traffic: Traffic
) -> FewShotLimits:
    """Work out both limits for a model (names as people write them) at the traffic of one month."""
    found = _find(catalog, provider, model)
    window = context_window(catalog, found, model)
    example = tokens.example
    fit = worst = None
    if window and example:
        fit = _fitting(window.tokens, tokens, traffic, example, "middle")
        worst = _fitting(window.tokens, tokens, traffic, example, "high")
    month = _month(catalog, found, tokens, traffic, example) if found and example else None
    return FewShotLimits(
        window=window,
        examples_that_fit=fit,
        examples_that_fit_at_worst=worst,
        month=month,
        text=_say(window, fit, worst, month, example),
    )


def _find(catalog: Catalog, provider: str | None, model: str | None) -> tuple[Provider, TunableModel] | None:
    if not provider or not model:
        return None
    try:
        return find_provider(catalog, provider), find_model(catalog, provider, model)
    except NotFoundError:  # a model of somebody's own: no price is known, and maybe a window
        return None


def _fitting(
    window: int, tokens: PromptTokens, traffic: Traffic, example: TokenRange, end: Literal["middle", "high"]
) -> int:
    """Examples that leave room for the instructions and the longest request with its answer."""
    largest = getattr(tokens.largest_request, end, 0)
    request = max(largest, traffic.input_tokens + traffic.output_tokens)
    room = window - getattr(tokens.instructions, end) - request
    return max(0, room // max(1, getattr(example, end)))


def _month(
    catalog: Catalog, found: tuple[Provider, TunableModel], tokens: PromptTokens, traffic: Traffic, example: TokenRange
) -> ExampleCost | None:
    """Price a request with one example more and without it; the difference times the requests of a month."""
    before = tokens.prompt.middle + (tokens.request.middle if tokens.request else traffic.input_tokens)

    def priced(extra: int, *, cached: bool) -> Decimal | None:
        request = Request(
            input_tokens=before + extra,
            cached_tokens=tokens.prompt.middle + extra if cached else 0,
            output_tokens=traffic.output_tokens,
        )
        answer = price_request(catalog, *found, request)
        return answer.usd if answer else None

    plain = price_request(catalog, *found, Request(input_tokens=before, output_tokens=traffic.output_tokens))
    more, cached, cached_more = (
        priced(example.middle, cached=False),
        priced(0, cached=True),
        priced(example.middle, cached=True),
    )
    if plain is None or more is None or cached is None or cached_more is None:
        return None
    usd = (more - plain.usd) * traffic.requests_per_month
    cached_usd = (cached_more - cached) * traffic.requests_per_month
    return ExampleCost(
        usd=usd,
        cached_usd=cached_usd if cached_usd < usd else None,
        origin="quoted",
        source=plain.source,
        as_of=plain.as_of,
    )


def _say(
    window: Window | None, fit: int | None, worst: int | None, month: ExampleCost | None, example: TokenRange | None
) -> str:
    if example is None:
        return _("No example was given, so neither limit can be worked out.")
    parts: list[str] = []
    if window is None or fit is None or worst is None:
        parts.append(_("How much this model takes at once (its context window) is not known here."))
    else:
        told = plural("{n} example of this length fits", "{{count}} examples of this length fit", fit)
        told = told.format(count=f"{fit:,}") + " " + _("the context window of {window:,} tokens")
        parts.append(
            told.format(window=window.tokens)
            + (_(", at least {n:,} of them").format(n=worst) if worst < fit else "")
            + "."
        )
    if month is None:
        parts.append(_("What it costs is not known: no price of this model is in the catalogue."))
    else:
        parts.append(_("Each example costs {usd:,.2f} USD a month.").format(usd=month.usd))
        if month.cached_usd is not None:
            parts.append(
                _("Where the provider keeps the repeated part in its cache: {usd:,.2f} USD.").format(
                    usd=month.cached_usd
                )
            )
    return " ".join(parts)
