"""Trying again: how often, and how long to wait before."""

from collections.abc import Callable
from typing import TypeVar

from ftdecide.providers.base import PassingError, RateLimitedError
from ftdecide.providers.connections import Retries

T = TypeVar("T")


def with_retries(call: Callable[[], T], retries: Retries, pause: Callable[[float], None]) -> T:
    """Return what `call` returns, trying again after failures that may pass; `pause` waits and may raise to stop.

    Raises:
        ProviderError: the last failure once the attempts are used up, or at once one that does not pass.
    """
    for attempt in range(1, retries.attempts):
        try:
            return call()
        except PassingError as error:
            pause(wait_seconds(error, attempt, retries))
    return call()


def wait_seconds(error: PassingError, attempt: int, retries: Retries) -> float:
    """Return the wait after the failed `attempt` (from 1): what the provider asks, else twice as long each time."""
    doubling = retries.first_wait_seconds * 2 ** (attempt - 1)
    asked = error.retry_after if isinstance(error, RateLimitedError) and error.retry_after is not None else doubling
    return min(asked, retries.longest_wait_seconds)
