"""Handing a cost comparison to others: its link, and the files that other programs open."""

import json
import re
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.types import Estimate
from ftdecide.report.workbook import list_csv, make_workbook
from ftdecide.translation import _
from pages.parts import scenario_results, scenario_state, show, state
from pages.parts.scenario_state import OpenScenario


def show_share(scenario: OpenScenario) -> None:
    """Show the button that leads to link and files; opening it keeps the options and the day as they are now."""
    panel = st.popover(
        show.primary_label(_("Share this comparison"), "share"),
        type="primary",
        key=f"{scenario.key}:share",
        on_change="rerun",
    )
    if not panel.open:
        return
    if scenario_state.keep(scenario):
        st.rerun()
    with panel:
        if scenario.assessment is None:
            st.markdown(_("This is a demonstration. Start your own comparison to get a link to it."))
        else:
            st.markdown(_("**Link.** Whoever may open this app sees and changes the same comparison."))
            st.code(link(scenario), language=None, wrap_lines=True)
            st.caption(
                _(
                    "It counts from {day} on, whenever it is opened. “Change the traffic or the day” sets another."
                ).format(day=scenario.document.get("as_of") or state.today())
            )
        st.markdown(_("**Files.** The spreadsheet's formulas are live: change an assumption and every sum follows."))
        name = re.sub(r"\W+", "-", scenario.assessment.title if scenario.assessment else "demonstration").strip("-")
        with st.container(horizontal=True):
            st.download_button(
                _("Spreadsheet (XLSX)"),
                lambda: _workbook(scenario),
                f"costs-{name}.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                key=f"{scenario.key}:xlsx",
                icon=":material/table:",
                on_click="ignore",
            )
            st.download_button(
                _("All lines (CSV)"),
                lambda: list_csv(_estimate(scenario)).encode("utf-8-sig"),
                f"costs-{name}.csv",
                "text/csv",
                key=f"{scenario.key}:csv",
                icon=":material/csv:",
                on_click="ignore",
            )


def link(scenario: OpenScenario) -> str:
    """Return the address of a kept scenario."""
    ids = {"assessment": scenario.assessment.id if scenario.assessment else None, "scenario": scenario.id}
    here = urlsplit(st.context.url or "/scenarios")
    return urlunsplit((here.scheme, here.netloc, here.path, urlencode({k: v for k, v in ids.items() if v}), ""))


def _estimate(scenario: OpenScenario) -> Estimate:
    return scenario_results.estimate_of(json.dumps(scenario.document), "1", state.today())


def _workbook(scenario: OpenScenario) -> bytes:
    title = scenario.assessment.title if scenario.assessment else _("Demonstration")
    named = scenario.scenario().model_copy(update={"title": title})
    return make_workbook(named, _estimate(scenario), load_catalog())
