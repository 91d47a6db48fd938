"""How many machines a peak of requests needs, at both ends and in the middle of what one of them serves."""

from decimal import ROUND_CEILING, Decimal

from pydantic import BaseModel, ConfigDict

from ftdecide.costs.serving import Capacity
from ftdecide.errors import InputError
from ftdecide.translation import _, plural


class MachinesNeeded(BaseModel):
    """Replicas for a peak: `least` if each serves what 10 % of setups surpass, `most` if only what 90 % surpass.

    `gpus` are those of `middle`; `utilisation` is how busy these are at the peak.
    """

    model_config = ConfigDict(frozen=True)

    least: int
    middle: int
    most: int
    gpus: int
    utilisation: Decimal
    text: str


def machines_needed(peak_requests_per_second: Decimal, capacity: Capacity) -> MachinesNeeded:
    """Return how many replicas answer a peak, at both ends and in the middle of what one of them serves.

    Raises:
        InputError: a peak below 0.
    """
    if peak_requests_per_second < 0:
        raise InputError(f"peak_requests_per_second: {peak_requests_per_second!r} is below 0")
    each = capacity.requests_per_second
    least, middle, most = (
        max(1, int((peak_requests_per_second / rate).to_integral_value(ROUND_CEILING)))
        for rate in (each.p90, each.p50, each.p10)
    )
    told = _("{least:,} to {most:,} machines").format(least=least, most=most)
    if least == most:
        told = plural("{n} machine", "{n} machines", middle)
    text = _(
        "{peak:f} requests a second need {machines} of {gpus} each; one of them answers {low:f} to {high:f}."
    ).format(
        peak=peak_requests_per_second,
        machines=told,
        gpus=plural("{n} GPU", "{n} GPUs", capacity.gpus),
        low=each.p10,
        high=each.p90,
    )
    return MachinesNeeded(
        least=least,
        middle=middle,
        most=most,
        gpus=middle * capacity.gpus,
        utilisation=peak_requests_per_second / (each.p50 * middle),
        text=text,
    )
