"""A fine-tuning run on GPUs that is to be costed, as fixed by `data/schemas/training_job.schema.json`."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ftdecide.documents import validate

TuningMethod = Literal["full", "lora", "qlora"]
Targets = Literal["query_value", "attention", "all_linear", "all_linear_and_embeddings"]
Precision = Literal["bf16", "fp16", "fp32", "fp8", "fp4", "bf16_mixed", "fp16_mixed"]
Checkpointing = Literal["none", "selective", "full"]
Attention = Literal["flash", "sdpa", "eager"]
Optimizer = Literal["adamw", "adamw_8bit", "adamw_4bit"]
Sharding = Literal["ddp", "zero2", "full_shard", "model_parallel"]

MOST = 10**15
"""No count in a job is larger and meant."""


def _only_numbers(value: object) -> object:
    """Refuse what would be turned into a number on the quiet (true, false, texts)."""
    if isinstance(value, bool | str):
        raise ValueError(f"should be a number, not {'a text' if isinstance(value, str) else 'true or false'}")  # noqa: TRY004 - pydantic reports ValueErrors only
    return value


Whole = Annotated[int, BeforeValidator(_only_numbers), Field(ge=1, le=MOST)]
Size = Annotated[float, BeforeValidator(_only_numbers), Field(gt=0, le=MOST, allow_inf_nan=False)]
Quantity = Annotated[float, BeforeValidator(_only_numbers), Field(ge=0, le=MOST, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JobModel(_Part):
    """A model that is not in the list: parameters in thousand millions, the rest as its configuration has it."""

    params_b: Size
    name: str | None = None
    active_params_b: Size | None = None
    layers: Whole | None = None
    hidden: Whole | None = None
    heads: Whole | None = None
    kv_heads: Whole | None = None
    head_dim: Whole | None = None
    ffn: Whole | None = None
    vocab: Whole | None = None
    tied_embeddings: Flag | None = None


class Lora(_Part):
    """Size of the adapter: its rank, and the layers it is put on."""

    rank: Whole | None = None
    targets: Targets | None = None


def _model_kind(value: object) -> str:
    return "~id" if isinstance(value, str) else "~architecture"


class TrainingJob(_Part):
    """One supervised fine-tuning run; None is unknown and widens the range.

    `micro_batch` counts sequences on each GPU and step; `tokens` are over all epochs.
    """

    schema_version: Literal[1]
    model: Annotated[Annotated[str, Tag("~id")] | Annotated[JobModel, Tag("~architecture")], Discriminator(_model_kind)]
    method: TuningMethod
    gpu: str
    gpus: Whole
    lora: Lora | None = None
    quantization: Literal["4bit", "int8"] | None = None
    precision: Precision | None = None
    sequence_length: Whole | None = None
    packing: Flag | None = None
    micro_batch: Whole | None = None
    gradient_accumulation: Whole | None = None
    activation_checkpointing: Checkpointing | None = None
    attention: Attention | None = None
    optimizer: Optimizer | None = None
    optimizer_in_backward: Flag | None = None
    sharding: Sharding | None = None
    loss: Literal["standard", "fused"] | None = None
    usd_per_gpu_hour: Quantity | None = None
    tokens: Annotated[int, BeforeValidator(_only_numbers), Field(ge=0, le=MOST)] | None = None
    examples: Annotated[int, BeforeValidator(_only_numbers), Field(ge=0, le=MOST)] | None = None
    mean_tokens: Quantity | None = None
    epochs: Quantity | None = None


def read_training_job(document: object, name: str) -> TrainingJob:
    """Check a document called `name` in messages and return it as a training job.

    Raises:
        InputError: naming the first field that cannot be used.
    """
    return validate(TrainingJob, document, name)
