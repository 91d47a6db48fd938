"""Domain objects as people see them: header, verdict panel, origin badges, problems."""

from datetime import date

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.translation import _

_ORIGINS = {
    "measured": ("green", "straighten", _("Measured")),
    "quoted": ("blue", "format_quote", _("Quoted")),
    "assumed": ("orange", "help", _("Assumed")),
    "answered": ("gray", "person", _("Your answer")),
}


def page_header(title: str, lead: str) -> None:
    """Show a page's title and, in a sentence or two, what a person does there."""
    st.title(title, anchor=False)
    st.markdown(lead)


def origin(kind: str, source: str = "", as_of: date | None = None) -> str:
    """Return Markdown that says where a figure comes from: a coloured badge with its word, then source and day."""
    colour, icon, word = _ORIGINS[kind]
    badge = f":{colour}-badge[:material/{icon}: {word}]"
    link = f" [{_('source')}]({source})" if source.startswith("http") else (f" {source}" if source else "")
    day = _(", as of {day}").format(day=as_of.isoformat()) if as_of else ""
    return f"{badge}{link}{day}"


def problem(error: FtdecideError) -> None:
    """Show what is wrong and how to mend it."""
    st.error(str(error), icon=":material/error:")
