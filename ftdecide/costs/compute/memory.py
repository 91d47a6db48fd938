"""Peak memory of one GPU: what lies there all the time, and what a step adds.

Sources: sizes by design of each method (data/training_assumptions.yml); what a step adds is counted from PyTorch's
autograd (inputs saved a layer, logits and their gradients in the loss) with constants fitted on published runs.
"""

from dataclasses import dataclass

from ftdecide.costs.compute.assumptions import Assumptions
from ftdecide.costs.compute.constants import MemoryConstants
from ftdecide.costs.compute.setups import Setup
from ftdecide.costs.compute.shape import Shape
from ftdecide.costs.compute.spread import Spread

GIB = 2**30


@dataclass(frozen=True)
class Memory:
    """Bytes on one GPU: at rest, added by a micro-batch, and all there is while the optimizer steps.

    `kept_whole` comes on top where sharded frozen weights, once put together, stay whole until the way back is done, as
    PyTorch before 2.1 left them (its pull request 101982). Weights in 4 bits could not be sharded yet, and weights that
    are trained were put away.
    """

    weights: float
    optimizer: float
    gradients: float
    gathered: float
    adapter: float
    saved: float
    logits: float
    saved_late: float
    layer: float
    step: float
    kept_whole: float
    base: float

    @property
    def static(self) -> float:
        """What lies there while a micro-batch is computed."""
        return self.weights + self.optimizer + self.gradients + self.gathered + self.adapter + self.base

    @property
    def moving(self) -> float:
        """What a micro-batch adds at its worst: all that is saved, with the loss or with one layer's recomputation."""
        return max(self.saved + self.logits, self.saved_late + self.layer)

    @property
    def peak(self) -> float:
        """The larger of a micro-batch's peak and the optimizer's or loader's."""
        return max(self.static + self.moving, self.step + self.base)

    def parts(self) -> dict[str, float]:
        """Return what the peak is made of, in bytes."""
        if self.step > self.static - self.base + self.moving:
            rest = self.step - self.weights - self.optimizer
            return {"weights": self.weights, "optimizer": self.optimizer, "optimizer_step": rest, "other": self.base}
        in_loss = self.saved + self.logits >= self.saved_late + self.layer
        return {
            "weights": self.weights + self.gathered,
            "optimizer": self.optimizer,
            "gradients": self.gradients,
            "adapter": self.adapter,
            "activations": self.saved if in_loss else self.saved_late + self.layer,
            "logits": self.logits if in_loss else 0.0,
            "other": self.base,
        }


def peak_gib(memory: Memory, constants: MemoryConstants) -> Spread:
    """Return the peak in GiB with its range: what is at rest is known closely, what a step adds less so."""
    marks: list[float] = []
    for power in (-1, 0, 1):
        rest, moving, loss = (
            width**power for width in (constants.static_width, constants.moving_width, constants.logits_width)
        )
        added = max(memory.saved * moving + memory.logits * loss, (memory.saved_late + memory.layer) * moving)
        marks.append(max(memory.static * rest + added, (memory.step + memory.base) * rest) / GIB)
    return Spread(*marks)


def needed_gib(memory: Memory, assumptions: Assumptions, setup: Setup) -> float:
    """Return what a GPU must have for this peak: fragments of what comes and goes, and the driver's own part."""
    fits = assumptions.fits
    fragments = fits.fragments_one_gpu
    if setup.gpus > 1:
        fragments = fits.fragments_full if setup.method == "full" else fits.fragments_adapter
    busy = memory.static + memory.moving * fragments
    return max(busy, memory.step + memory.base) / GIB + fits.context_gib


def memory_of(setup: Setup, shape: Shape, assumptions: Assumptions, constants: MemoryConstants) -> Memory:
    """Count the bytes of one setup on one GPU."""
    parts = setup.gpus if setup.sharding in ("full_shard", "model_parallel") else 1
    weights = _weight_bytes(setup, shape, assumptions)
    trained = shape.adapter_params(setup.rank, setup.targets) if setup.method != "full" else 0.0
    optimizer, gradients, step = _update_bytes(setup, shape, assumptions)
    saved, logits, saved_late, layer = _moving_bytes(setup, shape, assumptions, constants)
    gathered = kept_whole = 0.0
    if setup.sharding == "full_shard":
        # One layer and the larger embedding are put together beside the parts, in the width that computes.
        width = assumptions.weights.single if setup.precision == "fp32" else assumptions.weights.half
        packed = (weights - _embeddings(setup, shape, assumptions)) / shape.layers
        one_layer = packed if setup.method == "qlora" else width * shape.layer_params
        together = width * shape.vocab * shape.hidden + one_layer
        gathered = min(together, weights * (1 - 1 / setup.gpus))
        if setup.method == "lora" and setup.gpus > 1:
            kept_whole = weights + one_layer - gathered
    return Memory(
        weights=weights / parts,
        optimizer=optimizer,
        gradients=gradients,
        gathered=gathered,
        adapter=assumptions.adapter_bytes * trained / parts,
        saved=saved,
        logits=logits,
        saved_late=saved_late,
        layer=layer,
        step=step,
        kept_whole=kept_whole,
        base=assumptions.base_gib * GIB,
    )


