"""The application: routes, the token that every request needs, and errors in the shape that clients know."""

import hmac
import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ftdecide.errors import FtdecideError, InputError, NotFoundError
from ftdecide.local import chat_routes, embedding_routes, file_routes, job_routes
from ftdecide.local.desk import Desk
from ftdecide.local.wire import RefusedError, error_response

ROUTES: list[Route] = [*chat_routes.ROUTES, *embedding_routes.ROUTES, *file_routes.ROUTES, *job_routes.ROUTES]
_DEPLOYMENTS: list[Route] = [*chat_routes.DEPLOYMENT_ROUTES, *embedding_routes.DEPLOYMENT_ROUTES]


def make_app(desk: Desk) -> Starlette:
    """Make the application over a desk: OpenAI's addresses below /v1, Azure's old and new ones below /openai."""
    app = Starlette(
        routes=[
            Mount("/v1", routes=ROUTES),
            Mount("/openai/v1", routes=ROUTES),
            Mount("/openai", routes=[*_DEPLOYMENTS, *ROUTES]),
        ],
        middleware=[Middleware(_Door, desk=desk)],
        exception_handlers={FtdecideError: _expected, HTTPException: _no_route, Exception: _unexpected},
    )
    app.state.desk = desk
    return app


class _Door:
    """Lets in who knows the token, and notes when somebody was served, however long that took."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        desk = self._desk
        if scope["type"] != "http" or not _knows(Request(scope), desk.token):
            message = "the API key is missing or wrong; use the token of the running engine"
            await error_response(message, 401, code="invalid_api_key")(scope, receive, send)
            return
        desk.being_served += 1
        try:
            await self._app(scope, receive, send)
        finally:
            desk.being_served -= 1
            desk.last_request = time.monotonic()


def _knows(request: Request, token: str) -> bool:
    """Say whether a request carries the token, as OpenAI's clients send it or as Azure's do."""
    given = request.headers.get("api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.encode())


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
