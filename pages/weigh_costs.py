"""Who may tune which model until when, and with which data, people and money."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from ftdecide.catalog.availability import Availability, availability, model_availability
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.types import Provider
from ftdecide.errors import NotFoundError
from ftdecide.translation import _
from pages.parts import assess, show, state

MARKS = {"existing_customers_only": _("existing customers only"), "closed": _("closed")}


def day_of(opened: state.Open) -> date:
    """Return the day as of which the decision is taken."""
    return opened.assessment.as_of or state.today()


def is_customer(opened: state.Open) -> bool | None:
    """Say whether the organisation may tune there, whoever else may not; None if its answers do not tell."""
    return True if opened.assessment.costs.tunable == "yes" else None


def suggestions(opened: state.Open) -> assess.Suggestions:
    """Return providers, and the tunable models of the chosen one; what is closed or about to retire says so."""
    catalog = load_catalog()
    day = day_of(opened)
    providers = {
        provider.id: mark(provider.name, model_availability(provider, None, day)) if provider.models else provider.name
        for provider in catalog.providers.values()
    }
    provider, model = opened.assessment.costs.provider, opened.assessment.costs.base_model
    models: Mapping[str, str] = {}
    try:
        if provider:
            owner = find_provider(catalog, provider)
            providers = answered_as(provider, owner.id, providers)
            models = model_options(owner, day, is_customer(opened))
            models = answered_as(model, find_model(catalog, owner.id, model).id, models) if model else models
    except NotFoundError:
        pass  # show_window says so, below the question
    return {"costs.provider": providers, "costs.base_model": models}


def answered_as(answer: str, known_id: str, options: Mapping[str, str]) -> dict[str, str]:
    """Let the option `known_id` stand under the name by which it was answered."""
    return {answer if option == known_id else option: label for option, label in options.items()}


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={Provider: lambda provider: provider.id})
def model_options(provider: Provider, day: date, existing_customer: bool | None) -> Mapping[str, str]:  # noqa: FBT001 - cached by position
    """Return a provider's tunable models, those that can still be tuned first."""
    found = [
        (model, model_availability(provider, model, day, existing_customer=existing_customer))
        for model in provider.models
        if model.tunable
    ]
    found.sort(key=lambda pair: ("open", "existing_customers_only", "closed").index(pair[1].state))
    return {model.id: mark(model.display, available) for model, available in found}


def mark(name: str, available: Availability) -> str:
    """Return a name with what stands against choosing it."""
    parts = [name, MARKS.get(available.state, "")]
    if available.retires_on and available.state != "closed":
        parts.append(_("retires {day}").format(day=available.retires_on))
    return " · ".join(part for part in parts if part)


def show_window(opened: state.Open) -> None:
    """Say until when the chosen model may be tuned and used, and warn of what is closed."""
    costs = opened.assessment.costs
    if not costs.provider:
        return
    try:
        found = availability(
            load_catalog(), costs.provider, costs.base_model, day_of(opened), existing_customer=is_customer(opened)
        )
    except NotFoundError as error:
        st.warning(
            _("{problem}. Check by yourself until when it may be tuned.").format(problem=error),
            title=_("Nothing is known about this choice"),
            icon=":material/help:",
        )
        return
    text = found.text
    if found.source:
        text = f"{text}  \n{show.origin('quoted', found.source, found.as_of)}"
    if found.state == "open":
        st.info(text, title=_("Availability"), icon=":material/event_available:")
    elif found.state == "closed":
        st.error(text, title=_("This cannot be tuned any more"), icon=":material/event_busy:")
    else:
        st.warning(text, title=_("Not everybody may tune this"), icon=":material/lock_clock:")


assess.show_block("costs", suggestions, {"costs.base_model": show_window})
