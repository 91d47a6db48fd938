"""What a job may mean, each with its weight, and the ranges over all of it."""

from dataclasses import dataclass
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


def memory_spread(cases: list[Case], known: Assumptions, used: Constants) -> Spread:
    """Return the range of the peak in GiB over all cases, weights that are sharded put away after use."""
    return mix(
        (weight, peak_gib(memory_of(setup, shape, known, used.memory), used.memory)) for weight, setup, shape in cases
    )


def fitting(cases: list[Case], gpu: Gpu, known: Assumptions, used: Constants) -> float:
    """Return the chance that a run fits, between 0 and 1."""
    fits = (
        weight
        for weight, setup, shape in cases
        if needed_gib(memory_of(setup, shape, known, used.memory), known, setup) <= gpu.memory_gib
    )
    return min(1.0, sum(fits))


@dataclass(frozen=True)
class Whole:
    """A run whose sharded frozen weights stay whole: its peak, what a GPU must have for it, and what weights take."""

    peak_gib: float
    needed_gib: float
    weights_gib: float

    def widened(self, spread: Spread, gpu: Gpu, used: Constants) -> Spread:
        """Return the range with this as its upper mark, where one GPU has room for all weights; nobody tries others."""
        if self.weights_gib > gpu.memory_gib:
            return spread
        return Spread(spread.p10, spread.p50, max(spread.p90, self.peak_gib * used.memory.static_width))

    def limited(self, chance: float, gpu: Gpu) -> float:
        """Return the chance to fit that the upper mark leaves: nine in ten where this would not go through."""
        refused = self.weights_gib <= gpu.memory_gib < self.needed_gib
        return min(chance, _BELOW_UPPER_MARK) if refused else chance


_BELOW_UPPER_MARK = 0.9


def whole_model(cases: list[Case], known: Assumptions, used: Constants) -> Whole | None:
    """Return the case of the highest peak where sharded frozen weights stay whole; None where a job has none."""
    found: list[Whole] = []
    for _weight, setup, shape in cases:
        memory = memory_of(setup, shape, known, used.memory)
        if memory.kept_whole:
            kept, weights = memory.kept_whole / GIB, known.weights.half * shape.params / GIB
            found.append(Whole(memory.peak / GIB + kept, needed_gib(memory, known, setup) + kept, weights))
    return max(found, key=lambda whole: whole.peak_gib, default=None)


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
