"""Accelerators for training by name, and what renting one costs an hour."""

import difflib
import re
from datetime import date
from decimal import Decimal
from functools import cache
from math import isclose
from statistics import median

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.catalog.types import Catalog, GpuPrice
from ftdecide.costs.compute.spread import Spread
from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError
from ftdecide.settings import DATA


class Gpu(BaseModel):
    """One kind of accelerator: memory in GiB, dense peak in 10^12 operations a second, bandwidths in 10^9 bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    memory_gib: float = Field(gt=0)
    bf16_tflops: float = Field(gt=0)
    memory_gb_per_s: float = Field(gt=0)
    link_gb_per_s: float = Field(gt=0)
    fp8: bool = False
    sustained: float = Field(default=1.0, gt=0)
    aliases: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    as_of: date
    gpus: tuple[Gpu, ...]


@cache
def load_gpus() -> tuple[Gpu, ...]:
    """Read `data/gpu_specs.yml` once."""
    path = DATA / "gpu_specs.yml"
    return validate(_File, read_document(path), str(path)).gpus


_FORM = re.compile(r"SXM\d?|PCIE|NVL|GCD|NVIDIA|AMD|INTEL|INSTINCT|TESLA|GEFORCE|HBM\d?E?")
_MEMORY = re.compile(r"(\d+)G(?:I?B)?")


def find_gpu(name: str) -> Gpu:
    """Return the accelerator that `name` means, whatever the order and separators of its parts.

    Raises:
        InputError: no such accelerator, or several; the message names close ones.
    """
    family, forms, memory = _parts(name)
    found = [gpu for gpu in load_gpus() if any(_means(family, memory, known) for known in (gpu.id, *gpu.aliases))]
    exact = [gpu for gpu in found if _parts(gpu.id)[1] == forms]
    if len(found) > 1 and exact:
        found = exact
    if found and (len(found) == 1 or memory is not None):
        return found[0]
    known = [gpu.id for gpu in load_gpus()]
    close = [gpu.id for gpu in found] or difflib.get_close_matches(name.upper(), known, n=3, cutoff=0.3)
    problem = "may mean several of the listed" if found else "is not one of the listed"
    raise InputError(f"gpu: {name!r} {problem}; did you mean {', '.join(map(repr, close or known[:5]))}?")


def _means(family: str, memory: str | None, known: str) -> bool:
    """Say whether family and memory are those of a listed name; vendors and clouds round memory differently."""
    listed, _forms, size = _parts(known)
    return listed == family and (memory is None or size is None or isclose(int(memory), int(size), rel_tol=_ROUNDED))


_ROUNDED = 0.1


def _parts(name: str) -> tuple[str, frozenset[str], str | None]:
    """Split a name into family, form factor and memory, such as ("H100", {"SXM"}, "80")."""
    words = [word for word in re.split(r"[\s_\-()/]+", name.strip().upper()) if word]
    memory = next((match[1] for word in words if (match := _MEMORY.fullmatch(word))), None)
    rest = [word for word in words if not _MEMORY.fullmatch(word)]
    family = "".join(word for word in rest if not _FORM.fullmatch(word)).replace("RTXA", "A")
    return family, frozenset(rest) & {"PCIE", "NVL"}, memory


def hourly_price(gpu: Gpu, catalog: Catalog) -> tuple[Spread, str] | None:
    """Return what one costs an hour over the clouds that are known, and the newest day of these readings.

    The newest reading of each cloud counts, under the first of the accelerator's names that has any.
    """
    for name in gpu.prices:
        newest: dict[str, GpuPrice] = {}
        for price in catalog.gpus.gpus:
            if price.gpu == name and (price.cloud not in newest or price.as_of >= newest[price.cloud].as_of):
                newest[price.cloud] = price
        if newest:
            low = min(price.low_usd_per_gpu_hour or price.usd_per_gpu_hour for price in newest.values())
            high = max(price.high_usd_per_gpu_hour or price.usd_per_gpu_hour for price in newest.values())
            middle = Decimal(median(price.usd_per_gpu_hour for price in newest.values()))
            spread = Spread(float(low), float(middle), float(high))
            return spread, max(price.as_of for price in newest.values())
    return None
