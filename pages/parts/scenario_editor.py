"""The editor of one option: what it is, what every request sends, training, machine, people, and prices."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from ftdecide.costs.edits import with_value
from ftdecide.costs.templates import fill_template, tuning
from ftdecide.translation import _
from pages.parts import scenario_models, scenario_prices, scenario_state, state, training_hours
from pages.parts.scenario_catalog import SELF_HOSTED
from pages.parts.scenario_fields import Box, of_option, show_box, show_text
from pages.parts.scenario_state import OpenScenario

_REQUEST = (
    Box("prompt_tokens", _("Fixed tokens in every request"), help=_("Instructions, examples and passages looked up.")),
    Box("cached_share", _("Of them read from the cache"), kind="share", help=_("Providers charge repeated text less.")),
    Box("batch_share", _("Requests that can wait"), kind="share", help=_("Sent as a batch over night, at a discount.")),
)
_TRAINING = (
    Box("training.tokens_per_epoch", _("Tokens of all examples"), help=_("Counted once; each round reads them again.")),
    Box("training.epochs", _("Rounds of training"), kind="number", help=_("Also called epochs.")),
    Box("training.runs", _("Runs until it is good"), kind="count", help=_("First attempts that are also paid for.")),
    Box("training.retrainings_per_year", _("Retrainings a year"), kind="number"),
    Box("training.validation_tokens", _("Validation tokens"), help=_("Some providers charge for them too.")),
    Box("training.hours", _("Hours of one run"), help=_("Only where training is billed by the hour.")),
)
_PEOPLE = (
    Box("effort.hours", _("Hours until it is in use")),
    Box("effort.upkeep_hours_per_month", _("Hours of upkeep a month")),
    Box("effort.usd_per_hour", _("One hour costs"), _("US dollars")),
    Box("effort.labels", _("Examples to label"), kind="count"),
    Box("effort.usd_per_label", _("One label costs"), _("US dollars")),
)
_RETRIEVAL = (
    Box("retrieval.usd_per_month", _("Search index a month"), _("US dollars")),
    Box("retrieval.embedding_tokens_per_month", _("Tokens indexed a month")),
)


def show_editor(scenario: OpenScenario, place: int, day: date, *, customer: bool | None) -> None:
    """Show all boxes of one option; every change is saved at once."""
    option: Mapping[str, Any] = scenario.document["options"][place]
    tuned = bool(option.get("fine_tuned"))
    own_machine = option.get("provider") == SELF_HOSTED
    name, model = st.columns([2, 3])
    with name:
        show_text(scenario, f"options.{place}.name", _("Name"))
        _show_tuned(scenario, place, tuned=tuned)
    with model:
        scenario_models.show_choice(scenario, place, day, customer=customer)
    st.caption(
        _("A new option comes with assumed hours, rounds and prices of people: put in your own where you know them.")
    )
    _show_boxes(scenario, place, _("Every request"), _REQUEST)
    if tuned:
        _show_boxes(scenario, place, _("Training"), _TRAINING)
    if own_machine or option.get("hosting"):
        scenario_prices.show_machine(scenario, place)
    if own_machine:
        training_hours.show_training_hours(scenario, place, day)
    _show_boxes(scenario, place, _("People"), _PEOPLE)
    _show_boxes(scenario, place, _("Looking up documents (RAG)"), _RETRIEVAL)
    if not own_machine:
        scenario_prices.show_prices(scenario, place, option, tuned=tuned)


def _show_boxes(scenario: OpenScenario, place: int, title: str, boxes: tuple[Box, ...]) -> None:
    st.markdown(f"**{title}**")
    with st.grid(2):
        for box in boxes:
            show_box(scenario, of_option(box, place))


def _show_tuned(scenario: OpenScenario, place: int, *, tuned: bool) -> None:
    key = f"{scenario.key}:options.{place}.fine_tuned"
    state.seed_widget(key, tuned)
    st.toggle(_("Fine-tuned"), key=key, on_change=_save_tuned, args=(scenario, place, key))


def _save_tuned(scenario: OpenScenario, place: int, key: str) -> None:
    tuned = bool(state.widget_value(key))

    def turn(document: scenario_state.Document) -> scenario_state.Document:
        changed = with_value(document, f"options.{place}.fine_tuned", tuned or None)
        training = fill_template(tuning(), scenario.basis)["training"] if tuned else None
        return with_value(changed, f"options.{place}.training", training)

    scenario_state.change(scenario, turn)
