"""How fast uncertain costs are worked out: 20,000 draws of 8 options over 36 months, against a plain Python loop.

The loop takes the same draws and multiplies them out one draw, option and month at a time, on a part of the draws; both
must come to the same totals. The limit is what keeps a slider's effect on the screen within half a second.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.charges import Charge, Input, Plan
from ftdecide.costs.distribution import draw
from ftdecide.costs.estimate import estimate
from ftdecide.costs.months import retrainings
from ftdecide.costs.plan import make_plan
from ftdecide.costs.scenario import Scenario, read_scenario
from ftdecide.costs.uncertainty import simulate

DRAWS, OPTIONS, MONTHS = 20_000, 8, 36
LOOPED = 200
RUNS = 15
LIMIT_SECONDS = 0.5
DAY = date(2026, 11, 22)


def scenario() -> Scenario:
    """Eight options with every number a range, four of them on machines that grow with the traffic."""
    tuned = {
        "fine_tuned": True,
        "training": {"tokens_per_epoch": {"low": 4e5, "high": 9e5}, "epochs": 3, "hours": {"low": 1, "high": 4}},
    }
    people = {"effort": {"hours": {"low": 20, "high": 90}, "usd_per_hour": {"low": 60, "high": 120}}}
    sold = {"provider": "openai", "model": "gpt-6-luna", "prompt_tokens": {"low": 900, "high": 2500}, **people}
    azure = {
        "provider": "azure",
        "model": "gpt-4.1-mini",
        "prompt_tokens": {"low": 100, "high": 300},
        **tuned,
        **people,
    }
    own = {
        "provider": "self_hosted",
        "hosting": {"gpu": "L40S", "requests_per_second_capacity": {"low": 3, "high": 12}},
        **tuned,
        **people,
    }
    kinds = [sold, azure, own, own, sold, azure, own, own]
    return read_scenario(
        {
            "schema_version": 1,
            "horizon_months": MONTHS,
            "traffic": {
                "requests_per_month": {"low": 1e6, "high": 9e6},
                "monthly_growth": {"low": 0.01, "high": 0.06},
                "input_tokens": {"low": 200, "high": 600},
                "output_tokens": {"low": 50, "high": 300},
            },
            "options": [{"name": f"option {number}", **kind} for number, kind in enumerate(kinds)],
        },
        "benchmark",
    )


@dataclass(frozen=True)
class Moment:
    """One month of one draw: its place, its requests, the part of it that is served, and every input's value."""

    index: int
    requests: float
    share: float
    values: dict[Input, float]


def loop(plan: Plan, numbers: range) -> list[float]:
    """Multiply a plan out in plain Python, one draw and month at a time; the draws are those of the vectors."""
    inputs = {source: np.broadcast_to(draw(source, DRAWS), DRAWS) for source in plan.inputs}
    requests_input = Input(plan.traffic.requests_per_month, "traffic.requests_per_month")
    growth_input = Input(plan.traffic.monthly_growth, "traffic.monthly_growth")
    totals: list[float] = []
    for number in numbers:
        values = {source: float(column[number]) for source, column in inputs.items()}
        total = 0.0
        for index, month in enumerate(plan.months):
            requests = values[requests_input] * (1 + values[growth_input]) ** index
            at = Moment(index, requests, month.served_days / month.days, values)
            total += sum(count_of(charge, plan, at) * usd_of(charge, values) for charge in plan.charges)
        totals.append(total)
    return totals


def usd_of(charge: Charge, values: dict[Input, float]) -> float:
    """What one count of a charge costs in one draw."""
    each = 0.0
    for product in charge.terms:
        part = 1.0
        for source in product:
            part *= values[source]
        each += part
    length = sum(values[source] for product in charge.rate.length for source in product)
    price = [values[step.usd] for step in charge.rate.steps if not step.above or length > step.above][-1]
    return max(each * price, float(charge.at_least_usd or 0))


def count_of(charge: Charge, plan: Plan, at: Moment) -> float:
    """How often a charge falls due in one month of one draw."""
    match charge.driver:
        case "start":
            count = float(charge.times) * (at.index == 0)
        case "jobs":
            count = [float(jobs) for jobs in retrainings(charge.times, plan.months)][at.index]
        case "end":
            count = float(charge.times) * (at.index == plan.end)
        case "requests":
            count = at.requests * (1 - at.share if charge.after else at.share)
        case "month":
            count = 1 - at.share if charge.after else at.share
        case "machines":
            count = at.share * machines_of(charge, at)
    return count


def machines_of(charge: Charge, at: Moment) -> float:
    """How many machines a month needs in one draw."""
    machines = charge.machines
    assert machines is not None
    needed = 0.0
    if machines.per_second is not None:
        needed = -(-at.requests * float(machines.groups_per_request) / at.values[machines.per_second] // 1)
    return max(machines.least_groups, needed) * machines.grouped


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    """Print seconds and ratio, and fail above the limit or where both ways differ."""
    asked, catalog = scenario(), load_catalog()
    plans = [make_plan(asked, option, DAY, catalog) for option in asked.options]
    estimate(asked, DAY, catalog, draws=100)  # imports and files are not what is measured
    seconds = min(timed(lambda: estimate(asked, DAY, catalog, draws=DRAWS)) for _run in range(RUNS))
    drawn = [simulate(plan, DRAWS).total_usd for plan in plans]
    began = time.perf_counter()
    looped = [loop(plan, range(LOOPED)) for plan in plans]
    loop_seconds = (time.perf_counter() - began) * DRAWS / LOOPED
    worst = max(
        abs(total / float(column[number]) - 1)
        for column, totals in zip(drawn, looped, strict=True)
        for number, total in enumerate(totals)
    )
    size = f"{DRAWS:,} draws x {OPTIONS} options x {MONTHS} months"
    print(f"{size}: {seconds:.3f} s, the best of {RUNS} runs, limit {LIMIT_SECONDS} s")
    print(f"plain loop: {loop_seconds:.0f} s (from {LOOPED} draws), {loop_seconds / seconds:.0f} times as long")
    print(f"largest difference of a total between the two: {worst:.1e}")
    return int(seconds > LIMIT_SECONDS or worst > 1e-9)


if __name__ == "__main__":
    raise SystemExit(main())
