"""The local engine's server: OpenAI's interface on a loopback address, behind a random token."""

import asyncio
import ipaddress
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ftdecide.errors import ConflictError, InputError
from ftdecide.local.defaults import load_defaults
from ftdecide.local.disk import load_document, write_document
from ftdecide.local.endpoint import SERVING_LOCK, Endpoint, endpoint_file
from ftdecide.local.model import base_model, local_folder, stay_offline
from ftdecide.local.processes import share_processor
from ftdecide.settings import Settings

if TYPE_CHECKING:
    import uvicorn

    from ftdecide.local.desk import Desk

_IDLE_LOOK_SECONDS = 5
_LOCK_SECONDS = 1  # whoever looks whether an engine runs holds the lock for a moment


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> None:
    """Load the model and serve it until ended from outside or idle; prints one line when ready.

    Port 0 takes a free one.

    Raises:
        InputError: `host` is not a loopback address, or the port is taken.
        ConflictError: another engine serves this home already.
        UnavailableError: the model cannot be loaded.
    """
    from filelock import FileLock, Timeout

    if not _is_loopback(host):
        raise InputError(f"host={host!r} can be reached from outside; the local engine listens on 127.0.0.1 only")
    folder = local_folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(folder / SERVING_LOCK).acquire(timeout=_LOCK_SECONDS):
            _serve_alone(settings, host, port)
    except Timeout as error:
        where = endpoint_file(settings)
        raise ConflictError(
            f"another local engine serves {str(folder)!r}; use it (see {str(where)!r}) or end it"
        ) from error


def _serve_alone(settings: Settings, host: str, port: int) -> None:
    # The server hands the signal on when it has ended, and without this the process would be gone at once.
    signal.signal(signal.SIGTERM, _end)
    share_processor()
    base = base_model(settings)
    stay_offline(base)
    # Only now: torch and the libraries around it read the environment when they are loaded.
    from ftdecide.local.desk import Desk
    from ftdecide.local.engine import Engine
    from ftdecide.local.supervision import Supervisor

    defaults = load_defaults()
    folder = local_folder(settings)
    former = load_document(endpoint_file(settings), Endpoint)
    listener = _listen(host, port, former)
    engine = Engine(base, defaults.generation)
    supervisor = Supervisor(folder / "jobs", defaults.training)
    # The former token and port are kept, so that clients of an engine that fell go on as if it had not.
    token = former.token if former else secrets.token_urlsafe(32)
    desk = Desk(base, engine, supervisor, folder / "files", token, defaults)
    base_url = f"http://{host}:{listener.getsockname()[1]}/v1"
    supervisor.start()
    write_document(endpoint_file(settings), Endpoint(base_url=base_url, token=token, pid=os.getpid()))
    try:
        asyncio.run(_run(desk, listener, base_url, endpoint_file(settings)))
    finally:
        supervisor.close()
        endpoint_file(settings).unlink(missing_ok=True)


async def _run(desk: "Desk", listener: socket.socket, base_url: str, mark: Path) -> None:
    import uvicorn

    from ftdecide.local.app import make_app

    server = uvicorn.Server(uvicorn.Config(make_app(desk), log_level="warning", access_log=False, lifespan="off"))
    watch = asyncio.create_task(_end_when_unneeded(server, desk, mark))
    sys.stdout.write(f"ftdecide local engine ready at {base_url}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listener])
    watch.cancel()


async def _end_when_unneeded(server: "uvicorn.Server", desk: "Desk", mark: Path) -> None:
    """End the server after a while without requests and jobs, or when its home was removed under it."""
    while not server.should_exit:
        await asyncio.sleep(_IDLE_LOOK_SECONDS)
        if desk.being_served or desk.supervisor.busy():
            desk.last_request = time.monotonic()
        idle_seconds = time.monotonic() - desk.last_request
        server.should_exit |= idle_seconds > desk.defaults.server.idle_minutes * 60 or not mark.exists()


def _end(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int, former: Endpoint | None) -> socket.socket:
    """Open the socket, on the former port if any will do and it is still free."""
    wanted = port or (former.port if former else 0)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, wanted))
    except OSError as error:
        listener.close()
        if port:
            raise InputError(
                f"port {port} cannot be used ({error.strerror}); choose another, or 0 for a free one"
            ) from error
        return _listen(host, 0, None)
    return listener
