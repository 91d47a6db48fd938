"""What was fitted on published runs for the training estimate."""

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MemoryConstants(_Part):
    """Bytes of what is kept between the way forth and back, and how wide the range is.

    `logits` bytes a token and entry of the vocabulary, `logits_fp32` the same with a 32-bit stream, `logits_fused` with
    a fused loss; `per_hidden` bytes a token and hidden unit in one layer; `recomputed` the share of a layer's saved
    bytes that its recomputation and gradients take together. `static_width`, `logits_width`
    and `moving_width` (of everything else that a step adds) are p90 over p50.
    """

    logits: float = Field(gt=0)
    logits_fp32: float = Field(gt=0)
    logits_fused: float = Field(gt=0)
    per_hidden: float = Field(gt=0)
    recomputed: float = Field(gt=0)
    static_width: float = Field(ge=1)
    logits_width: float = Field(ge=1)
    moving_width: float = Field(ge=1)


class SpeedConstants(_Part):
    """Where the time of a step goes, and how wide the range is.

    `compute_share` of the dense peak in matrix products, `fp8_gain` on it; `attention_cost`
    how much longer an operation of attention's scores takes; `traffic` times the saved bytes move through
    memory; `launch_seconds` a layer and pass; `exchange_share` of the sharded weights' way that nothing hides;
    `parallel_share` the same of exchanges inside layers. `width` is p90 over p50 of the time of
    arithmetic, `rest_width` that of everything else.
    """

    compute_share: float = Field(gt=0)
    fp8_gain: float = Field(gt=0)
    attention_cost: float = Field(gt=0)
    traffic: float = Field(gt=0)
    launch_seconds: float = Field(gt=0)
    exchange_share: float = Field(gt=0)
    parallel_share: float = Field(gt=0)
    width: float = Field(ge=1)
    rest_width: float = Field(ge=1)


class Constants(_Part):
    """The contents of `data/training_constants.yml`, written by `benchmarks/training_refit.py`."""

    as_of: date
    source: str
    memory: MemoryConstants
    speed: SpeedConstants


@cache
def load_constants() -> Constants:
    """Read the fitted constants once."""
    path = DATA / "training_constants.yml"
    return validate(Constants, read_document(path), str(path))
