"""What a job may mean, each with its weight, and the ranges over all of it."""

from itertools import product

from ftdecide.costs.compute.assumptions import Assumptions
from ftdecide.costs.compute.constants import Constants
from ftdecide.costs.compute.gpus import Gpu
from ftdecide.costs.compute.memory import GIB, memory_of, needed_gib, peak_gib
from ftdecide.costs.compute.setups import Setup, list_setups
from ftdecide.costs.compute.shape import Shape
from ftdecide.costs.compute.speed import step_time
from ftdecide.costs.compute.spread import Spread, mix
from ftdecide.costs.training_job import TrainingJob

Case = tuple[float, Setup, Shape]
"""One thing a job may mean: its weight, settings and architecture."""


def list_cases(job: TrainingJob, shapes: list[tuple[float, Shape]], known: Assumptions) -> list[Case]:
    """Return every combination of settings and architecture; the weights add up to 1."""
    setups = list(list_setups(job, known))
    return [(a * b, setup, shape) for (a, setup), (b, shape) in product(setups, shapes)]


def memory_spread(cases: list[Case], gpu: Gpu, known: Assumptions, used: Constants) -> Spread:
    """Return the range of the peak in GiB over all cases."""
    memories = [(weight, memory_of(setup, shape, known, used.memory)) for weight, setup, shape in cases]
    spread = mix((weight, peak_gib(memory, used.memory)) for weight, memory in memories)
    # Some stacks keep the whole model beside its shard: possible where a GPU has room for all of it.
    whole = max((memory.kept_whole + memory.saved) / GIB for _weight, memory in memories)
    if whole > 0 and max(known.weights.half * shape.params for _w, _s, shape in cases) / GIB <= gpu.memory_gib:
        spread = Spread(spread.p10, spread.p50, max(spread.p90, whole * used.memory.static_width))
    return spread


def fitting(cases: list[Case], gpu: Gpu, known: Assumptions, used: Constants) -> float:
    """Return the chance that a run fits, between 0 and 1."""
    fits = (
        weight
        for weight, setup, shape in cases
        if needed_gib(memory_of(setup, shape, known, used.memory), known, setup) <= gpu.memory_gib
    )
    return min(1.0, sum(fits))


def likeliest_parts(cases: list[Case], known: Assumptions, used: Constants) -> dict[str, float]:
    """Return in GiB what the peak of the likeliest case is made of."""
    _weight, setup, shape = max(cases, key=lambda case: case[0])
    memory = memory_of(setup, shape, known, used.memory)
    return {name: round(value / GIB, 2) for name, value in memory.parts().items()}


def prior_speed(cases: list[Case], gpu: Gpu, known: Assumptions, used: Constants) -> Spread:
    """Return tokens a second of one GPU as published runs let expect."""
    width, rest = used.speed.width, used.speed.rest_width
    rates: list[tuple[float, Spread]] = []
    for weight, setup, shape in cases:
        time = step_time(setup, shape, gpu, known, used.speed)
        marks = ((width, rest), (1.0, 1.0), (1 / width, 1 / rest))
        rates.append((weight, Spread(*(time.tokens_per_second(*mark) for mark in marks))))
    return mix(rates)
