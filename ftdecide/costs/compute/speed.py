"""How long one GPU takes for a token: arithmetic, memory traffic, starting kernels and exchanging with the others.

Sources: operations a token by design of each method (6 a parameter for full tuning, 4 with an adapter, 2 more when
layers are recomputed; attention over the causal half); the shares of peak, bandwidth and link are fitted on published
runs. The parts are added, as stacks overlap them only in part.
"""

from dataclasses import dataclass

from ftdecide.costs.compute.assumptions import Assumptions
from ftdecide.costs.compute.constants import SpeedConstants
from ftdecide.costs.compute.gpus import Gpu
from ftdecide.costs.compute.setups import Setup
from ftdecide.costs.compute.shape import Shape

TERA, GIGA = 1e12, 1e9


@dataclass(frozen=True)
class StepTime:
    """Seconds of one micro-batch on one GPU, and the tokens it is credited with."""

    arithmetic: float
    traffic: float
    launch: float
    exchange: float
    tokens: float

    def tokens_per_second(self, arithmetic: float = 1.0, rest: float = 1.0) -> float:
        """Return tokens a second of one GPU, padding included, when its parts take so many times as long."""
        others = self.traffic + self.launch + self.exchange
        return self.tokens / (self.arithmetic * arithmetic + others * rest)


def step_time(setup: Setup, shape: Shape, gpu: Gpu, assumptions: Assumptions, constants: SpeedConstants) -> StepTime:
    """Add up what one micro-batch takes."""
    tokens, again = setup.usual_tokens, _recomputed(setup)
    # GPUs that share each layer share the tokens as well.
    sharing = min(setup.gpus, assumptions.speed.parallel_gpus) if setup.sharding == "model_parallel" else 1
    peak = gpu.bf16_tflops * TERA * gpu.sustained * constants.compute_share
    matrices, attention, head = operations_per_token(setup, shape)
    attention *= constants.attention_cost
    wide = setup.fp32_stream and setup.sharding != "full_shard"
    if setup.precision == "fp32":
        peak *= assumptions.speed.fp32_share
    elif wide:
        # With a 32-bit stream the output layer computes in 32 bits, and so does attention that is not forced to 16.
        matrices += head * (1 / assumptions.speed.fp32_share - 1)
        attention *= 1 if setup.attention == "flash" else 1 / assumptions.speed.fp32_share
    faster = constants.fp8_gain if setup.precision in ("fp8", "fp4") and gpu.fp8 else 1.0
    bandwidth, link = gpu.memory_gb_per_s * GIGA, gpu.link_gb_per_s * GIGA
    activations = tokens * shape.layers * shape.saved_widths(assumptions.speed.traffic_per_hidden) * constants.traffic
    activations *= (3 + again) / 3 * (2 if wide or setup.precision == "fp32" else 1) / sharing
    launches = shape.layers * (2 + again) * getattr(assumptions.speed.launches, setup.method)
    return StepTime(
        arithmetic=tokens * (matrices / faster + attention) / peak / sharing,
        traffic=(activations + _weight_traffic(setup, shape, assumptions)) / bandwidth,
        launch=constants.launch_seconds * launches,
        exchange=_exchange(setup, shape, assumptions, constants, sharing) / link,
        tokens=tokens / sharing,
    )


def operations_per_token(setup: Setup, shape: Shape) -> tuple[float, float, float]:
    """Count multiplications and additions for one token, forth and back, with what is computed again.

    Returns those of matrices (the output layer among them), those of attention's scores, and those of the output layer.
    """
    forth = 2 * shape.working_params
    back = 2 if setup.method == "full" else 1
    again = _recomputed(setup)
    causal = 2 if setup.attention == "eager" else 1
    scores = 2 * causal * shape.layers * setup.usual_length * shape.attention_width
    trained = shape.working_adapter_params(setup.rank, setup.targets) if setup.method != "full" else 0.0
    matrices = forth * (1 + back + again) + 6 * trained
    return matrices, scores * (3 + again), 2 * shape.vocab * shape.hidden * (1 + back)


def _recomputed(setup: Setup) -> float:
    return {"none": 0.0, "selective": 0.3, "full": 1.0}[setup.checkpointing]


def _weight_traffic(setup: Setup, shape: Shape, assumptions: Assumptions) -> float:
    """Bytes a micro-batch moves whatever its tokens: weights unpacked from 4 bits in each pass, or the optimizer."""
    kinds = assumptions.weights
    if setup.method == "qlora":
        packed = kinds.int8 if setup.quantization == "int8" else kinds.nf4
        return shape.body_params * (packed + 2 * kinds.half) * (2 + _recomputed(setup))
    if setup.method == "lora":
        return 0.0
    parts = setup.gpus if setup.sharding in ("full_shard", "zero2", "model_parallel") else 1
    return 0.0 if setup.accumulates else assumptions.speed.update_bytes * shape.params / parts


def _exchange(setup: Setup, shape: Shape, assumptions: Assumptions, constants: SpeedConstants, sharing: int) -> float:
    """Bytes that go to other GPUs in a micro-batch and are not hidden behind arithmetic."""
    if setup.gpus == 1:
        return 0.0
    half = assumptions.weights.half
    others = 1 - 1 / setup.gpus
    if setup.sharding == "model_parallel":
        # Two reductions a layer and pass, of every token's hidden state, forth and back through the ring.
        reduced = 2 * (2 + _recomputed(setup)) * shape.layers * setup.usual_tokens * shape.hidden * half
        return reduced * 2 * (1 - 1 / sharing) * constants.parallel_share
    gradients = half * shape.params if setup.method == "full" else 0.0
    if setup.sharding == "full_shard":
        weights = assumptions.weights.nf4 if setup.method == "qlora" else half
        return (weights * shape.params * 2 + gradients) * others * constants.exchange_share
    return 0.0 if setup.accumulates else 2 * gradients * others * constants.exchange_share
