"""Keeping a tuned model deployed where that takes an act of its own and is charged by the hour."""

from collections.abc import Mapping
from os import environ as process_environ
from typing import Literal, Protocol

from ftdecide.providers.base import MissingKeyError
from ftdecide.providers.connection_facts import Connection
from ftdecide.providers.connections import load_connections
from ftdecide.providers.frozen import Frozen

DeploymentState = Literal["creating", "ready", "failed", "deleting"]


class Deployment(Frozen):
    """A model that is kept ready under a name; `error` says why it failed, where the provider says so."""

    name: str
    model: str
    version: str = ""
    state: DeploymentState
    error: str | None = None


class Hosting(Protocol):
    """What a comparison needs of whoever keeps models deployed; raises leaves of `ProviderError` only."""

    @property
    def tier(self) -> str:
        """The catalogue's word for how models are deployed, which their price depends on."""
        ...

    def create(self, name: str, model: str) -> Deployment:
        """Ask for a deployment; asking again under the same name changes nothing."""
        ...

    def find(self, name: str) -> Deployment | None:
        """Return where a deployment stands, or None where there is none of this name."""
        ...

    def delete(self, name: str) -> None:
        """Ask for the end of a deployment; one that is gone is gone."""
        ...

    def deployments(self) -> tuple[Deployment, ...]:
        """Return all there are."""
        ...


def open_hosting(connection: Connection, environ: Mapping[str, str] = process_environ) -> Hosting | None:
    """Return who deploys a provider's tuned models, or None where they answer without that.

    Raises:
        MissingKeyError: a variable that should say where and as whom is empty.
        InputError: a variable holds an address that cannot be used.
    """
    if connection.serves_tuned != "deployment":
        return None
    from ftdecide.providers.azure import open_azure

    return open_azure(load_connections().azure_management, connection, environ)


def missing_to_deploy(connection: Connection, environ: Mapping[str, str] = process_environ) -> tuple[str, ...]:
    """Return the variables that are empty and without which a provider's tuned models cannot be deployed."""
    if connection.serves_tuned != "deployment":
        return ()
    facts = load_connections().azure_management
    application = (facts.tenant_variable, facts.client_variable, facts.secret_variable)
    who = application if any(environ.get(name) for name in application) else (facts.token_variable,)
    needed = (connection.address_variable or "", facts.subscription_variable, facts.group_variable, *who)
    return tuple(name for name in needed if name and not environ.get(name, "").strip())


def deployed_name(model: str, deployments: tuple[Deployment, ...]) -> str:
    """Return the name under which a model answers: a deployment called so, or one of it that is ready, or itself."""
    named = {each.name for each in deployments}
    if model in named:
        return model
    ready = [each for each in deployments if each.state == "ready"]
    return next((each.name for each in ready if model in (each.model, f"{each.model}-{each.version}")), model)


def name_to_ask(connection: Connection, model: str, environ: Mapping[str, str] = process_environ) -> str:
    """Return the name under which a provider answers for a model: that of a deployment, where it has such.

    Without what is needed to look deployments up, one is taken to be called like its model.

    Raises:
        ProviderError: the deployments cannot be listed.
    """
    try:
        hosting = open_hosting(connection, environ)
    except MissingKeyError:
        return model
    return deployed_name(model, hosting.deployments()) if hosting else model
