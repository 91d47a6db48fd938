"""The application: routes, the token that every request needs, and errors in the shape that clients know."""

import hmac
import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response

from ftdecide.errors import FtdecideError, InputError, NotFoundError
from ftdecide.local import chat_routes, file_routes, job_routes
from ftdecide.local.desk import Desk, desk_of
from ftdecide.local.wire import RefusedError, error_response


def make_app(desk: Desk) -> Starlette:
    """Make the application over a desk."""
    app = Starlette(
        routes=[*chat_routes.ROUTES, *file_routes.ROUTES, *job_routes.ROUTES],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_admit)],
        exception_handlers={FtdecideError: _expected, HTTPException: _no_route, Exception: _unexpected},
    )
    app.state.desk = desk
    return app


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
