"""Asking one arm everything that it has not answered: many calls under way, every answer stored before it counts."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from ftdecide.errors import InputError, ProviderError
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.classical import answer_classically
from ftdecide.experiment.hosting import name_of_model
from ftdecide.experiment.messages import configuration_hash, examples_for, messages_for
from ftdecide.experiment.outcome import Question, Terms
from ftdecide.experiment.recording import open_recorder
from ftdecide.experiment.spending import model_named, open_purse, price_calls
from ftdecide.experiment.types import Row
from ftdecide.experiment.work import Work
from ftdecide.providers.base import Message
from ftdecide.providers.connections import find_connection, load_connections
from ftdecide.providers.pace import load_pacing, pace_of
from ftdecide.store.answers import SavedAnswer, answered_items
from ftdecide.store.calls import charge_lost_calls, store_answers
from ftdecide.store.hosting import hosting_usd
from ftdecide.store.tunes import load_tune
from ftdecide.translation import _

if TYPE_CHECKING:
    from ftdecide.experiment.asking import Desk


def answer_arm(work: Work, arm: ArmPlan) -> None:
    """Get the missing answers of an arm; each is stored as it comes.

    Raises:
        StopError: the run is to end; what is under way is stored if it comes soon.
        ProviderError, UnavailableError: going on is pointless.
    """
    charge_lost_calls(work.store, work.run.id)
    configuration = configuration_hash(work.experiment, arm, work.rows)
    if arm.kind == "classical":
        _answer_classically(work, arm)
        return
    missing = missing_questions(work, arm, configuration)
    if missing:
        asyncio.run(ask_all(work, terms_of(work, arm, configuration), arm, missing))


def missing_questions(work: Work, arm: ArmPlan, configuration: str) -> list[Question]:
    """Return what an arm has still to be asked of the test set."""
    have = answered_items(work.store, work.run.id, arm.name, configuration, work.run.started_at)
    repeats = range(work.experiment.repeats)
    return [Question(row, repeat) for repeat in repeats for row in work.rows.test if (row.item, repeat) not in have]


def _answer_classically(work: Work, arm: ArmPlan) -> None:
    """Store the classifier's answers; it says the same every time, so its repeats are not asked for anew."""
    given = answer_classically(work.experiment, arm, work.rows)
    for repeat in range(work.experiment.repeats):
        saved = [SavedAnswer.model_validate({**each.model_dump(), "repeat": repeat}) for each in given]
        store_answers(work.store, work.run.id, saved)


async def ask_all(work: Work, terms: Terms, arm: ArmPlan, missing: list[Question]) -> None:
    """Ask the plan's provider on `terms`; `arm` says what a call costs.

    Raises:
        StopError, ProviderError, UnavailableError: as `answer_arm`.
    """
    from ftdecide.experiment.asking import Desk
    from ftdecide.providers.access import open_access
    from ftdecide.providers.chat import ChatLine

    plan = work.experiment.provider
    connection = find_connection(plan.id, plan.base_url)
    calls = work.experiment.concurrency or connection.concurrent_calls
    reach = partial(open_access, work.settings, connection, plan.base_url)
    purse = open_purse(work, arm)
    async with (
        ChatLine(reach, calls) as line,
        open_recorder(work.store, work.run.id, terms.pacing.gather_ms / 1000) as recorder,
    ):
        desk = Desk(terms, line, pace_of(connection, calls), purse, recorder)
        await _Asking(work, desk, iter(missing)).run(calls + int(calls * terms.pacing.unsaved_share))


class _Asking:
    """Some tasks that take one question after the other, as long as nothing ends the run."""

    def __init__(self, work: Work, desk: "Desk", questions: Iterator[Question]) -> None:
        self._work, self._desk, self._questions = work, desk, questions
        self._failed = self._right = 0
        self._ending = False

    async def run(self, tasks: int) -> None:
        """Ask everything with so many tasks; what ends it is raised after all under way was stored or waited for."""
        asking = {asyncio.create_task(self._ask_on()) for _number in range(tasks)}
        watch = asyncio.create_task(self._watch())
        try:
            left = set(asking)
            while left:
                done, _rest = await asyncio.wait({*left, watch}, return_when=asyncio.FIRST_COMPLETED)
                left -= done
                for task in done:
                    task.result()
        finally:
            self._ending = True
            watch.cancel()
            await self._let_end(asking)

    async def _ask_on(self) -> None:
        from ftdecide.experiment.asking import ask

        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("asking is done by a task")
        for question in self._questions:
            answer = await ask(self._desk, question, task)
            self._count(answer)
            if self._ending:
                return

    def _count(self, answer: SavedAnswer) -> None:
        """Give up where the first so many answers have all failed."""
        self._failed += answer.error is not None
        self._right += answer.error is None
        if not self._right and self._failed >= self._desk.terms.retries.give_up_after_failures:
            text = _("the first {n} answers of {arm!r} all failed, the last with: {error}")
            raise ProviderError(text.format(n=self._failed, arm=answer.arm, error=answer.error))

    async def _watch(self) -> None:
        """Look, beside the loop, whether the run is to end, and what is paid by the hour meanwhile."""
        store, run_id = self._work.store, self._work.run.id
        hosting = await asyncio.to_thread(hosting_usd, store, run_id)
        while True:
            await asyncio.to_thread(self._work.check)
            before, hosting = hosting, await asyncio.to_thread(hosting_usd, store, run_id)
            self._desk.purse.add(hosting - before)
            await asyncio.sleep(self._desk.terms.pacing.glance_seconds)

    async def _let_end(self, asking: set[asyncio.Task[None]]) -> None:
        """End what waits at once, and what is under way when it comes back: it is paid for."""
        under_way = set(self._desk.under_way)
        for task in asking - under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=self._desk.terms.pacing.last_wait_seconds)
        for task in asking:
            task.cancel()
        # Failures of calls that were under way say nothing new; what ended the run is raised by the caller.
        await asyncio.gather(*asking, return_exceptions=True)


def terms_of(work: Work, arm: ArmPlan, configuration: str) -> Terms:
    """Return what all questions of an arm share.

    Raises:
        InputError: it has no tuned model yet.
    """
    experiment = work.experiment
    examples = examples_for(experiment, arm, work.rows.train)

    def chat_of(row: Row) -> list[Message]:
        return [
            {"role": each["role"], "content": each["content"]} for each in messages_for(experiment, arm, row, examples)
        ]

    return Terms(
        arm=arm.name,
        configuration=configuration,
        model=name_of_model(work, _model_of(work, arm)),
        max_tokens=experiment.max_output_tokens,
        chat_of=chat_of,
        price=price_calls(experiment, arm),
        retries=load_connections().retries,
        pacing=load_pacing(),
    )


def _model_of(work: Work, arm: ArmPlan) -> str:
    if arm.kind != "fine_tuned":
        return model_named(work.experiment, arm)
    tune = load_tune(work.store, work.run.id, arm.name)
    if tune is None or tune.model is None:
        raise InputError(_("arm {arm!r} has no tuned model yet; resume the run").format(arm=arm.name))
    return tune.model
