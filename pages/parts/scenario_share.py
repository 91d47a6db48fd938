"""Handing a cost comparison to others: its link, and the files that other programs open."""

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from ftdecide.translation import _
from pages.parts import scenario_state, state
from pages.parts.scenario_state import OpenScenario


def show_share(scenario: OpenScenario) -> None:
    """Show the button that leads to link and files; opening it keeps the options as they are now."""
    panel = st.popover(
        _("Share this comparison"),
        type="primary",
        icon=":material/share:",
        key=f"{scenario.key}:share",
        on_change=_keep,
        args=(scenario,),
    )
    if not panel.open:
        return
    with panel:
        if scenario.assessment is None:
            st.markdown(_("This is a demonstration. Start your own comparison to get a link to it."))
        else:
            st.markdown(_("**Link.** Whoever may open this app sees and changes the same comparison."))
            st.code(link(scenario), language=None, wrap_lines=True)


def link(scenario: OpenScenario) -> str:
    """Return the address of a kept scenario."""
    ids = {"assessment": scenario.assessment.id if scenario.assessment else None, "scenario": scenario.id}
    here = urlsplit(st.context.url or "/scenarios")
    return urlunsplit((here.scheme, here.netloc, here.path, urlencode({k: v for k, v in ids.items() if v}), ""))


def _keep(scenario: OpenScenario) -> None:
    if state.widget_value(f"{scenario.key}:share"):
        scenario_state.keep(scenario)
