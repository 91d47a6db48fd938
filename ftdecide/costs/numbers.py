"""The kinds of numbers that a cost scenario holds: exact decimals, whole numbers, shares and days."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

LARGEST = Decimal(10) ** 30
"""No amount may be larger: what is computed with it still has to fit a number of the result."""


def _exact(value: object) -> Decimal:
    """Keep a number as it was written: 0.1 is a tenth, not the binary fraction next to it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic reports ValueErrors only
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number) > LARGEST:
        raise ValueError("is too large to be meant")
    return number


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("should be greater than or equal to 0")
    return value


def _only_days(value: object) -> object:
    """Refuse what pydantic would read as seconds since 1970."""
    if not isinstance(value, str | date) or (isinstance(value, str) and len(value) != len("2026-11-22")):
        raise ValueError("should be a day such as 2026-11-22")
    return value


def _only_numbers(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("should be a whole number")  # noqa: TRY004 - pydantic reports ValueErrors only
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("is too large to be meant")
    return value


Number = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_not_negative), WithJsonSchema({"type": "number"})]
"""A number that makes no sense below zero."""
Quantity = Annotated[Number, WithJsonSchema({"type": "number", "minimum": 0})]
Share = Annotated[Number, Field(le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Hours = Annotated[Number, Field(le=744), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 744})]
Whole = Annotated[int, BeforeValidator(_only_numbers)]
Natural = Annotated[int, Field(ge=1), BeforeValidator(_only_numbers)]
Months = Annotated[int, Field(ge=1, le=60), BeforeValidator(_only_numbers)]


def _count(value: int) -> int:
    if value < 0:
        raise ValueError("should be greater than or equal to 0")
    return value


Count = Annotated[Whole, AfterValidator(_count)]
Day = Annotated[date, BeforeValidator(_only_days)]
Text = Annotated[str, Field(strict=True)]


def plain_number(value: Decimal) -> int | float:
    """Return a whole amount as an integer and every other as the nearest float, for JSON."""
    return int(value) if value == value.to_integral_value() else float(value)
