"""Lists what an option's cost depends on, by path for what a scenario gives, and puts other amounts in its place."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from ftdecide.costs.charges import Charge, Input, Machines, Plan, Rate, Terms
from ftdecide.costs.scenario import Amount, Option, Range, Scenario
from ftdecide.errors import InputError
from ftdecide.translation import _

_LABELS = {
    "traffic.requests_per_month": _("Requests a month"),
    "traffic.monthly_growth": _("Growth a month"),
    "traffic.input_tokens": _("Further tokens of a request"),
    "traffic.output_tokens": _("Tokens of an answer"),
    "prompt_tokens": _("Tokens of fixed instructions"),
    "training.tokens_per_epoch": _("Training tokens a round"),
    "training.validation_tokens": _("Validation tokens"),
    "training.hours": _("Hours of a training run"),
    "hosting.usd_per_hour": _("Price of a machine hour"),
    "hosting.requests_per_second_capacity": _("Requests a second that a machine answers"),
    "effort.hours": _("Hours of engineering"),
    "effort.usd_per_hour": _("Price of an hour of engineering"),
    "effort.usd_per_label": _("Price of a label"),
    "effort.upkeep_hours_per_month": _("Hours of upkeep a month"),
    "retrieval.usd_per_month": _("Search index a month"),
    "retrieval.embedding_tokens_per_month": _("Tokens embedded a month"),
}
MIGRATION_HOURS = "assumed.migration_hours"
ENGINEERING_RATE = "assumed.engineering_usd_per_hour"
CAPACITY = "assumed.requests_per_second_capacity"
TRAINING_SPAN = "quoted.training_usd_per_mtok"
_OTHER_LABELS = {
    MIGRATION_HOURS: _("Hours of moving to another model"),
    ENGINEERING_RATE: _("Assumed price of an hour"),
    CAPACITY: _("Estimated requests a second"),
    TRAINING_SPAN: _("Training, span of prices"),
}
"""Inputs that the scenario does not give: assumptions of ours, our estimate of a machine, a vendor's span of prices."""


def label_of(path: str) -> str:
    """Return what an input is called for people; one that has no other name is called by its path."""
    return _LABELS.get(path) or _OTHER_LABELS.get(path, path)


def list_amounts(scenario: Scenario, option: str) -> Iterator[tuple[str, Amount]]:
    """Yield path and amount of everything that an option's cost may depend on, where it is given.

    Raises:
        InputError: no option has that name.
    """
    chosen = _chosen(scenario, option)
    for path in _LABELS:
        group, _dot, field = path.rpartition(".")
        owner: object = chosen if not group else scenario.traffic if group == "traffic" else getattr(chosen, group)
        amount = None if owner is None else getattr(owner, field)
        if isinstance(amount, Decimal | Range):
            yield path, amount


def has_ranges(scenario: Scenario) -> bool:
    """Say whether any number of a scenario is a range with two different ends."""
    amounts = (amount for option in scenario.options for _path, amount in list_amounts(scenario, option.name))
    return any(isinstance(amount, Range) and amount.low != amount.high for amount in amounts)


def put_amount(scenario: Scenario, option: str, path: str, amount: Decimal) -> Scenario:
    """Return the scenario with this option alone, and one of its amounts replaced."""
    chosen, traffic = _chosen(scenario, option), scenario.traffic
    group, _dot, field = path.rpartition(".")
    if group == "traffic":
        traffic = traffic.model_copy(update={field: amount})
    elif not group:
        chosen = chosen.model_copy(update={field: amount})
    else:
        chosen = chosen.model_copy(update={group: getattr(chosen, group).model_copy(update={field: amount})})
    return scenario.model_copy(update={"traffic": traffic, "options": (chosen,)})


def put_input(plan: Plan, source: Input, amount: Decimal) -> Plan:
    """Return the plan with another amount for one of its inputs."""
    new = replace(source, amount=amount)

    def put(part: Input) -> Input:
        return new if part == source else part

    def terms(old: Terms) -> Terms:
        return tuple(tuple(put(part) for part in product) for product in old)

    def rate(old: Rate) -> Rate:
        return Rate(tuple(replace(step, usd=put(step.usd)) for step in old.steps), terms(old.length))

    def machines(old: Machines | None) -> Machines | None:
        return replace(old, per_second=put(old.per_second)) if old and old.per_second else old

    def charge(old: Charge) -> Charge:
        return replace(old, terms=terms(old.terms), rate=rate(old.rate), machines=machines(old.machines))

    return replace(plan, charges=tuple(charge(old) for old in plan.charges))


def _chosen(scenario: Scenario, option: str) -> Option:
    for candidate in scenario.options:
        if candidate.name == option:
            return candidate
    known = ", ".join(repr(candidate.name) for candidate in scenario.options)
    raise InputError(f"option {option!r} is not in the scenario; it has {known}")
