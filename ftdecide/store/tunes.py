"""Keeping training jobs and the events of a run; the client token is stored before a job is asked for."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import literal, select
from sqlalchemy.exc import IntegrityError

from ftdecide.store.database import Store
from ftdecide.store.tables import charges, run_events, tunes


class SavedTune(BaseModel):
    """One training job: `client_token` finds it at the provider, `model` is what came out of it."""

    model_config = ConfigDict(frozen=True)

    arm: str
    client_token: str
    file_id: str | None = None
    job_id: str | None = None
    state: str | None = None
    model: str | None = None
    trained_tokens: int | None = None
    cost_usd: Decimal = Decimal(0)


class SavedEvent(BaseModel):
    """Something that happened in a run: `key` names it for good, `payload` is plain data."""

    model_config = ConfigDict(frozen=True)

    key: str
    kind: str
    payload: dict[str, Any]
    at: datetime


def begin_tune(store: Store, run_id: str, arm: str, client_token: str) -> SavedTune:
    """Keep the client token of a job that is about to be asked for, or return the tune that is there already."""
    try:
        with store.engine.begin() as connection:
            connection.execute(tunes.insert().values(run_id=run_id, arm=arm, client_token=client_token))
    except IntegrityError:
        found = load_tune(store, run_id, arm)
        if found is not None:
            return found
        raise
    return SavedTune(arm=arm, client_token=client_token)


def load_tune(store: Store, run_id: str, arm: str) -> SavedTune | None:
    """Return the training job of an arm, if one was begun."""
    return next((tune for tune in load_tunes(store, run_id) if tune.arm == arm), None)


def load_tunes(store: Store, run_id: str) -> list[SavedTune]:
    """Return the training jobs of a run."""
    query = select(*[tunes.c[name] for name in SavedTune.model_fields]).where(tunes.c.run_id == run_id)
    with store.engine.connect() as connection:
        return [SavedTune.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def update_tune(store: Store, run_id: str, arm: str, **values: object) -> None:
    """Change columns of a training job."""
    with store.engine.begin() as connection:
        connection.execute(tunes.update().where(tunes.c.run_id == run_id, tunes.c.arm == arm).values(**values))


def forget_lost_tunes(store: Store, run_id: str) -> None:
    """Forget the jobs that failed or were cancelled, so that going on asks for a new one under a new token.

    What they cost stays among the run's charges.
    """
    lost = (tunes.c.run_id == run_id, tunes.c.state.in_(("failed", "cancelled")))
    kept = ("run_id", "arm", "item", "repeat", "calls", "reason", "cost_usd", "at")
    how = (literal(0), literal(0), literal("ended_job"), tunes.c.cost_usd, literal(datetime.now(UTC)))
    paid = select(tunes.c.run_id, tunes.c.arm, tunes.c.client_token, *how).where(*lost, tunes.c.cost_usd > 0)
    with store.engine.begin() as connection:
        connection.execute(charges.insert().from_select(kept, paid))
        connection.execute(tunes.delete().where(*lost))


def add_event(store: Store, run_id: str, key: str, kind: str, payload: dict[str, Any]) -> bool:
    """Keep an event; one with the same key stays as it is. Says whether it was new."""
    values = {"run_id": run_id, "key": key, "kind": kind, "payload": payload, "at": datetime.now(UTC)}
    try:
        with store.engine.begin() as connection:
            connection.execute(run_events.insert().values(**values))
    except IntegrityError:
        return False
    return True


def load_events(store: Store, run_id: str, kind: str) -> list[SavedEvent]:
    """Return the events of one kind in the order in which they came."""
    columns = [run_events.c[name] for name in SavedEvent.model_fields]
    query = select(*columns).where(run_events.c.run_id == run_id, run_events.c.kind == kind).order_by(run_events.c.id)
    with store.engine.connect() as connection:
        events = [SavedEvent.model_validate(dict(row)) for row in connection.execute(query).mappings()]
    return [e if e.at.tzinfo else e.model_copy(update={"at": e.at.replace(tzinfo=UTC)}) for e in events]
