"""Published measurements of serving as the roofline takes them, and the one that fits a question."""

from dataclasses import dataclass, replace
from math import log

from ftdecide.costs.compute.gpus import Gpu, find_gpu
from ftdecide.costs.compute.models import OpenModel, find_model
from ftdecide.costs.roofline import Load, output_rate
from ftdecide.costs.serving_data import PublishedRate, Ratios, published_rates, serving_facts

_GIB = 2**30
_GIGA = 1e9
_TERA = 1e12
# Lengths that a source did not state are taken to be short.
_UNSTATED_TOKENS = 200.0


def load_of(model: OpenModel, gpu: Gpu, precision: str, gpus: int, tokens: tuple[float, float]) -> Load:
    """Return model, machine and request lengths (in, out) as the roofline takes them.

    Raises:
        InputError: the precision is not known.
    """
    facts = serving_facts()
    numbers = facts.number_format(precision)
    native = {"fp8": gpu.fp8, "fp4": gpu.id in facts.fp4_gpus}.get(numbers.name, True)
    return Load(
        parameters=model.params_b * _GIGA,
        active_parameters=(model.active_params_b or model.params_b) * _GIGA,
        layers=model.layers,
        weight_bytes=numbers.weight_bytes,
        cache_bytes=2 * model.layers * model.kv_heads * model.head_dim * numbers.cache_bytes,
        gpus=gpus,
        memory=gpu.memory_gib * _GIB,
        bandwidth=gpu.memory_gb_per_s * _GIGA,
        peak=gpu.bf16_tflops * _TERA * (numbers.faster if native else 1.0),
        input_tokens=tokens[0],
        output_tokens=tokens[1],
    )


def load_of_row(row: PublishedRate) -> Load:
    """Return a published measurement as the roofline takes it.

    Raises:
        InputError: the tables of models and GPUs do not know it.
    """
    tokens = (row.input_tokens or _UNSTATED_TOKENS, row.output_tokens or _UNSTATED_TOKENS)
    load = load_of(find_model(row.model), find_gpu(row.gpu), row.precision, row.gpus, tokens)
    return load if row.requests_in_flight == "queue" else replace(load, in_flight=row.requests_in_flight)


@dataclass(frozen=True)
class Found:
    """A published row that fits: what it gave divided by what the roofline says of it, and the range around it."""

    row: PublishedRate
    ratio: float
    ratios: Ratios


def find_published(load: Load, gpu: Gpu, precision: str) -> Found | None:
    """Return the nearest published measurement of this architecture on this machine, None where none is near enough."""
    facts = serving_facts()
    near: dict[float, PublishedRate] = {}
    for row in published_rates().rows:
        same = (row.gpu, row.gpus, row.precision) == (gpu.id, load.gpus, precision)
        if not same or row.estimated or row.input_tokens is None or row.output_tokens is None:
            continue
        if _architecture(load_of_row(row)) != _architecture(load) or (load.in_flight is None) != (
            row.requests_in_flight == "queue"
        ):
            continue
        pairs = [(load.input_tokens, row.input_tokens), (load.output_tokens, row.output_tokens)]
        if load.in_flight is not None and row.requests_in_flight != "queue":
            pairs.append((load.in_flight, row.requests_in_flight))
        far = max(abs(log(max(asked, 1) / given)) for asked, given in pairs)
        if far < log(facts.published_within):
            near[far] = row
    if not near:
        return None
    row = near[min(near)]
    estimate = output_rate(load_of_row(row), facts.fit.constants, facts.bounds)
    ratios = Ratios(p10=1 / facts.engine_versions.factor, p50=1, p90=max(1.0, facts.fit.spread.p90))
    return Found(row, row.output_tokens_per_second / estimate, ratios)


def _architecture(load: Load) -> tuple[float, int, float]:
    """What makes two models equally fast: versions with the same of everything are."""
    return (load.parameters, load.layers, load.cache_bytes)
