"""The lesson's learning questions, and how to tune on each of the five systems."""

from datetime import date

import streamlit as st

from ftdecide.catalog.availability import model_availability
from ftdecide.catalog.figures import Cited, is_stale
from ftdecide.catalog.lessons import System, load_lessons
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.types import Provider
from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import show, state

STATES = {
    "open": _("open"),
    "existing_customers_only": _("existing customers only"),
    "closed": _("closed"),
}
STATUS = {
    "open": ("green", "check_circle", _("Open")),
    "preview": ("blue", "experiment", _("In preview")),
    "winding_down": ("orange", "hourglass_bottom", _("Winding down")),
    "closed": ("red", "block", _("Closed")),
    "self_managed": ("blue", "home_work", _("You run it yourself")),
    "unknown": ("gray", "help", _("Not known")),
}


def cite(reading: Cited, today: date) -> str:
    """Return Markdown that names where and when something was read, and whether that is long ago."""
    text = show.origin("quoted", reading.source, reading.as_of)
    return f"{text} · {_('read more than 90 days ago, check again')}" if is_stale(reading.as_of, today) else text


def show_windows(provider: Provider, today: date) -> None:
    """Show for each tunable model who may tune it until when, and when the result stops."""
    rows = [
        (model, model_availability(provider, model, today, existing_customer=None))
        for model in provider.models
        if model.tunable
    ]
    rows.sort(key=lambda row: list(STATES).index(row[1].state))
    st.dataframe(
        [
            {
                _("Model"): model.display,
                _("Who may tune today"): STATES[available.state],
                _("Last day to start"): available.last_job_date,
                _("Tuned models stop"): available.retires_on,
                _("Read"): available.as_of,
            }
            for model, available in rows
        ],
        hide_index=True,
        column_config={_("Model"): st.column_config.TextColumn(pinned=True)},
    )


def show_system(system: System, today: date) -> None:
    """Show what a system is, whether it can be used today, what it needs and how it goes."""
    provider = load_catalog().providers[system.provider]
    colour, icon, word = STATUS[provider.status]
    if system.unmaintained:
        colour, icon, word = "red", "block", _("No longer maintained")
    st.markdown(f":{colour}-badge[:material/{icon}: {word}]")
    st.markdown(system.what)
    left, right = st.columns(2)
    left.markdown(f"**{_('What it needs')}**\n\n" + "\n".join(f"- {need}" for need in system.needs))
    right.markdown(
        f"**{_('Steps')}**\n\n" + "\n".join(f"{number}. {step}" for number, step in enumerate(system.steps, 1))
    )
    st.markdown(f"**{_('Be careful')}**: {system.careful}")
    st.markdown(f":small[{cite(system, today)}]")
    st.markdown(f"**{_('As of {day}').format(day=today)}**: {provider.summary}")
    if provider.models:
        show_windows(provider, today)
    if provider.notices:
        with st.expander(_("Dates")):
            st.markdown(
                "\n".join(
                    f"- **{notice.on or _('no day known')}**: {notice.text} {cite(notice, today)}"
                    for notice in provider.notices
                )
            )
    if provider.facts:
        with st.expander(_("Good to know")):
            st.markdown("\n".join(f"- {fact.text} {cite(fact, today)}" for fact in provider.facts))


def main() -> None:
    """Show the page."""
    show.page_header(
        _("How to fine-tune"),
        _("What fine-tuning is, when it pays, how it is done and where it ends; then how it goes on each system."),
    )
    try:
        lessons = load_lessons()
        load_catalog()
    except FtdecideError as error:
        show.problem(error)
        return
    today = state.today()
    st.header(_("Questions people ask first"), anchor=False)
    for index, question in enumerate(lessons.questions):
        with st.expander(_(question.ask), expanded=index == 0):
            st.markdown(_(question.text))
            st.markdown(f":small[{cite(question, today)}]")
    st.header(_("The systems"), anchor=False)
    tabs = st.tabs([system.name.removeprefix("Hugging Face ") for system in lessons.systems])
    for tab, system in zip(tabs, lessons.systems, strict=True):
        with tab:
            show_system(system, today)


main()