def _embeddings(setup: Setup, shape: Shape, assumptions: Assumptions) -> float:
    each = assumptions.weights.half
    if (setup.fp32_stream and setup.sharding != "full_shard") or setup.precision == "fp32" or setup.fp32_master:
        each = assumptions.weights.single
    return each * shape.embedding_params


def _weight_bytes(setup: Setup, shape: Shape, assumptions: Assumptions) -> float:
    """Bytes of the weights at rest, before any sharding."""
    kinds = assumptions.weights
    if setup.method == "qlora":
        each = kinds.int8 if setup.quantization == "int8" else kinds.nf4
        return each * shape.body_params + _embeddings(setup, shape, assumptions)
    single = setup.fp32_master or setup.precision == "fp32"
    return (kinds.single if single else kinds.half) * shape.params


def _update_bytes(setup: Setup, shape: Shape, assumptions: Assumptions) -> tuple[float, float, float]:
    """Bytes a GPU holds of optimizer states, of gradients while it computes, and of all while the optimizer steps."""
    if setup.method != "full":
        return 0.0, 0.0, 0.0
    weights = _weight_bytes(setup, shape, assumptions)
    single = setup.fp32_master or setup.precision == "fp32"
    states = assumptions.optimizer[setup.optimizer]
    moments = 0.0 if setup.paged else (states.single if single else states.half) * shape.params
    parts = setup.gpus if setup.sharding in ("full_shard", "model_parallel") else 1
    state_parts = setup.gpus if setup.sharding != "ddp" else 1
    if setup.in_backward:
        # The largest single gradient is that of the embedding or of a layer.
        return moments / state_parts, max(shape.vocab * shape.hidden, shape.layer_params) * weights / shape.params, 0.0
    copies = 1.0 if setup.foreach else 0.0
    casts = assumptions.autocast_bytes * shape.params if single and parts == 1 and setup.precision != "fp32" else 0.0
    step = weights / parts + (moments + weights + copies * weights) / state_parts
    # Copies that are exchanged between GPUs lie there all the time, unless each GPU holds its part alone.
    buckets = weights if setup.sharding == "ddp" and setup.gpus > 1 else 0.0
    kept = casts + buckets + (weights / state_parts if setup.accumulates else 0.0)
    return moments / state_parts, kept, step + buckets


def _moving_bytes(
    setup: Setup, shape: Shape, assumptions: Assumptions, constants: MemoryConstants
) -> tuple[float, float, float, float]:
    """Bytes that a micro-batch adds: saved for the way back, the loss, saved with a sharded stack, one layer."""
    tokens = setup.step_tokens
    wide = 2 if setup.precision == "fp32" else 1
    quantised_stream = setup.fp32_stream and setup.sharding != "full_shard"
    layer = tokens * shape.saved_widths(constants.per_hidden) * wide
    if setup.attention == "eager":
        layer += tokens * assumptions.attention_bytes * shape.heads * setup.sequence_length
    inputs = tokens * assumptions.saved_bytes * shape.hidden * wide
    recomputed = {"none": 0.0, "selective": 0.5, "full": 1.0}[setup.checkpointing]
    kept = shape.layers * (1 - recomputed) * layer * (2 if quantised_stream else 1)
    again = shape.layers * recomputed * inputs
    each = constants.logits_fused if setup.fused_loss else constants.logits
    if quantised_stream and not setup.fused_loss:
        each = constants.logits_fp32
    found = (
        kept + again * (2 if quantised_stream else 1),
        tokens * shape.vocab * each,
        kept + again * (2 if setup.fp32_stream else 1),
        layer * (constants.recomputed if recomputed else constants.recomputed - 1),
    )
    parts = setup.gpus if setup.sharding == "model_parallel" else 1
    return (found[0] / parts, found[1] / parts, found[2] / parts, found[3] / parts)
