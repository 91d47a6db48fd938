"""Keeping what models said: one row per run, arm, item, repeat and configuration, so that doing it twice is a no-op."""

from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from ftdecide.store.database import Store
from ftdecide.store.tables import answers, tunes


class SavedAnswer(BaseModel):
    """One stored answer; `error` says why there is no text."""

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


class ArmCount(BaseModel):
    """How many answers an arm has, and how many of them are failures."""

    model_config = ConfigDict(frozen=True)

    answered: int
    failed: int


def add_answer(store: Store, run_id: str, answer: SavedAnswer) -> bool:
    """Keep an answer as it comes; one that is there already stays as it is. Says whether it was new."""
    try:
        with store.engine.begin() as connection:
            connection.execute(
                answers.insert().values(run_id=run_id, answered_at=datetime.now(UTC), **answer.model_dump())
            )
    except IntegrityError:
        return False
    return True


def answered_items(store: Store, run_id: str, arm: str, configuration: str) -> frozenset[str]:
    """Return the items that need no further call."""
    query = select(answers.c.item).where(
        answers.c.run_id == run_id, answers.c.arm == arm, answers.c.configuration == configuration
    )
    with store.engine.connect() as connection:
        return frozenset(connection.execute(query).scalars())


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


def drop_failed_answers(store: Store, run_id: str) -> None:
    """Forget the failures of a run, so that going on with it asks those items again."""
    statement = delete(answers).where(answers.c.run_id == run_id, answers.c.error.is_not(None))
    with store.engine.begin() as connection:
        connection.execute(statement)


def spent_usd(store: Store, run_id: str) -> Decimal:
    """Return what a run has cost so far: its answers and its training jobs."""
    with store.engine.connect() as connection:
        sums = [
            connection.execute(select(func.sum(table.c.cost_usd)).where(table.c.run_id == run_id)).scalar()
            for table in (answers, tunes)
        ]
    return sum((Decimal(each) for each in sums if each is not None), Decimal(0))
