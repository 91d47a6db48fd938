"""How many processors the weights of a model take at least, by its known size or by the one that stands in its name."""

import math
import re

from ftdecide.costs.compute.gpus import find_gpu
from ftdecide.costs.compute.models import find_model
from ftdecide.costs.serving_data import serving_facts
from ftdecide.errors import InputError

_BILLION = 10**9
_GIB = 2**30
_SIZE = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)b(?!-\d+e|[a-z0-9])", re.IGNORECASE)
"""A size such as 8B or 0.6b; neither the active part ("A17B") nor the size of one of several experts ("17B-16E")."""


def processors_for(model: str, gpu: str) -> int | None:
    """Return how many `gpu` hold a model's weights in 16 bits, None where the size of either is not known."""
    try:
        memory = find_gpu(gpu).memory_gib * _GIB * serving_facts().bounds.memory_share
    except InputError:  # a processor whose memory is not listed
        return None
    params_b = _params_b(model)
    if params_b is None:
        return None
    needed = math.ceil(params_b * _BILLION * serving_facts().number_format("bf16").weight_bytes / memory)
    return next((count for count in serving_facts().gpus_tried if count >= needed), needed)


def _params_b(model: str) -> float | None:
    try:
        return find_model(model).params_b
    except InputError:  # not listed: its name may still tell its size
        return max(map(float, _SIZE.findall(model)), default=None)
