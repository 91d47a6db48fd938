"""The sheet of one option: its charges as rows, the months as columns, its totals below, all of it formulas."""

from dataclasses import dataclass

from ftdecide.costs.charges import Charge, Plan
from ftdecide.costs.estimate import at_the_middle
from ftdecide.costs.tally import Tally, amount, counts, tally, unit_price
from ftdecide.costs.types import OptionCost, Phase
from ftdecide.report import formulas
from ftdecide.report.formulas import Places
from ftdecide.report.sheet_styles import Sheet, Styles
from ftdecide.translation import _

_HEAD_ROW, _REQUESTS, _DAYS, _SERVED, _JOB_DAYS, _ANSWERED, _FIRST_CHARGE = 2, 3, 4, 5, 6, 7, 9
_ITEM, _PHASE, _EACH, _UNIT, _PRICE, _QUANTITY, _USD, _USD_EACH, _ORIGIN, _SOURCE, _AS_OF, _FIRST_MONTH = range(12)


@dataclass(frozen=True)
class OptionSheet:
    """A sheet to be written: its name in the workbook, the formats, and where the assumptions stand."""

    sheet: Sheet
    name: str
    styles: Styles
    places: Places


@dataclass(frozen=True)
class Total:
    """A total: its cell, with its sheet, and its value at the middle of every range."""

    cell: str
    usd: float


Totals = tuple[Total, ...]
"""One-off, average month, total and per 1,000 requests; empty where nothing is counted."""


def write_option(page: OptionSheet, option: OptionCost, plan: Plan) -> Totals:
    """Write an option's sheet and return where its totals stand."""
    _write_head(page, option)
    if not plan.charges:
        page.sheet.write_string(
            _FIRST_CHARGE, 0, " ".join(warning.text for warning in option.warnings), page.styles.text
        )
        return ()
    counted = tally(plan)
    _write_months(page, plan, counted)
    for row, charge in enumerate(plan.charges, start=_FIRST_CHARGE):
        _write_charge(page, plan, row, charge, counted)
    return _write_totals(page, plan, counted)


def phase_names() -> dict[Phase, str]:
    """When a charge falls due, for people."""
    return {"one_off": _("once"), "monthly": _("every month"), "after_retirement": _("after the model has stopped")}


def _write_head(page: OptionSheet, option: OptionCost) -> None:
    page.sheet.set_column(_ITEM, _ITEM, 46)
    page.sheet.set_column(_PHASE, _USD_EACH, 15)
    page.sheet.set_column(_ORIGIN, _ORIGIN, 10)
    page.sheet.set_column(_SOURCE, _SOURCE, 34)
    page.sheet.set_column(_AS_OF, _AS_OF, 11)
    page.sheet.set_column(_FIRST_MONTH, _FIRST_MONTH + 60, 13)
    page.sheet.write_string(0, 0, option.name, page.styles.title)
    titles = {
        _ITEM: _("Item"),
        _PHASE: _("When"),
        _EACH: _("Quantity each time"),
        _UNIT: _("Unit"),
        _PRICE: _("USD a unit"),
        _QUANTITY: _("Quantity in all"),
        _USD: _("USD"),
        _USD_EACH: _("USD each time"),
        _ORIGIN: _("Origin"),
        _SOURCE: _("Source"),
        _AS_OF: _("As of"),
    }
    for column, title in titles.items():
        page.sheet.write_string(_HEAD_ROW, column, title, page.styles.head)
    page.sheet.freeze_panes(_HEAD_ROW + 1, 1)


def _write_months(page: OptionSheet, plan: Plan, counted: Tally) -> None:
    """Write a column for each month: its first day, requests, days, days served and days open to new jobs."""
    from datetime import datetime

    sheet, styles = page.sheet, page.styles
    titles = (
        _("Requests"),
        _("Days"),
        _("Days on which the model answers"),
        _("Days on which a job can be created"),
        _("Requests answered"),
    )
    for row, title in enumerate(titles, start=_REQUESTS):
        sheet.write_string(row, 0, title, styles.text)
    first = formulas.named(plan.traffic.requests_per_month, "traffic.requests_per_month", page.places)
    growth = formulas.named(plan.traffic.monthly_growth, "traffic.monthly_growth", page.places)
    for number, (month, requests) in enumerate(zip(plan.months, counted.month_requests, strict=True)):
        column = _FIRST_MONTH + number
        day = datetime(month.start.year, month.start.month, month.start.day)  # noqa: DTZ001 - a day on a sheet
        sheet.write_datetime(_HEAD_ROW, column, day, styles.day)
        written = formulas.month_requests(first, growth, number)
        sheet.write_formula(_REQUESTS, column, f"={written}", styles.amount, float(requests))
        for row, days in ((_DAYS, month.days), (_SERVED, month.served_days), (_JOB_DAYS, month.job_days)):
            sheet.write_number(row, column, days, styles.amount)
        asked, served, days = (_place(row, column) for row in (_REQUESTS, _SERVED, _DAYS))
        answered = asked if plan.successor or not plan.ends_on else formulas.share(asked, served, days)
        sheet.write_formula(_ANSWERED, column, f"={answered}", styles.amount, float(requests))


