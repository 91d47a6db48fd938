"""What is known of serving open models: published throughput, and the constants that were fitted on it."""

from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.catalog.figures import Confidence
from ftdecide.costs.roofline import Bounds, Constants
from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError
from ftdecide.settings import DATA

Precision = Literal["bf16", "fp8", "fp4", "int8", "int4"]
Positive = Annotated[float, Field(gt=0)]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedSource(_Fact):
    """Who published, where, and whether with an engine of 2024 or one from 2025 on."""

    url: str
    confidence: Confidence
    engine_generation: Literal["of_2024", "current"]
    as_of: date
    note: str = ""


class PublishedRate(_Fact):
    """One published rate: output tokens a second of one model over `gpus` GPUs that share it.

    `requests_in_flight` "queue" means that more waited than fitted; `estimated` that lengths and requests in flight
    were not stated.
    """

    id: str
    source: str
    model: str
    gpu: str
    gpus: Annotated[int, Field(ge=1)]
    engine: str
    precision: Precision = "bf16"
    input_tokens: Positive | None = None
    output_tokens: Positive | None = None
    requests_in_flight: Annotated[int, Field(ge=1)] | Literal["queue"]
    estimated: bool = False
    output_tokens_per_second: Positive
    note: str = ""


class PublishedRates(_Fact):
    """Everything in `data/evidence/serving_throughput.yml`."""

    schema_version: Literal[1]
    sources: dict[str, PublishedSource]
    rows: tuple[PublishedRate, ...]


class _Sourced(_Fact):
    source: str
    as_of: date


class Ratios(_Fact):
    """Published rate divided by the estimate, at three places of its distribution."""

    p10: Positive
    p50: Positive
    p90: Positive


class Fit(_Sourced):
    """The fitted constants, and how far published rates lie from what they give."""

    constants: Constants
    spread: Ratios


class Prior(_Fact):
    """What is taken for likely before any row is seen: a middle, and the standard deviation of the logarithm."""

    middle: Positive
    log_deviation: Positive


class Priors(_Sourced):
    """One prior for each constant."""

    bandwidth_share: Prior
    compute_share: Prior
    layer_seconds: Prior
    exchange_share: Prior
    request_seconds: Prior


class EngineBounds(Bounds, _Sourced):
    """The bounds with where they come from."""


class NumberFormat(_Fact):
    """Bytes a parameter and a cached number, and how many times faster than 16 bits the arithmetic can be."""

    name: Precision
    weight_bytes: Positive
    cache_bytes: Positive
    faster: Positive


class EngineVersions(_Sourced):
    """How many times more the same machine gave with a newer version of its engine."""

    factor: Positive


class ServingFacts(_Fact):
    """Everything in `data/serving.yml`."""

    schema_version: Literal[1]
    fit: Fit
    priors: Priors
    bounds: EngineBounds
    precisions: tuple[NumberFormat, ...]
    fp4_gpus: tuple[str, ...]
    published_within: Positive
    engine_versions: EngineVersions
    gpus_tried: tuple[int, ...]

    def number_format(self, precision: str) -> NumberFormat:
        """Return the format called `precision`.

        Raises:
            InputError: there is none.
        """
        found = next((known for known in self.precisions if known.name == precision), None)
        if found is None:
            names = ", ".join(known.name for known in self.precisions)
            raise InputError(f"precision: {precision!r} is not known; use one of {names}")
        return found


@cache
def serving_facts() -> ServingFacts:
    """Read `data/serving.yml` once."""
    path = DATA / "serving.yml"
    return validate(ServingFacts, read_document(path), str(path))


@cache
def published_rates() -> PublishedRates:
    """Read `data/evidence/serving_throughput.yml` once.

    Raises:
        InputError: a row that names a source which is not listed, or anything else that is not as it should be.
    """
    path = DATA / "evidence" / "serving_throughput.yml"
    rates = validate(PublishedRates, read_document(path), str(path))
    unknown = next((row for row in rates.rows if row.source not in rates.sources), None)
    if unknown:
        raise InputError(f"{str(path)!r}, row {unknown.id!r}: source {unknown.source!r} is not listed; add it")
    return rates
