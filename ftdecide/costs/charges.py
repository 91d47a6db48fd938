"""What an option is charged for, before anything is multiplied: inputs, rates, drivers and the months they run over."""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Literal

from ftdecide.costs.scenario import Amount, Option, ScenarioTraffic
from ftdecide.costs.types import Origin, Phase, Spread, Warning_

EXACT = Context(prec=2000, Emax=10**9, Emin=-(10**9))
"""Sums and products of amounts never need more digits than this, so nothing is rounded on the way."""

_SECONDS_PER_HOUR = 3600
Driver = Literal["start", "month", "requests", "machines", "jobs", "end"]
"""What the quantity follows: once at the start or the end, every month, every request, machines, or retrainings."""


@dataclass(frozen=True)
class Input:
    """One number that a cost depends on; inputs of one `name` move together in every option, constants have none.

    `given` is False for what neither the scenario nor a single published price says: an assumption, an estimate of
    ours, a span of prices.
    """

    amount: Amount | Spread
    name: str = ""
    given: bool = True


Terms = tuple[tuple[Input, ...], ...]
"""A sum of products."""


@dataclass(frozen=True)
class Step:
    """A price that holds for requests longer than `above` tokens."""

    above: int
    usd: Input


@dataclass(frozen=True)
class Rate:
    """A price a unit: one step, or several of which the length of an average request chooses."""

    steps: tuple[Step, ...]
    length: Terms = ()

    @classmethod
    def of(cls, usd: Amount, name: str = "") -> "Rate":
        """Return a price that does not depend on the length of a request."""
        return cls((Step(0, Input(usd, name)),))


@dataclass(frozen=True)
class Machines:
    """How many machines the busiest hour needs: at least `count`, and groups of `grouped` that share one model.

    Each group answers `per_second` requests, None if that is not known; `hours_per_month` is how long requests come.
    """

    count: int
    hours_per_month: Decimal
    peak_factor: Decimal
    per_second: Input | None
    grouped: int = 1

    @property
    def least_groups(self) -> int:
        """Groups that are there whatever the traffic."""
        return -(-self.count // self.grouped)

    @property
    def groups_per_request(self) -> Decimal:
        """Groups of one request a second that one request a month needs at the busiest hour."""
        return self.peak_factor / (self.hours_per_month * _SECONDS_PER_HOUR)


@dataclass(frozen=True)
class Charge:
    """One line of the bill: `terms` times the driver's count, times the rate.

    `times` is how often a job runs, at the start or in a year; a job costs at least `at_least_usd`.
    """

    item: str
    code: str
    driver: Driver
    unit: str
    rate: Rate
    terms: Terms
    origin: Origin
    source: str
    as_of: str
    after: bool = False
    times: Decimal = Decimal(1)
    at_least_usd: Decimal | None = None
    machines: Machines | None = None

    @property
    def phase(self) -> Phase:
        """When it falls due."""
        if self.after:
            return "after_retirement"
        return "one_off" if self.driver == "start" else "monthly"


@dataclass(frozen=True)
class Month:
    """One month of the horizon: its days, how many the model serves, and on how many a new job could be created."""

    start: date
    days: int
    served_days: int
    job_days: int


@dataclass(frozen=True)
class Plan:
    """An option as it would be billed.

    `complete` is False where a price is not known, so that the total is too low. `drawn` is False where no number of
    the scenario is a range: what it costs is then worked out exactly, whatever ranges of ours or of a vendor are in it.
    """

    option: Option
    traffic: ScenarioTraffic
    charges: tuple[Charge, ...]
    months: tuple[Month, ...]
    warnings: tuple[Warning_, ...]
    available: bool
    complete: bool
    drawn: bool
    ends_on: date | None
    successor: str | None

    @property
    def end(self) -> int | None:
        """The place of the month in which the option's own model stops, None where it serves all of them."""
        return next((number for number, month in enumerate(self.months) if month.served_days < month.days), None)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every number that the option's cost depends on, each once."""
        found = [Input(self.traffic.requests_per_month, "traffic.requests_per_month")]
        found.append(Input(self.traffic.monthly_growth, "traffic.monthly_growth"))
        for charge in self.charges:
            found += [part for product in charge.terms for part in product]
            found += [part for product in charge.rate.length for part in product]
            found += [step.usd for step in charge.rate.steps]
            if charge.machines and charge.machines.per_second:
                found.append(charge.machines.per_second)
        return tuple(dict.fromkeys(found))
