"""`/v1/models` and `/v1/chat/completions`."""

import asyncio
import secrets
import time

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ftdecide.local import batching
from ftdecide.local.bodies import read_json
from ftdecide.local.desk import Desk, desk_of, find_adapter, tuned_jobs
from ftdecide.local.wire import ChatRequest, RefusedError, parse


def _models(desk: Desk) -> list[JsonValue]:
    base: JsonValue = {"id": desk.base.id, "object": "model", "created": desk.started_at, "owned_by": "local"}
    tuned: list[JsonValue] = [
        {"id": job.tuned_model, "object": "model", "created": job.finished_at, "owned_by": "ftdecide"}
        for job in tuned_jobs(desk)
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
    """One answer to one conversation; waits for its turn in a batch."""
    desk = desk_of(request)
    asked = parse(ChatRequest, await read_json(request))
    if asked.max_tokens and asked.max_completion_tokens and asked.max_tokens != asked.max_completion_tokens:
        raise RefusedError("max_tokens and max_completion_tokens differ; send one of them", param="max_tokens")
    stop = [asked.stop] if isinstance(asked.stop, str) else asked.stop or []
    wanted = batching.Request(
        messages=tuple(message.plain() for message in asked.messages),
        max_tokens=asked.max_completion_tokens or asked.max_tokens or desk.defaults.generation.max_tokens,
        adapter=find_adapter(desk, asked.model),
        # Greedy unless asked otherwise: a comparison must come out the same twice.
        temperature=asked.temperature or 0.0,
        seed=asked.seed if asked.seed is not None else secrets.randbits(31),
        stop=tuple(text for text in stop if text),
    )
    answer = await asyncio.wrap_future(desk.engine.submit(wanted))
    choice: JsonValue = {
        "index": 0,
        "message": {"role": "assistant", "content": answer.text, "refusal": None},
        "logprobs": None,
        "finish_reason": answer.finish_reason,
    }
    usage: JsonValue = {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }
    body: JsonValue = {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [choice],
        "usage": usage,
    }
    return JSONResponse(body)


ROUTES = [
    Route("/v1/models", list_models, methods=["GET"]),
    Route("/v1/models/{model:path}", get_model, methods=["GET"]),
    Route("/v1/chat/completions", complete_chat, methods=["POST"]),
]
