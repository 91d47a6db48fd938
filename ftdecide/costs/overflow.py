"""Refuses amounts whose products no number of a result can hold; only growth that compounds gets there."""

from decimal import Decimal, localcontext

import numpy as np

from ftdecide.costs.charges import Plan
from ftdecide.costs.distribution import middle
from ftdecide.costs.tally import Tally
from ftdecide.costs.uncertainty import Simulation
from ftdecide.errors import InputError

_LARGEST = Decimal(10) ** 300
_MOST_GROWTH = Decimal(10) ** 200
_DIGITS = 40


def refuse_overflow(plan: Plan, counted: Tally, drawn: Simulation | None) -> None:
    """Check a plan that was multiplied out, at the middle of every range and in every draw.

    Break-even points ask for other volumes, so growth alone must stay within bounds whatever the traffic is.

    Raises:
        InputError: requests, quantities or costs grow beyond every number.
    """
    with localcontext(prec=_DIGITS):
        growth = (1 + middle(plan.traffic.monthly_growth)) ** len(plan.months)
    largest = max((counted.total_usd, *counted.month_requests, *(line.quantity for line in counted.lines)))
    finite = drawn is None or np.isfinite([drawn.total_usd, drawn.answered]).all()
    if growth > _MOST_GROWTH or largest > _LARGEST or not finite:
        mend = "check traffic.monthly_growth (0.05 is 5 % a month)"
        raise InputError(f"option {plan.option.name!r}: its amounts multiply to more than can be counted; {mend}")
