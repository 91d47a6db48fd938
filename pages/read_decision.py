"""The verdict with everything behind it, to be read, questioned and taken away."""

from typing import Any, NamedTuple

import streamlit as st

from ftdecide.decision.types import Decision
from ftdecide.decision.wording import name_verdict
from ftdecide.report.comparison import read_comparison
from ftdecide.report.figures import percent
from ftdecide.report.record import make_record
from ftdecide.report.write import FORMATS
from ftdecide.translation import _
from pages.parts import conflict, evidence, show, state, verdict
from pages.parts import decision as parts


class File(NamedTuple):
    """A format of the record: the file's ending, what the button says, and what the file is good for."""

    ending: str
    label: str
    media_type: str
    told: str


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILES = (
    File("html", "Report (HTML)", "text/html", "One file for the browser; prints well."),
    File("pdf", "PDF", "application/pdf", "Ready to print and to hand on."),
    File("docx", "Word", WORD, "To go on writing in it."),
)
MORE_FILES = (
    File("md", "Markdown", "text/markdown", "For wikis and pull requests."),
    File("json", "Record (JSON)", "application/json", "Holds all that `python -m ftdecide verify` works out again."),
)


def show_verdict(decision: Decision) -> None:
    """Show what to do, how sure that is, and the next cheapest step."""
    with st.container(border=True):
        st.markdown(verdict.standing_headline(decision))
        st.progress(decision.confidence, text=verdict.sureness(decision.confidence).capitalize())
        st.markdown(f"**{_('Next step')}**  \n{decision.next_step}")
        ordered = sorted(decision.probabilities.items(), key=lambda item: -item[1])
        others = [f"{name_verdict(v)} {percent(p)}" for v, p in ordered[1:] if p >= 0.01]
        if others:
            st.caption(_("Otherwise: {others}").format(others=" · ".join(others)))


def show_downloads(opened: state.Open, decision: Decision, run: dict[str, Any] | None) -> None:
    """Offer the record as files, each of which is made only when it is asked for."""
    with st.container(horizontal=True):
        for file in FILES:
            offer_file(file, opened, decision, run)
        with st.popover(_("More")):
            for file in MORE_FILES:
                offer_file(file, opened, decision, run)
    if found := read_comparison(run):
        parts.show_comparison(found)


def offer_file(file: File, opened: state.Open, decision: Decision, run: dict[str, Any] | None) -> None:
    """Offer one file, the report for the browser before all others."""
    first = file is FILES[0]
    st.download_button(
        show.primary_label(_(file.label), "download") if first else _(file.label),
        lambda: FORMATS[file.ending](make_record(opened.assessment, decision, run)),
        f"ftdecide-{decision.as_of.isoformat()}.{file.ending}",
        file.media_type,
        key=f"download_{file.ending}",
        on_click="ignore",
        type="primary" if first else "secondary",
        help=_(file.told),
    )


show.page_header(_("Read the decision"), _("The verdict, what carries it, and what would change it."))
opened = state.require_assessment()
decision = verdict.decision_of(opened.assessment, state.today())
st.caption(f"{show.plain(opened.title)} · {_('as of {day}').format(day=decision.as_of)}")
conflict.show_conflict(opened)
evidence.warn_demonstration(opened)
left, right = st.columns([5, 3], gap="large")
with left, st.container():
    show_verdict(decision)
    show_downloads(opened, decision, evidence.cited_run(opened))
    parts.show_reasons(decision)
    parts.show_gates(decision)
with right, st.container():
    parts.show_missing(opened, decision.missing)
    parts.show_flips(decision.flips)
    if decision.risks:
        st.subheader(_("Risks"), anchor=False)
        st.markdown("\n".join(f"- {risk}" for risk in decision.risks))
parts.show_options(decision)
parts.show_evidence_value(decision)
