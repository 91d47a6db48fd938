"""Servers on the loopback interface that behave like Azure OpenAI: asking and tuning, management, and the sign-in.

A model answers under the name of a deployment alone, and only once that is ready. Deployments are asked for with a
bearer token of the sign-in, take a few looks to become ready, and are charged until they are gone.
"""

import json
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.loopback import KEY, Bad, Loopback, LoopbackHandler, RefusedError, refusal

SECRET, TENANT, CLIENT, SUBSCRIPTION, GROUP, RESOURCE = (
    "azure-secret",
    "tenant-1",
    "client-1",
    "sub-1",
    "group-1",
    "unit",
)
ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.CognitiveServices/accounts/{RESOURCE}"
)


@dataclass
class Azure:
    """What the servers know: `looks` at a new deployment come before it is ready, `bad` answers go before all else."""

    data: Loopback
    url: str = ""
    looks: int = 2
    page: int = 2
    token_seconds: float = 3600
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    bad: list[Bad] = field(default_factory=list[Bad])
    fail_with: str | None = None
    asked: Counter[str] = field(default_factory=Counter[str])
    tokens: list[str] = field(default_factory=list[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def environ(self) -> dict[str, str]:
        """The variables of a worker that may ask and deploy here."""
        return {
            "AZURE_OPENAI_ENDPOINT": self.url,
            "AZURE_OPENAI_API_KEY": KEY,
            "AZURE_OPENAI_RESOURCE": RESOURCE,
            "AZURE_MANAGEMENT_ENDPOINT": self.url,
            "AZURE_AUTHORITY_HOST": self.url,
            "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
            "AZURE_RESOURCE_GROUP": GROUP,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
        }

    def deploy(self, name: str, model: str, version: str) -> None:
        """Have a deployment that is ready, as somebody made it by hand."""
        self.deployments[name] = {"model": {"format": "OpenAI", "name": model, "version": version}, "_looks": 0}

    def view(self, name: str) -> dict[str, Any]:
        """A deployment as it is shown, one look nearer to being ready."""
        made = self.deployments[name]
        made["_looks"] -= 1
        state = "Failed" if self.fail_with else "Creating" if made["_looks"] >= 0 else "Succeeded"
        shown: dict[str, Any] = {
            "id": f"{ACCOUNT}/deployments/{name}",
            "name": name,
            "type": "Microsoft.CognitiveServices/accounts/deployments",
            "sku": made.get("sku"),
            "properties": {"model": made["model"], "provisioningState": state},
        }
        return {**shown, "error": {"code": "Failed", "message": self.fail_with}} if self.fail_with else shown


@contextmanager
def serve_azure(data: Loopback) -> Generator[Azure]:
    """Serve until the block ends; files, jobs and answers are those of `data`."""
    state = Azure(data)

    class Handler(_Handler):
        azure, server_state = state, data

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Handler(LoopbackHandler):
    azure: Azure

    def do_PUT(self) -> None:  # noqa: N802 - the base class calls it so
        self._serve()

    def do_DELETE(self) -> None:  # noqa: N802 - the base class calls it so
        self._serve()

    def _reply(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path == f"/{TENANT}/oauth2/v2.0/token":
            self._sign_in(parse_qs(body.decode()))
        elif path.startswith("/subscriptions/"):
            self._manage(path, parse_qs(parts.query), body)
        else:
            super()._reply(body)

    def _refuse(self) -> Bad | None:
        if self.headers.get("api-key") != KEY or self.headers.get("authorization"):
            return refusal(401, "401", "Access denied due to invalid subscription key or wrong API endpoint.")
        if not parse_qs(urlsplit(self.path).query).get("api-version"):
            return refusal(404, "404", "Resource not found")
        return None

    def _answer(self, path: str, body: bytes) -> object:
        if not path.startswith("/openai/"):
            raise RefusedError(404, "404", "Resource not found")
        below = path.removeprefix("/openai")
        if not below.startswith("/deployments/"):
            if below.startswith(("/chat", "/embeddings")):
                raise RefusedError(404, "404", "Resource not found")
            return super()._answer(below, body)
        name, _slash, rest = below.removeprefix("/deployments/").partition("/")
        made = self.azure.deployments.get(unquote(name))
        if made is None or made["_looks"] > 0:
            raise RefusedError(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")
        return super()._answer(f"/{rest}", json.dumps({**json.loads(body), "model": made["model"]["name"]}).encode())

    def _sign_in(self, form: dict[str, list[str]]) -> None:
        wanted = {
            "grant_type": ["client_credentials"],
            "client_id": [CLIENT],
            "client_secret": [SECRET],
            "scope": ["https://management.azure.com/.default"],
        }
        self.azure.asked["sign in"] += 1
        if form != wanted:
            self._send(401, b'{"error": "invalid_client", "error_description": "AADSTS7000215"}')
            return
        self.azure.tokens.append(f"token-{len(self.azure.tokens)}")
        grant = {"token_type": "Bearer", "expires_in": self.azure.token_seconds, "access_token": self.azure.tokens[-1]}
        self._send(200, json.dumps(grant).encode())

    def _manage(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        azure = self.azure
        with azure.lock:
            bad = azure.bad.pop(0) if azure.bad else None
            if bad is not None:
                self._send(bad.status, bad.body.encode(), bad.content_type, bad.headers)
                return
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in azure.tokens[-1:]:
                self._error(401, "InvalidAuthenticationToken", f"The access token {token} is invalid.")
            elif query.get("api-version") != ["2024-10-01"] or not path.startswith(f"{ACCOUNT}/deployments"):
                self._error(404, "ResourceNotFound", "The resource was not found.")
            else:
                self._deployments(path.removeprefix(f"{ACCOUNT}/deployments").removeprefix("/"), query, body)

    def _deployments(self, name: str, query: dict[str, list[str]], body: bytes) -> None:
        azure = self.azure
        azure.asked[f"{self.command} {name}"] += 1
        if not name:
            names, skip = sorted(azure.deployments), int(query.get("skip", ["0"])[0])
            shown = {"value": [azure.view(each) for each in names[skip : skip + azure.page]]}
            here = urlsplit(self.path).path
            more = {"nextLink": f"{azure.url}{here}?api-version=2024-10-01&skip={skip + azure.page}"}
            self._send(200, json.dumps(shown | (more if skip + azure.page < len(names) else {})).encode())
        elif self.command == "PUT":
            asked, known = json.loads(body), name in azure.deployments
            if not known:
                azure.deployments[name] = {**asked["properties"], "sku": asked["sku"], "_looks": azure.looks}
            self._send(200 if known else 201, json.dumps(azure.view(name)).encode())
        elif self.command == "DELETE":
            known = azure.deployments.pop(name, None) is not None
            self._send(202 if known else 204, b"")
        elif name in azure.deployments:
            self._send(200, json.dumps(azure.view(name)).encode())
        else:
            self._error(404, "DeploymentNotFound", f"The deployment {name} was not found.")

    def _error(self, status: int, code: str, message: str) -> None:
        self._send(status, json.dumps({"error": {"code": code, "message": message}}).encode())
