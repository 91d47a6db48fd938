"""Everything a job may mean: each setting it leaves open is tried with its likelihood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import TypeVar, cast

from ftdecide.costs.compute.assumptions import Assumptions, WhenMissing
from ftdecide.costs.training_job import (
    Attention,
    Checkpointing,
    Optimizer,
    Precision,
    Sharding,
    Targets,
    TrainingJob,
    TuningMethod,
)

Value = TypeVar("Value")
Layout = tuple[Precision, Sharding, bool, bool]
"""Precision, sharding, 32-bit stream, and 32-bit master weights."""


@dataclass(frozen=True)
class Setup:
    """A job with nothing left open; `micro_batch` in sequences on each GPU and step.

    `sequence_length` is that of the longest row in tokens, which decides about memory; `usual_length` that of a row as
    it is computed, padding included, which decides about speed.
    """

    method: TuningMethod
    rank: int
    targets: Targets
    quantization: str
    precision: Precision
    sequence_length: int
    usual_length: int
    micro_batch: int
    accumulates: bool
    checkpointing: Checkpointing
    attention: Attention
    optimizer: Optimizer
    paged: bool
    in_backward: bool
    sharding: Sharding
    gpus: int
    fused_loss: bool
    fp32_stream: bool
    fp32_master: bool
    foreach: bool

    @property
    def step_tokens(self) -> int:
        """Tokens of a micro-batch of the longest rows on one GPU."""
        return self.sequence_length * self.micro_batch

    @property
    def usual_tokens(self) -> int:
        """Tokens of a usual micro-batch on one GPU, padding included."""
        return self.usual_length * self.micro_batch


def list_setups(job: TrainingJob, assumptions: Assumptions) -> Iterator[tuple[float, Setup]]:
    """Yield every setup that `job` may mean, with its weight; the weights add up to 1."""
    missing = assumptions.when_missing
    lora = job.lora
    adapter = job.method != "full"
    choices = product(
        _choices(lora.rank if lora else None, missing.rank if adapter else {0: 1.0}),
        _choices(lora.targets if lora else None, missing.targets if adapter else {"attention": 1.0}),
        _choices(job.sequence_length, lengths_tried(job, missing)),
        _choices(job.micro_batch, missing.micro_batch),
        _choices(job.activation_checkpointing, missing.checkpointing),
        _choices(None if job.loss is None else job.loss == "fused", missing.fused_loss),
        _accumulates(job, missing),
        _optimizers(job, missing),
        _layouts(job, missing),
    )
    for (a, rank), (b, targets), (c, length), (d, batch), (e, kept), (f, fused), (g, more), (h, update), (
        i,
        layout,
    ) in choices:
        optimizer, paged, in_backward, foreach = update
        yield (
            a * b * c * d * e * f * g * h * i,
            Setup(
                method=job.method,
                rank=rank,
                targets=targets,
                quantization=job.quantization or "4bit",
                precision=layout[0],
                sequence_length=length,
                usual_length=_usual_length(job, length, batch, assumptions.hours.padding.p50),
                micro_batch=batch,
                accumulates=more,
                checkpointing=kept,
                attention=job.attention or "sdpa",
                optimizer=optimizer,
                paged=paged,
                in_backward=in_backward,
                sharding=layout[1],
                gpus=job.gpus,
                fused_loss=fused,
                fp32_stream=layout[2],
                fp32_master=layout[3],
                foreach=foreach,
            ),
        )


def lengths_tried(job: TrainingJob, missing: WhenMissing) -> dict[int, float]:
    """Return the lengths that a job may mean that gives none: none is shorter than its rows are on average."""
    if job.packing:
        return missing.packed_sequence_length
    shortest = ceil(job.mean_tokens or 1)
    lengths: dict[int, float] = {}
    for length, weight in missing.sequence_length.items():
        held = max(length, shortest)
        lengths[held] = lengths.get(held, 0.0) + weight
    return lengths


def _usual_length(job: TrainingJob, longest: int, batch: int, padding: float) -> int:
    """Return the tokens of a row as computed: full when packed or unknown, else the mean, padded beside others."""
    if job.packing or not job.mean_tokens:
        return longest
    return min(longest, ceil(job.mean_tokens * (padding if batch > 1 else 1.0)))


def _choices(given: object, weights: Mapping[Value, float]) -> list[tuple[float, Value]]:
    """Return what is given alone, or else everything that `weights` names."""
    if given is not None:
        return [(1.0, cast("Value", given))]
    total = sum(weights.values())
    return [(weight / total, value) for value, weight in weights.items()]


def _accumulates(job: TrainingJob, missing: WhenMissing) -> list[tuple[float, bool]]:
    """Say whether gradients stay over several micro-batches; it matters to full tuning alone."""
    if job.method != "full":
        return [(1.0, False)]
    return _choices(None if job.gradient_accumulation is None else job.gradient_accumulation > 1, missing.accumulates)


def _optimizers(job: TrainingJob, missing: WhenMissing) -> list[tuple[float, tuple[Optimizer, bool, bool, bool]]]:
    """Optimizer; whether its states may leave the GPU, it steps while gradients come, and takes all tensors at once."""
    if job.method != "full":
        return [(1.0, (job.optimizer or "adamw", False, False, False))]
    found: list[tuple[float, tuple[Optimizer, bool, bool, bool]]] = []
    early = bool(job.optimizer_in_backward)
    for weight, optimizer in _choices(job.optimizer, missing.optimizer):
        paged = _choices(None, missing.paged if optimizer == "adamw_8bit" else {False: 1.0})
        foreach = _choices(None, missing.foreach if optimizer == "adamw" else {False: 1.0})
        for (a, page), (b, each) in product(paged, foreach):
            found.append((weight * a * b, (optimizer, page, early, each)))
    return found


def _layouts(job: TrainingJob, missing: WhenMissing) -> list[tuple[float, Layout]]:
    """Return layouts, whose parts depend on each other."""
    found: list[tuple[float, Layout]] = []
    shardings = _shardings(job, missing)
    for (a, precision), (b, sharding) in product(_choices(job.precision, missing.precision), shardings):
        sharded = sharding in ("full_shard", "zero2")
        stream = {False: 1.0}
        if job.method == "qlora" and not sharded:
            plain = job.attention in ("sdpa", "eager")
            stream = missing.fp32_stream_plain if plain else missing.fp32_stream_quantised
        elif job.method != "full" and sharding == "full_shard":
            stream = missing.fp32_stream_sharded
        master = {precision == "fp32" or (sharded and precision.endswith("mixed")): 1.0}
        if precision.endswith("mixed") and not sharded:
            master = missing.fp32_master_unsharded
        masters = _choices(None, master if job.method == "full" else {False: 1.0})
        for (c, wide), (d, single) in product(_choices(None, stream), masters):
            found.append((a * b * c * d, (precision, sharding, wide, single)))
    return found


def _shardings(job: TrainingJob, missing: WhenMissing) -> list[tuple[float, Sharding]]:
    if job.sharding is None and job.gpus == 1:
        return [(1.0, "ddp")]
    return _choices(job.sharding, missing.sharding_full if job.method == "full" else missing.sharding_adapter)
