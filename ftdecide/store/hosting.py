"""Keeping what is deployed for a run, in its log: a deployment is noted before it is asked for, and again at its end.

What was noted and has not ended may still be charged by the hour, whatever became of the worker.
"""

import math
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from ftdecide.store.database import Store
from ftdecide.store.tables import run_events
from ftdecide.store.tunes import add_event

_BEGUN, _ENDED = "hosting_begun", "hosting_ended"
_HOUR_SECONDS = 3600
_NOTHING = Decimal(0)


class NewHosted(BaseModel):
    """A deployment that is about to be asked for; `usd_per_hour` is null where no price is known."""

    model_config = ConfigDict(frozen=True)

    name: str
    arm: str
    provider: str
    model: str
    tier: str
    usd_per_hour: Decimal | None


class Hosted(NewHosted):
    """A deployment of a run; without `ended_at` it is still there, or may be."""

    run_id: str
    begun_at: datetime
    ended_at: datetime | None = None


def begin_hosting(store: Store, run_id: str, new: NewHosted) -> None:
    """Note a deployment that is about to be asked for; noted twice it is one."""
    add_event(store, run_id, f"{_BEGUN}:{new.name}", _BEGUN, new.model_dump(mode="json"))


def end_hosting(store: Store, run_id: str, name: str) -> None:
    """Note that a deployment was deleted; the first time counts."""
    add_event(store, run_id, f"{_ENDED}:{name}", _ENDED, {"name": name})


def load_hosted(store: Store, run_id: str | None = None) -> list[Hosted]:
    """Return the deployments of a run, or of all, in the order in which they were asked for."""
    columns = (run_events.c.run_id, run_events.c.kind, run_events.c.payload, run_events.c.at)
    query = select(*columns).where(run_events.c.kind.in_((_BEGUN, _ENDED))).order_by(run_events.c.id)
    if run_id is not None:
        query = query.where(run_events.c.run_id == run_id)
    found: dict[tuple[str, str], Hosted] = {}
    with store.engine.connect() as connection:
        for run, kind, payload, at in connection.execute(query):
            key, when = (run, payload["name"]), at if at.tzinfo else at.replace(tzinfo=UTC)
            if kind == _BEGUN:
                found[key] = Hosted.model_validate({**payload, "run_id": run, "begun_at": when})
            elif key in found:
                found[key] = found[key].model_copy(update={"ended_at": when})
    return list(found.values())


def hosting_usd(store: Store, run_id: str, now: datetime | None = None) -> Decimal:
    """Return what a run's deployments have cost until `now`, in US dollars: every hour that has begun counts whole."""
    until = now or datetime.now(UTC)
    return sum((_cost(each, until) for each in load_hosted(store, run_id)), _NOTHING)


def _cost(hosted: Hosted, now: datetime) -> Decimal:
    seconds = ((hosted.ended_at or now) - hosted.begun_at).total_seconds()
    return (hosted.usd_per_hour or _NOTHING) * max(1, math.ceil(seconds / _HOUR_SECONDS))
