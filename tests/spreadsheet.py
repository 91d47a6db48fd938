"""Calculating an exported spreadsheet anew with a library that knows nothing of the app."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import formulas
import openpyxl

Cells = dict[str, dict[str, dict[int, object]]]
"""Values by sheet name in capitals, column letter and row number."""


def calculate(file: bytes, folder: Path, change: Mapping[str, float] | None = None) -> Cells:
    """Write the file, change assumptions by field, work out every formula, and return all values."""
    path = folder / "costs.xlsx"
    path.write_bytes(file)
    if change:
        book = openpyxl.load_workbook(path)
        sheet = book["Assumptions"]
        for row in sheet.iter_rows(min_row=4):
            if row[5].value in change:
                row[1].value = change[row[5].value]
        book.save(path)
    model = formulas.ExcelModel().loads(str(path)).finish()
    solution: Any = model.calculate()
    cells: Cells = {}
    for key, found in solution.items():
        if not isinstance(key, str) or "!" not in key or ":" in key:
            continue
        sheet_name, place = key.rsplit("!", 1)
        sheet_name = sheet_name.strip("'").split("]")[-1]
        column = place.rstrip("0123456789")
        value = found.value[0, 0]
        cells.setdefault(sheet_name, {}).setdefault(column, {})[int(place[len(column) :])] = value
    return cells


def find_row(cells: Cells, sheet: str, first: str) -> dict[str, object]:
    """Return the row of a sheet whose first cell is `first`."""
    row = next(number for number, value in cells[sheet]["A"].items() if value == first)
    return {column: values[row] for column, values in cells[sheet].items() if row in values}
