"""The local engine's server: OpenAI's interface on a loopback address, behind a random token."""

import asyncio
import hmac
import ipaddress
import os
import secrets
import socket
import sys
import time
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response

from ftdecide.errors import ConflictError, FtdecideError, InputError, NotFoundError
from ftdecide.local import chat_routes, file_routes, job_routes
from ftdecide.local.defaults import load_defaults
from ftdecide.local.desk import Desk, desk_of
from ftdecide.local.disk import load_document, write_document
from ftdecide.local.endpoint import Endpoint, endpoint_file
from ftdecide.local.engine import Engine
from ftdecide.local.model import base_model, local_folder, stay_offline
from ftdecide.local.supervision import Supervisor
from ftdecide.local.wire import RefusedError, error_response
from ftdecide.settings import Settings

_IDLE_LOOK_SECONDS = 5


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
        with FileLock(folder / "serving.lock").acquire(timeout=0):
            _serve_alone(settings, host, port)
    except Timeout as error:
        where = endpoint_file(settings)
        raise ConflictError(
            f"another local engine serves {str(folder)!r}; use it (see {str(where)!r}) or end it"
        ) from error


def _serve_alone(settings: Settings, host: str, port: int) -> None:
    base = base_model(settings)
    stay_offline(base)
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
        asyncio.run(_run(make_app(desk), listener, base_url))
    finally:
        supervisor.close()
        endpoint_file(settings).unlink(missing_ok=True)


def make_app(desk: Desk) -> Starlette:
    """Make the application over a desk."""
    app = Starlette(
        routes=[*chat_routes.ROUTES, *file_routes.ROUTES, *job_routes.ROUTES],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_admit)],
        exception_handlers={FtdecideError: _expected, HTTPException: _no_route, Exception: _unexpected},
    )
    app.state.desk = desk
    return app


async def _run(app: Starlette, listener: socket.socket, base_url: str) -> None:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    watch = asyncio.create_task(_end_when_idle(server, app))
    sys.stdout.write(f"ftdecide local engine ready at {base_url}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listener])
    watch.cancel()


async def _end_when_idle(server: uvicorn.Server, app: Starlette) -> None:
    desk: Desk = app.state.desk
    while not server.should_exit:
        await asyncio.sleep(_IDLE_LOOK_SECONDS)
        if desk.supervisor.busy():
            desk.last_request = time.monotonic()
        server.should_exit |= time.monotonic() - desk.last_request > desk.defaults.server.idle_minutes * 60


async def _admit(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    desk = desk_of(request)
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), desk.token.encode()):
        message = "the API key is missing or wrong; use the token of the running engine"
        return error_response(message, 401, code="invalid_api_key")
    desk.last_request = time.monotonic()
    return await call_next(request)


async def _expected(_request: Request, error: Exception) -> Response:
    if isinstance(error, RefusedError):
        return error_response(str(error), error.status, error.param, error.code)
    status = 404 if isinstance(error, NotFoundError) else 400 if isinstance(error, InputError) else 503
    return error_response(str(error), status)


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    detail = error.detail if isinstance(error, HTTPException) else ""
    message = f"{request.method} {request.url.path}: {detail or 'not found'}; the local engine has no such address"
    return error_response(message if status in (404, 405) else str(detail), status)


async def _unexpected(_request: Request, error: Exception) -> Response:
    return error_response(f"the local engine failed ({type(error).__name__}); its log says more", 500)


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
