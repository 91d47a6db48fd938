"""Choosing provider and model of an option: every entry says until when it can be had, before it is chosen."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from ftdecide.costs.compute.models import load_models
from ftdecide.costs.edits import value_at, with_value
from ftdecide.costs.templates import own_machine
from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import scenario_state, show, state
from pages.parts.scenario_catalog import (
    SELF_HOSTED,
    Entry,
    availability_of,
    full_id,
    list_entries,
    list_tiers,
    say_availability,
)
from pages.parts.scenario_state import OpenScenario

_BETWEEN = "|"
_OWN = f"{SELF_HOSTED}{_BETWEEN}"


def show_choice(scenario: OpenScenario, place: int, day: date, *, customer: bool | None) -> None:
    """Show the box that chooses provider and model of an option, and what is known about its end."""
    option: Mapping[str, Any] = scenario.document["options"][place]
    tuned = bool(option.get("fine_tuned"))
    entries = {f"{entry.provider}{_BETWEEN}{entry.model}": entry for entry in list_entries(day, tuned, customer)}
    entries[_OWN] = Entry(SELF_HOSTED, _("own or rented machine"), "", _("An open model"), "open", "")
    provider, model = option.get("provider", ""), option.get("model", "")
    own = provider == SELF_HOSTED
    chosen = _OWN if own else f"{provider}{_BETWEEN}{full_id(provider, model)}"
    key = f"{scenario.key}:options.{place}.model"
    state.seed_widget(key, chosen)
    st.selectbox(
        _("Provider and model"),
        list(entries) if chosen in entries else [*entries, chosen],
        format_func=lambda wanted: say_entry(entries.get(wanted), wanted),
        key=key,
        on_change=_save_choice,
        args=(scenario, place, key),
        help=_("Models that can be had today come first. Retired and closed ones stand last, with the day."),
    )
    if problem := state.noted_problem(key):
        st.error(problem, icon=":material/error:")
    if own:
        _show_open_model(scenario, place, model)
    else:
        _show_tier(scenario, place, option)
    _show_end(provider, model, day, tuned=tuned, customer=customer)


def _show_open_model(scenario: OpenScenario, place: int, model: str) -> None:
    """Show which open model runs on one's own machine; its size decides how much a machine answers."""
    path = f"options.{place}.model"
    key = f"{scenario.key}:options.{place}.open_model"
    known = [shape.hub for shape in load_models()]
    state.seed_widget(key, model)
    st.selectbox(
        _("Open model"),
        known if model in known else [*known, model],
        key=key,
        accept_new_options=True,
        on_change=lambda: scenario_state.set_value(scenario, path, state.widget_value(key) or None),
        help=_("Its size decides how many requests a machine answers."),
    )


def _show_tier(scenario: OpenScenario, place: int, option: Mapping[str, Any]) -> None:
    """Show the price tiers where a model has several, such as global, regional and developer at Azure."""
    tiers = list_tiers(option)
    if not tiers:
        return
    key = f"{scenario.key}:options.{place}.tier"
    state.seed_widget(key, option.get("tier") or "")
    st.selectbox(
        _("Price tier"),
        ["", *tiers],
        format_func=lambda tier: tier.replace("_", " ") or _("the usual one"),
        key=key,
        on_change=lambda: scenario_state.set_value(scenario, f"options.{place}.tier", state.widget_value(key) or None),
    )


def say_entry(entry: Entry | None, chosen: str) -> str:
    """Return one line for the list: model, provider, and until when."""
    if entry is None:
        provider, _between, model = chosen.partition(_BETWEEN)
        return _("{model} · {provider} · not in the catalogue").format(model=model or "?", provider=provider or "?")
    return " · ".join(part for part in (entry.name, entry.provider_name, entry.words) if part)


def _show_end(provider: str, model: str, day: date, *, tuned: bool, customer: bool | None) -> None:
    if provider == SELF_HOSTED:
        st.caption(_("You hold the weights yourself, so nobody can switch the model off."))
        return
    found = availability_of({"provider": provider, "model": model}, day, customer=customer)
    if found is None:
        st.warning(_("The catalogue does not know this model: give its prices below."), icon=":material/help:")
        return
    kind, words = say_availability(found, day, tuned=tuned)
    text = found.text if tuned or not words else _("As it is, this model answers {words}.").format(words=words)
    origin = f"  \n{show.origin('quoted', found.source or '', found.as_of)}" if found.source else ""
    if kind == "gone":
        st.error(
            f"{text}{origin}", title=_("This cannot be had on {day}").format(day=day), icon=":material/event_busy:"
        )
    elif kind == "existing_customers_only":
        st.warning(f"{text}{origin}", icon=":material/lock_clock:")
    elif words:
        st.caption(f"{text}{origin}")


def _save_choice(scenario: OpenScenario, place: int, key: str) -> None:
    provider, _between, model = str(state.widget_value(key) or "").partition(_BETWEEN)

    def choose(document: scenario_state.Document) -> scenario_state.Document:
        changed = with_value(document, f"options.{place}.provider", provider)
        if provider == SELF_HOSTED:
            named = own_machine()
            changed = with_value(changed, f"options.{place}.hosting", named.hosting and named.hosting.model_dump())
        changed = with_value(changed, f"options.{place}.model", model or own_machine().model)
        changed = with_value(changed, f"options.{place}.tier", None)
        if value_at(document, f"options.{place}.provider") != provider and provider != SELF_HOSTED:
            changed = with_value(changed, f"options.{place}.hosting", None)
        return changed

    try:
        scenario_state.change(scenario, choose)
    except FtdecideError as error:
        state.note_problem(key, str(error))
    else:
        state.note_problem(key, None)
