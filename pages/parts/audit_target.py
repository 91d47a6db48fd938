"""Where the model would be tuned: whose limits and prices hold, and whether that is still possible."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import streamlit as st

from ftdecide.catalog.availability import Availability, availability, model_availability
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.errors import NotFoundError
from ftdecide.translation import _
from pages.parts import show, state

ANY = ""
_ORDER = ("open", "existing_customers_only", "closed")
_MARKS = {"existing_customers_only": _("existing customers only"), "closed": _("closed")}


class Target(NamedTuple):
    """A provider's id and a model's id or name, "" where none is chosen; the day, and whether one is a customer."""

    provider: str
    model: str
    day: date
    customer: bool | None


def choose_target(opened: state.Open | None) -> Target:
    """Let a person choose provider and model; the open assessment's stand there first."""
    day = opened.assessment.as_of if opened and opened.assessment.as_of else state.today()
    customer = True if opened and opened.assessment.costs.tunable == "yes" else None
    costs = opened.assessment.costs if opened else None
    left, right = st.columns(2)
    providers = _providers(day, customer)
    _seed("data_provider", _provider_id(costs.provider) if costs and costs.provider else ANY)
    provider: str = left.selectbox(
        _("Tuned at (optional)"),
        list(providers),
        format_func=lambda key: providers.get(str(key), str(key)),
        key="data_provider",
        persist_state="session",
        help=_("Whose limits on files hold, and whose price."),
    )
    _seed("data_model", (costs.base_model if costs else None) or ANY)
    chosen = str(state.widget_value("data_model") or ANY)
    models = _models(provider, day, customer)
    if chosen not in models:
        models = {**models, chosen: chosen}
    model = right.selectbox(
        _("Model to be tuned (optional)"),
        list(models),
        format_func=lambda key: models.get(str(key), str(key)),
        key="data_model",
        accept_new_options=True,
        persist_state="session",
        help=_("Decides how tokens are counted and how long an example may be. Choose one, or type another name."),
    )
    return Target(provider, (model or ANY).strip()[:100], day, customer)


def _seed(key: str, value: str) -> None:
    """Let a box that was not touched in this tab show what the assessment says."""
    if state.widget_value(key) is None:
        state.remember(key, value)


def _provider_id(name: str) -> str:
    try:
        return find_provider(load_catalog(), name).id
    except NotFoundError:
        return ANY


@st.cache_resource(max_entries=64, show_spinner=False)
def _providers(day: date, customer: bool | None) -> Mapping[str, str]:  # noqa: FBT001 - cached by position
    """Providers with what stands against them, those where tuning is open first."""
    found = [
        (provider, model_availability(provider, None, day, existing_customer=customer))
        for provider in load_catalog().providers.values()
    ]
    found.sort(key=lambda pair: _ORDER.index(pair[1].state))
    return {ANY: _("Not decided yet"), **{owner.id: _mark(owner.name, available) for owner, available in found}}


@st.cache_resource(max_entries=256, show_spinner=False)
def _models(provider: str, day: date, customer: bool | None) -> Mapping[str, str]:  # noqa: FBT001 - cached by position
    """Models of a provider, or of all, with what stands against them; those that can still be tuned first."""
    found = [
        (owner, model, model_availability(owner, model, day, existing_customer=customer))
        for owner, model in load_catalog().models()
        if model.tunable and provider in (ANY, owner.id)
    ]
    found.sort(key=lambda row: _ORDER.index(row[2].state))
    labels: dict[str, str] = {ANY: _("Not decided yet")}
    for owner, model, available in found:
        name = model.display if provider else f"{model.display} · {owner.name.split(' (')[0]}"
        labels.setdefault(model.id, _mark(name, available))
    return labels


def _mark(name: str, available: Availability) -> str:
    ends = available.retires_on
    until = _("tuned models stop {day}").format(day=ends) if ends and available.state != "closed" else ""
    return " · ".join(part for part in (name, _MARKS.get(available.state, ""), until) if part)


def show_window(target: Target) -> None:
    """Say until when the chosen model can be tuned there, where there is anything to say."""
    if not target.provider:
        return
    catalog = load_catalog()
    try:
        found = availability(
            catalog, target.provider, target.model or None, target.day, existing_customer=target.customer
        )
    except NotFoundError:
        st.info(
            _(
                "{model} is not in our list of {provider}. Its general limits are used; ask whether it is tuned there."
            ).format(model=show.plain(target.model), provider=find_provider(catalog, target.provider).name),
            icon=":material/help:",
        )
        return
    source = show.origin("quoted", found.source or "", found.as_of)
    text = f"{found.text} :small[{source}]"
    if found.state == "closed":
        st.error(text, title=_("This cannot be tuned there any more"), icon=":material/event_busy:")
    elif found.state == "existing_customers_only":
        st.warning(text, title=_("Not everybody may tune this"), icon=":material/lock_clock:")
    elif found.retires_on:
        st.markdown(f":material/event_available: {text}")


def name_target(target: Target) -> str:
    """Name provider and model for a sentence."""
    catalog = load_catalog()
    provider = find_provider(catalog, target.provider) if target.provider else None
    name = target.model
    if provider and target.model:
        try:
            name = find_model(catalog, provider.id, target.model).display
        except NotFoundError:
            name = target.model
    return (
        _("{model} at {provider}").format(model=name, provider=provider.name)
        if provider and name
        else (provider.name if provider else name)
    )
