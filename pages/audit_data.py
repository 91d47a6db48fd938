"""Check a data set before anything is paid for: what it holds, what to mend, and a cleaned copy."""

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import (
    audit_clean,
    audit_cost,
    audit_findings,
    audit_formats,
    audit_rows,
    audit_run,
    audit_source,
    audit_take,
    audit_target,
    audit_verdict,
    audits,
    show,
    state,
)


def show_result(
    kept: audit_run.Kept, files: audit_source.Files | None, target: audit_target.Target, opened: state.Open | None
) -> None:
    """Show the verdict first, then what it rests on, then what to do."""
    result = kept.result
    st.subheader(_("Result"), anchor=False)
    verdict = audit_verdict.judge(result)
    audits.show_verdict(verdict if files else verdict._replace(hint=""))
    audits.show_figures(result, audit_cost.price_run(result, target), target)
    audit_take.offer_counts(kept, opened)
    audits.show_lengths(result)
    if files:
        audit_rows.show_any_row(files.train)
    audit_findings.show_findings(result, files)
    if files and audit_verdict.can_be_cleaned(result):
        audit_clean.show_cleaning(result, files)


def show_page() -> None:
    """Lead a person from the choice of a file to a cleaned copy of it."""
    show.page_header(
        _("Check the data"),
        _("Can it be trained on, what would it cost, and what should be mended: before anything is paid for."),
    )
    try:
        opened = state.open_assessment()
        audit_run.restore_choices()
        audit_formats.show_formats()
        files = audit_source.choose_files()
        target = audit_target.choose_target(opened)
        audit_target.show_window(target)
        if files:
            show_result(audit_run.audit_files(files, target), files, target, opened)
        elif kept := audit_run.linked_audit():
            audits.show_without_file(kept)
            then = target._replace(provider=kept.provider, model=kept.model)
            show_result(kept, None, then, opened)
    except FtdecideError as error:
        show.problem(error)


show_page()
