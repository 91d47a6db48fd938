"""What a run pays as it goes, and whether the next call still fits its budget."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from math import ceil

from ftdecide.catalog import find_model, find_provider, load_catalog
from ftdecide.catalog.prices import MTOK, Request, find_price, model_prices
from ftdecide.errors import NotFoundError
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.price import price_answer
from ftdecide.experiment.work import StopError, Work
from ftdecide.providers.base import Completion
from ftdecide.store.answers import spent_usd
from ftdecide.translation import _

NOTHING = Decimal(0)
_PRICES_KEPT = 4096


def price_calls(experiment: Experiment, arm: ArmPlan) -> Callable[[Completion], Decimal]:
    """Return a function from an answer to its price in US dollars; 0 here at home and where no price is known."""
    kind = "ft_inference" if arm.kind == "fine_tuned" else "base_inference"
    try:
        catalog = load_catalog()
        provider = find_provider(catalog, experiment.provider.id)
    except NotFoundError:
        return lambda _completion: NOTHING
    model = model_named(experiment, arm)

    @lru_cache(maxsize=_PRICES_KEPT)
    def price_tokens(input_tokens: int, cached_tokens: int, output_tokens: int) -> Decimal:
        request = Request(
            input_tokens=input_tokens, cached_tokens=cached_tokens, output_tokens=output_tokens, kind=kind
        )
        found = price_answer(catalog, provider, model, request)
        return found.usd if found else NOTHING

    def price(found: Completion) -> Decimal:
        # A provider that counts more tokens as cached than it was sent is not believed.
        cached = max(0, min(found.cached_tokens, found.prompt_tokens))
        return price_tokens(found.prompt_tokens, cached, found.completion_tokens)

    return price


def model_named(experiment: Experiment, arm: ArmPlan) -> str:
    """Return the model that an arm starts from, as the plan names it."""
    return arm.model if arm.kind == "stronger_base" else experiment.provider.model


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
        raise _beyond(limit)


class Purse:
    """What a run may still spend, with what calls under way can cost at most taken off; for one event loop.

    Near the limit calls wait for those under way, which mostly cost less than they could, before the run is stopped.
    """

    def __init__(self, limit_usd: Decimal | None, spent: Decimal, dearest: Decimal) -> None:
        """Begin with what was spent so far and the most that a call is thought to cost, all in US dollars."""
        self._limit, self._spent, self._dearest = limit_usd, spent, dearest
        self._reserved = NOTHING
        self._changed = asyncio.Event()

    async def reserve(self) -> Decimal:
        """Set the price of a call aside, and return it.

        Raises:
            StopError: not even a single call fits any more.
        """
        while self._limit is not None and self._spent + self._reserved + self._dearest > self._limit:
            if not self._reserved:
                raise _beyond(self._limit)
            self._changed.clear()
            await self._changed.wait()
        # The amount is fixed here: the dearest call may have grown until this one comes back.
        reserved = self._dearest
        self._reserved += reserved
        return reserved

    def add(self, paid_usd: Decimal) -> None:
        """Take out what was paid meanwhile for something else than calls, a deployment by the hour say."""
        self._spent += paid_usd

    def settle(self, reserved_usd: Decimal, paid_usd: Decimal) -> None:
        """Put back what was set aside, and take out what was paid."""
        self._reserved -= reserved_usd
        self._spent += paid_usd
        self._dearest = max(self._dearest, paid_usd)
        self._changed.set()


def open_purse(work: Work, arm: ArmPlan) -> Purse:
    """Return the run's purse as it is now."""
    return Purse(work.experiment.budget.usd, spent_usd(work.store, work.run.id), dearest_call_usd(work, arm))


def _beyond(limit: Decimal) -> StopError:
    return StopError(_("Stopped: the next call could exceed the budget of {usd} USD.").format(usd=limit))
