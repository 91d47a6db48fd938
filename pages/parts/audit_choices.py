"""What a cleaned file should do without: boxes for what was found, and lines named by hand."""

import re
from collections.abc import Sequence

import streamlit as st

from ftdecide.dataset.checks import Audit
from ftdecide.dataset.clean import Choices
from ftdecide.dataset.tally import LINES_SHOWN, Finding
from ftdecide.errors import InputError
from ftdecide.translation import _
from pages.parts.audit_verdict import is_unreadable

_MOST_LINES = 100_000
_RANGE = re.compile(r"(\d{1,9})(?:\s*[-\u2013]\s*(\d{1,9}))?")
# The field of `Choices` that leaves a finding's lines out, and whether it is ticked at first.
_BY_CODE = {
    "empty_answer": ("empty_answers", True),
    "test_overlap": ("test_overlap", True),
    "exact_duplicate": ("exact_duplicates", True),
    "near_duplicate": ("near_duplicates", False),
    "near_duplicate_sampled": ("near_duplicates", False),
}


def ask_choices(result: Audit) -> Choices:
    """Show a box for everything found that can be left out.

    Raises:
        InputError: the lines named by hand are no numbers.
    """
    found: dict[str, list[Finding]] = {}
    first: dict[str, bool] = {}
    others: list[Finding] = []
    for finding in result.findings:
        if finding.part == "test" or finding.severity == "info":
            continue
        name, ticked = ("unreadable", True) if is_unreadable(finding) else _BY_CODE.get(finding.code, ("", False))
        if name:
            found.setdefault(name, []).append(finding)
            first[name] = ticked
        elif finding.lines:
            others.append(finding)
    ticks = {
        name: st.checkbox(_label(name, findings), value=first[name], key=f"clean_{name}", persist_state="session")
        for name, findings in found.items()
    }
    lines = _ask_findings(others) | _ask_lines()
    names = ("unreadable", "empty_answers", "test_overlap", "exact_duplicates", "near_duplicates")
    return Choices(*(ticks.get(name, False) for name in names), lines=lines)


def _label(name: str, findings: Sequence[Finding]) -> str:
    count = sum(finding.count for finding in findings)
    words = {
        "unreadable": _("Lines that cannot be read"),
        "empty_answers": _("Examples with an empty answer"),
        "test_overlap": _("Examples that also stand in the test part"),
        "exact_duplicates": _("Word-for-word repeats (the first of each stays)"),
        "near_duplicates": _("Near repeats (the first of each group stays)"),
    }
    return f"{words[name]}: {count:,}"


def _ask_findings(others: Sequence[Finding]) -> frozenset[int]:
    """Let a person choose further findings whose lines are all known."""
    known = {finding.code: finding for finding in others if finding.count == len(finding.lines)}
    if not known:
        return frozenset()
    chosen = st.multiselect(
        _("Also the lines of these findings"),
        list(known),
        format_func=lambda code: known[code].text.split(". ", maxsplit=1)[0],
        placeholder=_("None"),
        key="clean_findings",
        help=_("Findings on more than {n} lines are better mended where the data comes from.").format(n=LINES_SHOWN),
    )
    return frozenset(line for code in chosen for line in known[code].lines)


def _ask_lines() -> frozenset[int]:
    text = st.text_input(
        _("Also these lines"),
        placeholder=_("12, 40-45"),
        key="clean_lines",
        max_chars=500,
        persist_state="session",
    )
    return read_lines_named(text or "")


def read_lines_named(text: str) -> frozenset[int]:
    """Line numbers of a text such as "12, 40-45".

    Raises:
        InputError: a part is neither a number nor a range, or the lines are too many.
    """
    lines: set[int] = set()
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", text))):
        match = _RANGE.fullmatch(part)
        if not match:
            raise InputError(_("{part!r} names no lines; write numbers and ranges such as 12, 40-45").format(part=part))
        low, high = int(match[1]), int(match[2] or match[1])
        if high - low >= _MOST_LINES:
            raise InputError(_("{part!r} names too many lines; cut the file in an editor").format(part=part))
        lines.update(range(low, high + 1))
    return frozenset(lines)
