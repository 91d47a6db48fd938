"""The shapes in which the server hears and answers: those of OpenAI's interface."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from starlette.responses import JSONResponse

from ftdecide.errors import FtdecideError

Shape = TypeVar("Shape", bound=BaseModel)


class RefusedError(FtdecideError):
    """A request that cannot be served, with everything that OpenAI's error shape holds."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code


def error_view(message: str, status: int, param: str | None = None, code: str | None = None) -> dict[str, JsonValue]:
    """Return the body of a response to a request that failed."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def error_response(message: str, status: int, param: str | None = None, code: str | None = None) -> JSONResponse:
    """Make the response to a request that failed."""
    return JSONResponse(error_view(message, status, param, code), status_code=status)


# Values that change nothing may be sent; whatever would have to change the answer is refused.
_NEUTRAL: dict[str, tuple[JsonValue, ...]] = {
    "n": (1,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "tools": ([],),
    "functions": ([],),
    "tool_choice": ("none", "auto"),
    "reasoning_effort": ("none",),
    "integrations": ([],),
    "trainingType": (1,),
}
_IGNORED = frozenset(
    {
        "user",
        "safety_identifier",
        "store",
        "metadata",
        "service_tier",
        "parallel_tool_calls",
        "prompt_cache_key",
        "prompt_cache_retention",
    }
)


def parse(shape: type[Shape], body: object, fixed: Mapping[str, JsonValue] | None = None) -> Shape:
    """Make a `shape` of a request's body; what is `fixed`, by the address for instance, goes before what it says.

    Raises:
        RefusedError: naming the parameter that is wrong, missing or not supported here.
    """
    if not isinstance(body, dict):
        raise RefusedError("the body must be a JSON object; send one with the header Content-Type: application/json")
    given: dict[str, JsonValue] = {str(key): value for key, value in body.items() if value is not None}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
    given |= fixed or {}
    kept = {key: value for key, value in given.items() if key in shape.model_fields or not _harmless(key, value)}
    try:
        return shape.model_validate(kept)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        param = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            only = _NEUTRAL.get(param)
            mend = f"only {only[0]!r} is" if only else "it is not"
            message = f"the local engine does not support this value of {param!r} ({mend} supported); leave it out"
            raise RefusedError(message, param=param, code="unsupported_parameter") from error
        raise RefusedError(f"{param!r}: {first['msg'].lower()}", param=param, code="invalid_value") from error


def _harmless(key: str, value: JsonValue) -> bool:
    return key in _IGNORED or value in _NEUTRAL.get(key, ())
