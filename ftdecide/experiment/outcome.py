"""What follows a call: an answer to keep, another try after a wait, or a reason why there will be no answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ftdecide.errors import FtdecideError
from ftdecide.experiment.spending import NOTHING
from ftdecide.experiment.types import Row
from ftdecide.providers.base import (
    Completion,
    ContentFilteredError,
    Message,
    PassingError,
    RateLimitedError,
    RejectedRequestError,
    UnreachableError,
)
from ftdecide.providers.pace import Pacing
from ftdecide.providers.retries import Retries, wait_seconds
from ftdecide.store.answers import Failure, SavedAnswer
from ftdecide.translation import _

_FILTERED, _TOO_LONG = "content_filter", "length"


class Question(NamedTuple):
    """A row that an arm is asked, for the how-manieth time from 0."""

    row: Row
    repeat: int


@dataclass(frozen=True)
class Terms:
    """What all questions of an arm share."""

    arm: str
    configuration: str
    model: str
    max_tokens: int
    chat_of: Callable[[Row], Sequence[Message]]
    price: Callable[[Completion], Decimal]
    retries: Retries
    pacing: Pacing


@dataclass
class Tries:
    """What one question has gone through; `uncharged` calls stand in no charge of their own."""

    failed: int = 0
    limited: int = 0
    empty: int = 0
    uncharged: int = 0


class Outcome(NamedTuple):
    """An answer, or else a wait in seconds before the next try; `paid_usd` is what a call without answer cost.

    `fatal` is a failure that concerns every call.
    """

    answer: SavedAnswer | None = None
    paid_usd: Decimal = NOTHING
    wait_seconds: float = 0.0
    fatal: FtdecideError | None = None


def judge_answer(terms: Terms, question: Question, tries: Tries, found: Completion) -> Outcome:
    """Return what follows something that came back: also what has no text was paid for."""
    answer = _answer(terms, question, tries, found)
    if found.finish_reason == _FILTERED:
        text = _("The provider's content filter kept this answer back.")
        return Outcome(_without_text(answer, "content_filter", text))
    if not found.empty:
        return Outcome(answer)
    tries.empty += 1
    if found.finish_reason == _TOO_LONG:
        text = _("The model used up its {n} tokens before it said anything; allow more.").format(n=terms.max_tokens)
    elif tries.empty < terms.pacing.empty_tries:
        tries.uncharged += not answer.cost_usd
        return Outcome(paid_usd=answer.cost_usd)
    else:
        text = _("The model sent no text at all.")
    return Outcome(_without_text(answer, "empty", text))


def judge_failure(terms: Terms, question: Question, tries: Tries, error: FtdecideError, most_usd: Decimal) -> Outcome:
    """Return what follows a failure: one that may pass is tried again, a limited rate for as long as it takes.

    A call that may have been charged although nothing came back counts with the most that it can have cost.
    """
    if isinstance(error, PassingError):
        return _judge_passing(terms, question, tries, error, most_usd)
    tries.uncharged += 1
    if isinstance(error, ContentFilteredError):
        return Outcome(_failed(terms, question, tries, "content_filter", error))
    if isinstance(error, RejectedRequestError):
        return Outcome(_failed(terms, question, tries, "rejected", error))
    return Outcome(fatal=error)


def is_limit(error: FtdecideError) -> bool:
    """Say whether a provider refuses calls for their number, or says itself when to come back."""
    return isinstance(error, RateLimitedError) or (isinstance(error, PassingError) and error.retry_after is not None)


def _judge_passing(terms: Terms, question: Question, tries: Tries, error: PassingError, most_usd: Decimal) -> Outcome:
    paid = most_usd if error.may_be_charged else NOTHING
    tries.uncharged += not paid
    if is_limit(error):
        tries.limited += 1
        return Outcome(wait_seconds=wait_seconds(error, tries.limited, terms.retries))
    tries.failed += 1
    if tries.failed < terms.retries.attempts:
        return Outcome(paid_usd=paid, wait_seconds=wait_seconds(error, tries.failed, terms.retries))
    if isinstance(error, UnreachableError):
        return Outcome(paid_usd=paid, fatal=error)
    return Outcome(_failed(terms, question, tries, "unavailable", error), paid_usd=paid)


def _failed(terms: Terms, question: Question, tries: Tries, failure: Failure, error: FtdecideError) -> SavedAnswer:
    nothing = Completion(text="", prompt_tokens=0, completion_tokens=0, latency_ms=0.0)
    answer = _without_text(_answer(terms, question, tries, nothing), failure, str(error))
    return answer.model_copy(update={"cost_usd": NOTHING, "calls": tries.uncharged})


def _without_text(answer: SavedAnswer, failure: Failure, error: str) -> SavedAnswer:
    return answer.model_copy(update={"text": "", "failure": failure, "error": error})


def _answer(terms: Terms, question: Question, tries: Tries, found: Completion) -> SavedAnswer:
    return SavedAnswer(
        arm=terms.arm,
        item=question.row.item,
        repeat=question.repeat,
        configuration=terms.configuration,
        text=found.text,
        prompt_tokens=found.prompt_tokens,
        completion_tokens=found.completion_tokens,
        latency_ms=found.latency_ms,
        cost_usd=terms.price(found),
        error=None,
        calls=tries.uncharged + 1,
    )
