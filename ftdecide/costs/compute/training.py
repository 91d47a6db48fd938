"""The estimate of a fine-tuning run: memory, speed, hours and money, each with its range."""

from dataclasses import dataclass
from datetime import date
from math import exp, log
from typing import Literal

from ftdecide.catalog.figures import is_stale
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.types import Catalog
from ftdecide.costs.compute.assumptions import Assumptions, load_assumptions
from ftdecide.costs.compute.cases import (
    Case,
    Whole,
    fitting,
    likeliest_parts,
    list_cases,
    memory_spread,
    prior_speed,
    whole_model,
)
from ftdecide.costs.compute.constants import Constants, load_constants
from ftdecide.costs.compute.duration import training_hours
from ftdecide.costs.compute.gpus import Gpu, find_gpu, hourly_price
from ftdecide.costs.compute.measured import THIS_MACHINE, MeasuredSpeed, find_measured
from ftdecide.costs.compute.models import BILLION, shapes_of
from ftdecide.costs.compute.open_settings import MEMORY_SETTINGS, list_doubts, list_open_settings
from ftdecide.costs.compute.speed import operations_per_token
from ftdecide.costs.compute.spread import UNKNOWN_JSON, Spread, mix
from ftdecide.costs.training_job import TrainingJob, TuningMethod
from ftdecide.errors import InputError
from ftdecide.translation import _

Fits = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class TrainingEstimate:
    """What a run needs; None where the job leaves open what decides it.

    Memory in GiB on each GPU, `memory_parts` those of the likeliest setup; speed in tokens a second of each GPU with
    padding; `cost_usd` covers one run that succeeds.
    """

    peak_memory_gib_per_gpu: Spread
    memory_parts: dict[str, float]
    fits: Fits
    chance_to_fit: float
    tokens_per_second_per_gpu: Spread | None
    hours: Spread | None
    gpu_hours: Spread | None
    cost_usd: Spread | None
    assumptions: tuple[str, ...]


def estimate_training(
    job: TrainingJob,
    today: date,
    catalog: Catalog | None = None,
    measured: tuple[MeasuredSpeed, ...] = (),
    constants: Constants | None = None,
) -> TrainingEstimate:
    """Estimate one run; `measured` replaces the published speeds for the machine it was measured on.

    Raises:
        InputError: a model or GPU that is not listed; the message names close ones.
    """
    known, used = load_assumptions(), constants or load_constants()
    shapes, assumed = shapes_of(job.model, known.unknown_model)
    found = find_measured(measured, _machine(job.gpu), job.method, shapes[0][1].params / BILLION)
    gpu = _gpu(job.gpu, found)
    cases = list_cases(job, shapes, known)
    whole = whole_model(cases, known, used)
    chance = fitting(cases, gpu, known, used)
    chance = whole.limited(chance, gpu) if whole else chance
    speed, how = _speed(cases, gpu, found, known, used)
    hours = training_hours(job, speed, known.hours) if speed else None
    gpu_hours = hours.scaled(job.gpus) if hours else None
    price, priced = _price(job, gpu, catalog, today)
    peak = _memory(job, cases, known, used)
    return TrainingEstimate(
        peak_memory_gib_per_gpu=whole.widened(peak, gpu, used) if whole else peak,
        memory_parts=likeliest_parts(cases, known, used),
        fits=_fits(job, chance),
        chance_to_fit=chance,
        tokens_per_second_per_gpu=speed,
        hours=hours,
        gpu_hours=gpu_hours,
        cost_usd=gpu_hours.times(price) if gpu_hours and price else None,
        assumptions=(
            *assumed,
            *list_doubts(job, gpu),
            *list_open_settings(job, known.when_missing),
            *_told(whole),
            how,
            *priced,
        ),
    )


def training_json(estimate: TrainingEstimate) -> dict[str, object]:
    """Return the estimate as the command line prints it; ranges of what cannot be known hold nulls."""

    def marks(spread: Spread | None, digits: int = 2) -> object:
        return spread.json(digits) if spread else UNKNOWN_JSON

    return {
        "peak_memory_gib_per_gpu": marks(estimate.peak_memory_gib_per_gpu),
        "memory_parts_gib": estimate.memory_parts,
        "fits": estimate.fits,
        "chance_to_fit": round(estimate.chance_to_fit, 2),
        "tokens_per_second_per_gpu": marks(estimate.tokens_per_second_per_gpu, 1),
        "hours": marks(estimate.hours, 3),
        "gpu_hours": marks(estimate.gpu_hours, 3),
        "cost_usd": marks(estimate.cost_usd),
        "assumptions": list(estimate.assumptions),
    }


