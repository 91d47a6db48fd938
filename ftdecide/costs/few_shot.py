"""The two limits of few-shot examples: how many fit the context window, and what each one costs a month."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.prices import Request, price_request
from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.costs.context_window import Window, context_window
from ftdecide.costs.types import Origin
from ftdecide.dataset.prompt_tokens import PromptTokens, TokenRange
from ftdecide.errors import NotFoundError
from ftdecide.translation import _, plural


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class Month(_Result):
    """One month of requests, and the mean tokens of a request's own part and of an answer."""

    requests: Decimal
    input_tokens: int
    output_tokens: int


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
    the upper end of their band. `text` says it in plain words.
    """

    window: Window | None
    examples_that_fit: int | None
    examples_that_fit_at_worst: int | None
    example_cost: ExampleCost | None
    text: str


def few_shot_limits(
    catalog: Catalog, provider: str | None, model: str | None, tokens: PromptTokens, month: Month
) -> FewShotLimits:
    """Work out both limits for a model (names as people write them) at the requests of one month.

    What was counted of sample requests takes the place of the month's mean tokens.
    """
    found = _find(catalog, provider, model)
    window = context_window(catalog, found, model)
    fit = worst = cost = None
    if tokens.example:
        fit = _fitting(window, tokens, tokens.example, month, "middle") if window else None
        worst = _fitting(window, tokens, tokens.example, month, "high") if window else None
        cost = _cost(catalog, found, tokens, tokens.example, month) if found else None
    limits = FewShotLimits(
        window=window, examples_that_fit=fit, examples_that_fit_at_worst=worst, example_cost=cost, text=""
    )
    return limits.model_copy(update={"text": _say(limits)}) if tokens.example else limits


def _find(catalog: Catalog, provider: str | None, model: str | None) -> tuple[Provider, TunableModel] | None:
    if not provider or not model:
        return None
    try:
        return find_provider(catalog, provider), find_model(catalog, provider, model)
    except NotFoundError:  # a model of somebody's own: no price is known, and maybe a window
        return None


def _fitting(
    window: Window, tokens: PromptTokens, example: TokenRange, month: Month, end: Literal["middle", "high"]
) -> int:
    """Examples that leave room for the instructions and the longest request with its answer."""
    largest = getattr(tokens.largest_request, end, 0)
    request = max(largest, month.input_tokens + month.output_tokens)
    room = window.tokens - getattr(tokens.instructions, end) - request
    return max(0, room // max(1, getattr(example, end)))


def _cost(
    catalog: Catalog, found: tuple[Provider, TunableModel], tokens: PromptTokens, example: TokenRange, month: Month
) -> ExampleCost | None:
    """Price a request with one example more and without it; the difference times the requests of a month."""
    asked = tokens.request.middle if tokens.request else month.input_tokens
    told = tokens.answer.middle if tokens.answer else month.output_tokens

    def priced(prompt: int, cached: int) -> tuple[Decimal, str, str] | None:
        request = Request(input_tokens=prompt + asked, cached_tokens=cached, output_tokens=told)
        answer = price_request(catalog, *found, request)
        return (answer.usd, answer.source, answer.as_of) if answer else None

    before, after = tokens.prompt.middle, tokens.prompt.middle + example.middle
    plain, more = priced(before, 0), priced(after, 0)
    cached, cached_more = priced(before, before), priced(after, after)
    if plain is None or more is None or cached is None or cached_more is None:
        return None
    usd = (more[0] - plain[0]) * month.requests
    cached_usd = (cached_more[0] - cached[0]) * month.requests
    return ExampleCost(
        usd=usd,
        cached_usd=cached_usd if cached_usd < usd else None,
        origin="quoted",
        source=plain[1],
        as_of=plain[2],
    )


def _say(limits: FewShotLimits) -> str:
    return f"{_say_window(limits)} {_say_cost(limits.example_cost)}"


def _say_window(limits: FewShotLimits) -> str:
    window, fit, worst = limits.window, limits.examples_that_fit, limits.examples_that_fit_at_worst
    if window is None or fit is None or worst is None:
        return _("How much this model takes at once (its context window) is not known here.")
    if fit == 0:
        told = _("Not one example of this length fits the context window of {window:,} tokens beside the rest.")
        return told.format(window=window.tokens)
    told = plural("{{count}} example of this length fits", "{{count}} examples of this length fit", fit)
    of_window = _("the context window of {window:,} tokens").format(window=window.tokens)
    at_least = _(", at least {n:,} of them").format(n=worst) if worst < fit else ""
    return f"{told.format(count=f'{fit:,}')} {of_window}{at_least}."


def _say_cost(cost: ExampleCost | None) -> str:
    if cost is None:
        return _("What it costs is not known: no price a token of this model is in the catalogue.")
    told = _("Each example costs {usd:,.2f} USD a month.").format(usd=cost.usd)
    if cost.cached_usd is None:
        return told
    cached = _("Read from the provider's cache, as text that opens every request can be, it costs {usd:,.2f} USD.")
    return f"{told} {cached.format(usd=cost.cached_usd)}"
