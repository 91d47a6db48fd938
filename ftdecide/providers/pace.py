"""How many calls are under way at once: half of them after a refusal for their number, then one more a round."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.documents import read_document, validate
from ftdecide.providers.connections import Connection
from ftdecide.settings import DATA

_FILE = DATA / "pacing.yml"


class Pacing(BaseModel):
    """The facts of `data/pacing.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    cut_every_seconds: Annotated[float, Field(gt=0)]
    cut_factor: Annotated[float, Field(gt=0, lt=1)]
    least_calls: Annotated[int, Field(ge=1)]
    patience_seconds: Annotated[float, Field(gt=0)]
    empty_tries: Annotated[int, Field(ge=1)]
    unsaved_share: Annotated[float, Field(gt=0, le=1)]
    gather_ms: Annotated[float, Field(ge=0)]
    last_wait_seconds: Annotated[float, Field(gt=0)]
    glance_seconds: Annotated[float, Field(gt=0, le=1)]
    source: str


@cache
def load_pacing() -> Pacing:
    """Read the facts once."""
    return validate(Pacing, read_document(_FILE), _FILE.name)


class Pace:
    """Lets at most `limit` calls be under way; for one event loop."""

    def __init__(self, most: int, refill_at: int, facts: Pacing, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at `most`; after it was reached, more calls go once no more than `refill_at` are left."""
        self._most, self._refill_at, self._facts, self._clock = most, refill_at, facts, clock
        self._limit = float(most)
        self._under_way = 0
        self._filling = True
        self._cut_at = float("-inf")
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """The number of calls that may be under way now."""
        return max(self._facts.least_calls, int(self._limit))

    async def enter(self) -> float:
        """Wait for a place; return the time, in seconds of the clock."""
        while not self._has_room():
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            await place
        self._under_way += 1
        # Full, it stays closed until enough have left, also if nobody asks for a place meanwhile.
        self._filling = self._under_way < self.limit
        return self._clock()

    def leave(self) -> None:
        """Give a place back."""
        self._under_way -= 1
        self._wake()

    def went_well(self) -> None:
        """Grow by one a round, that is by one call in as many as are allowed."""
        self._limit = min(float(self._most), self._limit + 1 / self._limit)

    def was_limited(self, sent_at: float) -> None:
        """Halve, unless the call was sent before the last cut could show."""
        if sent_at - self._cut_at >= self._facts.cut_every_seconds:
            self._cut_at = self._clock()
            self._limit = max(float(self._facts.least_calls), self._limit * self._facts.cut_factor)

    def _has_room(self) -> bool:
        limit = self.limit
        if self._under_way >= limit:
            self._filling = False
        elif self._under_way <= min(self._refill_at, limit - 1):
            self._filling = True
        return self._filling

    def _wake(self) -> None:
        """Let those look again for whom there may be room; whoever was cancelled is passed over."""
        room = self.limit - self._under_way if self._has_room() else 0
        while room > 0 and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                room -= 1


def pace_of(connection: Connection, most: int | None = None) -> Pace:
    """Return the pace for a provider, with `most` calls instead of its own number where the plan says so."""
    calls = most or connection.concurrent_calls
    # A provider that takes calls by the batch is given whole batches of the new size too.
    refill_at = max(0, calls - (connection.concurrent_calls - connection.refill_at))
    return Pace(calls, refill_at, load_pacing())