def _machine(name: str) -> str:
    return THIS_MACHINE if name.strip().lower() == THIS_MACHINE else find_gpu(name).id


def _gpu(name: str, found: MeasuredSpeed | None) -> Gpu:
    if name.strip().lower() != THIS_MACHINE:
        return find_gpu(name)
    if found is None:
        raise InputError("gpu: 'this machine' was not measured yet; run `python -m ftdecide measure FILE` first")
    if found.gpu is not None:
        return find_gpu(found.gpu)
    rate = found.operations_per_second
    return Gpu(
        id=found.device, memory_gib=found.memory_gib, bf16_tflops=rate / 1e12, memory_gb_per_s=rate, link_gb_per_s=rate
    )


def _memory(job: TrainingJob, cases: list[Case], known: Assumptions, used: Constants) -> Spread:
    """Return the peak; a lighter method never needs more than a heavier one.

    Nobody who has room for more trained or wider weights needs more for fewer: the heavier methods are upper bounds.
    """
    spread = memory_spread(cases, known, used)
    for method in _HEAVIER[job.method]:
        heavier = job.model_copy(update={"method": method, "quantization": None})
        shapes, _assumed = shapes_of(job.model, known.unknown_model)
        spread = spread.least(memory_spread(list_cases(heavier, shapes, known), known, used))
    return spread


def _told(whole: Whole | None) -> tuple[str, ...]:
    """Say what a run needs on stacks that do not put frozen weights away."""
    if whole is None:
        return ()
    told = _(
        "Sharded frozen weights are put away after use; PyTorch before 2.1 keeps them: {gib} GiB on each GPU then."
    )
    return (told.format(gib=round(whole.peak_gib, 1)),)


_HEAVIER: dict[TuningMethod, tuple[TuningMethod, ...]] = {"full": (), "lora": ("full",), "qlora": ("lora", "full")}


def _fits(job: TrainingJob, chance: float) -> Fits:
    """Say yes or no by the likelier; unknown only where settings that the job leaves open decide it."""
    undecided = load_assumptions().fits.undecided
    if abs(chance - 0.5) < undecided / 2 and any(getattr(job, name) is None for name in MEMORY_SETTINGS):
        return "unknown"
    return "yes" if chance >= 0.5 else "no"


def _speed(
    cases: list[Case], gpu: Gpu, found: MeasuredSpeed | None, known: Assumptions, used: Constants
) -> tuple[Spread, str]:
    """Return tokens a second of one GPU with the range, and in words where it comes from."""
    if found is not None:
        rates: list[tuple[float, Spread]] = []
        for weight, setup, shape in cases:
            rate = found.operations_per_second / sum(operations_per_token(setup, shape)[:2])
            apart = abs(log(found.params_b * BILLION / shape.params))
            width = known.hours.measured_width * exp(known.hours.width_per_size * apart)
            rates.append((weight, Spread(rate / width, rate, rate * width)))
        told = _("Speed: measured on {device} with {model} on {day}.")
        how = told.format(device=found.device, model=found.model, day=found.measured_on)
        return mix(rates), how
    return prior_speed(cases, gpu, known, used), _(
        "Speed: from published runs; a few steps on the machine itself replace it."
    )


def _price(job: TrainingJob, gpu: Gpu, catalog: Catalog | None, today: date) -> tuple[Spread | None, tuple[str, ...]]:
    if job.usd_per_gpu_hour is not None:
        price = job.usd_per_gpu_hour
        return Spread(price, price, price), ()
    known = hourly_price(gpu, catalog or load_catalog())
    if known is None:
        return None, (_("No price is known for {gpu}; give usd_per_gpu_hour.").format(gpu=gpu.id),)
    spread, as_of = known
    told = _("{gpu}: {low} to {high} USD an hour over the clouds in data/gpus.yml, newest reading of {day}.")
    said = told.format(gpu=gpu.id, low=spread.p10, high=spread.p90, day=as_of)
    return spread, (f"{said} {_('That is more than 90 days ago.')}" if is_stale(as_of, today) else said,)
