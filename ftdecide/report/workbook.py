"""A cost scenario as a spreadsheet with live formulas: a summary, the assumptions, and a sheet for each option."""

import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from ftdecide.catalog.types import Catalog
from ftdecide.costs.charges import Input, Plan
from ftdecide.costs.distribution import ends, middle
from ftdecide.costs.plan import make_plan
from ftdecide.costs.ranges import label_of
from ftdecide.costs.scenario import Scenario
from ftdecide.costs.types import Estimate, OptionCost
from ftdecide.report.option_sheet import OptionSheet, Totals, write_option
from ftdecide.report.sheet_styles import Book, Sheet, Styles, make_styles
from ftdecide.translation import _

_LONGEST_NAME = 31
_SMALLEST_USD = Decimal("0.000001")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


def make_workbook(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> bytes:
    """Return a scenario and its estimate as an XLSX file.

    Whoever changes a cell on the sheet of assumptions sees every total follow. Formulas work at the middle of every
    range; the ranges of the totals are the app's and stand beside them as plain numbers. Text never becomes a formula.
    """
    from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs] - its own annotations are partial

    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = cast("Book", Workbook(out, settings))
    styles = make_styles(book)
    plans = [make_plan(scenario, option, estimate.as_of, catalog) for option in scenario.options]
    summary = book.add_worksheet(_("Summary"))
    assumed = book.add_worksheet(_("Assumptions"))
    places = _write_assumptions(assumed, styles, plans)
    names = sheet_names([option.name for option in estimate.options])
    totals: list[Totals] = []
    for option, plan, name in zip(estimate.options, plans, names, strict=True):
        sheet = OptionSheet(book.add_worksheet(name), name, styles, places)
        totals.append(write_option(sheet, option, plan))
    _write_summary(summary, styles, scenario, estimate, totals)
    book.close()
    return out.getvalue()


def sheet_names(options: Sequence[str]) -> list[str]:
    """Make of each option's name one that a sheet may have: short, without forbidden signs, and only once."""
    taken = {_("Summary").lower(), _("Assumptions").lower(), "history"}
    names: list[str] = []
    for number, option in enumerate(options, start=1):
        name = _FORBIDDEN.sub(" ", option).strip()[:_LONGEST_NAME].strip() or _("Option {number}").format(number=number)
        if name.lower() in taken:
            ending = f" ({number})"
            name = name[: _LONGEST_NAME - len(ending)] + ending
        taken.add(name.lower())
        names.append(name)
    return names


def _write_assumptions(sheet: Sheet, styles: Styles, plans: Sequence[Plan]) -> dict[Input, str]:
    """Write every named input once and return its cell."""
    head = (_("Input"), _("Used value"), _("Low"), _("High"), _("Used by"), _("Field"))
    sheet.set_column(0, 0, 58)
    sheet.set_column(1, 3, 18)
    sheet.set_column(4, 4, 60)
    sheet.set_column(5, 5, 34)
    sheet.write_string(0, 0, _("Change a value in column B and everything follows."), styles.note)
    for column, title in enumerate(head):
        sheet.write_string(2, column, title, styles.head)
    users: dict[Input, list[str]] = {}
    for plan in plans:
        for part in plan.inputs:
            if part.name:
                users.setdefault(part, []).append(plan.option.name)
    places: dict[Input, str] = {}
    for row, (part, options) in enumerate(users.items(), start=3):
        sheet.write_string(row, 0, label_of(part.name), styles.text)
        sheet.write_number(row, 1, float(middle(part.amount)), styles.changeable)
        if not isinstance(part.amount, Decimal):
            for column, end in enumerate(ends(part.amount), start=2):
                sheet.write_number(row, column, float(end), styles.amount)
        sheet.write_string(row, 4, ", ".join(dict.fromkeys(options)), styles.text)
        sheet.write_string(row, 5, part.name, styles.note)
        places[part] = f"{_quoted(_('Assumptions'))}!$B${row + 1}"
    sheet.freeze_panes(3, 1)
    return places


def _write_summary(
    sheet: Sheet, styles: Styles, scenario: Scenario, estimate: Estimate, totals: Sequence[Totals]
) -> None:
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 8, 16)
    sheet.set_column(9, 9, 90)
    sheet.write_string(0, 0, scenario.title or _("Costs side by side"), styles.title)
    facts = _("As of {day}, over {months} months, in US dollars.").format(
        day=estimate.as_of, months=estimate.horizon_months
    )
    sheet.write_string(1, 0, facts, styles.note)
    live = _("One-off, month and total are formulas. The range of the total was drawn by the app and does not follow.")
    sheet.write_string(2, 0, live, styles.note)
    differ = _(
        "“Total” puts the middle of every range into the formulas; “Total, middle (p50)” is the median of many draws "
        "from those ranges. Where a range is wide the two differ, and neither is wrong."
    )
    sheet.write_string(3, 0, differ, styles.note)
    head = (
        _("Option"),
        _("One-off"),
        _("Average month"),
        _("Total"),
        _("Per 1,000 requests"),
        _("Total, low (p10)"),
        _("Total, middle (p50)"),
        _("Total, high (p90)"),
        _("Stops answering"),
        _("Know this"),
    )
    for column, title in enumerate(head):
        sheet.write_string(4, column, title, styles.head)
    for row, (option, total) in enumerate(zip(estimate.options, totals, strict=True), start=5):
        _write_option_row(sheet, styles, row, option, total)
    sheet.freeze_panes(5, 1)


def _write_option_row(sheet: Sheet, styles: Styles, row: int, option: OptionCost, totals: Totals) -> None:
    sheet.write_string(row, 0, option.name, styles.text)
    for column, total in enumerate(totals, start=1):
        sheet.write_formula(row, column, f"={total.cell}", styles.money, total.usd)
    if totals:
        for column, usd in enumerate((option.total_usd.p10, option.total_usd.p50, option.total_usd.p90), start=5):
            sheet.write_number(row, column, float(usd), styles.money)
    ends = option.ends_on.isoformat() if option.ends_on else _("not within this time")
    sheet.write_string(row, 8, ends if option.available else _("cannot be had"), styles.text)
    sheet.write_string(row, 9, " ".join(warning.text for warning in option.warnings), styles.text)


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _money(usd: Decimal) -> str:
    """Write an amount with six decimals at most, and without zeros that say nothing."""
    from ftdecide.costs.charges import EXACT

    text = f"{usd.quantize(_SMALLEST_USD, context=EXACT):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def list_csv(estimate: Estimate) -> str:
    """Return every line of every option as CSV; no cell can be taken for a formula.

    An option that cannot be had has one row without amounts that says why.
    """
    import csv

    from ftdecide.dataset.export import guard_cell

    head = ("option", "item", "phase", "quantity", "unit", "unit_price_usd", "usd", "origin", "source", "as_of")
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(head)
    for option in estimate.options:
        if not option.available:
            why = " ".join(warning.text for warning in option.warnings)
            gone = (option.name, _("cannot be had: {why}").format(why=why), *[""] * (len(head) - 2))
            rows.writerow([guard_cell(cell) for cell in gone])
        for line in option.lines:
            numbers = (f"{line.quantity:f}", line.unit, _money(line.unit_price_usd), _money(line.usd))
            cells = (option.name, line.item, line.phase, *numbers, line.origin, line.source, line.as_of)
            rows.writerow([guard_cell(cell) for cell in cells])
    return out.getvalue()
