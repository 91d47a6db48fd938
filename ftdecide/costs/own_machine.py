"""What an option on machines of one's own asks of the training estimate and of the serving estimate."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import sqrt
from statistics import NormalDist

from ftdecide.catalog.types import Catalog
from ftdecide.costs.assumptions import load_assumptions
from ftdecide.costs.compute.measured import MeasuredSpeed
from ftdecide.costs.compute.spread import Spread
from ftdecide.costs.compute.training import TrainingEstimate, estimate_training
from ftdecide.costs.offers import find_machine, find_offer
from ftdecide.costs.scenario import Amount, Hosting, Option, Range, Training
from ftdecide.costs.training_job import TuningMethod, read_training_job
from ftdecide.costs.types import Origin
from ftdecide.translation import _

_DIGITS = 3
_TO_90_PERCENT = NormalDist().inv_cdf(0.95) / NormalDist().inv_cdf(0.9)
"""The ends of a 90 % interval lie 1.645 standard deviations from the middle, p10 and p90 lie 1.282."""


@dataclass(frozen=True)
class MachineRate:
    """What one of an option's machines costs an hour in US dollars, and where that comes from."""

    usd_per_hour: Amount
    origin: Origin
    source: str
    as_of: str


@dataclass(frozen=True)
class Setup:
    """How an option is to be trained: what a scenario does not say of itself.

    `params_b` describes a model that is not listed; `examples` of `mean_tokens` each count only where the option does
    not give the tokens of a round. `measured` are speeds of one's own, and `rate` replaces the clouds' prices.
    """

    method: TuningMethod
    gpu: str
    gpus: int = 1
    params_b: float | None = None
    examples: int | None = None
    mean_tokens: float | None = None
    measured: tuple[MeasuredSpeed, ...] = ()
    rate: MachineRate | None = None


def machine_rate(option: Option, day: date, catalog: Catalog) -> MachineRate | None:
    """Return what a machine of the option costs an hour, as its estimate counts it; None where that is not known.

    Raises:
        InputError: no such machine is listed, or not at that cloud.
    """
    hosting = option.hosting or Hosting()
    if hosting.usd_per_hour is not None:
        return MachineRate(hosting.usd_per_hour, "assumed", _("your scenario"), day.isoformat())
    price = find_machine(find_offer(catalog, option), hosting)
    return price and MachineRate(price.usd_per_hour, "quoted", price.source, price.as_of)


def training_tokens(training: Training) -> Spread | None:
    """Return the tokens of all rounds of one run; rounds that are not given are taken as the scenario takes them."""
    if training.tokens_per_epoch is None:
        return None
    rounds = load_assumptions().epochs.value if training.epochs is None else training.epochs
    return spread_of(training.tokens_per_epoch).scaled(float(rounds))


def estimate_option(option: Option, setup: Setup, day: date, catalog: Catalog) -> TrainingEstimate:
    """Estimate one run of an option; a range of its tokens widens hours and money.

    Raises:
        InputError: a model or GPU that is not listed, or numbers that make no job.
    """
    training, rate = option.training or Training(), setup.rate
    tokens = training_tokens(training)
    document: dict[str, object] = {
        "schema_version": 1,
        "model": option.model or "",
        "method": setup.method,
        "gpu": setup.gpu,
        "gpus": setup.gpus,
    }
    if rate is not None:
        document["usd_per_gpu_hour"] = spread_of(rate.usd_per_hour).p50
    if setup.params_b is not None:
        document["model"] = {"name": option.model, "params_b": setup.params_b}
    if tokens is not None:
        document["tokens"] = round(tokens.p50)
    else:
        rounds = None if training.epochs is None else float(training.epochs)
        document |= {"examples": setup.examples, "mean_tokens": setup.mean_tokens, "epochs": rounds}
    found = estimate_training(read_training_job(document, option.name), day, catalog, setup.measured)
    if found.hours is None:
        return found
    apart = tokens.scaled(1 / tokens.p50) if tokens and tokens.p50 else Spread(1, 1, 1)
    gpu_hours = found.hours.times(apart).scaled(setup.gpus)
    usd = gpu_hours.times(spread_of(rate.usd_per_hour)) if rate else found.cost_usd and found.cost_usd.times(apart)
    return replace(found, hours=found.hours.times(apart), gpu_hours=gpu_hours, cost_usd=usd)


def hours_to_take(estimate: TrainingEstimate, machines: int) -> Range | None:
    """Return the hours of one run as the 90 % interval that a scenario holds; None without an estimate of them.

    An estimate says what 10 % and 90 % of cases stay below, which is an 80 % interval. Hours are skewed, so each end is
    moved away from the middle on the logarithmic scale by z(0.95) / z(0.90) = 1.645 / 1.282 = 1.283, as if either half
    were lognormal: low = p50 · (p10 / p50)^1.283, high = p50 · (p90 / p50)^1.283, to three digits. A scenario takes
    the geometric mean of both ends as the middle, so a lopsided estimate shifts by half of what it is lopsided.

    A scenario counts hours times `machines`; where a run uses another number of GPUs, its GPU hours are shared out.
    """
    hours = estimate.gpu_hours and estimate.gpu_hours.scaled(1 / machines)
    if hours is None:
        return None
    ends = (hours.p10, hours.p90)
    if hours.p10 > 0:
        ends = tuple(hours.p50 * (end / hours.p50) ** _TO_90_PERCENT for end in ends)
    low, high = (Decimal(f"{Decimal(f'{end:.{_DIGITS}g}'):f}") for end in ends)
    return Range(low=low, high=high)


def spread_of(amount: Amount) -> Spread:
    """Return what 10, 50 and 90 % stay below of an amount, whose range is a 90 % interval of a lognormal."""
    if not isinstance(amount, Range):
        return Spread(float(amount), float(amount), float(amount))
    low, high = float(amount.low), float(amount.high)
    if not low:
        half = high / 2
        return Spread(half - half / _TO_90_PERCENT, half, half + half / _TO_90_PERCENT)
    middle = sqrt(low * high)
    return Spread(*(middle * (end / middle) ** (1 / _TO_90_PERCENT) for end in (low, middle, high)))
