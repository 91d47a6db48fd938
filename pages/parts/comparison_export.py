"""Handing a comparison to other programs and people: files and its link."""

import json
import re

import streamlit as st

from ftdecide.experiment.export import export_csv, export_json, export_promptfoo
from ftdecide.translation import _
from pages.parts import state


def offer_files(run_id: str, title: str) -> None:
    """Show the buttons that save a run, partial or whole; each file is made when its button is pressed."""
    name = f"comparison-{re.sub(r'[^0-9A-Za-z]+', '-', title).strip('-')[:60] or run_id}"
    with st.container(horizontal=True):
        st.download_button(
            _("All of it (JSON)"),
            lambda: json.dumps(export_json(state.store(), run_id), indent=2, ensure_ascii=False).encode(),
            f"{name}.json",
            "application/json",
            key="export_json",
            icon=":material/data_object:",
            on_click="ignore",
        )
        st.download_button(
            _("Every answer (CSV)"),
            lambda: export_csv(state.store(), run_id).encode("utf-8-sig"),
            f"{name}.csv",
            "text/csv",
            key="export_csv",
            icon=":material/csv:",
            on_click="ignore",
        )
        st.download_button(
            _("For promptfoo (YAML)"),
            lambda: export_promptfoo(state.store(), run_id).encode(),
            f"{name}.yaml",
            "application/yaml",
            key="export_promptfoo",
            icon=":material/checklist:",
            on_click="ignore",
        )
    st.caption(_("The files hold questions and answers as they are. The address of this page shows the run again."))
