"""What an estimate is made of: spreads, lines, months, warnings and break-even points, in US dollars."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

Origin = Literal["measured", "quoted", "assumed"]
Phase = Literal["one_off", "monthly", "after_retirement"]


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class Spread(_Result):
    """An amount with its range: in 10 % of cases below `p10`, in 10 % above `p90`; all equal where nothing varies."""

    p10: Decimal
    p50: Decimal
    p90: Decimal


class Line(_Result):
    """One item over the whole horizon at the middle of every range: `quantity` times `unit_price_usd` is `usd`.

    `origin`, `source` and `as_of` are those of the unit price. The quantity is the scenario's, and a scenario has no
    field for how its numbers came about: one that was counted or measured looks like one that was guessed. So no line
    of an estimate says "measured", a word that stays for results whose own amounts were.
    """

    item: str
    code: str
    phase: Phase
    quantity: Decimal
    unit: str
    unit_price_usd: Decimal
    usd: Decimal
    origin: Origin
    source: str
    as_of: str


class Warning_(_Result):  # noqa: N801 - Warning is Python's own
    """Something that a reader of an option's cost must know: a code for programs and a sentence for people."""

    code: str
    text: str


class MonthCost(_Result):
    """One month from the day `start` on: its requests and its cost, and the middle of everything spent until its end.

    One-off costs are part of the first month's `cumulative_usd`, not of its `usd`.
    """

    start: date
    requests: Decimal
    usd: Spread
    cumulative_usd: Decimal


class OptionCost(_Result):
    """What one option costs.

    `monthly_usd` is the average month that the option's own model serves; `cost_per_1000_requests_usd` is the total
    over all answered requests, None without requests. `ends_on` is the first day within the horizon on which the model
    no longer answers, and `successor` the model that takes the traffic from then on. `available` is False where the
    option cannot be had on the day of the estimate; then nothing is counted and a warning says why.
    """

    name: str
    one_off_usd: Spread
    monthly_usd: Spread
    total_usd: Spread
    cost_per_1000_requests_usd: Spread | None
    lines: tuple[Line, ...]
    warnings: tuple[Warning_, ...]
    months: tuple[MonthCost, ...]
    ends_on: date | None = None
    successor: str | None = None
    available: bool = True


class BreakEven(_Result):
    """From how many requests a month on `option` costs no more than `against`; None where the lines never cross."""

    option: str
    against: str
    requests_per_month: Decimal | None
    text: str


class Estimate(_Result):
    """All options of a scenario over one horizon."""

    as_of: date
    horizon_months: int
    options: tuple[OptionCost, ...]
    breakeven: tuple[BreakEven, ...]


class Swing(_Result):
    """How an option's total moves when one input goes to its low and its high end and all others stay in the middle.

    `origin` is "given" where the scenario gives the range, and "assumed" where the ends come from our own data: the
    usual share up and down for a plain number, 10 % and 90 % points for an estimate, both ends of a span of prices.
    """

    path: str
    label: str
    low: Decimal
    high: Decimal
    low_usd: Decimal
    high_usd: Decimal
    origin: Literal["given", "assumed"]
