"""Keeping runs: what was asked for, how far it is, and what came out. Answers are in `store.answers`."""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, RowMapping, select

from ftdecide.errors import NotFoundError
from ftdecide.store.database import Store
from ftdecide.store.tables import runs
from ftdecide.translation import _

RunState = Literal["queued", "running", "cancelling", "cancelled", "succeeded", "failed"]
ENDED: frozenset[RunState] = frozenset({"cancelled", "succeeded", "failed"})
_TITLE_LENGTH = 200

Document = dict[str, Any]


class NewRun(BaseModel):
    """A run that is asked for; `rows` is kept beside it, so that later changes of files do not touch it."""

    model_config = ConfigDict(frozen=True)

    title: str
    plan: Document
    preflight: Document
    rows: Document
    total: int
    assessment_id: str | None = None


class SavedRun(BaseModel):
    """One stored run without its rows; `total` counts the answers it needs, `attempt` how often it was begun."""

    model_config = ConfigDict(frozen=True)

    id: str
    assessment_id: str | None
    title: str
    plan: Document
    preflight: Document | None
    state: RunState
    phase: str | None
    attempt: int
    total: int
    message: str | None
    result: Document | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def create_run(store: Store, new: NewRun) -> SavedRun:
    """Keep a new run in state `queued`."""
    row = SavedRun(
        **new.model_dump(exclude={"rows", "title"}),
        id=secrets.token_hex(8),
        title=new.title[:_TITLE_LENGTH],
        state="queued",
        phase=None,
        attempt=1,
        message=None,
        result=None,
        created_at=datetime.now(UTC),
        started_at=None,
        finished_at=None,
    )
    with store.engine.begin() as connection:
        connection.execute(runs.insert().values(**row.model_dump(), rows=new.rows))
    return row


def load_run(store: Store, run_id: str) -> SavedRun:
    """Return a run as it is now.

    Raises:
        NotFoundError: no such run.
    """
    columns = [runs.c[name] for name in SavedRun.model_fields]
    with store.engine.connect() as connection:
        row = connection.execute(select(*columns).where(runs.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise _unknown(run_id)
    return _saved(row)


def load_rows(store: Store, run_id: str) -> Document:
    """Return the rows that a run works on.

    Raises:
        NotFoundError: no such run.
    """
    return _value_of(store, run_id, runs.c.rows)


def replace_rows(store: Store, run_id: str, rows: Document) -> None:
    """Keep the rows of a run anew, with what was found for them."""
    with store.engine.begin() as connection:
        connection.execute(runs.update().where(runs.c.id == run_id).values(rows=rows))


def run_state(store: Store, run_id: str) -> RunState:
    """Return the state alone, cheaply: a running comparison asks between any two calls.

    Raises:
        NotFoundError: no such run.
    """
    return _value_of(store, run_id, runs.c.state)


def all_runs(store: Store, *, assessment_id: str | None = None, limit: int = 50) -> list[SavedRun]:
    """Return the newest runs first, of one assessment or of all."""
    query = select(*[runs.c[name] for name in SavedRun.model_fields]).order_by(runs.c.created_at.desc()).limit(limit)
    if assessment_id is not None:
        query = query.where(runs.c.assessment_id == assessment_id)
    with store.engine.connect() as connection:
        return [_saved(row) for row in connection.execute(query).mappings()]


def move_run(
    store: Store,
    run_id: str,
    state: RunState,
    *,
    only_from: Collection[RunState],
    only_attempt: int | None = None,
    **values: object,
) -> bool:
    """Change the state, and `values` with it, if it is one of `only_from` now; say whether it was.

    `only_attempt` leaves a run alone that somebody has taken up anew meanwhile.
    The times of start and end follow from the state.
    """
    now = datetime.now(UTC)
    if state == "running":
        values = {"started_at": now, "finished_at": None, "message": None, **values}
    elif state in ENDED:
        values = {"finished_at": now, **values}
    change = runs.update().where(runs.c.id == run_id, runs.c.state.in_(only_from)).values(state=state, **values)
    if only_attempt is not None:
        change = change.where(runs.c.attempt == only_attempt)
    with store.engine.begin() as connection:
        return connection.execute(change).rowcount > 0


def set_phase(store: Store, run_id: str, phase: str) -> None:
    """Say what a run does now."""
    with store.engine.begin() as connection:
        connection.execute(runs.update().where(runs.c.id == run_id).values(phase=phase))


def set_result(store: Store, run_id: str, result: Document) -> None:
    """Keep what a run found so far."""
    with store.engine.begin() as connection:
        connection.execute(runs.update().where(runs.c.id == run_id).values(result=result))


def _value_of(store: Store, run_id: str, column: Column[Any]) -> Any:
    with store.engine.connect() as connection:
        value = connection.execute(select(column).where(runs.c.id == run_id)).scalar_one_or_none()
    if value is None:
        raise _unknown(run_id)
    return value


def _unknown(run_id: str) -> NotFoundError:
    return NotFoundError(
        _("No comparison has the id {id!r}; the page 'Run comparison' lists those there are").format(id=run_id)
    )


def _saved(row: RowMapping) -> SavedRun:
    """Read a row; SQLite returns times without a zone, and all are kept in UTC."""
    values = dict(row)
    for name in ("created_at", "started_at", "finished_at"):
        if values[name] is not None and values[name].tzinfo is None:
            values[name] = values[name].replace(tzinfo=UTC)
    return SavedRun.model_validate(values)
