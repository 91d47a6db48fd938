"""A cleaned copy of the training file: a person ticks what to leave out, sees what would go, and downloads it."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import streamlit as st

from ftdecide.dataset.checks import Audit
from ftdecide.dataset.clean import Choices, Cleaned, clean
from ftdecide.dataset.export import guard_cell
from ftdecide.dataset.wording import finding_words
from ftdecide.errors import FtdecideError
from ftdecide.translation import _, plural
from pages.parts import show, state
from pages.parts.audit_choices import ask_choices
from pages.parts.audit_source import File, Files

_NOTHING = Choices(
    unreadable=False, empty_answers=False, test_overlap=False, exact_duplicates=False, near_duplicates=False
)
# Up to this size what would go is worked out at every tick.
_QUICK_BYTES = 5_000_000
_LINES_TOLD = 20


@st.fragment
def show_cleaning(result: Audit, files: Files) -> None:
    """Show the boxes to tick, what would go and the downloads."""
    st.subheader(_("A cleaned file"), anchor=False)
    st.markdown(
        _("Tick what to leave out. Your file is not touched: you get a copy without those lines, all others unchanged.")
    )
    try:
        choices = ask_choices(result)
        if choices == _NOTHING:
            st.caption(_("Nothing is ticked, so nothing would be left out."))
            return
        if files.train.size > _QUICK_BYTES and state.recall("data_clean") != (files.train.digest, choices):
            told = _("Work out what would go ({size:,.0f} MB are read)").format(size=files.train.size / 1e6)
            if not st.button(told, icon=":material/play_arrow:"):
                return
            state.remember("data_clean", (files.train.digest, choices))
        cleaned = _look_ahead(files.train, files.test, choices)
    except FtdecideError as error:
        show.problem(error)
        return
    _show_outcome(cleaned)
    if cleaned.removed:
        _offer_downloads(files, choices, cleaned)


def _key(choices: Choices) -> tuple[object, ...]:
    return (*(value for name, value in vars(choices).items() if name != "lines"), tuple(sorted(choices.lines)))


@st.cache_data(
    max_entries=16,
    show_spinner=_("Working out what would go …"),
    scope="session",
    hash_funcs={File: lambda file: (file.digest, file.name), Choices: _key},
)
def _look_ahead(train: File, test: File | None, choices: Choices) -> Cleaned:
    with Path(os.devnull).open("wb") as nowhere:
        return _clean(train, test, choices, cast("BinaryIO", nowhere))


def _clean(train: File, test: File | None, choices: Choices, out: BinaryIO) -> Cleaned:
    other = test.rewound() if test else None
    return clean(train.rewound(), choices, out, test=other, name=train.name)


def _show_outcome(cleaned: Cleaned) -> None:
    kept = plural("{n:,} row stays", "{n:,} rows stay", cleaned.kept)
    gone = plural("{n:,} goes", "{n:,} go", cleaned.removed)
    st.markdown(f"**{kept}, {gone}.**")
    told = [
        f"- **{len(lines):,}** {show.plain(_reason(code, len(lines)))}: "
        + plural("line {{lines}}", "lines {{lines}}", len(lines)).format(lines=_first(lines))
        for code, lines in cleaned.lines.items()
    ]
    if told:
        st.markdown("\n".join(told))


def _reason(code: str, lines: int = 1) -> str:
    """Say why lines are left out, as words that stand after their number."""
    words = {
        "chosen": _("chosen by you"),
        "empty_answer": _("empty answer"),
        "test_overlap": _("also in the test part"),
        "exact_duplicate": _("repeats an earlier one word for word"),
        "near_duplicate": _("nearly the same as an earlier one"),
    }
    if code in words:
        return words[code]
    told = finding_words(code)
    return plural(told.one, told.many, lines).removeprefix(f"{lines} ")


def _first(lines: Sequence[int]) -> str:
    more = len(lines) - _LINES_TOLD
    told = ", ".join(f"{line:,}" for line in lines[:_LINES_TOLD])
    return told + (_(" and {n:,} more").format(n=more) if more > 0 else "")


def _offer_downloads(files: Files, choices: Choices, cleaned: Cleaned) -> None:
    path = Path(files.train.name)
    with st.container(horizontal=True):
        st.download_button(
            show.primary_label(_("Download the cleaned file"), "download"),
            lambda: make_cleaned(files.train, files.test, choices),
            file_name=f"{path.stem}.cleaned{path.suffix}",
            mime="application/octet-stream",
            type="primary",
            on_click="ignore",
            key="clean_download",
        )
        st.download_button(
            _("Removed lines (CSV)"),
            lambda: render_removed(cleaned),
            file_name=f"{path.stem}.removed.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="clean_removed",
        )


def make_cleaned(train: File, test: File | None, choices: Choices) -> bytes:
    """The cleaned file's bytes."""
    out = io.BytesIO()
    _clean(train, test, choices, out)
    return out.getvalue()


def render_removed(cleaned: Cleaned) -> str:
    """The removed lines as CSV: number, code and reason."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(("line", "code", "reason"))
    rows.writerows((row.line, row.code, guard_cell(_reason(row.code))) for row in cleaned.list_removed())
    return out.getvalue()
