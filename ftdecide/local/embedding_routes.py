"""`embeddings`: texts as vectors of the base model."""

import asyncio
import base64
from array import array
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, NonNegativeInt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ftdecide.local.bodies import named_model, read_json
from ftdecide.local.desk import desk_of, find_adapter
from ftdecide.local.embedding import Vector
from ftdecide.local.wire import RefusedError, parse

_MOST_TEXTS = 2048
Tokens = Annotated[list[NonNegativeInt], Field(min_length=1)]


class EmbeddingRequest(BaseModel):
    """The part of an embeddings request that this engine can honour."""

    model_config = ConfigDict(extra="forbid")

    model: str
    input: (
        str
        | Tokens
        | Annotated[list[str], Field(min_length=1, max_length=_MOST_TEXTS)]
        | Annotated[list[Tokens], Field(min_length=1, max_length=_MOST_TEXTS)]
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None

    @property
    def texts(self) -> list[str | tuple[int, ...]]:
        """The texts one by one, each as letters or as tokens."""
        if isinstance(self.input, str):
            return [self.input]
        texts: list[str | tuple[int, ...]] = []
        alone: list[int] = []
        for one in self.input:
            if isinstance(one, int):
                alone.append(one)
            else:
                texts.append(one if isinstance(one, str) else tuple(one))
        return texts or [tuple(alone)]


async def embed(request: Request) -> Response:
    """One vector for each text."""
    desk = desk_of(request)
    asked = parse(EmbeddingRequest, await read_json(request), named_model(request))
    if find_adapter(desk, asked.model) is not None:
        message = f"embeddings are those of the base model; ask {desk.base.id!r} for them"
        raise RefusedError(message, param="model")
    size = desk.engine.hidden_size
    if asked.dimensions not in (None, size):
        message = f"dimensions={asked.dimensions}: this model's vectors have {size}, and a part of one means nothing"
        raise RefusedError(f"{message}; leave dimensions out", param="dimensions", code="unsupported_parameter")
    promise, tokens = desk.engine.submit_texts(asked.texts)
    vectors = await asyncio.wrap_future(promise)
    data: list[JsonValue] = [
        {"object": "embedding", "index": index, "embedding": _written(vector, asked.encoding_format)}
        for index, vector in enumerate(vectors)
    ]
    usage: JsonValue = {"prompt_tokens": tokens, "total_tokens": tokens}
    answer: dict[str, JsonValue] = {"object": "list", "data": data, "model": asked.model, "usage": usage}
    return JSONResponse(answer)


def _written(vector: Vector, form: Literal["float", "base64"]) -> JsonValue:
    # Four bytes a number, the lowest first, as clients read it on the machines there are.
    return [*vector] if form == "float" else base64.b64encode(array("f", vector).tobytes()).decode()


ROUTES = [Route("/embeddings", embed, methods=["POST"])]
DEPLOYMENT_ROUTES = [Route("/deployments/{deployment:path}/embeddings", embed, methods=["POST"])]
