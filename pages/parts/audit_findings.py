"""What an audit found, gravest first: how grave, how often, on which lines, what it means, how to mend it."""

import streamlit as st

from ftdecide.dataset.checks import Audit
from ftdecide.dataset.export import render_findings
from ftdecide.dataset.tally import Finding
from ftdecide.translation import _, plural
from pages.parts import show
from pages.parts.audit_rows import show_row
from pages.parts.audit_source import File, Files

# Severity -> colour, icon, words; the words stand beside the colour, as not everybody sees it.
SEVERITIES = {
    "error": ("red", "error", _("Must be mended")),
    "warning": ("orange", "warning", _("Look at this")),
    "info": ("blue", "info", _("Good to know")),
}


def show_findings(result: Audit, files: Files | None) -> None:
    """Show all findings; those that are only good to know are folded."""
    st.subheader(_("Findings"), anchor=False)
    grave = [finding for finding in result.findings if finding.severity != "info"]
    rest = [finding for finding in result.findings if finding.severity == "info"]
    _show_counts(result)
    if not grave:
        st.markdown(_("Nothing was found that should be mended."))
    for finding in grave:
        show_finding(finding, files)
    if rest:
        title = plural("{n} thing that is good to know", "{n} things that are good to know", len(rest))
        st.caption(title)
        for finding in rest:
            show_finding(finding, files)
    _offer_downloads(result)


def _show_counts(result: Audit) -> None:
    badges: list[str] = []
    for severity, (colour, icon, words) in SEVERITIES.items():
        count = sum(finding.severity == severity for finding in result.findings)
        if count:
            badges.append(f":{colour}-badge[:material/{icon}: {words}: {count}]")
    if badges:
        st.markdown(" ".join(badges))


def show_finding(finding: Finding, files: Files | None) -> None:
    """Show one finding; its lines open where the file is at hand."""
    colour, icon, words = SEVERITIES[finding.severity]
    part = f" :gray-badge[{_('Test part')}]" if finding.part == "test" else ""
    file = _file_of(finding, files)
    said, _stop, more = finding.text.partition(". ")
    label = f":{colour}-badge[:material/{icon}: {words}]{part} **{show.plain(said)}**"
    with st.expander(label, expanded=finding.severity == "error"):
        st.markdown(
            (f"{show.plain(more)}  \n" if more else "")
            + f"**{_('What it means')}:** {show.plain(finding.means)}  \n"
            + f"**{_('Mend')}:** {show.plain(finding.mend)}"
        )
        if finding.lines and file:
            _open_lines(finding, file)
        elif finding.lines:
            lines = ", ".join(f"{line:,}" for line in finding.lines)
            st.caption(plural("Line {{lines}}", "Lines {{lines}}", finding.count).format(lines=lines) + _more(finding))


def _file_of(finding: Finding, files: Files | None) -> File | None:
    if files is None:
        return None
    return files.test if finding.part == "test" else files.train


@st.fragment
def _open_lines(finding: Finding, file: File) -> None:
    label = plural("Open the line", "Open a line", finding.count) + _more(finding)
    line = st.pills(
        label, finding.lines, format_func=lambda number: f"{number:,}", key=f"line:{finding.part}:{finding.code}"
    )
    if line is not None:
        show_row(file, int(line))


def _more(finding: Finding) -> str:
    more = finding.count - len(finding.lines)
    return " " + _("(the first {shown} of {n:,})").format(shown=len(finding.lines), n=finding.count) if more else ""


def _offer_downloads(result: Audit) -> None:
    with st.container(horizontal=True):
        st.download_button(
            _("Findings as a table (CSV)"),
            lambda: render_findings(result),
            file_name="findings.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            _("Findings as JSON"),
            lambda: result.model_dump_json(indent=2),
            file_name="findings.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
