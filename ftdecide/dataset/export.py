"""Findings as a table for spreadsheets."""

import csv
import io

from ftdecide.dataset.checks import Audit

_HEAD = ("severity", "part", "code", "count", "lines", "text", "means", "mend")
# A spreadsheet runs a cell that begins like this as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render_findings(audit: Audit) -> str:
    """The findings as CSV, one row each; no cell can be taken for a formula."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(_HEAD)
    for finding in audit.findings:
        values = finding.model_dump(mode="json") | {"lines": " ".join(map(str, finding.lines))}
        rows.writerow([guard_cell(str(values[name])) for name in _HEAD])
    return out.getvalue()


def guard_cell(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
