"""What to do when an assessment was changed elsewhere: every page that shows or writes unsaved answers says so."""

import streamlit as st

from ftdecide.assessment.wording import name_field, say_answer
from ftdecide.translation import _, plural
from pages.parts import show, state

_MOST_DIFFERENCES = 4


def show_conflict(opened: state.Open) -> None:
    """Show what was saved elsewhere meanwhile, if anything was; nothing is overwritten before a choice."""
    typed = state.pending()
    if not typed:
        return
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
        st.button(_("Load the newer one"), key="load_newer", on_click=state.drop_pending)
        st.button(
            _("Keep mine for this answer") if len(typed) == 1 else _("Keep mine for these answers"),
            key="keep_mine",
            help=", ".join(name_field(path) for path in typed),
            on_click=state.keep_mine,
            args=(opened.id,),
        )
