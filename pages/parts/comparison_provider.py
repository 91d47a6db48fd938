"""Who answers and who trains: this machine, or a provider whose key the worker has."""

import os
from typing import Any, NamedTuple

import streamlit as st

from ftdecide.catalog.availability import availability
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_provider
from ftdecide.errors import FtdecideError, NotFoundError
from ftdecide.providers.connection_facts import Connection
from ftdecide.providers.connections import LOCAL, load_connections
from ftdecide.translation import _
from pages.parts import show, state

_STATES = {"existing_customers_only": _("existing customers only"), "closed": _("closed")}


class Chosen(NamedTuple):
    """Who was chosen, as a plan says it; `complete` once model and address are named, `ready` if there is a key too.

    `judged` says that a judge is asked elsewhere, whoever answers.
    """

    plan: dict[str, Any]
    complete: bool
    ready: bool
    judged: bool = False

    @property
    def remote(self) -> bool:
        """Whether calls leave this machine, and may cost money."""
        return self.judged or self.plan["id"] != LOCAL


def choose_provider() -> Chosen:
    """Let a person choose provider and model; what is missing for one is said by name."""
    known = {each.id: each for each in load_connections().connections}
    left, right = st.columns(2)
    name: str = left.selectbox(
        _("Who answers"),
        list(known),
        format_func=lambda key: known[key].title,
        key="run_provider",
        persist_state="session",
    )
    connection = known[name]
    if name == LOCAL:
        model = state.settings().local_model
        right.text_input(_("Model"), model, disabled=True, key="run_model_local")
        return Chosen({"id": LOCAL, "model": model}, complete=True, ready=True)
    address = ""
    with right:
        model = _choose_model(connection)
        if connection.base_url is None and connection.address_variable is None:
            address = st.text_input(
                _("Address of the server"), key="run_address", placeholder="https://server/v1"
            ).strip()
    missing = missing_variables(connection)
    if missing:
        say_missing(connection, missing)
    complete = bool(model) and bool(address or connection.base_url or connection.address_variable)
    if not complete:
        st.caption(_("Name the model, and the server's address where it is asked for, to go on."))
    here = not missing or state.settings().worker == "external"
    return Chosen({"id": name, "model": model, "base_url": address or None}, complete, complete and here)


def missing_variables(connection: Connection) -> list[str]:
    """Return the environment variables that are not set here, and without which nobody is reached."""
    needed = [connection.key_variable, connection.address_variable]
    return [name for name in needed if name and not os.environ.get(name, "").strip()]


def say_missing(connection: Connection, missing: list[str]) -> None:
    """Say which variables are to be set, and where."""
    names = " ".join(f"`{name}`" for name in missing)
    text = _("{title} cannot be asked from here: {names} is not set. Set it where the app is started, then restart it.")
    if state.settings().worker == "external":
        text = _("{title} is asked by the worker, which runs elsewhere. Make sure that {names} is set there.")
    st.warning(text.format(title=show.plain(connection.title), names=names), icon=":material/key_off:")


def _choose_model(connection: Connection) -> str:
    models = _models(connection.id)
    model: str | None = st.selectbox(
        _("Model"),
        list(models),
        index=0 if models else None,
        format_func=lambda key: models.get(str(key), str(key)),
        accept_new_options=True,
        key=f"run_model:{connection.id}",
        help=_("Choose one, or type the name that the provider uses."),
    )
    return (model or "").strip()


@st.cache_data(max_entries=16, show_spinner=False)
def _models(provider_id: str) -> dict[str, str]:
    """Return the models that can be tuned there, with what stands against it, those that are open first."""
    catalog = load_catalog()
    try:
        provider = find_provider(catalog, provider_id)
    except NotFoundError:
        return {}
    found: list[tuple[bool, str, str]] = []
    for model in provider.models:
        if not model.tunable:
            continue
        try:
            standing = availability(catalog, provider.id, model.id, state.today()).state
        except FtdecideError:
            standing = "open"
        mark = f" ({_STATES[standing]})" if standing in _STATES else ""
        found.append((standing == "closed", model.id, f"{model.display}{mark}"))
    return {name: words for _closed, name, words in sorted(found, key=lambda each: each[0])}
