"""The frame that the four Assess pages share: progress, questions, the verdict beside them, and the way on."""

from collections.abc import Callable, Mapping

import streamlit as st

from ftdecide.assessment.completeness import completeness
from ftdecide.assessment.questions import load_questions, relevant
from ftdecide.assessment.wording import name_field, say_answer
from ftdecide.translation import _, plural
from pages.parts import evidence, fields, show, state

_NEIGHBOURS = {
    "use_case": (("pages/start_here.py", "Start"), ("pages/try_alternatives.py", "Alternatives")),
    "alternatives": (("pages/describe_use_case.py", "Use case"), ("pages/weigh_costs.py", "Costs")),
    "costs": (("pages/try_alternatives.py", "Alternatives"), ("pages/confirm_benefits.py", "Benefits")),
    "benefits": (("pages/weigh_costs.py", "Costs"), ("pages/audit_data.py", "Data")),
}
_MOST_DIFFERENCES = 4
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
    questions, verdict = st.columns([5, 3], gap="large")
    offered = suggestions(opened) if suggestions else {}
    with questions, st.container():
        for section in relevant(block, opened.assessment):
            fields.show_section(opened, section, offered, after or {})
        _show_way(opened, name)
    with verdict, st.container():
        evidence.warn_demonstration(opened)
        show.verdict_panel(opened)
    with st.bottom:
        if state.pending():
            _show_conflict(opened)
        else:
            show.verdict_strip(opened)


def _show_place(opened: state.Open, name: str) -> None:
    """Say which assessment this is and how far each block has come."""
    name_of_it = f"{show.plain(opened.title)}{show.example_badge(opened.title, example=opened.example)}"
    parts = [
        f"{'**' if part.block == name else ''}{_(part.title)} {part.answered}/{part.relevant}"
        f"{'**' if part.block == name else ''}"
        for part in completeness(opened.assessment)
    ]
    st.caption(f"{name_of_it} · {' · '.join(parts)} · {_('Every answer is saved at once.')}")


def _show_conflict(opened: state.Open) -> None:
    """Show what was saved elsewhere meanwhile, where it cannot be missed; nothing is overwritten before a choice."""
    typed = state.pending()
    differing = sorted(state.differences(opened.id).items(), key=lambda item: item[0] not in typed)
    line = _("- {question} Here: **{mine}**. There: **{stored}**.")
    lines = [
        line.format(question=name_field(path), mine=show.plain(say_answer(path, mine)), stored=show.plain(there))
        for path, (mine, stored) in differing[:_MOST_DIFFERENCES]
        for there in [say_answer(path, stored)]
    ]
    if len(differing) > _MOST_DIFFERENCES:
        lines.append("- " + plural("and {n} more", "and {n} more", len(differing) - _MOST_DIFFERENCES))
    st.warning(
        "\n".join([_("What you typed is kept here but is not saved yet. These answers differ:"), "", *lines]),
        title=_("This assessment was changed elsewhere in the meantime"),
        icon=":material/sync_problem:",
    )
    with st.container(horizontal=True):
        st.button(_("Load the newer one"), key="load_newer", on_click=state.remember, args=("pending", {}))
        st.button(
            _("Keep mine for this answer") if len(typed) == 1 else _("Keep mine for these answers"),
            key="keep_mine",
            help=", ".join(name_field(path) for path in typed),
            on_click=state.keep_mine,
            args=(opened.id,),
        )


def _show_way(opened: state.Open, name: str) -> None:
    (back, back_title), (onward, onward_title) = _NEIGHBOURS[name]
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        show.link_page(back, _("Back: {page}").format(page=_(back_title)), "arrow_back", opened.id)
        show.link_page(
            onward, _("Next: {page}").format(page=_(onward_title)), "arrow_forward", opened.id, icon_position="right"
        )
