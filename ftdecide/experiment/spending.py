"""What a run pays as it goes, and whether the next call still fits its budget."""

from collections.abc import Callable
from decimal import Decimal
from math import ceil

from ftdecide.catalog import find_model, find_provider, load_catalog
from ftdecide.catalog.prices import MTOK, Request, find_price, model_prices, price_request
from ftdecide.errors import NotFoundError
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.work import StopError, Work
from ftdecide.providers.base import Completion
from ftdecide.store.answers import spent_usd
from ftdecide.translation import _

NOTHING = Decimal(0)


def price_calls(experiment: Experiment, arm: ArmPlan) -> Callable[[Completion], Decimal]:
    """Return a function from an answer to its price in US dollars; 0 here at home and where no price is known."""
    kind = "ft_inference" if arm.kind == "fine_tuned" else "base_inference"
    try:
        catalog = load_catalog()
        provider = find_provider(catalog, experiment.provider.id)
        model = find_model(catalog, provider.id, experiment.provider.model)
    except NotFoundError:
        return lambda _completion: NOTHING

    def price(completion: Completion) -> Decimal:
        used = (completion.prompt_tokens, completion.completion_tokens)
        request = Request(input_tokens=used[0], output_tokens=used[1], kind=kind)
        found = price_request(catalog, provider, model, request)
        return found.usd if found else NOTHING

    return price


def dearest_call_usd(work: Work, arm: ArmPlan) -> Decimal:
    """Return the price in US dollars of an arm's average prompt with the longest answer that is allowed.

    It stands for calls of which none has come back yet, after a restart too.
    """
    arms: list[dict[str, int | str]] = (work.run.preflight or {}).get("calls_by_arm", [])
    counted = next((each for each in arms if each["arm"] == arm.name), None)
    if counted is None:
        return NOTHING
    prompt_tokens = ceil(int(counted["prompt_tokens"]) / int(counted["calls"]))
    longest = Completion(
        text="", prompt_tokens=prompt_tokens, completion_tokens=work.experiment.max_output_tokens, latency_ms=0
    )
    return price_calls(work.experiment, arm)(longest)


def price_training(experiment: Experiment, tokens: int) -> Decimal:
    """Return what training on `tokens` costs at most in US dollars; 0 at home and where no price is known."""
    try:
        provider = find_provider(load_catalog(), experiment.provider.id)
        model = find_model(load_catalog(), provider.id, experiment.provider.model)
    except NotFoundError:
        return NOTHING
    price = find_price(model_prices(provider, model), "training", method="sft")
    if price is None:
        return NOTHING
    spread = price.training_usd_per_mtok_range
    rate = (spread.high if spread else price.training_usd_per_mtok) or NOTHING
    least = provider.min_charge_per_job.usd if provider.min_charge_per_job else None
    return max(least or NOTHING, rate * tokens / MTOK)


def refuse_beyond_budget(work: Work, more_usd: Decimal) -> None:
    """Go on if `more_usd` still fits what the run may spend.

    Raises:
        StopError: it does not.
    """
    limit = work.experiment.budget.usd
    if limit is not None and spent_usd(work.store, work.run.id) + more_usd > limit:
        raise StopError(_("Stopped: the next call could exceed the budget of {usd} USD.").format(usd=limit))
