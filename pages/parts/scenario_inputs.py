"""What all options of a cost scenario share: the traffic, the day, and for how long."""

from datetime import date

import streamlit as st

from ftdecide.costs.edits import value_at
from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import scenario_state, show, state
from pages.parts.scenario_fields import Box, amount_in_words, badge, show_box
from pages.parts.scenario_state import OpenScenario

_REQUESTS = Box("traffic.requests_per_month", _("Requests a month"))
_INPUT = Box(
    "traffic.input_tokens",
    _("Tokens of one request"),
    help=_(
        "What changes from request to request, such as the ticket's text. A token is about three quarters of a word."
    ),
)
_OUTPUT = Box("traffic.output_tokens", _("Tokens of one answer"))
_GROWTH = Box(
    "traffic.monthly_growth", _("Growth a month"), kind="growth", help=_("5 means 5 % more requests every month.")
)


def show_traffic(scenario: OpenScenario) -> None:
    """Show the traffic in one line with its origins, and the boxes to change it."""
    traffic = scenario.document["traffic"]
    parts = (
        ("requests_per_month", _("**{amount}** requests a month")),
        ("input_tokens", _("**{amount}** tokens a request")),
        ("output_tokens", _("**{amount}** tokens an answer")),
    )
    told = [f"{words.format(amount=amount_in_words(traffic[name]))} {badge(scenario, name)}" for name, words in parts]
    st.markdown(" · ".join(told))
    growing = traffic.get("monthly_growth")
    panel = st.expander(
        _("Change the traffic or the day"), icon=":material/tune:", key=f"{scenario.key}:traffic", on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        st.caption(
            _("One number; or the lowest and the highest that you expect, wide enough to hold in nine cases of ten.")
        )
        with st.grid(2):
            for box in (_REQUESTS, _GROWTH, _INPUT, _OUTPUT):
                name = box.path.rsplit(".", maxsplit=1)[-1]
                followed = name != "monthly_growth"
                shown = badge(scenario, name) if followed else show.origin("assumed") if growing else ""
                show_box(scenario, box, shown)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _show_day(scenario)
            if scenario.assessment is not None and scenario.own:
                st.button(
                    _("Follow the assessment again"),
                    key=f"{scenario.key}:follow",
                    icon=":material/link:",
                    help=_("Puts the assessment's answers back in place of the numbers that were changed here."),
                    on_click=scenario_state.follow_again,
                    args=(scenario,),
                )


def _show_day(scenario: OpenScenario) -> None:
    """Show the day as of which prices, windows and retirement dates are read."""
    key = f"{scenario.key}:as_of"
    named = value_at(scenario.document, "as_of")
    state.seed_widget(key, date.fromisoformat(named) if named else state.today())
    st.date_input(
        _("As of"),
        format="YYYY-MM-DD",
        key=key,
        width=200,
        on_change=_save_day,
        args=(scenario, key),
        help=_("The first day that is counted. Choose a later one to see which options are gone by then."),
    )


def _save_day(scenario: OpenScenario, key: str) -> None:
    chosen = state.widget_value(key)
    day = None if chosen is None or chosen == state.today() else chosen.isoformat()
    try:
        scenario_state.set_value(scenario, "as_of", day)
    except FtdecideError as error:
        state.note_problem(key, str(error))
