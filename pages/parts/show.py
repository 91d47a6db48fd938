"""What every page shows alike: header, badges of origin, links, labels, problems."""

import re
from datetime import date

import streamlit as st

from ftdecide.decision.types import Reason
from ftdecide.decision.wording import name_origin, name_reason_origin
from ftdecide.errors import FtdecideError
from ftdecide.translation import _

_ORIGINS = {
    "measured": ("green", "straighten"),
    "quoted": ("blue", "format_quote"),
    "assumed": ("orange", "help"),
    "answered": ("gray", "person"),
}


def page_header(title: str, lead: str) -> None:
    """Show a page's title and, in a sentence or two, what a person does there."""
    st.title(title, anchor=False)
    st.markdown(lead)


def primary_label(words: str, icon: str = "") -> str:
    """Return the label of a primary button, in the ink that the theme keeps for it (see .streamlit/config.toml)."""
    return f":violet[{f':material/{icon}: ' if icon else ''}{words}]"


def example_badge(title: str, *, example: bool) -> str:
    """Return the badge of an example, unless its title says so already."""
    return f" :violet-badge[{_('Example')}]" if example and not title.startswith(_("Example")) else ""


def plain(text: str) -> str:
    """Return a person's text so that Markdown shows it as it was typed."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~:$-])", r"\\\1", text)


def link_page(page: str, label: str, icon: str, assessment_id: str, *, icon_position: str = "left") -> None:
    """Show a link to a page of the same assessment."""
    st.page_link(
        page,
        label=label,
        icon=f":material/{icon}:",
        icon_position="right" if icon_position == "right" else "left",
        query_params={"assessment": assessment_id},
    )


def origin(kind: str, source: str = "", as_of: date | str | None = None) -> str:
    """Return Markdown that says where a figure comes from: a coloured badge with its word, then source and day."""
    colour, icon = _ORIGINS[kind]
    badge = f":{colour}-badge[:material/{icon}: {name_origin(kind)}]"
    named = source if kind != "answered" else ""
    link = f" [{_('source')}]({source})" if source.startswith("http") else f" {named}".rstrip()
    day = _(", as of {day}").format(day=as_of) if as_of else ""
    return f"{badge}{link}{day}"


def reason_origin(reason: Reason, *, brief: bool = False) -> str:
    """Return Markdown that says where a reason comes from; `brief` leaves out what is neither badge nor link."""
    colour, icon = _ORIGINS[reason.origin]
    badge = f":{colour}-badge[:material/{icon}: {name_reason_origin(reason.origin)}]"
    if reason.source.startswith("http"):
        return f"{badge} [{_('source')}]({reason.source})"
    return badge if brief or reason.source == _("Your answers") else f"{badge} :gray[:small[{plain(reason.source)}]]"


def problem(error: FtdecideError) -> None:
    """Show what is wrong and how to mend it."""
    st.error(str(error), icon=":material/error:")
