"""How each provider is reached: addresses, limits and the names of key variables, and a line that mends itself."""

import os
from collections.abc import Mapping
from functools import cache
from threading import Lock
from urllib.parse import urlsplit

from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError, NotFoundError
from ftdecide.providers.base import MissingKeyError, Provider
from ftdecide.providers.connection_facts import Connection, Connections
from ftdecide.settings import DATA, Settings
from ftdecide.translation import _

_FILE = DATA / "connections.yml"
LOCAL = "local"


class Line:
    """A connected provider that can be connected anew, from any thread, when it went away."""

    def __init__(self, settings: Settings, connection: Connection, base_url: str | None) -> None:
        """Connect; see `connect`."""
        self._settings, self.connection, self._base_url = settings, connection, base_url
        self._lock = Lock()
        self._provider = _open(settings, connection, base_url)

    def provider(self) -> Provider:
        """Return the provider as it is connected now."""
        return self._provider

    def renew(self, broken: Provider) -> None:
        """Connect anew, which restarts the local engine if it is gone, unless another thread did so meanwhile."""
        with self._lock:
            if self._provider is broken:
                self._provider = _open(self._settings, self.connection, self._base_url)


@cache
def load_connections() -> Connections:
    """Read the facts once."""
    return validate(Connections, read_document(_FILE), _FILE.name)


def find_connection(provider_id: str, base_url: str | None = None) -> Connection:
    """Return how `provider_id` is reached.

    Raises:
        NotFoundError: no such provider.
        InputError: an address is given for a provider that has its own, or missing for one that needs it. A key is only
            ever sent to the address that it belongs to.
    """
    known = load_connections().connections
    found = next((each for each in known if each.id == provider_id), None)
    if found is None:
        names = ", ".join(each.id for each in known)
        raise NotFoundError(_("provider {id!r} is unknown; use one of {names}").format(id=provider_id, names=names))
    needs_address = found.base_url is None and found.address_variable is None and found.id != LOCAL
    if needs_address and not base_url:
        raise InputError(_("provider.base_url: provider {id!r} needs the server's address").format(id=provider_id))
    if base_url and not needs_address:
        raise InputError(
            _("provider.base_url: provider {id!r} has its own address; remove it or use 'compatible'").format(
                id=provider_id
            )
        )
    if base_url:
        _check_address(base_url)
    return found


def _check_address(base_url: str) -> None:
    """Refuse what is no address, and what would carry a secret into the store, where plans are kept."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    else:
        usable = usable and not ("@" in parts.netloc or parts.query or parts.fragment)
    if not usable:
        raise InputError(
            _("provider.base_url: write it as 'https://server/v1', without a name, a password or a query in it")
        )


def connect(settings: Settings, provider_id: str, base_url: str | None = None) -> Line:
    """Connect to a provider; the local engine is started if it does not run.

    Raises:
        NotFoundError, InputError: as `find_connection`.
        MissingKeyError: the variable that should hold the key is empty.
        UnavailableError: the local engine cannot be started.
    """
    return Line(settings, find_connection(provider_id, base_url), base_url)


def key_of(connection: Connection, environ: Mapping[str, str] = os.environ) -> str:
    """Return the key from the environment of this process.

    Raises:
        MissingKeyError: the variable is empty, not there, or holds what can be no key. The value is not shown.
    """
    return secret_of(connection.title, connection.key_variable or "", environ)


def secret_of(title: str, variable: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the secret that an environment variable of this process holds; `title` says who needs it.

    Raises:
        MissingKeyError: as `key_of`.
    """
    key = environ.get(variable, "").strip()
    if not key:
        raise MissingKeyError(
            _("{provider} needs {variable}: set it where the worker is started, then restart it").format(
                provider=title, variable=variable
            )
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        # Sent as it is, the client's own complaint would show it.
        raise MissingKeyError(
            _("{variable} holds a blank, a line break or a letter that no key has; copy it anew").format(
                variable=variable
            )
        )
    return key


def _open(settings: Settings, connection: Connection, base_url: str | None) -> Provider:
    from ftdecide.providers.access import open_access
    from ftdecide.providers.openai import OpenAIProvider

    return OpenAIProvider(open_access(settings, connection, base_url))
