"""How fast a machine can answer with a model: memory bandwidth and arithmetic as limits, with fitted shares of both.

One decoding step of a batch takes as long as reading the weights once and every request's key/value cache, plus the
arithmetic of the new tokens and of the prompts that arrive meanwhile, plus what the engine needs a layer and a request.
"""

from dataclasses import dataclass
from math import log2
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]


class Constants(BaseModel):
    """What is fitted: shares of bandwidth and peak that are reached, and the engine's own time.

    `layer_seconds` are spent on each layer of a step, `exchange_share` more of it for every doubling of the GPUs that
    share one model, `request_seconds` on each request of the batch in a step.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bandwidth_share: Positive
    compute_share: Positive
    layer_seconds: Positive
    exchange_share: Positive
    request_seconds: Positive


class Bounds(BaseModel):
    """What an engine takes of the memory, and how many requests it answers at once at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_share: Annotated[float, Field(gt=0, le=1)]
    requests_at_once: Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Load:
    """One model on `gpus` equal GPUs that share it, and the requests it gets.

    `parameters` and `active_parameters` are counts (all of them, and those a token passes); `weight_bytes` and
    `cache_bytes` a parameter and a token of context; memory in bytes, bandwidth in bytes and peak in operations a
    second of one GPU; lengths in tokens. `in_flight` None: as many at once as the memory holds.
    """

    parameters: float
    active_parameters: float
    layers: int
    weight_bytes: float
    cache_bytes: float
    gpus: int
    memory: float
    bandwidth: float
    peak: float
    input_tokens: float
    output_tokens: float
    in_flight: float | None = None


def room_for(load: Load, bounds: Bounds) -> float:
    """Return how many requests of this length the memory holds beside the weights; below 1 the model does not fit."""
    free = load.gpus * load.memory * bounds.memory_share - load.parameters * load.weight_bytes
    return free / (load.cache_bytes * (load.input_tokens + load.output_tokens))


def output_rate(load: Load, constants: Constants, bounds: Bounds) -> float:
    """Return output tokens a second of all requests together, for a model that fits.

    Source: design notes on serving (decode limited by bandwidth, prefill by arithmetic), summed rather than the larger
    of the two, as engines overlap them only in part.
    """
    # Half of the answer stands in the cache on average.
    context = load.input_tokens + load.output_tokens / 2
    held = max(1.0, room_for(load, bounds) * (load.input_tokens + load.output_tokens) / context)
    batch = min(load.in_flight or held, held, bounds.requests_at_once)
    bandwidth = load.gpus * load.bandwidth * constants.bandwidth_share
    arithmetic = load.gpus * load.peak * constants.compute_share
    reading = (_touched(load, batch) * load.weight_bytes + batch * context * load.cache_bytes) / bandwidth
    # Every output token brings its share of a prompt that has to be read as well.
    tokens = batch * (1 + load.input_tokens / max(load.output_tokens, 1))
    working = tokens * 2 * load.active_parameters / arithmetic
    engine = load.layers * constants.layer_seconds * (1 + constants.exchange_share * log2(load.gpus))
    return batch / (reading + working + engine + batch * constants.request_seconds)


def _touched(load: Load, batch: float) -> float:
    """Return how many parameters a step reads: with experts, those that at least one token of the batch passes."""
    share = min(1.0, load.active_parameters / load.parameters)
    return load.parameters * (1 - (1 - share) ** batch)
