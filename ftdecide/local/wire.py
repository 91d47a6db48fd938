"""The shapes in which the server hears and answers: those of OpenAI's interface."""

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveFloat, PositiveInt, ValidationError
from starlette.responses import JSONResponse

from ftdecide.errors import FtdecideError
from ftdecide.local.rows import ChatMessage

Shape = TypeVar("Shape", bound=BaseModel)


class RefusedError(FtdecideError):
    """A request that cannot be served, with everything that OpenAI's error shape holds."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code


def error_response(message: str, status: int, param: str | None = None, code: str | None = None) -> JSONResponse:
    """Make the response to a request that failed."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status_code=status)


class TextPart(BaseModel):
    """A piece of a message; this model reads text only."""

    type: Literal["text"]
    text: str


class WireMessage(BaseModel):
    """A message as clients send it."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    def plain(self) -> ChatMessage:
        """Return the message as the model reads it."""
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return ChatMessage(role="system" if self.role == "developer" else self.role, content=text)


class ChatRequest(BaseModel):
    """The part of a chat completion request that this engine can honour."""

    model_config = ConfigDict(extra="forbid")

    model: str
    messages: list[WireMessage] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    seed: int | None = None
    stop: str | list[str] | None = None


class WireHyperparameters(BaseModel):
    """What a client may choose about training; "auto" takes the engine's default."""

    model_config = ConfigDict(extra="forbid")

    n_epochs: Literal["auto"] | PositiveInt = "auto"
    batch_size: Literal["auto"] | PositiveInt = "auto"
    learning_rate_multiplier: Literal["auto"] | PositiveFloat = "auto"


class Supervised(BaseModel):
    """Options of supervised tuning."""

    model_config = ConfigDict(extra="forbid")

    hyperparameters: WireHyperparameters = WireHyperparameters()


class Method(BaseModel):
    """The one method this engine knows."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["supervised"]
    supervised: Supervised = Supervised()


class JobRequest(BaseModel):
    """The part of a tuning request that this engine can honour."""

    model_config = ConfigDict(extra="forbid")

    model: str
    training_file: str
    hyperparameters: WireHyperparameters | None = None
    method: Method | None = None
    suffix: str | None = Field(default=None, max_length=64, pattern=r"^[A-Za-z0-9._-]*$")
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    metadata: dict[str, str] | None = None


# Values that change nothing may be sent; whatever would have to change the answer is refused.
_NEUTRAL: dict[str, tuple[JsonValue, ...]] = {
    "n": (1,),
    "top_p": (1,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "stream": (False,),
    "logprobs": (False,),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "tools": ([],),
    "integrations": ([],),
}
_IGNORED = frozenset(
    {"user", "safety_identifier", "store", "metadata", "service_tier", "prompt_cache_key", "prompt_cache_retention"}
)


def parse(shape: type[Shape], body: object) -> Shape:
    """Make a `shape` of a request's body.

    Raises:
        RefusedError: naming the parameter that is wrong, missing or not supported here.
    """
    if not isinstance(body, dict):
        raise RefusedError("the body must be a JSON object; send one with the header Content-Type: application/json")
    given: dict[str, JsonValue] = {str(key): value for key, value in body.items() if value is not None}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
    kept = {key: value for key, value in given.items() if key in shape.model_fields or not _harmless(key, value)}
    try:
        return shape.model_validate(kept)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        param = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            message = f"the local engine does not support {param!r} with this value; leave it out"
            raise RefusedError(message, param=param, code="unsupported_parameter") from error
        raise RefusedError(f"{param!r}: {first['msg'].lower()}", param=param, code="invalid_value") from error


def _harmless(key: str, value: JsonValue) -> bool:
    return key in _IGNORED or value in _NEUTRAL.get(key, ())
