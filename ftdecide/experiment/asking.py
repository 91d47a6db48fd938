"""Asking one question until there is an answer or a reason why there is none; every call is written down."""

import asyncio
import time
from dataclasses import dataclass, field
from decimal import Decimal

from ftdecide.errors import FtdecideError
from ftdecide.experiment.outcome import Outcome, Question, Terms, Tries, is_limit, judge_answer, judge_failure
from ftdecide.experiment.recording import Recorder
from ftdecide.experiment.spending import NOTHING, Purse
from ftdecide.providers.chat import ChatLine
from ftdecide.providers.pace import Pace
from ftdecide.store.answers import SavedAnswer
from ftdecide.store.calls import Call, Charge, Sent


@dataclass
class Desk:
    """What all calls of an arm go through; `under_way` are the tasks whose call is sent and not yet stored."""

    terms: Terms
    line: ChatLine
    pace: Pace
    purse: Purse
    recorder: Recorder
    under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    last_success: float = field(default_factory=time.monotonic)


async def ask(desk: Desk, question: Question, task: asyncio.Task[None]) -> SavedAnswer:
    """Return what came of a question once it is stored; `error` and `failure` say why there is no text.

    `task` is the one that asks.

    Raises:
        ProviderError: a failure that concerns every call.
        UnavailableError: the local engine is gone and cannot be started again.
        StopError: the budget has no room for another call.
    """
    tries = Tries()
    while True:
        outcome = await _try(desk, question, tries, task)
        if outcome.fatal is not None:
            raise outcome.fatal
        if outcome.answer is not None:
            return outcome.answer
        await asyncio.sleep(outcome.wait_seconds)


async def _try(desk: Desk, question: Question, tries: Tries, task: asyncio.Task[None]) -> Outcome:
    """Make one call, and come back when its place, its money and its record are in order."""
    most_usd = await desk.purse.reserve()
    paid = NOTHING
    try:
        sent_at = await desk.pace.enter()
        desk.under_way.add(task)
        try:
            try:
                outcome = await _call(desk, question, tries, most_usd, sent_at)
            finally:
                # The next call goes while this answer is stored; see `unsaved_share` for how many may be on their way.
                desk.pace.leave()
            paid = outcome.paid_usd + (outcome.answer.cost_usd if outcome.answer else NOTHING)
            await desk.recorder.store(_call_of(desk.terms, question, outcome))
        finally:
            desk.under_way.discard(task)
    finally:
        desk.purse.settle(most_usd, paid)
    return outcome


async def _call(desk: Desk, question: Question, tries: Tries, most_usd: Decimal, sent_at: float) -> Outcome:
    terms = desk.terms
    desk.recorder.note(Sent(terms.arm, question.row.item, question.repeat, most_usd))
    try:
        found = await desk.line.complete(terms.model, terms.chat_of(question.row), max_tokens=terms.max_tokens)
    except FtdecideError as error:
        if is_limit(error):
            desk.pace.was_limited(sent_at)
            if time.monotonic() - desk.last_success > terms.pacing.patience_seconds:
                return Outcome(fatal=error)
        return judge_failure(terms, question, tries, error, most_usd)
    desk.last_success = time.monotonic()
    desk.pace.went_well()
    return judge_answer(terms, question, tries, found)


def _call_of(terms: Terms, question: Question, outcome: Outcome) -> Call:
    key, charge = (terms.arm, question.row.item, question.repeat), None
    if outcome.paid_usd:
        charge = Charge(*key, "failed_try", outcome.paid_usd)
    return Call(*key, answer=outcome.answer, charge=charge)
