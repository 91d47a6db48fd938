"""`models` and `chat/completions`."""

import asyncio
import secrets

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ftdecide.errors import InputError
from ftdecide.local import batching
from ftdecide.local.bodies import named_model, read_json
from ftdecide.local.chat_shapes import ChatRequest, check_together
from ftdecide.local.chat_views import Completion
from ftdecide.local.desk import Desk, desk_of, find_adapter, tuned_models
from ftdecide.local.streaming import stream
from ftdecide.local.wire import RefusedError, parse


def _models(desk: Desk) -> list[JsonValue]:
    base: JsonValue = {"id": desk.base.id, "object": "model", "created": desk.started_at, "owned_by": "local"}
    tuned: list[JsonValue] = [
        {"id": model, "object": "model", "created": created, "owned_by": "ftdecide"}
        for model, created in tuned_models(desk)
    ]
    return [base, *tuned]


async def list_models(request: Request) -> Response:
    """The base model and every model tuned from it."""
    return JSONResponse({"object": "list", "data": _models(desk_of(request))})


async def get_model(request: Request) -> Response:
    """One model, or 404."""
    desk = desk_of(request)
    wanted = str(request.path_params["model"])
    find_adapter(desk, wanted)
    found = [one for one in _models(desk) if isinstance(one, dict) and one["id"] == wanted]
    return JSONResponse(found[0])


async def complete_chat(request: Request) -> Response:
    """One answer to one conversation, whole or in pieces; waits for its turn in a batch."""
    desk = desk_of(request)
    asked = parse(ChatRequest, await read_json(request), named_model(request))
    check_together(asked)
    wanted = _wanted(desk, asked)
    completion = Completion(asked.model, asked.logprobs)
    try:
        if asked.stream:
            with_usage = asked.stream_options is not None and asked.stream_options.include_usage
            events = stream(desk.engine, wanted, completion, with_usage=with_usage)
            return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        return JSONResponse(completion.whole(await asyncio.wrap_future(desk.engine.submit(wanted))))
    except InputError as error:
        raise RefusedError(str(error), param="response_format", code="invalid_value") from error


def _wanted(desk: Desk, asked: ChatRequest) -> batching.Request:
    return batching.Request(
        messages=tuple(message.plain() for message in asked.messages),
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        adapter=find_adapter(desk, asked.model),
        # Greedy unless asked otherwise: a comparison must come out the same twice.
        temperature=asked.temperature or 0.0,
        top_p=asked.top_p,
        seed=asked.seed if asked.seed is not None else secrets.randbits(31),
        stop=asked.stops,
        schema=asked.wanted_schema,
        rivals=asked.wanted_logprobs,
    )


ROUTES = [
    Route("/models", list_models, methods=["GET"]),
    Route("/models/{model:path}", get_model, methods=["GET"]),
    Route("/chat/completions", complete_chat, methods=["POST"]),
]
DEPLOYMENT_ROUTES = [Route("/deployments/{deployment:path}/chat/completions", complete_chat, methods=["POST"])]
