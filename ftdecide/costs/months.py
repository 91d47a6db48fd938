"""The months of a horizon, and how much of each a model serves."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, date
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from ftdecide.costs.charges import EXACT, Month
from ftdecide.errors import InputError

MILLIONTH = Decimal("0.000001")
"""Parts of months and growth are rounded to this, so that every quantity of an estimate is a short number."""


def make_months(start: date, horizon: int, ends_on: date | None, last_job_date: date | None) -> tuple[Month, ...]:
    """Cut a horizon into months from `start` on; the model answers until the day before `ends_on`."""
    months: list[Month] = []
    for number in range(horizon):
        first, after = add_months(start, number), add_months(start, number + 1)
        days = (after - first).days
        served = days if ends_on is None else min(days, max(0, (ends_on - first).days))
        open_days = days if last_job_date is None else min(days, max(0, (last_job_date - first).days + 1))
        months.append(Month(first, days, served, min(served, open_days)))
    return tuple(months)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it is shorter.

    Raises:
        InputError: the calendar ends before that.
    """
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    if year > MAXYEAR:
        raise InputError(f"as_of: {months} months from {day.isoformat()} on leave the calendar; name an earlier day")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def share(amount: Decimal, days: int, of_days: int) -> Decimal:
    """Return the part of a month's amount that falls on some of its days, to a millionth; a whole month is exact."""
    if days == of_days or not amount:
        return amount
    if not days:
        return Decimal(0)
    return _rounded(Fraction(amount) * days / of_days)


@lru_cache(maxsize=64)
def grow(amount: Decimal, growth: Decimal, months: int) -> tuple[Decimal, ...]:
    """Return an amount month by month, each month's rounded to a millionth where it grows."""
    factors = (Fraction(1 + Fraction(growth)) ** number for number in range(months))
    return tuple(amount if factor == 1 else _rounded(Fraction(amount) * factor) for factor in factors)


def retrainings(per_year: Decimal, months: tuple[Month, ...]) -> Iterator[Decimal]:
    """Yield how many retrainings fall into each month while jobs can be created; a year holds `per_year` exactly."""
    elapsed, before = Fraction(0), Decimal(0)
    for month in months:
        elapsed += Fraction(month.job_days, month.days)
        until_now = _rounded(Fraction(per_year) * elapsed / 12)
        yield until_now - before
        before = until_now


def _rounded(value: Fraction) -> Decimal:
    with localcontext(EXACT):
        return Decimal(round(value / Fraction(MILLIONTH))) * MILLIONTH
