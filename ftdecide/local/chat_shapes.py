"""What a chat completion request may hold."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ftdecide.local.rows import ChatMessage
from ftdecide.local.wire import RefusedError

MOST_TOP_LOGPROBS = 20
MOST_STOPS = 4


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


class StreamOptions(BaseModel):
    """What a stream carries beside the text; obfuscation is never added on a loopback address."""

    model_config = ConfigDict(extra="forbid")

    include_usage: bool = False
    include_obfuscation: bool = False


class TextFormat(BaseModel):
    """The answer may be any text."""

    type: Literal["text"]


class JsonObjectFormat(BaseModel):
    """The answer is some JSON object."""

    type: Literal["json_object"]


class NamedSchema(BaseModel):
    """A JSON schema with the name that clients give it; it is always kept to, `strict` or not."""

    model_config = ConfigDict(extra="forbid")

    name: str
    description: str | None = None
    schema_: dict[str, JsonValue] = Field(default={"type": "object"}, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(BaseModel):
    """The answer is JSON that fits a schema."""

    type: Literal["json_schema"]
    json_schema: NamedSchema


ResponseFormat = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]


class ChatRequest(BaseModel):
    """The part of a chat completion request that this engine can honour."""

    model_config = ConfigDict(extra="forbid")

    model: str
    messages: list[WireMessage] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: str | Annotated[list[str], Field(max_length=MOST_STOPS)] | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=MOST_TOP_LOGPROBS)
    response_format: ResponseFormat | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts that end an answer."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(text for text in given if text)

    @property
    def wanted_logprobs(self) -> int | None:
        """How many alternatives of each token are wanted; None when likelihoods are not wanted at all."""
        return (self.top_logprobs or 0) if self.logprobs else None

    @property
    def wanted_schema(self) -> dict[str, JsonValue] | None:
        """The JSON schema that the answer must fit; None when any text will do."""
        if isinstance(self.response_format, JsonSchemaFormat):
            return self.response_format.json_schema.schema_
        return {"type": "object"} if isinstance(self.response_format, JsonObjectFormat) else None


def check_together(asked: ChatRequest) -> None:
    """Refuse parameters that only make sense beside others.

    Raises:
        RefusedError: naming the parameter.
    """
    if asked.max_tokens and asked.max_completion_tokens and asked.max_tokens != asked.max_completion_tokens:
        raise RefusedError("max_tokens and max_completion_tokens differ; send one of them", param="max_tokens")
    if asked.top_logprobs is not None and not asked.logprobs:
        raise RefusedError("top_logprobs needs logprobs=true; send both or neither", param="top_logprobs")
    if asked.stream_options is not None and not asked.stream:
        raise RefusedError("stream_options needs stream=true; send both or neither", param="stream_options")
