"""The list of kept assessments: one row each, and what can be done with it."""

import json
import re

import streamlit as st

from ftdecide.assessment.completeness import completeness
from ftdecide.assessment.types import dump_assessment, read_assessment
from ftdecide.errors import FtdecideError
from ftdecide.store import assessments
from ftdecide.store.assessments import Saved
from ftdecide.translation import _
from pages.parts import show, state, verdict

_NAME_WIDTH = 440
FIRST_PAGE = "pages/describe_use_case.py"


def open_page(assessment_id: str) -> None:
    """Go to the first block of an assessment."""
    state.show_assessment(assessment_id)
    st.switch_page(FIRST_PAGE, query_params={"assessment": assessment_id})


def show_row(saved: Saved) -> None:
    """Show one assessment: name, verdict, how complete it is, and what can be done with it."""
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None, width=_NAME_WIDTH):
            st.markdown(f"**{show.plain(saved.title)}**{show.example_badge(saved.title, example=saved.example)}")
            try:
                st.markdown(_standing(saved))
            except FtdecideError as error:
                show.problem(error)
        with st.container(horizontal=True, width="content"):
            if st.button(_("Open"), key=f"{saved.id}:open", icon=":material/folder_open:"):
                open_page(saved.id)
            menu = st.popover(
                _("More"), icon=":material/more_horiz:", key=f"{saved.id}:menu", on_change="rerun", type="tertiary"
            )
        if menu.open:
            with menu:
                _show_menu(saved)


def _standing(saved: Saved) -> str:
    assessment = read_assessment(saved.document, saved.title)
    decision = verdict.decision_of(assessment, state.today())
    progress = completeness(assessment)
    share = sum(part.answered for part in progress) / sum(part.relevant for part in progress)
    changed = _("{percent:.0f} % answered · changed {at:%Y-%m-%d %H:%M} UTC").format(
        percent=100 * share, at=saved.updated_at
    )
    return f"{verdict.standing_badge(decision)} :gray[:small[{changed}]]"


def _show_menu(saved: Saved) -> None:
    key = f"{saved.id}:name"
    state.seed_widget(key, saved.title)
    st.text_input(_("Name"), key=key, max_chars=200, on_change=_rename, args=(saved.id, saved.version, key))
    st.button(
        _("Duplicate"),
        key=f"{saved.id}:duplicate",
        icon=":material/content_copy:",
        type="tertiary",
        on_click=_duplicate,
        args=(saved.id,),
    )
    st.download_button(
        _("Export as JSON"),
        export_json(saved),
        file_name=f"{re.sub(r'[^a-z0-9]+', '-', saved.title.lower()).strip('-') or 'assessment'}.json",
        mime="application/json",
        key=f"{saved.id}:export",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
    st.button(
        _("Delete"),
        key=f"{saved.id}:delete",
        icon=":material/delete:",
        type="tertiary",
        on_click=_delete,
        args=(saved.id, saved.title),
    )


def export_json(saved: Saved) -> str:
    """Return an assessment as the file that `take_in` and the command line read."""
    return json.dumps({**saved.document, "title": saved.title}, indent=2, ensure_ascii=False)


def _rename(assessment_id: str, version: int, key: str) -> None:
    title = " ".join((state.widget_value(key) or "").split())
    try:
        if title:
            assessments.rename(state.store(), assessment_id, title, expected_version=version)
    except FtdecideError as error:
        state.remember("start_problem", str(error))


def _duplicate(assessment_id: str) -> None:
    try:
        assessments.duplicate(state.store(), assessment_id)
    except FtdecideError as error:
        state.remember("start_problem", str(error))


def _delete(assessment_id: str, title: str) -> None:
    assessments.delete(state.store(), assessment_id)
    state.remember("deleted", [assessment_id, title])
    state.show_assessment(None)


def show_undo() -> None:
    """Offer to bring back what was deleted last in this tab."""
    if deleted := state.recall("deleted"):
        assessment_id, title = deleted
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(_("Deleted: **{title}**").format(title=show.plain(title)))
            st.button(_("Undo"), key="undo", icon=":material/undo:", on_click=_undo, args=(assessment_id,))


def _undo(assessment_id: str) -> None:
    assessments.restore(state.store(), assessment_id)
    state.remember("deleted", None)


def take_in(document: object, name: str, fallback_title: str, *, example: bool = False) -> Saved:
    """Keep a parsed document as a new assessment.

    Raises:
        InputError: it is not an assessment; the message names the wrong field.
    """
    assessment = read_assessment(document, name)
    title = assessment.title or fallback_title
    return assessments.create(state.store(), dump_assessment(assessment), title=title, example=example)
