"""Choosing provider and model of an option: every entry says until when it can be had, before it is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import streamlit as st

from ftdecide.catalog.availability import Availability, model_availability
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.types import Provider, TunableModel
from ftdecide.costs.edits import value_at, with_value
from ftdecide.errors import FtdecideError, NotFoundError
from ftdecide.translation import _
from pages.parts import scenario_state, show, state
from pages.parts.scenario_state import OpenScenario

SELF_HOSTED = "self_hosted"
_BETWEEN = "|"
_ORDER = ("open", "existing_customers_only", "gone")


@dataclass(frozen=True)
class Entry:
    """One provider's model as a choice: `state` says whether it can be had on the day, `words` until when."""

    provider: str
    provider_name: str
    model: str
    name: str
    state: str
    words: str


def show_choice(scenario: OpenScenario, place: int, day: date, *, customer: bool | None) -> None:
    """Show the box that chooses provider and model of an option, and what is known about its end."""
    option: Mapping[str, Any] = scenario.document["options"][place]
    tuned = bool(option.get("fine_tuned"))
    entries = {f"{entry.provider}{_BETWEEN}{entry.model}": entry for entry in list_entries(day, tuned, customer)}
    provider, model = option.get("provider", ""), option.get("model", "")
    chosen = f"{provider}{_BETWEEN}{full_id(provider, model)}"
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
    _show_end(provider, model, day, tuned=tuned, customer=customer)


def say_entry(entry: Entry | None, chosen: str) -> str:
    """Return one line for the list: model, provider, and until when."""
    if entry is None:
        provider, _between, model = chosen.partition(_BETWEEN)
        return _("{model} · {provider} · not in the catalogue").format(model=model or "?", provider=provider or "?")
    return " · ".join(part for part in (entry.name, entry.provider_name, entry.words) if part)


@lru_cache(maxsize=64)
def list_entries(day: date, tuned: bool, customer: bool | None) -> tuple[Entry, ...]:  # noqa: FBT001 - cached by position
    """Return the models that an option can use, those that can be had on the day first."""
    found = [
        _entry(provider, model, day, tuned=tuned, customer=customer)
        for provider, model in load_catalog().models()
        if model.tunable or not tuned
    ]
    return tuple(sorted(found, key=lambda entry: _ORDER.index(entry.state)))


def _entry(provider: Provider, model: TunableModel, day: date, *, tuned: bool, customer: bool | None) -> Entry:
    found = model_availability(provider, model, day, existing_customer=customer)
    kind, words = say_availability(found, day, tuned=tuned)
    return Entry(provider.id, provider.name.split(" (")[0], model.id, model.display, kind, words)


def say_availability(found: Availability, day: date, *, tuned: bool) -> tuple[str, str]:
    """Return whether a model can be had on the day ("open", "existing_customers_only", "gone") and until when."""
    ends = found.retires_on if tuned else found.base_retires_on
    if ends is not None and ends <= day:
        return "gone", _("retired {day}").format(day=ends)
    if tuned and found.state == "closed":
        last = found.last_job_date
        return "gone", _("closed for tuning since {day}").format(day=last) if last else _("closed for tuning")
    until = _("until {day}").format(day=ends) if ends else ""
    if tuned and found.state == "existing_customers_only":
        return "existing_customers_only", " · ".join(part for part in (_("existing customers only"), until) if part)
    return "open", until


def availability_of(option: Mapping[str, Any], day: date, *, customer: bool | None) -> Availability | None:
    """Return what is known about an option's model on the day, or None where the catalogue does not know it."""
    try:
        provider = find_provider(load_catalog(), option.get("provider") or "")
        model = find_model(load_catalog(), provider.id, option.get("model") or "")
    except NotFoundError:
        return None
    return model_availability(provider, model, day, existing_customer=customer)


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
        changed = with_value(changed, f"options.{place}.model", model)
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


def full_id(provider: str, model: str) -> str:
    """Return the catalogue's id of a model, which an option may name in a shorter way; unknown ones stay."""
    try:
        return find_model(load_catalog(), provider, model).id
    except NotFoundError:
        return model
