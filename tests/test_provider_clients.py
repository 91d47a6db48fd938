"""The clients of every connection: which address, which headers, and whose key goes where."""

import asyncio
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openai
import pytest

from ftdecide.errors import InputError
from ftdecide.providers import base
from ftdecide.providers.access import Access, address_of, open_access
from ftdecide.providers.clients import async_client, sync_client
from ftdecide.providers.connections import find_connection, load_connections
from ftdecide.settings import Settings, load_settings

ENVIRON = {
    "OPENAI_API_KEY": "sk-own",
    "OPENAI_ORG_ID": "org-own",
    "OPENAI_PROJECT_ID": "proj-own",
    "NEBIUS_API_KEY": "nebius-own",
    "FTDECIDE_COMPATIBLE_API_KEY": "other-own",
    "AZURE_OPENAI_API_KEY": "azure-own",
    "AZURE_OPENAI_ENDPOINT": "https://unit.openai.azure.com/",
}
AZURE_VERSION = "2025-04-01-preview"


class _Seen(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict[str, str]]]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        body = b'{"object": "list", "data": []}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def mirror() -> Generator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """A server that remembers what it was asked, path and headers."""
    seen: list[tuple[str, dict[str, str]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Seen,), {"seen": seen}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return load_settings({"FTDECIDE_HOME": str(tmp_path)})


def access_to(connection_id: str, address: str, settings: Settings, environ: dict[str, str]) -> Access:
    """The way to a provider, with the mirror in the place of its own address."""
    connection = find_connection(connection_id, "https://elsewhere/v1" if connection_id == "compatible" else None)
    moved = connection.model_copy(update={"base_url": address})
    return open_access(settings, moved, None, environ)


@pytest.mark.parametrize("provider", [each.id for each in load_connections().connections if each.id != "local"])
@pytest.mark.parametrize("way", ["sync", "async"])
def test_organisation_project_and_headers_of_the_environment_go_to_openai_alone(
    mirror: tuple[str, list[tuple[str, dict[str, str]]]],
    here: Settings,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    way: str,
) -> None:
    address, seen = mirror
    custom = {"OPENAI_CUSTOM_HEADERS": "X-Team: secret-team\nAuthorization: Bearer gateway"}
    for name, value in {**ENVIRON, **custom, "OPENAI_ADMIN_KEY": "admin-own"}.items():
        monkeypatch.setenv(name, value)
    access = access_to(provider, address, here, ENVIRON)
    if way == "sync":
        sync_client(access).models.list()
    else:

        async def ask() -> None:
            async with async_client(access, most_connections=2) as client:
                await client.models.list()

        asyncio.run(ask())
    headers = seen[0][1]
    ours = provider == "openai"
    assert headers.get("openai-organization") == ("org-own" if ours else None)
    assert headers.get("openai-project") == ("proj-own" if ours else None)
    assert headers.get("x-team") == ("secret-team" if ours else None)
    sent = " ".join(headers.values())
    assert "admin-own" not in sent
    if provider == "azure":
        assert headers["api-key"] == "azure-own"
        assert "authorization" not in headers
        assert f"api-version={AZURE_VERSION}" in seen[0][0]
    elif not ours:
        assert headers["authorization"] == f"Bearer {access.key}"
    foreign = {"sk-own", "nebius-own", "other-own", "azure-own"} - {access.key}
    assert not any(key in sent for key in foreign)


def test_the_client_of_azure_asks_a_deployment_and_its_own_job_routes(
    mirror: tuple[str, list[tuple[str, dict[str, str]]]], here: Settings
) -> None:
    address, seen = mirror
    client = sync_client(access_to("azure", address, here, {**ENVIRON, "OPENAI_API_VERSION": "2026-01-01"}))
    assert isinstance(client, openai.AzureOpenAI)
    client.fine_tuning.jobs.list()
    assert seen[0][0] == "/openai/fine_tuning/jobs?api-version=2026-01-01"


def test_a_key_is_never_shown(here: Settings) -> None:
    for connection in load_connections().connections:
        if connection.id != "local":
            access = open_access(here, connection, "https://elsewhere/v1", ENVIRON)
            assert access.key not in repr(access)


@pytest.mark.parametrize(
    "address",
    [
        "http://unit.openai.azure.com",
        "unit.openai.azure.com",
        "https://me:pw@unit",
        "https://unit/?k=1",
        "https://:443",
    ],
)
def test_a_key_goes_to_no_address_without_https_or_with_a_secret_in_it(address: str) -> None:
    with pytest.raises(InputError, match="AZURE_OPENAI_ENDPOINT") as caught:
        address_of("Azure OpenAI", "AZURE_OPENAI_ENDPOINT", address)
    assert address not in str(caught.value)


def test_an_address_that_is_missing_is_asked_for_by_the_name_of_its_variable(here: Settings) -> None:
    azure = find_connection("azure")
    with pytest.raises(base.MissingKeyError, match="AZURE_OPENAI_ENDPOINT"):
        open_access(here, azure, None, {"AZURE_OPENAI_API_KEY": "azure-own"})


@pytest.mark.parametrize("provider", ["azure", "nebius", "openai"])
def test_no_plan_can_send_a_providers_key_elsewhere(provider: str) -> None:
    with pytest.raises(InputError, match="has its own address"):
        find_connection(provider, "https://elsewhere.example/v1")
