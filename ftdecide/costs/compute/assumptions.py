"""What the training estimate knows by design of the methods, and how likely it takes what a job leaves open."""

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.costs.training_job import Checkpointing, Optimizer, Precision, Sharding, Targets
from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

Choice = dict[bool, float]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeightBytes(_Part):
    """Bytes a parameter at rest, by format."""

    half: float
    single: float
    int8: float
    nf4: float


class StateBytes(_Part):
    """Bytes a parameter of an optimizer's moments, by the width of the weights."""

    half: float
    single: float


class Fits(_Part):
    """Room beyond what is allocated: GiB, and factors on what is not at rest."""

    context_gib: float
    fragments_one_gpu: float = Field(ge=1)
    fragments_full: float = Field(ge=1)
    fragments_adapter: float = Field(ge=1)
    undecided: float = Field(ge=0, le=1)


class Share(_Part):
    """Three marks of an assumed range."""

    p10: float
    p50: float
    p90: float


class Hours(_Part):
    """What turns tokens a second into hours."""

    fixed_share: Share
    padding: Share
    epochs: Share
    measured_width: float = Field(ge=1)
    width_per_size: float = Field(ge=0)


class WhenMissing(_Part):
    """Relative weights of what a job may mean that leaves a setting open."""

    rank: dict[int, float]
    targets: dict[Targets, float]
    precision: dict[Precision, float]
    sequence_length: dict[int, float]
    packed_sequence_length: dict[int, float]
    micro_batch: dict[int, float]
    accumulates: Choice
    checkpointing: dict[Checkpointing, float]
    optimizer: dict[Optimizer, float]
    paged: Choice
    sharding_full: dict[Sharding, float]
    sharding_adapter: dict[Sharding, float]
    fused_loss: Choice
    fp32_stream_plain: Choice
    fp32_stream_quantised: Choice
    fp32_stream_sharded: Choice
    fp32_master_unsharded: Choice
    foreach: Choice


class Launches(_Part):
    """Kernels that a layer starts in a pass, relative to full tuning."""

    full: float
    lora: float
    qlora: float


class Speed(_Part):
    """What a step moves and shares by design."""

    parallel_gpus: int
    fp32_share: float
    traffic_per_hidden: float
    update_bytes: float
    launches: Launches


class UnknownModel(_Part):
    """How a model of which only the size is known is taken to be built, and the vocabularies it may have."""

    hidden_per_layer: float
    params_per_square: float
    head_dim: int
    heads_per_kv_head: int
    ffn_per_hidden: float
    vocab: dict[int, float]


class Measuring(_Part):
    """How steps are measured on a machine: how many, and the most tokens of one with and without a graphics card."""

    steps: int = Field(ge=1)
    tokens: int
    tokens_on_gpu: int
    rank: int
    bytes_per_parameter: float


class Assumptions(_Part):
    """The contents of `data/training_assumptions.yml`."""

    as_of: date
    source: str
    weights: WeightBytes
    adapter_bytes: float
    optimizer: dict[Optimizer, StateBytes]
    autocast_bytes: float
    saved_bytes: float
    attention_bytes: float
    base_gib: float
    fits: Fits
    when_missing: WhenMissing
    hours: Hours
    speed: Speed
    unknown_model: UnknownModel
    measuring: Measuring


@cache
def load_assumptions() -> Assumptions:
    """Read the assumptions once."""
    path = DATA / "training_assumptions.yml"
    return validate(Assumptions, read_document(path), str(path))
