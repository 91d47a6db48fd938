"""Fits the constants of the training estimate on published runs, and writes them with `--write`.

    python benchmarks/training_refit.py [--write]

Every source counts alike, however many runs it has. Each constant is held near what its design lets expect (`PRIORS`),
so that a source that says nothing about it leaves it there. Ranges are as wide as runs need whose source was left out.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.costs.compute.assumptions import load_assumptions
from ftdecide.costs.compute.cases import Case, list_cases, memory_spread, prior_speed, whole_model
from ftdecide.costs.compute.constants import Constants, MemoryConstants, SpeedConstants
from ftdecide.costs.compute.gpus import Gpu, find_gpu
from ftdecide.costs.compute.models import shapes_of
from ftdecide.costs.compute.spread import Spread
from ftdecide.costs.training_job import TrainingJob, read_training_job
from ftdecide.documents import read_document

ROOT = Path(__file__).resolve().parents[1]
RUNS = ROOT / "data" / "evidence" / "training_runs.yml"
WRITTEN = ROOT / "data" / "training_constants.yml"

MEMORY_PRIORS = {  # centre and spread (of the logarithm)
    "logits": (12.0, 0.15),  # 8 to 10 with a partly fused loss, 14 to 16 with a plain one in 32 bits
    "logits_fp32": (16.0, 0.1),  # logits, their softmax, and the gradients of both, in 32 bits
    "logits_fused": (1.0, 0.5),  # a chunk at a time
    "per_hidden": (26.0, 0.15),  # two norms in 32 bits, query, key, value, attention's result, the adapter's inputs
    "recomputed": (1.35, 0.15),  # a layer's saved bytes and the gradients of its largest part
}
SPEED_PRIORS = {
    "compute_share": (0.7, 0.15),  # of the dense peak that large matrix products reach
    "fp8_gain": (2.0, 0.15),  # the ratio of the peaks
    "attention_cost": (2.0, 0.35),  # attention kernels reach about half the share of matrix products
    "traffic": (10.0, 0.4),  # reads and writes for each saved byte, forth and back
    "launch_seconds": (0.0008, 0.4),  # about 100 operations of about 10 microseconds a layer and pass
    "exchange_share": (0.3, 0.7),
    "parallel_share": (0.5, 0.7),
}
STATIC_WIDTH = 1.06
LOGITS_WIDTH = 1.4  # 8 to 16 bytes, by how much of the loss is fused and in 32 bits
REST_WIDTH = 2.0  # hosts and links differ that much
NARROWEST = {"memory": 1.3, "speed": 1.45}  # stacks nobody described differ at least by that
INSIDE = 0.9
"""Share of runs of sources that were left out that the range is made to hold."""


@dataclass(frozen=True)
class Run:
    """One published run with its job unfolded."""

    id: str
    source: str
    job: TrainingJob
    gpu: Gpu
    cases: list[Case]
    memory_gib: float | None
    out_of_memory: bool
    speed: float | None


@cache
def read_runs(path: Path = RUNS) -> tuple[Run, ...]:
    document = read_document(path)
    assert isinstance(document, dict)
    return tuple(_run(raw) for raw in document["runs"])


def _run(raw: dict) -> Run:
    known = load_assumptions()
    job, measured = read_training_job(raw["job"], raw["id"]), raw["measured"]
    shapes, _ = shapes_of(job.model, known.unknown_model)
    return Run(
        id=raw["id"],
        source=raw["source"],
        job=job,
        gpu=find_gpu(job.gpu),
        cases=list_cases(job, shapes, known),
        memory_gib=measured.get("peak_memory_gib_per_gpu"),
        out_of_memory=bool(measured.get("out_of_memory")),
        speed=measured.get("tokens_per_second_per_gpu"),
    )


def start() -> Constants:
    memory = {name: centre for name, (centre, _) in MEMORY_PRIORS.items()}
    speed = {name: centre for name, (centre, _) in SPEED_PRIORS.items()}
    return Constants.model_validate(
        {
            "as_of": "2026-11-22",
            "source": "priors",
            "memory": {**memory, "static_width": STATIC_WIDTH, "logits_width": LOGITS_WIDTH, "moving_width": 1.3},
            "speed": {**speed, "width": 1.4, "rest_width": REST_WIDTH},
        }
    )


def memory_of_run(run: Run, constants: Constants) -> Spread:
    known = load_assumptions()
    spread, whole = memory_spread(run.cases, known, constants), whole_model(run.cases, known, constants)
    return whole.widened(spread, run.gpu, constants) if whole else spread


def speed_of_run(run: Run, constants: Constants) -> Spread:
    return prior_speed(run.cases, run.gpu, load_assumptions(), constants)


@dataclass(frozen=True)
class Figure:
    """One of the two figures that are fitted: which constants, what was measured, and what is predicted."""

    part: str
    priors: dict[str, tuple[float, float]]
    width: str
    measured: Callable[[Run], float | None]
    predicted: Callable[[Run, Constants], Spread]


MEMORY = Figure("memory", MEMORY_PRIORS, "moving_width", lambda run: run.memory_gib, memory_of_run)
SPEED = Figure("speed", SPEED_PRIORS, "width", lambda run: run.speed, speed_of_run)


def with_values(constants: Constants, part: str, values: dict[str, float]) -> Constants:
    section: MemoryConstants | SpeedConstants = getattr(constants, part)
    return constants.model_copy(update={part: section.model_copy(update=values)})


@cache
def fit(figure_name: str, left_out: frozenset[str]) -> Constants:
    """Fit the constants of one figure on all sources but those left out; the ranges stay as they are."""
    figure = {"memory": MEMORY, "speed": SPEED}[figure_name]
    runs = [run for run in read_runs() if figure.measured(run) and run.source not in left_out]
    sources = sorted({run.source for run in runs})
    names = list(figure.priors)
    centres = np.log([figure.priors[name][0] for name in names])
    spreads = np.array([figure.priors[name][1] for name in names])

    def constants_at(values: np.ndarray) -> Constants:
        fitted = dict(zip(names, map(float, np.exp(centres + spreads * values)), strict=True))
        return with_values(start(), figure.part, fitted)

    def loss(values: np.ndarray) -> float:
        constants = constants_at(values)
        by_source: dict[str, list[float]] = {source: [] for source in sources}
        for run in runs:
            error = log(figure.predicted(run, constants).p50 / (figure.measured(run) or 1))
            # Large errors are other causes than these constants.
            by_source[run.source].append(min(abs(error), 0.4))
        return float(np.mean([np.mean(errors) for errors in by_source.values()]) + 0.09 * (values**2).mean())

    first = np.vstack([np.zeros(len(names)), np.eye(len(names))])
    options = {"maxfev": 160, "xatol": 0.02, "fatol": 1e-4, "initial_simplex": first}
    found = minimize(loss, first[0], method="Nelder-Mead", options=options)
    return constants_at(found.x)


def fit_without(left_out: Iterable[str]) -> Constants:
    """Fit everything without some sources: constants on the others, ranges on the others when each is left out too."""
    out = frozenset(left_out)
    found = start()
    for figure in (MEMORY, SPEED):
        constants = fit(figure.part, out)
        found = with_values(found, figure.part, getattr(constants, figure.part).model_dump())
        found = with_values(found, figure.part, {figure.width: _width(figure, out)})
    return found


def _width(figure: Figure, out: frozenset[str]) -> float:
    """Return the narrowest range that holds `INSIDE` of the runs of each further source left out, on average."""
    runs = [run for run in read_runs() if figure.measured(run) and run.source not in out]
    sources = sorted({run.source for run in runs})
    widths = [NARROWEST[figure.part] + step / 20 for step in range(12)]
    best, most = widths[0], 0.0
    for width in widths:
        shares = []
        for source in sources:
            constants = with_values(fit(figure.part, out | {source}), figure.part, {figure.width: width})
            shares.append(np.mean([holds(figure, run, constants) for run in runs if run.source == source]))
        inside = float(np.mean(shares))
        if inside >= INSIDE:
            return width
        if inside > most:
            best, most = width, inside
    return best


def holds(figure: Figure, run: Run, constants: Constants) -> bool:
    spread = figure.predicted(run, constants)
    return spread.p10 <= (figure.measured(run) or 0) <= spread.p90


def text_of(constants: Constants) -> str:
    sources = sorted({run.source for run in read_runs()})
    lines = [
        "# Written by benchmarks/training_refit.py --write; ftdecide/costs/compute/constants.py says what each means.",
        f"as_of: {constants.as_of}",
        "source: >-",
        f"  fitted on {len(read_runs())} published runs in data/evidence/training_runs.yml, each of the sources",
        f"  {', '.join(sources)}",
        "  counting alike; ranges hold nine in ten runs of a source that was left out of the fit",
    ]
    for part in ("memory", "speed"):
        lines.append(f"{part}:")
        section: dict[str, float] = getattr(constants, part).model_dump()
        lines += [f"  {name}: {value:.4g}" for name, value in section.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write data/training_constants.yml")
    text = text_of(fit_without(()))
    if parser.parse_args().write:
        WRITTEN.write_text(text, encoding="utf-8")
        print(f"wrote {WRITTEN.name}")
        return
    print(text)
    same = text == WRITTEN.read_text(encoding="utf-8")
    print("data/training_constants.yml holds these" if same else "data/training_constants.yml DIFFERS; see --write")


if __name__ == "__main__":
    main()
