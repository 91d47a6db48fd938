"""The cost engine's arithmetic as spreadsheet formulas, so that totals follow when somebody changes a cell."""

from collections.abc import Mapping
from decimal import Decimal

from ftdecide.costs.charges import Charge, Input, Rate, Terms
from ftdecide.costs.distribution import middle
from ftdecide.costs.scenario import Amount

ROUND_DIGITS = 6
"""Parts of months and grown requests are rounded to a millionth, as `costs.months` rounds them."""
Places = Mapping[Input, str]
"""The absolute cell of every named input, such as `Assumptions!$B$7`."""


def number(value: Decimal) -> str:
    """Write a constant, with as many digits as a spreadsheet keeps."""
    return repr(float(value))


def terms(parts: Terms, places: Places) -> str:
    """Write a sum of products."""
    return "+".join("*".join(_cell(part, places) for part in product) for product in parts) or "0"


def unit_price(rate: Rate, places: Places) -> str:
    """Write the price that the length of an average request chooses: the highest step that it is longer than."""
    steps = sorted(rate.steps, key=lambda step: step.above)
    written = _cell(steps[0].usd, places)
    length = terms(rate.length, places)
    for step in steps[1:]:
        written = f"IF({length}>{step.above},{_cell(step.usd, places)},{written})"
    return written


def usd_each(charge: Charge, each: str, price: str) -> str:
    """Write what one occurrence costs: `each` units at `price`, a job at least the smallest charge."""
    plain = f"{each}*{price}"
    return f"MAX({plain},{number(charge.at_least_usd)})" if charge.at_least_usd is not None else plain


def quantity(charge: Charge, each: str, price: str, counts: str) -> str:
    """Write how many units fall due over the cells `counts`; jobs at the smallest charge are counted as jobs."""
    plain = f"{each}*SUM({counts})"
    if charge.at_least_usd is None:
        return plain
    return f"IF({each}*{price}<{number(charge.at_least_usd)},SUM({counts}),{plain})"


def month_requests(first: str, growth: str, number_of_month: int) -> str:
    """Write the requests of a month, counted from 0, from the cells of the first month's requests and of the growth."""
    if number_of_month == 0:
        return first
    return f"IF({growth}=0,{first},ROUND({first}*(1+{growth})^{number_of_month},{ROUND_DIGITS}))"


def share(amount: str, days: str, of_days: str) -> str:
    """Write the part of a month's amount that falls on some of its days."""
    return f"IF({days}={of_days},{amount},ROUND({amount}*{days}/{of_days},{ROUND_DIGITS}))"


def served_requests(charge: Charge, requests: str, served: str, days: str) -> str:
    """Write the requests of a month that a charge counts: those the model serves, or those after it has stopped."""
    own = share(requests, served, days)
    return f"{requests}-{own}" if charge.after else own


def month_part(charge: Charge, served: str, days: str) -> str:
    """Write the part of a month in which a charge is due."""
    own = share("1", served, days)
    return f"1-{own}" if charge.after else own


def machines(charge: Charge, places: Places, requests: str, served: str, days: str) -> str:
    """Write how many machines the busiest hour of a month needs, times the part of the month they run."""
    needed = charge.machines
    if needed is None:
        return share("1", served, days)
    groups = str(needed.least_groups)
    if needed.per_second is not None:
        load = f"{requests}*{number(needed.groups_per_request)}/{_cell(needed.per_second, places)}"
        # What the engine divides exactly must not become one machine more by a digit at the end of a float.
        groups = f"MAX({needed.least_groups},ROUNDUP(ROUND({load},9),0))"
    count = f"{groups}*{needed.grouped}"
    return share(count, served, days)


def at_the_end(charge: Charge, served: tuple[str, ...], days: tuple[str, ...]) -> str:
    """Write how often a charge falls due in the month in which the model stops.

    Args:
        charge: what falls due.
        served: cells of the days on which the model answers, of the month before, if there is one, and of this month.
        days: cells of the days of the same months.
    """
    stops = f"{served[-1]}<{days[-1]}"
    if len(served) > 1:
        stops = f"AND({stops},{served[0]}={days[0]})"
    return f"IF({stops},{number(charge.times)},0)"


def jobs_until(charge: Charge, job_days: str, days: str) -> str:
    """Write how many retrainings were due by the end of the cells `job_days`, days of months with `days` days."""
    return f"ROUND({number(charge.times)}*SUMPRODUCT({job_days}/{days})/12,{ROUND_DIGITS})"


def named(value: Amount, name: str, places: Places) -> str:
    """Write the cell of an input given by amount and name."""
    return _cell(Input(value, name), places)


def _cell(part: Input, places: Places) -> str:
    return places.get(part) or number(middle(part.amount))
