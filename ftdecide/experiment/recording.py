"""Writing down what is asked and answered: what comes within a moment is stored together.

The event loop itself writes, which takes a millisecond or two for dozens of answers: handing them to a thread and back
took ten times as long, with every call waiting for its place.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ftdecide.store.calls import Call, Log, Sent, open_log
from ftdecide.store.database import Store


class Recorder:
    """Stores calls in batches; what is awaited here is on the disk. See `open_recorder`."""

    def __init__(self, log: Log, gather_seconds: float) -> None:
        """Write to `log` what comes within some seconds."""
        self._log, self._gather_seconds = log, gather_seconds
        self._sent: list[Sent] = []
        self._ended: list[tuple[Call, asyncio.Future[None]]] = []
        self._planned: asyncio.TimerHandle | None = None
        self._broken: Exception | None = None

    def note(self, sent: Sent) -> None:
        """Have it written down soon that a call is under way."""
        self._sent.append(sent)
        self._plan()

    async def store(self, call: Call) -> None:
        """Return once what came of a call is on the disk.

        Raises:
            Exception: what the store could not be written for, to everybody who waits and who comes later.
        """
        if self._broken is not None:
            raise self._broken
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((call, stored))
        self._plan()
        await stored

    def flush(self) -> None:
        """Write what has come so far."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        sent, ended = self._sent, self._ended
        self._sent, self._ended = [], []
        if self._broken is None and (sent or ended):
            try:
                self._log.write(sent, [call for call, _stored in ended])
            except Exception as error:  # noqa: BLE001 - whatever it is, it reaches those who wait
                self._broken = error
        for _call, stored in ended:
            if not stored.done():
                if self._broken is None:
                    stored.set_result(None)
                else:
                    stored.set_exception(self._broken)

    def _plan(self) -> None:
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_later(self._gather_seconds, self.flush)


@asynccontextmanager
async def open_recorder(store: Store, run_id: str, gather_seconds: float) -> AsyncGenerator[Recorder]:
    """Give a recorder that writes as long as the block lasts, and everything before it ends."""
    with open_log(store, run_id) as log:
        recorder = Recorder(log, gather_seconds)
        try:
            yield recorder
        finally:
            recorder.flush()
