"""Signing in to Azure's management interface: with a token that is given, or as a registered application."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from threading import Lock
from typing import Protocol
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from ftdecide.providers import base
from ftdecide.providers.access import address_of
from ftdecide.providers.connection_facts import AzureManagement
from ftdecide.providers.connections import secret_of
from ftdecide.translation import _

TITLE = "Azure"
_RENEW_BEFORE_SECONDS = 300.0


class Token(Protocol):
    """Gives the bearer token that counts now."""

    def __call__(self) -> str:
        """Return it."""
        ...


class _Grant(BaseModel):
    access_token: str
    expires_in: float


class Application:
    """Signs in as a registered application, and anew before the token ends: a training job outlasts it."""

    def __init__(self, facts: AzureManagement, login: str, tenant: str, client: str, secret: str) -> None:
        """Keep who signs in where; nothing is asked yet."""
        self._url = f"{login}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": secret,
            "scope": facts.scope,
        }
        self._timeout, self._lock = facts.timeout_seconds, Lock()
        self._token, self._ends = "", 0.0

    def __call__(self) -> str:
        """Return a token that lasts at least five minutes more.

        Raises:
            ProviderError: Azure refuses the application, or does not answer.
        """
        with self._lock:
            if time.monotonic() > self._ends - _RENEW_BEFORE_SECONDS:
                grant = self._ask()
                self._token, self._ends = grant.access_token, time.monotonic() + grant.expires_in
            return self._token

    def _ask(self) -> _Grant:
        import httpx2

        doing = _("signing in to Azure")
        try:
            answer = httpx2.post(self._url, data=self._form, timeout=self._timeout)
        except httpx2.TimeoutException as error:
            raise base.TimedOutError(_("{doing}: no answer in time; try again later").format(doing=doing)) from error
        except httpx2.HTTPError as error:
            raise base.UnreachableError(f"{doing}: {error.__class__.__name__}; {_('check the network')}") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise base.ServerFailedError(f"{doing}: {answer.status_code}; {_('try again later')}")
        if answer.status_code != HTTPStatus.OK:
            mend = _("check tenant, client and secret of the application, and restart the worker")
            raise base.RefusedKeyError(f"{doing}: {answer.status_code}; {mend}")
        try:
            return _Grant.model_validate_json(answer.content)
        except ValidationError as error:
            raise base.MalformedAnswerError(f"{doing}: {_('the answer cannot be read')}") from error


def token_of(facts: AzureManagement, environ: Mapping[str, str]) -> Token:
    """Return a giver of tokens: the registered application's where there is its secret, else the one given.

    Raises:
        MissingKeyError: neither is there, or a part is missing.
        InputError: the variable for the sign-in's address holds none.
    """
    if not environ.get(facts.secret_variable):
        token = secret_of(_("Deploying at Azure"), facts.token_variable, environ)
        return lambda: token
    login = environ.get(facts.login_variable)
    names = (facts.tenant_variable, facts.client_variable, facts.secret_variable)
    tenant, client, secret = (secret_of(TITLE, name, environ) for name in names)
    return Application(
        facts, address_of(TITLE, facts.login_variable, login) if login else facts.login_url, tenant, client, secret
    )
