"""Writing down what is asked and answered: what comes within a few milliseconds is stored at once, beside the loop."""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from ftdecide.store.calls import Call, Log, Sent, open_log
from ftdecide.store.database import Store


class Recorder:
    """Stores calls in batches; what is awaited here is on the disk. See `open_recorder`."""

    def __init__(self, log: Log, writer: ThreadPoolExecutor, gather_seconds: float) -> None:
        """Write to `log` from the one thread of `writer`."""
        self._log, self._writer, self._gather_seconds = log, writer, gather_seconds
        self._sent: list[Sent] = []
        self._ended: list[tuple[Call, asyncio.Future[None]]] = []
        self._something = asyncio.Event()
        self._broken: Exception | None = None

    def note(self, sent: Sent) -> None:
        """Have it written down soon that a call is under way."""
        self._sent.append(sent)
        self._something.set()

    async def store(self, call: Call) -> None:
        """Return once what came of a call is on the disk."""
        if self._broken is not None:
            raise self._broken
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((call, stored))
        self._something.set()
        await stored

    async def run(self) -> None:
        """Write batch after batch until cancelled; a failure to write reaches everybody who waits for it."""
        while True:
            await self._something.wait()
            await asyncio.sleep(self._gather_seconds)
            await self.flush()

    async def flush(self) -> None:
        """Write what has come so far."""
        self._something.clear()
        sent, ended = self._sent, self._ended
        self._sent, self._ended = [], []
        if not sent and not ended:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._log.write, sent, [call for call, _stored in ended])
        except Exception as error:
            self._broken = error
            for _call, stored in ended:
                if not stored.done():
                    stored.set_exception(error)
            raise
        for _call, stored in ended:
            if not stored.done():
                stored.set_result(None)


@asynccontextmanager
async def open_recorder(store: Store, run_id: str, gather_seconds: float) -> AsyncGenerator[Recorder]:
    """Give a recorder that writes as long as the block lasts, and everything before it ends."""
    with open_log(store, run_id) as log, ThreadPoolExecutor(1, thread_name_prefix="record") as writer:
        recorder = Recorder(log, writer, gather_seconds)
        writing = asyncio.create_task(recorder.run())
        try:
            yield recorder
        finally:
            # A batch that is being written comes to its end: its thread is the one that writes the last.
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await recorder.flush()
