"""Keeping what models said: one row per run, arm, item, repeat and configuration, so that doing it twice is a no-op."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, func, not_, select

from ftdecide.store.database import Store
from ftdecide.store.hosting import hosting_usd
from ftdecide.store.tables import answers, charges, tunes

Failure = Literal["content_filter", "empty", "rejected", "unavailable"]
"""Why there is no text: kept back by a filter, sent without any, refused as it was asked, or never to be had."""

NEVER_AGAIN: frozenset[Failure] = frozenset({"content_filter"})
"""The failures that asking again cannot mend."""


class SavedAnswer(BaseModel):
    """One stored answer; `error` says why there is no text, `failure` says it in one word.

    `calls` counts those it took, failed ones included; `cost_usd` is that of the last one.
    """

    model_config = ConfigDict(frozen=True)

    arm: str
    item: str
    repeat: int = 0
    configuration: str
    text: str
    prompt_tokens: int
    completion_tokens: int
    latency_ms: float
    cost_usd: Decimal
    error: str | None
    failure: Failure | None = None
    calls: int = 1


class ArmCount(BaseModel):
    """How many answers an arm has, and how many of them are failures."""

    model_config = ConfigDict(frozen=True)

    answered: int
    failed: int


def answered_items(
    store: Store, run_id: str, arm: str, configuration: str, since: datetime | None
) -> frozenset[tuple[str, int]]:
    """Return the items, each with its repeat, that need no further call.

    Failures from before `since`, when the run was begun anew, do if another try may mend them.
    """
    query = select(answers.c.item, answers.c.repeat).where(
        answers.c.run_id == run_id, answers.c.arm == arm, answers.c.configuration == configuration
    )
    if since is not None:
        query = query.where(not_(and_(may_mend(), answers.c.answered_at < since)))
    with store.engine.connect() as connection:
        return frozenset((item, repeat) for item, repeat in connection.execute(query))


def load_answers(store: Store, run_id: str) -> list[SavedAnswer]:
    """Return all answers of a run in the order in which they came."""
    columns = [answers.c[name] for name in SavedAnswer.model_fields]
    query = select(*columns).where(answers.c.run_id == run_id).order_by(answers.c.id)
    with store.engine.connect() as connection:
        return [SavedAnswer.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def count_answers(store: Store, run_id: str) -> dict[str, ArmCount]:
    """Return the counts by arm; arms without any answer are not in it."""
    query = (
        select(answers.c.arm, func.count(), func.count(answers.c.error))
        .where(answers.c.run_id == run_id)
        .group_by(answers.c.arm)
    )
    with store.engine.connect() as connection:
        return {arm: ArmCount(answered=all_, failed=failed) for arm, all_, failed in connection.execute(query)}


def may_mend() -> ColumnElement[bool]:
    """Return the condition on a stored answer that it is a failure which another try may mend."""
    passing = answers.c.failure.is_(None) | answers.c.failure.not_in(NEVER_AGAIN)
    return and_(answers.c.error.is_not(None), passing)


def count_failed_answers(store: Store, run_id: str) -> int:
    """Return how many failures of a run another try may mend; each stays until a new answer takes its place."""
    query = select(func.count()).select_from(answers).where(answers.c.run_id == run_id, may_mend())
    with store.engine.connect() as connection:
        return connection.execute(query).scalar_one()


def spent_usd(store: Store, run_id: str, now: datetime | None = None) -> Decimal:
    """Return what a run has cost until `now`: its answers, calls that gave none, training jobs and deployments."""
    with store.engine.connect() as connection:
        sums = [
            connection.execute(select(func.sum(table.c.cost_usd)).where(table.c.run_id == run_id)).scalar()
            for table in (answers, charges, tunes)
        ]
    return sum((Decimal(each) for each in sums if each is not None), hosting_usd(store, run_id, now))
