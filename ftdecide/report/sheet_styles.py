"""What an exported spreadsheet is written with: the few calls we use, typed, and how cells look."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

Format = NewType("Format", object)


class Sheet(Protocol):
    """The part of XlsxWriter's worksheet that we use; rows and columns count from 0."""

    def write_string(self, row: int, col: int, string: str, cell_format: Format, /) -> object:
        """Write text, which never becomes a formula or a link."""
        ...

    def write_number(self, row: int, col: int, number: float, cell_format: Format, /) -> object:
        """Write a number."""
        ...

    def write_datetime(self, row: int, col: int, date: datetime, cell_format: Format, /) -> object:
        """Write a day."""
        ...

    def write_formula(self, row: int, col: int, formula: str, cell_format: Format, value: float, /) -> object:
        """Write a formula with the value that a viewer shows who does not calculate."""
        ...

    def set_column(self, first_col: int, last_col: int, width: float, /) -> object:
        """Set the width of columns, in characters."""
        ...

    def freeze_panes(self, row: int, col: int, /) -> object:
        """Keep the rows above and the columns left of a cell in view."""
        ...


class Book(Protocol):
    """The part of XlsxWriter's workbook that we use."""

    def add_worksheet(self, name: str, /) -> Sheet:
        """Add a sheet."""
        ...

    def add_format(self, properties: dict[str, object], /) -> Format:
        """Add a format."""
        ...

    def close(self) -> None:
        """Write everything."""
        ...


@dataclass(frozen=True)
class Styles:
    """The formats of a workbook; `changeable` marks what a reader is meant to change."""

    title: Format
    note: Format
    head: Format
    text: Format
    money: Format
    amount: Format
    changeable: Format
    total: Format
    day: Format


def make_styles(book: Book) -> Styles:
    """Add the formats to a workbook."""
    return Styles(
        title=book.add_format({"bold": True, "font_size": 14}),
        note=book.add_format({"italic": True, "font_color": "#555555"}),
        head=book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        text=book.add_format({}),
        money=book.add_format({"num_format": "#,##0.00"}),
        amount=book.add_format({"num_format": "#,##0.########"}),
        changeable=book.add_format({"num_format": "#,##0.########", "font_color": "#0000C0", "bg_color": "#FFF9D6"}),
        total=book.add_format({"bold": True, "num_format": "#,##0.00", "top": 1}),
        day=book.add_format({"bold": True, "bottom": 1, "num_format": "yyyy-mm-dd"}),
    )
