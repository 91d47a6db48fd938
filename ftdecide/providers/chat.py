"""Asking for chat completions, many at a time: the asynchronous side of every provider, over the `openai` client."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Annotated, Self

import aiohttp
import httpx2
import openai
from pydantic import BaseModel, Field

from ftdecide.providers import base
from ftdecide.providers.access import Access
from ftdecide.providers.chat_body import chat_body, learn_refusal
from ftdecide.providers.clients import async_client
from ftdecide.providers.openai_errors import our_errors
from ftdecide.providers.openai_shapes import Usage
from ftdecide.translation import _

_PATH = "/chat/completions"


class _Said(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: str | None = None


class _Chat(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: Usage


class ChatLine:
    """A provider that is asked from one event loop, and reached anew where it is gone; use it with `async with`."""

    def __init__(self, reach: Callable[[], Access], most_calls: int) -> None:
        """Keep how the provider is reached: `reach` may block, for it may start the local engine."""
        self._reach, self._most_calls = reach, most_calls
        self._lock = asyncio.Lock()
        self._access: Access | None = None
        self._client: openai.AsyncOpenAI | None = None
        self._former: list[openai.AsyncOpenAI] = []

    async def __aenter__(self) -> Self:
        """Reach the provider.

        Raises:
            FtdecideError: what reaching it may raise.
        """
        await self._connect(None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        for client in (*self._former, self._client):
            if client is not None:
                await client.close()

    async def complete(self, model: str, messages: Sequence[base.Message], *, max_tokens: int) -> base.Completion:
        """Return the model's most likely answer to a chat.

        Raises:
            ProviderError: one of its leaves; the line was connected anew where the provider could not be reached.
            UnavailableError: the local engine is gone and cannot be started again.
        """
        access, client = self._access, self._client
        if access is None or client is None:
            raise RuntimeError("a line is used within `async with`")
        try:
            return await _complete(client, access, model, messages, max_tokens)
        except base.UnreachableError:
            await self._connect(client)
            raise

    async def _connect(self, broken: openai.AsyncOpenAI | None) -> None:
        """Connect, unless another call did so meanwhile or nothing about the way there has changed."""
        async with self._lock:
            if self._client is not broken:
                return
            access = await asyncio.to_thread(self._reach)
            if self._client is None or access != self._access:
                # The former client is not closed yet, because other calls may still wait for an answer from it.
                self._former += [self._client] if self._client else []
                self._access, self._client = access, async_client(access, most_connections=self._most_calls)


async def _complete(
    client: openai.AsyncOpenAI, access: Access, model: str, messages: Sequence[base.Message], max_tokens: int
) -> base.Completion:
    doing = _("asking {model!r}").format(model=model)
    with our_errors(doing, access.key):
        body = chat_body(access.base_url, model, messages, max_tokens)
        started = perf_counter()
        try:
            # The client's limit is for each piece of an answer; a server that sends a byte now and then needs another.
            async with asyncio.timeout(access.timeout_seconds):
                # Not `chat.completions.create`: it takes as long again to build objects of which we read four fields.
                response = await client.post(_PATH, body=body, cast_to=httpx2.Response)
        except openai.BadRequestError as error:
            if not learn_refusal(access.base_url, model, body, error):
                raise
            return await _complete(client, access, model, messages, max_tokens)
        except TimeoutError as error:
            raise base.TimedOutError(_("{doing}: no answer in time; try again later").format(doing=doing)) from error
        except openai.APIConnectionError as error:
            raise _as_seen(doing, error) from error
        except aiohttp.ClientError as error:
            raise base.ConnectionLostError(_lost(doing)) from error
        latency_ms = (perf_counter() - started) * 1000
        return _completion(_Chat.model_validate_json(response.content), latency_ms)


def _completion(chat: _Chat, latency_ms: float) -> base.Completion:
    """Return an answer in our words; a model that refuses has answered, with its refusal."""
    choice, usage = chat.choices[0], chat.usage
    text = choice.message.content if choice.message.content is not None else choice.message.refusal
    details = usage.prompt_tokens_details
    return base.Completion(
        text=text or "",
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        latency_ms=latency_ms,
        finish_reason=choice.finish_reason or "stop",
        empty=text is None,
        cached_tokens=(details.cached_tokens if details else None) or 0,
    )


def _as_seen(doing: str, error: openai.APIConnectionError) -> Exception:
    """Return the failure as the connection saw it: the client's aiohttp transport calls most of them time-outs.

    Where the connection stood before it broke, the request may have been worked on, and charged.
    """
    reported = error.__cause__
    seen = reported.__cause__ if reported is not None else None
    if isinstance(seen, aiohttp.ClientConnectorError):
        return base.UnreachableError(
            _("{doing}: the server cannot be reached ({why}); check address and network").format(doing=doing, why=seen)
        )
    broke = isinstance(seen, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError)
    return base.ConnectionLostError(_lost(doing)) if broke and not isinstance(seen, TimeoutError) else error


def _lost(doing: str) -> str:
    return _("{doing}: the connection broke before the answer was there; try again later").format(doing=doing)
