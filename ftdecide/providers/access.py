"""Where a provider is reached and with which key, settled once; the key is in memory alone and is never shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ftdecide.errors import InputError
from ftdecide.providers.base import MissingKeyError
from ftdecide.providers.connection_facts import Connection
from ftdecide.providers.connections import LOCAL, key_of
from ftdecide.settings import Settings
from ftdecide.translation import _

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Access:
    """Everything that a client is built of; `direct` passes by the proxy of the environment.

    `api_version` is set where Azure's addresses are meant. `organization` and `project` are OpenAI's alone.
    """

    base_url: str
    key: str = field(repr=False)
    timeout_seconds: float
    direct: bool = False
    api_version: str | None = None
    organization: str | None = None
    project: str | None = None
    own_headers: bool = False
    connection: Connection | None = None


def open_access(
    settings: Settings, connection: Connection, base_url: str | None, environ: Mapping[str, str] = os.environ
) -> Access:
    """Return how to reach a provider now; the local engine is started if it does not run.

    Raises:
        MissingKeyError: a variable that should hold the key or the address is empty.
        InputError: the variable for the address holds none.
        UnavailableError: the local engine cannot be started.
    """
    if connection.id == LOCAL:
        from ftdecide.local.launch import ensure_running

        endpoint = ensure_running(settings)
        return Access(endpoint.base_url, endpoint.token, connection.timeout_seconds, direct=True, connection=connection)
    return Access(
        base_url=connection.base_url or base_url or _address(connection, environ),
        key=key_of(connection, environ),
        timeout_seconds=connection.timeout_seconds,
        api_version=environ.get(connection.api_version_variable or "") or connection.api_version,
        organization=environ.get(connection.organization_variable or "") or None,
        project=environ.get(connection.project_variable or "") or None,
        own_headers=connection.organization_variable is not None,
        connection=connection,
    )


def _address(connection: Connection, environ: Mapping[str, str]) -> str:
    variable = connection.address_variable or ""
    return address_of(connection.title, variable, environ.get(variable, ""))


def address_of(title: str, variable: str, value: str) -> str:
    """Return the address that an environment variable holds; a key goes there, so it is never sent unprotected.

    Raises:
        MissingKeyError: the variable is empty.
        InputError: it holds no address, one with a name or a query in it, or one without https elsewhere than here.
    """
    if not value.strip():
        text = _("{provider} needs an address: set {variable} where the worker is started, then restart it")
        raise MissingKeyError(text.format(provider=title, variable=variable))
    try:
        parts = urlsplit(value.strip())
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        usable = safe and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    else:
        usable = usable and not ("@" in parts.netloc or parts.query or parts.fragment)
    if not usable:
        text = _("{variable} holds no usable address; write it as 'https://server', without name, password or query")
        raise InputError(text.format(variable=variable))
    return value.strip().rstrip("/")
