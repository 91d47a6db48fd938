"""Keeping calls: what was sent is noted, what came back is stored, many at a time and safe from a power cut.

A call that was under way when its worker ended may have been paid for. It is noted when it is sent, and turned into a
charge of the most that it can have cost when the run is taken up again, so that no budget forgets it.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Table, and_, bindparam, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from ftdecide.store.answers import SavedAnswer, may_mend
from ftdecide.store.database import Store
from ftdecide.store.tables import answers, calls_under_way, charges

Reason = Literal["failed_try", "empty", "lost", "failed_answer", "looking_up", "ended_job"]


class Sent(NamedTuple):
    """A call that was sent, and the most that it can cost."""

    arm: str
    item: str
    repeat: int
    most_usd: Decimal


class Charge(NamedTuple):
    """Something paid, or perhaps paid, that gave no answer to keep."""

    arm: str
    item: str
    repeat: int
    reason: Reason
    cost_usd: Decimal
    calls: int = 1


class Call(NamedTuple):
    """What came of a call: an answer, a charge, or nothing."""

    arm: str
    item: str
    repeat: int
    answer: SavedAnswer | None = None
    charge: Charge | None = None


class Log:
    """One connection on which a run's calls are written down; used by one thread at a time."""

    def __init__(self, connection: Connection, run_id: str) -> None:
        """Write for `run_id`; see `open_log`."""
        self._connection, self._run_id = connection, run_id
        with connection.begin():
            failed = connection.execute(select(*_KEY).where(answers.c.run_id == run_id, may_mend()))
            self._failed = {tuple(row) for row in failed}

    def write(self, sent: Sequence[Sent], ended: Sequence[Call]) -> int:
        """Store a batch in one transaction; return how many answers were new."""
        now, run_id = datetime.now(UTC), self._run_id
        over = {(call.arm, call.item, call.repeat) for call in ended}
        given = [call.answer for call in ended if call.answer]
        paid = [call.charge for call in ended if call.charge and call.charge.cost_usd]
        begun = [each for each in sent if (each.arm, each.item, each.repeat) not in over]
        with self._connection.begin():
            if over:
                self._connection.execute(_OVER, [_place(run_id, key) for key in over])
            self._insert(calls_under_way, [{"run_id": run_id, **each._asdict()} for each in begun])
            self._insert(charges, [{"run_id": run_id, "at": now, **each._asdict()} for each in paid])
            self._make_room(given)
            return self._insert(
                answers, [{"run_id": run_id, "answered_at": now, **each.model_dump()} for each in given]
            )

    def _make_room(self, given: Sequence[SavedAnswer]) -> None:
        """Take away the failures that new answers replace; what they cost stays among the charges."""
        for each in given:
            if (each.arm, each.item, each.repeat, each.configuration) in self._failed:
                place = {
                    **_place(self._run_id, (each.arm, each.item, each.repeat)),
                    "as_configured": each.configuration,
                }
                self._connection.execute(_PAID_BEFORE, place)
                self._connection.execute(_REPLACED, place)

    def _insert(self, table: Table, rows: list[dict[str, object]]) -> int:
        if not rows:
            return 0
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).on_conflict_do_nothing()
        return self._connection.execute(statement, rows).rowcount


@contextmanager
def open_log(store: Store, run_id: str) -> Generator[Log]:
    """Give a log whose batches are on the disk, not only handed to the system, when `write` returns."""
    with store.engine.connect() as connection:
        durable = connection.dialect.name == "sqlite"
        if durable:
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.commit()
        try:
            yield Log(connection, run_id)
        finally:
            if durable:
                connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
                connection.commit()


def store_answers(store: Store, run_id: str, given: Sequence[SavedAnswer]) -> int:
    """Keep answers; those that are there already stay as they are, unless they failed. Return how many were new."""
    with open_log(store, run_id) as log:
        return log.write([], [Call(each.arm, each.item, each.repeat, each) for each in given])


def charge_lost_calls(store: Store, run_id: str) -> int:
    """Turn the calls that a former worker left under way into charges; return how many there were."""
    mine = calls_under_way.c.run_id == run_id
    columns = [calls_under_way.c[name] for name in ("run_id", "arm", "item", "repeat", "most_usd")]
    lost = select(*columns, literal("lost"), literal(datetime.now(UTC))).where(mine)
    with store.engine.begin() as connection:
        connection.execute(
            charges.insert().from_select(["run_id", "arm", "item", "repeat", "cost_usd", "reason", "at"], lost)
        )
        return connection.execute(calls_under_way.delete().where(mine)).rowcount


def count_calls(store: Store, run_id: str) -> int:
    """Return how many calls a run has made, failed and lost ones included."""
    with store.engine.connect() as connection:
        sums = [
            connection.execute(select(func.sum(table.c.calls)).where(table.c.run_id == run_id)).scalar()
            for table in (answers, charges)
        ]
    return sum(each or 0 for each in sums)


def _place(run_id: str, key: tuple[str, str, int]) -> dict[str, object]:
    arm, item, repeat = key
    return {"in_run": run_id, "of_arm": arm, "of_item": item, "of_repeat": repeat}


_OVER = calls_under_way.delete().where(
    calls_under_way.c.run_id == bindparam("in_run"),
    calls_under_way.c.arm == bindparam("of_arm"),
    calls_under_way.c.item == bindparam("of_item"),
    calls_under_way.c.repeat == bindparam("of_repeat"),
)

_KEY = (answers.c.arm, answers.c.item, answers.c.repeat, answers.c.configuration)
_FORMER = and_(
    answers.c.run_id == bindparam("in_run"),
    answers.c.arm == bindparam("of_arm"),
    answers.c.item == bindparam("of_item"),
    answers.c.repeat == bindparam("of_repeat"),
    answers.c.configuration == bindparam("as_configured"),
    may_mend(),
)
_REPLACED = answers.delete().where(_FORMER)
_CHARGED = ("run_id", "arm", "item", "repeat", "calls", "cost_usd")
_PAID_BEFORE = charges.insert().from_select(
    [*_CHARGED, "reason", "at"],
    select(*[answers.c[name] for name in _CHARGED], literal("failed_answer"), answers.c.answered_at).where(_FORMER),
)
