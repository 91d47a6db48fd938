"""An answer sent while it is made, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from pydantic import JsonValue

from ftdecide.errors import FtdecideError
from ftdecide.local.batching import Request
from ftdecide.local.chat_views import Completion
from ftdecide.local.engine import Engine
from ftdecide.local.speech import Answer, Piece
from ftdecide.local.wire import error_view


@dataclass
class Ear:
    """Hears pieces on the engine's thread and hands them to the server's loop; None says that the answer is over."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    pieces: "asyncio.Queue[Piece | None]" = field(default_factory=asyncio.Queue["Piece | None"])
    gone: bool = False

    def hear(self, piece: Piece) -> None:
        """Pass on one piece."""
        self._put(piece)

    def end(self, _answer: "Future[Answer]") -> None:
        """Pass on that nothing more comes."""
        self._put(None)

    def _put(self, piece: Piece | None) -> None:
        if not self.gone:
            self.loop.call_soon_threadsafe(self.pieces.put_nowait, piece)


def stream(engine: Engine, wanted: Request, completion: Completion, *, with_usage: bool) -> AsyncGenerator[str]:
    """Queue a request and return the events of its answer; call it on the server's loop.

    Raises:
        FtdecideError: as `Engine.submit` does, before anything is sent.
    """
    ear = Ear()
    answer = engine.submit(wanted, ear)
    answer.add_done_callback(ear.end)
    return _events(ear, answer, completion, with_usage=with_usage)


async def _events(
    ear: Ear, answer: "Future[Answer]", completion: Completion, *, with_usage: bool
) -> AsyncGenerator[str]:
    # Clients that asked for usage find the field in every chunk, empty but in the last.
    more: dict[str, JsonValue] = {"usage": None} if with_usage else {}
    try:
        yield _event({**completion.opening(), **more})
        while (piece := await ear.pieces.get()) is not None:
            yield _event({**completion.chunk(piece), **more})
        try:
            whole = answer.result()
        except FtdecideError as error:
            yield _event(error_view(str(error), 400))
            return
        except Exception as error:  # noqa: BLE001 - the response has begun, so nobody above can tell the client
            message = f"the local engine failed ({type(error).__name__}); its log says more"
            yield _event(error_view(message, 500))
            return
        yield _event({**completion.closing(whole), **more})
        if with_usage:
            yield _event(completion.usage(whole))
        yield "data: [DONE]\n\n"
    finally:
        ear.gone = True
        answer.cancel()


def _event(body: Mapping[str, JsonValue]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
