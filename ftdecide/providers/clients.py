"""Builds the `openai` client, sync or async, of a way to reach a provider; they retry nothing, since waits are ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI, Omit, OpenAI

    from ftdecide.providers.access import Access

_CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"
_AUTHORIZATION = "authorization"


def sync_client(access: Access) -> OpenAI:
    """Return a client that blocks."""
    from openai import AzureOpenAI, DefaultHttpxClient, OpenAI

    http = DefaultHttpxClient(trust_env=False) if access.direct else None
    headers = _headers(access)
    if access.api_version is not None:
        client: OpenAI = AzureOpenAI(
            azure_endpoint=access.base_url,
            api_version=access.api_version,
            api_key=access.key,
            timeout=access.timeout_seconds,
            max_retries=0,
            http_client=http,
            default_headers=headers,
        )
    else:
        client = OpenAI(
            base_url=access.base_url,
            api_key=access.key,
            timeout=access.timeout_seconds,
            max_retries=0,
            http_client=http,
            default_headers=headers,
        )
    client.organization, client.project = access.organization, access.project
    return client


def async_client(access: Access, *, most_connections: int | None = None) -> AsyncOpenAI:
    """Return a client for an event loop, over aiohttp, which takes half the time of the usual transport.

    It keeps up to `most_connections` connections open, by default as many as the client's maker sets. Close it.
    """
    from openai import AsyncAzureOpenAI, AsyncOpenAI

    http, headers = _aiohttp_client(access, most_connections), _headers(access)
    if access.api_version is not None:
        client: AsyncOpenAI = AsyncAzureOpenAI(
            azure_endpoint=access.base_url,
            api_version=access.api_version,
            api_key=access.key,
            timeout=access.timeout_seconds,
            max_retries=0,
            http_client=http,
            default_headers=headers,
        )
    else:
        client = AsyncOpenAI(
            base_url=access.base_url,
            api_key=access.key,
            timeout=access.timeout_seconds,
            max_retries=0,
            http_client=http,
            default_headers=headers,
        )
    client.organization, client.project = access.organization, access.project
    return client


def _aiohttp_client(access: Access, most_connections: int | None) -> httpx2.AsyncClient:
    import httpx2
    from openai import DefaultAioHttpClient

    if most_connections is None:
        return DefaultAioHttpClient(trust_env=not access.direct, timeout=access.timeout_seconds)
    limits = httpx2.Limits(max_connections=most_connections, max_keepalive_connections=most_connections)
    return DefaultAioHttpClient(trust_env=not access.direct, timeout=access.timeout_seconds, limits=limits)


def _headers(access: Access, environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Return headers that keep those of the environment, which are meant for OpenAI, from every other server.

    The client reads them by itself whatever the address; a header set here takes their place, and `Omit` is none.
    """
    from openai import Omit

    if access.own_headers:
        return {}
    names = [line.partition(":")[0].strip() for line in environ.get(_CUSTOM_HEADERS, "").split("\n") if ":" in line]
    headers: dict[str, str | Omit] = {name: Omit() for name in names if name.lower() != _AUTHORIZATION}
    if len(headers) < len(names):
        headers["Authorization"] = Omit() if access.api_version is not None else f"Bearer {access.key}"
    return headers  # pyright: ignore[reportReturnType] - the client takes `Omit`, its annotation does not say so
