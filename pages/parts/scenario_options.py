"""The options of a cost scenario as cards: add, edit, duplicate, remove."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from ftdecide.costs.edits import add_option, duplicate_option, insert_option, remove_option
from ftdecide.costs.templates import Template, fill_template, load_templates
from ftdecide.translation import _
from pages.parts import scenario_editor, scenario_state, show, state
from pages.parts.scenario_catalog import SELF_HOSTED, availability_of, find_entry, say_availability
from pages.parts.scenario_state import OpenScenario

_CARD_PIXELS = 180
_ACTIONS = _DUPLICATE, _REMOVE = "Duplicate", "Remove"
_MARKS = {"open": ("green", "event_available"), "existing_customers_only": ("orange", "lock_clock")}
_GONE = ("red", "event_busy")


def show_options(scenario: OpenScenario, day: date, *, customer: bool | None) -> None:
    """Show a card an option, the way to add one, and below them the editor of the one that is being changed."""
    options = scenario.document["options"]
    edited = _edited(scenario)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(_("Options"), anchor=False, width="content")
        st.menu_button(
            _("Add an option"),
            load_templates().templates,
            format_func=lambda template: _(template.title),
            key=f"{scenario.key}:add",
            icon=":material/add:",
            on_click=_add,
            args=(scenario,),
        )
    with st.grid("auto", min_column_width=_CARD_PIXELS):
        for place, option in enumerate(options):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(
                    f"**{show.plain(option['name'])}**  \n:small[{show.plain(_what(option))}]  \n"
                    f"{availability_badge(option, day, customer=customer)}"
                )
                st.space("stretch")
                _show_buttons(scenario, place, option["name"], edited=place == edited)
    _show_removed(scenario)
    if edited is not None and edited < len(options):
        with st.container(border=True, key="option_editor"):
            scenario_editor.show_editor(scenario, edited, day, customer=customer)
            st.button(
                _("Done"), key=f"{scenario.key}:done", icon=":material/check:", on_click=_edit, args=(scenario, None)
            )


def _show_removed(scenario: OpenScenario) -> None:
    """Offer to put back the option that this tab took out last."""
    removed = state.recall(f"{scenario.key}:removed")
    if removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        text = _("“{name}” was removed.").format(name=show.plain(removed["option"]["name"]))
        st.markdown(text, width="content")
        st.button(
            _("Undo"), key=f"{scenario.key}:undo", icon=":material/undo:", on_click=_put_back, args=(scenario, removed)
        )


def _put_back(scenario: OpenScenario, removed: Mapping[str, Any]) -> None:
    state.remember(f"{scenario.key}:removed", None)
    scenario_state.change(scenario, lambda document: insert_option(document, removed["place"], removed["option"]))


def _show_buttons(scenario: OpenScenario, place: int, name: str, *, edited: bool) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _("Close") if edited else _("Edit"),
            key=f"{scenario.key}:edit:{place}",
            help=_("Change “{name}”").format(name=name),
            on_click=_edit,
            args=(scenario, None if edited else place),
        )
        st.menu_button(
            _("More"),
            _ACTIONS if len(scenario.document["options"]) > 1 else _ACTIONS[:1],
            format_func=_,
            key=f"{scenario.key}:more:{place}",
            help=_("Duplicate or remove “{name}”").format(name=name),
            on_click=_act,
            args=(scenario, place),
        )


def availability_badge(option: Mapping[str, Any], day: date, *, customer: bool | None) -> str:
    """Return Markdown that says whether an option can be had on the day, and until when."""
    if option.get("provider") == SELF_HOSTED:
        return f":green-badge[:material/home_storage: {_('no end: own weights')}]"
    found = availability_of(option, day, customer=customer)
    if found is None:
        return f":orange-badge[:material/help: {_('not in the catalogue')}]"
    kind, words = say_availability(found, day, tuned=bool(option.get("fine_tuned")))
    colour, icon = _MARKS.get(kind, _GONE)
    first, *others = (words or _("no end known")).split(" · ")
    return " ".join([f":{colour}-badge[:material/{icon}: {first}]", *(f":{colour}-badge[{word}]" for word in others)])


def _what(option: Mapping[str, Any]) -> str:
    """Say in a few words which model of whom an option uses."""
    entry = find_entry(option)
    model = entry[1] if entry else str(option.get("model") or _("no model")).rsplit("/", maxsplit=1)[-1]
    provider = entry[0] if entry else option.get("provider") or _("no provider")
    owner = _("own machine") if option.get("provider") == SELF_HOSTED else provider
    return " · ".join((model, owner, *([_("tuned")] if option.get("fine_tuned") else [])))


def _edited(scenario: OpenScenario) -> int | None:
    place: int | None = state.recall(f"{scenario.key}:edited")
    return place


def _edit(scenario: OpenScenario, place: int | None) -> None:
    state.remember(f"{scenario.key}:edited", place)


def _add(scenario: OpenScenario) -> None:
    template = state.widget_value(f"{scenario.key}:add")
    if isinstance(template, Template):
        scenario_state.change(scenario, lambda document: add_option(document, fill_template(template, scenario.basis)))


def _act(scenario: OpenScenario, place: int) -> None:
    action = state.widget_value(f"{scenario.key}:more:{place}")
    if action == _DUPLICATE:
        scenario_state.change(scenario, lambda document: duplicate_option(document, place))
        _edit(scenario, place + 1)
    elif action == _REMOVE:
        removed = {"place": place, "option": scenario.document["options"][place]}
        scenario_state.change(scenario, lambda document: remove_option(document, place))
        refused = state.noted_problem(scenario.key)
        state.remember(f"{scenario.key}:removed", None if refused else removed)
        _edit(scenario, None)
