"""The frame that the four Assess pages share: progress, questions, the verdict beside them, and the way on."""

from collections.abc import Callable, Mapping

import streamlit as st

from ftdecide.assessment.completeness import completeness
from ftdecide.assessment.questions import load_questions, relevant
from ftdecide.translation import _
from pages.parts import conflict, evidence, fields, show, state, verdict

_NEIGHBOURS = {
    "use_case": (("pages/start_here.py", "Start"), ("pages/try_alternatives.py", "Alternatives")),
    "alternatives": (("pages/describe_use_case.py", "Use case"), ("pages/weigh_costs.py", "Costs")),
    "costs": (("pages/try_alternatives.py", "Alternatives"), ("pages/confirm_benefits.py", "Benefits")),
    "benefits": (("pages/weigh_costs.py", "Costs"), ("pages/audit_data.py", "Data")),
}
Suggestions = Mapping[str, Mapping[str, str]]


def show_block(
    name: str,
    suggestions: Callable[[state.Open], Suggestions] | None = None,
    after: Mapping[str, Callable[[state.Open], None]] | None = None,
) -> None:
    """Show one block of questions; `suggestions` fill option lists, `after` shows more below a question."""
    block = next(block for block in load_questions() if block.block == name)
    show.page_header(_(block.title), _(block.lead))
    opened = state.require_assessment()
    _show_place(opened, name)
    questions, beside = st.columns([5, 3], gap="large")
    offered = suggestions(opened) if suggestions else {}
    with questions, st.container():
        for section in relevant(block, opened.assessment):
            fields.show_section(opened, section, offered, after or {})
        _show_way(opened, name)
    with beside, st.container():
        evidence.warn_demonstration(opened)
        verdict.show_panel(opened)
    with st.bottom:
        if state.pending():
            conflict.show_conflict(opened)
        else:
            _show_strip(opened, name)


def _show_place(opened: state.Open, name: str) -> None:
    """Say which assessment this is and how far each block has come."""
    name_of_it = f"{show.plain(opened.title)}{show.example_badge(opened.title, example=opened.example)}"
    parts = [
        f"{'**' if part.block == name else ''}{_(part.title)} {part.answered}/{part.relevant}"
        f"{'**' if part.block == name else ''}"
        for part in completeness(opened.assessment)
    ]
    st.caption(f"{name_of_it} · {' · '.join(parts)} · {_('Every answer is saved at once.')}")


def _show_strip(opened: state.Open, name: str) -> None:
    """Keep the verdict and the way on in sight, however long the page is."""
    onward, title = _NEIGHBOURS[name][1]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            verdict.show_strip(opened)
        show.link_page(onward, _(title), "arrow_forward", opened.id, icon_position="right")


def _show_way(opened: state.Open, name: str) -> None:
    (back, back_title), (onward, onward_title) = _NEIGHBOURS[name]
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        show.link_page(back, _("Back: {page}").format(page=_(back_title)), "arrow_back", opened.id)
        show.link_page(
            onward, _("Next: {page}").format(page=_(onward_title)), "arrow_forward", opened.id, icon_position="right"
        )
