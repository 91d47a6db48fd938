"""Azure's deployments over its management interface: created, looked at, listed and deleted by plain HTTPS."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pydantic import BaseModel

from ftdecide.providers import base
from ftdecide.providers.access import Access, address_of
from ftdecide.providers.azure_login import TITLE, Token, token_of
from ftdecide.providers.connections import secret_of
from ftdecide.providers.hosting import Deployment, DeploymentState
from ftdecide.translation import _

if TYPE_CHECKING:
    from openai import OpenAI

    from ftdecide.providers.connection_facts import AzureManagement, Connection

_TUNED_VERSION = "1"  # Azure's name for the only version that a tuned model has
_MOST_PAGES = 20
_STATES: dict[str, DeploymentState] = {
    "succeeded": "ready",
    "failed": "failed",
    "canceled": "failed",
    "disabled": "failed",
    "deleting": "deleting",
}


class _Model(BaseModel):
    name: str
    version: str = ""


class _Problem(BaseModel):
    message: str | None = None


class _Properties(BaseModel):
    model: _Model
    provisioningState: str = ""  # noqa: N815 - Azure's spelling


class _Resource(BaseModel):
    name: str
    properties: _Properties
    error: _Problem | None = None


class _ResourcePage(BaseModel):
    value: list[_Resource]
    nextLink: str | None = None  # noqa: N815 - Azure's spelling


class AzureHosting:
    """The deployments of one Azure OpenAI resource; the token stays in this object and in memory."""

    def __init__(self, facts: AzureManagement, base_url: str, resource_path: str, token: Token) -> None:
        """Prepare to ask at `base_url` about the resource at `resource_path`."""
        self._facts, self._base_url, self._token = facts, base_url, token
        self._deployments = f"{resource_path}/deployments"

    @property
    def tier(self) -> str:
        """The catalogue's word for how models are deployed."""
        return self._facts.tier

    def create(self, name: str, model: str) -> Deployment:
        """Ask for a deployment; Azure takes the same request twice for one."""
        body = {
            "sku": {"name": self._facts.tiers[self.tier], "capacity": self._facts.capacity},
            "properties": {"model": {"format": "OpenAI", "name": model, "version": _TUNED_VERSION}},
        }
        doing = _("deploying {model!r} as {name!r}").format(model=model, name=name)
        with self._asking(doing) as client:
            return _read(client.put(self._path(name), cast_to=object, body=body))

    def find(self, name: str) -> Deployment | None:
        """Return where a deployment stands, or None where there is none of this name."""
        try:
            with self._asking(_("looking at the deployment {name!r}").format(name=name)) as client:
                return _read(client.get(self._path(name), cast_to=object))
        except base.ModelNotFoundError:
            return None

    def delete(self, name: str) -> None:
        """Ask for the end of a deployment; one that is gone is gone."""
        try:
            with self._asking(_("deleting the deployment {name!r}").format(name=name)) as client:
                client.delete(self._path(name), cast_to=type(None))
        except base.ModelNotFoundError:
            return

    def deployments(self) -> tuple[Deployment, ...]:
        """Return all there are, of every model."""
        with self._asking(_("listing the deployments")) as client:
            return tuple(_deployment(each) for each in self._listed(client))

    def _listed(self, client: OpenAI) -> Iterator[_Resource]:
        path = self._path("")
        for _page in range(_MOST_PAGES):
            page = _ResourcePage.model_validate(client.get(path, cast_to=object))
            yield from page.value
            if not page.nextLink:
                return
            if urlsplit(page.nextLink)[:2] != urlsplit(self._base_url)[:2]:
                # The token would go to whoever the answer names.
                raise ValueError("next page at another server")
            path = page.nextLink

    def _path(self, name: str) -> str:
        where = f"{self._deployments}/{quote(name, safe='')}" if name else self._deployments
        return f"{where}?api-version={self._facts.api_version}"

    @contextmanager
    def _asking(self, doing: str) -> Generator[OpenAI]:
        from ftdecide.providers.clients import sync_client
        from ftdecide.providers.openai_errors import our_errors

        access = Access(self._base_url, self._token(), self._facts.timeout_seconds)
        with our_errors(doing, access.key), sync_client(access) as client:
            yield client


def open_azure(facts: AzureManagement, connection: Connection, environ: Mapping[str, str]) -> AzureHosting:
    """Return the deployments of the resource that the environment names.

    Raises:
        MissingKeyError: a variable is empty.
        InputError: a variable holds an address that cannot be used.
    """

    def value(variable: str) -> str:
        return secret_of(_("Deploying at Azure"), variable, environ)

    endpoint = address_of(TITLE, connection.address_variable or "", environ.get(connection.address_variable or "", ""))
    resource = environ.get(facts.resource_variable) or (urlsplit(endpoint).hostname or "").partition(".")[0]
    address = environ.get(facts.address_variable)
    base_url = address_of(TITLE, facts.address_variable, address) if address else facts.base_url
    path = (
        f"/subscriptions/{quote(value(facts.subscription_variable), safe='')}"
        f"/resourceGroups/{quote(value(facts.group_variable), safe='')}"
        f"/providers/Microsoft.CognitiveServices/accounts/{quote(resource, safe='')}"
    )
    return AzureHosting(facts, base_url, path, token_of(facts, environ))


def _read(answer: object) -> Deployment:
    return _deployment(_Resource.model_validate(answer))


def _deployment(resource: _Resource) -> Deployment:
    model, error = resource.properties.model, resource.error
    return Deployment(
        name=resource.name,
        model=model.name,
        version=model.version,
        state=_STATES.get(resource.properties.provisioningState.lower(), "creating"),
        error=error.message if error else None,
    )
