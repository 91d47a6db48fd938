"""What a machine of one's own serves: requests and tokens a second, and money for its tokens."""

from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from ftdecide.costs.compute.gpus import Gpu, find_gpu
from ftdecide.costs.compute.models import find_model
from ftdecide.costs.published_serving import Found, find_published, load_of
from ftdecide.costs.roofline import Load, output_rate, room_for
from ftdecide.costs.serving_data import Precision, Ratios, published_rates, serving_facts
from ftdecide.costs.types import Origin, Spread
from ftdecide.errors import InputError
from ftdecide.translation import _

_SECONDS_PER_HOUR = 3600
_MTOK = Decimal(1_000_000)
_GIB = 2**30


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class Capacity(_Result):
    """What one replica (`gpus` GPUs that share one model) gives when it is busy all the time.

    `origin` is "quoted" where a published measurement fits, else "assumed": worked out from bandwidth and arithmetic.
    `in_flight` is how many requests it answers at once at most; `text` says in words where the range comes from.
    """

    requests_per_second: Spread
    output_tokens_per_second: Spread
    gpus: int
    in_flight: int
    origin: Origin
    source: str
    as_of: str
    text: str


@dataclass(frozen=True)
class Replica:
    """A model on `gpus` equal GPUs that share it."""

    model: str
    gpu: str
    gpus: int = 1
    precision: Precision = "bf16"


@dataclass(frozen=True)
class Requests:
    """Mean lengths in tokens, and how many requests are answered at once at most: None for as many as memory holds."""

    input_tokens: float
    output_tokens: float
    in_flight: int | None = None


def capacity(replica: Replica, requests: Requests) -> Capacity:
    """Estimate what one replica serves of such requests.

    Without `in_flight` as many requests as the memory holds are answered at once, which is the most it can give.

    Raises:
        InputError: model, GPU or precision is not known, a number is not positive, or the model does not fit; the
            message then names the smallest number of these GPUs that holds it.
    """
    asked, told, in_flight = requests.input_tokens, requests.output_tokens, requests.in_flight
    if asked < 0 or told < 1 or replica.gpus < 1 or (in_flight is not None and in_flight < 1):
        raise InputError(
            f"{replica.model!r} on {replica.gpu!r}: input_tokens must not be below 0; output_tokens, gpus and "
            "in_flight not below 1"
        )
    known, machine = find_model(replica.model), find_gpu(replica.gpu)
    load = load_of(known, machine, replica.precision, replica.gpus, (asked, told))
    load = replace(load, in_flight=in_flight)
    facts = serving_facts()
    room = room_for(load, facts.bounds)
    if room < 1:
        raise InputError(_does_not_fit(replica, machine, load))
    rate = output_rate(load, facts.fit.constants, facts.bounds)
    found = find_published(load, machine, replica.precision)
    spread = _spread(rate, facts.fit.spread) if found is None else _spread(rate * found.ratio, found.ratios)
    return Capacity(
        requests_per_second=_times(spread, 1 / told),
        output_tokens_per_second=spread,
        gpus=replica.gpus,
        in_flight=int(min(room, in_flight or room, facts.bounds.requests_at_once)),
        origin="assumed" if found is None else "quoted",
        source=facts.fit.source if found is None else published_rates().sources[found.row.source].url,
        as_of=str(facts.fit.as_of if found is None else published_rates().sources[found.row.source].as_of),
        text=_say(found),
    )


def usd_per_mtok_output(capacity: Capacity, usd_per_gpu_hour: Decimal, utilisation: Decimal = Decimal(1)) -> Spread:
    """Return what a million output tokens cost on a replica that is busy for a share `utilisation` of its time.

    Prompts are within that price: they are read by the same machine. Source: design notes on serving.

    Raises:
        InputError: a price below 0, or a utilisation that is not above 0 and at most 1.
    """
    if usd_per_gpu_hour < 0 or not 0 < utilisation <= 1:
        raise InputError(
            f"usd_per_gpu_hour {usd_per_gpu_hour!r} must not be below 0, "
            f"utilisation {utilisation!r} above 0 and at most 1"
        )
    hour = usd_per_gpu_hour * capacity.gpus * _MTOK / (_SECONDS_PER_HOUR * utilisation)
    rate = capacity.output_tokens_per_second
    low, middle, high = (_digits(float(hour / of)) for of in (rate.p90, rate.p50, rate.p10))
    return Spread(p10=low, p50=middle, p90=high)


def _spread(rate: float, ratios: Ratios) -> Spread:
    return Spread(p10=_digits(rate * ratios.p10), p50=_digits(rate * ratios.p50), p90=_digits(rate * ratios.p90))


def _times(spread: Spread, factor: float) -> Spread:
    low, middle, high = (_digits(float(value) * factor) for value in (spread.p10, spread.p50, spread.p90))
    return Spread(p10=low, p50=middle, p90=high)


def _digits(value: float) -> Decimal:
    """Four digits: more would pretend to be known."""
    return Decimal(format(Decimal(f"{value:.4g}"), "f"))


def _does_not_fit(replica: Replica, gpu: Gpu, load: Load) -> str:
    facts = serving_facts()
    needed = load.parameters * load.weight_bytes / _GIB
    enough = next((count for count in facts.gpus_tried if room_for(replace(load, gpus=count), facts.bounds) >= 1), None)
    mend = f"take gpus={enough}" if enough else "take a larger GPU or a smaller precision"
    return (
        f"{replica.model!r} in {replica.precision} has {needed:.0f} GiB of weights and does not fit "
        f"{load.gpus} x {gpu.id!r} together with one request; {mend}"
    )


def _say(found: Found | None) -> str:
    facts = serving_facts()
    versions = _(
        "Another version of the engine alone changed such a rate {factor:g} times: the range is wide until you measure."
    ).format(factor=facts.engine_versions.factor)
    if found is None:
        told = _("No published measurement fits, so it is worked out from the memory's bandwidth and the arithmetic.")
    else:
        told = _(
            "Published with {engine} for {input:.0f} tokens in and {output:.0f} out, carried over to your lengths."
        ).format(engine=found.row.engine, input=found.row.input_tokens, output=found.row.output_tokens)
    return f"{told} {versions}"
