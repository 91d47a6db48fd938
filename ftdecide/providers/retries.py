"""Trying again: how often, and how long to wait before."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TypeVar

from ftdecide.providers.base import PassingError
from ftdecide.providers.connection_facts import Retries

T = TypeVar("T")
_MS = 1000


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
    if error.retry_after is not None:
        return min(error.retry_after, retries.longest_wait_seconds)
    return min(retries.first_wait_seconds * 2 ** min(attempt - 1, 30), retries.longest_wait_seconds)


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the wait that an answer asks for, or None where it says nothing that can be understood.

    `retry-after-ms` (OpenAI, Azure) counts milliseconds and is the more exact of the two; `Retry-After` is a number of
    seconds, with a fraction or without, or a date as HTTP writes it (RFC 9110, 10.2.3).
    """
    exact = _number(headers.get("retry-after-ms", ""))
    if exact is not None:
        return exact / _MS
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    zoned = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (zoned - (now or datetime.now(UTC))).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text) if text.isascii() else None
    except ValueError:
        return None
    return number if number is not None and isfinite(number) and number >= 0 else None