def _write_charge(page: OptionSheet, plan: Plan, row: int, charge: Charge, counted: Tally) -> None:
    """Write one charge; cached values are the app's, so that a viewer that does not calculate shows them too."""
    sheet, styles = page.sheet, page.styles
    line = counted.lines[row - _FIRST_CHARGE]
    for column, text in (
        (_ITEM, charge.item),
        (_PHASE, phase_names()[charge.phase]),
        (_UNIT, charge.unit),
        (_ORIGIN, charge.origin),
        (_SOURCE, charge.source),
        (_AS_OF, charge.as_of),
    ):
        sheet.write_string(row, column, text, styles.text)
    each, price, usd_each = (_place(row, column) for column in (_EACH, _PRICE, _USD_EACH))
    months = _range(row, _FIRST_MONTH, _FIRST_MONTH + len(plan.months) - 1)
    each_value, price_value = amount(charge.terms), unit_price(charge.rate)
    written = {
        _EACH: (formulas.terms(charge.terms, page.places), each_value),
        _PRICE: (formulas.unit_price(charge.rate, page.places), price_value),
        _USD_EACH: (formulas.usd_each(charge, each, price), max(each_value * price_value, charge.at_least_usd or 0)),
        _QUANTITY: (formulas.quantity(charge, each, price, months), line.quantity),
        _USD: (f"{usd_each}*SUM({months})", line.usd),
    }
    for column, (formula, value) in written.items():
        sheet.write_formula(row, column, f"={formula}", styles.money if column == _USD else styles.amount, float(value))
    if not charge.rate.length and not charge.rate.steps[0].usd.name:
        sheet.write_number(row, _PRICE, float(price_value), styles.changeable)
    for number, count in enumerate(counts(charge, plan, counted.month_requests)):
        column = _FIRST_MONTH + number
        formula = _count(charge, page.places, number)
        sheet.write_formula(row, column, f"={formula}", styles.amount, float(count))


def _count(charge: Charge, places: Places, number: int) -> str:
    """Write how often a charge falls due in a month."""
    column = _FIRST_MONTH + number
    requests, days, served = (_place(row, column) for row in (_REQUESTS, _DAYS, _SERVED))
    match charge.driver:
        case "start":
            return formulas.number(charge.times) if number == 0 else "0"
        case "end":
            columns = range(max(column - 1, _FIRST_MONTH), column + 1)
            return formulas.at_the_end(
                charge, *(tuple(_place(row, one) for one in columns) for row in (_SERVED, _DAYS))
            )
        case "requests":
            return formulas.served_requests(charge, requests, served, days)
        case "month":
            return formulas.month_part(charge, served, days)
        case "machines":
            return formulas.machines(charge, places, requests, served, days)
        case "jobs":
            until = _jobs_until(charge, column)
            return until if number == 0 else f"{until}-{_jobs_until(charge, column - 1)}"


def _jobs_until(charge: Charge, column: int) -> str:
    return formulas.jobs_until(charge, _range(_JOB_DAYS, _FIRST_MONTH, column), _range(_DAYS, _FIRST_MONTH, column))


def _write_totals(page: OptionSheet, plan: Plan, counted: Tally) -> Totals:
    sheet, styles = page.sheet, page.styles
    last = _FIRST_CHARGE + len(plan.charges) - 1
    usd, phases = (_column(column, _FIRST_CHARGE, last) for column in (_USD, _PHASE))
    names = phase_names()
    last_month = _FIRST_MONTH + len(plan.months) - 1
    served = f"SUMPRODUCT({_range(_SERVED, _FIRST_MONTH, last_month)}/{_range(_DAYS, _FIRST_MONTH, last_month)})"
    one_off = f'SUMIF({phases},"{names["one_off"]}",{usd})'
    own = f'SUMIF({phases},"{names["monthly"]}",{usd})'
    requests = f"SUM({_range(_ANSWERED, _FIRST_MONTH, last_month)})"
    titles = (_("One-off"), _("Average month"), _("Total"), _("Per 1,000 requests"))
    written = (
        one_off,
        f"IF({served}=0,0,{own}/{served})",
        f"SUM({usd})",
        f"IF({requests}=0,0,SUM({usd})*1000/{requests})",
    )
    values = [float(spread.p50) if spread else 0.0 for spread in at_the_middle(plan, counted)]
    rows = range(last + 2, last + 6)
    for row, title, formula, value in zip(rows, titles, written, values, strict=True):
        sheet.write_string(row, _ITEM, title, styles.total)
        sheet.write_formula(row, _USD, f"={formula}", styles.total, value)
    _write_month_totals(page, plan, counted, last)
    return tuple(Total(f"'{page.name}'!{_place(row, _USD)}", value) for row, value in zip(rows, values, strict=True))


def _write_month_totals(page: OptionSheet, plan: Plan, counted: Tally, last: int) -> None:
    """Write below each month what falls due in it, one-off costs in the first."""
    page.sheet.write_string(last + 1, _ITEM, _("US dollars in the month"), page.styles.note)
    each = _column(_USD_EACH, _FIRST_CHARGE, last)
    for number in range(len(plan.months)):
        column = _FIRST_MONTH + number
        usd = counted.month_usd[number] + (counted.one_off_usd if number == 0 else 0)
        formula = f"SUMPRODUCT({each},{_column(column, _FIRST_CHARGE, last)})"
        page.sheet.write_formula(last + 1, column, f"={formula}", page.styles.total, float(usd))


def _place(row: int, column: int) -> str:
    from xlsxwriter.utility import (  # pyright: ignore[reportMissingTypeStubs] - it is annotated in itself
        xl_rowcol_to_cell,
    )

    return xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)


def _range(row: int, first: int, last: int) -> str:
    return f"{_place(row, first)}:{_place(row, last)}"


def _column(column: int, first: int, last: int) -> str:
    return f"{_place(first, column)}:{_place(last, column)}"
