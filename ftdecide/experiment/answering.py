"""Asking one arm everything that it has not answered yet; every answer is stored as it comes."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ftdecide.errors import FtdecideError, InputError
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.classical import answer_classically
from ftdecide.experiment.messages import configuration_hash, examples_for, messages_for
from ftdecide.experiment.spending import NOTHING, dearest_call_usd, price_calls, refuse_beyond_budget
from ftdecide.experiment.types import Answer, Row
from ftdecide.experiment.work import StopError, Work, ask_provider
from ftdecide.providers.base import (
    Completion,
    Message,
    PassingError,
    Provider,
    ProviderError,
    RejectedRequestError,
    UnreachableError,
)
from ftdecide.providers.connections import Line, connect, load_connections
from ftdecide.store.answers import SavedAnswer, add_answer, answered_items
from ftdecide.store.tunes import load_tune
from ftdecide.translation import _

_GLANCE_SECONDS = 0.5
_LAST_WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class _Asked:
    """What came of one question."""

    row: Row
    completion: Completion | None = None
    error: ProviderError | None = None


def answer_arm(work: Work, arm: ArmPlan) -> None:
    """Get the missing answers of an arm and store each at once.

    Raises:
        StopError: the run is to end; what is under way is stored if it comes soon.
        ProviderError, UnavailableError: going on is pointless.
    """
    if arm.kind == "classical":
        for answer in answer_classically(work.experiment, arm, work.rows):
            add_answer(work.store, work.run.id, _saved(answer))
        return
    configuration = configuration_hash(work.experiment, arm, work.rows)
    have = answered_items(work.store, work.run.id, arm.name, configuration)
    missing = [row for row in work.rows.test if row.item not in have]
    if missing:
        provider = work.experiment.provider
        line = connect(work.settings, provider.id, provider.base_url)
        _ask_all(work, arm, configuration, missing, line)


def _ask_all(work: Work, arm: ArmPlan, configuration: str, missing: list[Row], line: Line) -> None:
    experiment, keep = work.experiment, _Keeper(work, arm, configuration)
    examples, model = examples_for(experiment, arm, work.rows.train), _model_of(work, arm)

    def ask(row: Row) -> _Asked:
        chat: list[Message] = [
            {"role": each["role"], "content": each["content"]} for each in messages_for(experiment, arm, row, examples)
        ]

        def call(provider: Provider) -> Completion:
            return provider.complete_chat(model, chat, max_tokens=experiment.max_output_tokens)

        try:
            return _Asked(row, completion=ask_provider(work, line, call))
        except UnreachableError:
            raise
        except (PassingError, RejectedRequestError) as error:
            return _Asked(row, error=error)

    pool = ThreadPoolExecutor(line.connection.concurrent_calls, thread_name_prefix="ask")
    under_way: set[Future[_Asked]] = set()
    try:
        for row in _paced(iter(missing), under_way, line, keep):
            under_way.add(pool.submit(ask, row))
    except (StopError, FtdecideError):
        # Whatever ends the asking, what is under way is paid for; its own failures say nothing new.
        keep.store(wait(under_way, timeout=_LAST_WAIT_SECONDS).done)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _paced(rows: Iterator[Row], under_way: set[Future[_Asked]], line: Line, keep: "_Keeper") -> Iterator[Row]:
    """Yield rows as fast as the line takes them, and keep what comes back meanwhile until nothing is under way."""
    facts, row = line.connection, next(rows, None)
    while row is not None or under_way:
        while row is not None and len(under_way) < facts.concurrent_calls:
            keep.refuse_beyond_budget(len(under_way) + 1)
            yield row
            row = next(rows, None)
        while len(under_way) > (facts.refill_at if row is not None else 0):
            keep.work.check()
            done = wait(under_way, timeout=_GLANCE_SECONDS, return_when=FIRST_COMPLETED).done
            under_way -= done
            keep.take(done)


class _Keeper:
    """Stores what comes back, and knows what the dearest call has cost."""

    def __init__(self, work: Work, arm: ArmPlan, configuration: str) -> None:
        self.work, self._arm, self._configuration = work, arm, configuration
        self._price = price_calls(work.experiment, arm)
        self._dearest = dearest_call_usd(work, arm)
        self._failed = self._right = 0

    def refuse_beyond_budget(self, calls: int) -> None:
        refuse_beyond_budget(self.work, self._dearest * calls)

    def take(self, done: set[Future[_Asked]]) -> None:
        """Store the results; a failure that concerns every call is raised after all have been stored."""
        broken = self.store(done)
        if broken is not None:
            raise broken

    def store(self, done: set[Future[_Asked]]) -> BaseException | None:
        """Store the results; return a failure that concerns every call, or what all calls failed with so far."""
        broken: BaseException | None = None
        for future in done:
            if not future.cancelled():
                broken = future.exception() or self._store(future.result()) or broken
        return broken

    def _store(self, asked: _Asked) -> ProviderError | None:
        completion = asked.completion
        cost = self._price(completion) if completion else NOTHING
        self._dearest = max(self._dearest, cost)
        answer = SavedAnswer(
            arm=self._arm.name,
            item=asked.row.item,
            configuration=self._configuration,
            text=completion.text if completion else "",
            prompt_tokens=completion.prompt_tokens if completion else 0,
            completion_tokens=completion.completion_tokens if completion else 0,
            latency_ms=completion.latency_ms if completion else 0.0,
            cost_usd=cost,
            error=str(asked.error) if asked.error else None,
        )
        add_answer(self.work.store, self.work.run.id, answer)
        self._failed += asked.error is not None
        self._right += asked.error is None
        if asked.error and not self._right and self._failed >= load_connections().retries.give_up_after_failures:
            return asked.error
        return None


def _model_of(work: Work, arm: ArmPlan) -> str:
    if arm.kind != "fine_tuned":
        return work.experiment.provider.model
    tune = load_tune(work.store, work.run.id, arm.name)
    if tune is None or tune.model is None:
        raise InputError(_("arm {arm!r} has no tuned model yet; resume the run").format(arm=arm.name))
    return tune.model


def _saved(answer: Answer) -> SavedAnswer:
    return SavedAnswer.model_validate(answer.model_dump())
