"""Accelerators for training by name, and what renting one costs an hour."""

import difflib
import re
from datetime import date
from decimal import Decimal
from functools import cache
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


_FORMS = {"SXM", "PCIE", "NVL", "GCD", "NVIDIA", "AMD", "INTEL", "TESLA", "GEFORCE"}
_MEMORY = re.compile(r"(\d+)G(?:I?B)?")


def find_gpu(name: str) -> Gpu:
    """Return the accelerator that `name` means, whatever the order and separators of its parts.

    Raises:
        InputError: no such accelerator, or several; the message names close ones.
    """
    family, forms, memory = _parts(name)
    found = [gpu for gpu in load_gpus() if _parts(gpu.id)[0] == family and memory in (None, _parts(gpu.id)[2])]
    exact = [gpu for gpu in found if _parts(gpu.id)[1] == forms]
    if len(found) > 1 and exact:
        found = exact
    if found and (len(found) == 1 or memory is not None):
        return found[0]
    known = [gpu.id for gpu in load_gpus()]
    close = [gpu.id for gpu in found] or difflib.get_close_matches(name.upper(), known, n=3, cutoff=0.3)
    raise InputError(
        f"gpu: {name!r} is not one of the listed; did you mean {', '.join(map(repr, close or known[:5]))}?"
    )


def _parts(name: str) -> tuple[str, frozenset[str], str | None]:
    """Split a name into family, form factor and memory, such as ("H100", {"SXM"}, "80")."""
    words = [word for word in re.split(r"[\s_\-()/]+", name.strip().upper()) if word]
    memory = next((match[1] for word in words if (match := _MEMORY.fullmatch(word))), None)
    rest = [word for word in words if not _MEMORY.fullmatch(word)]
    family = "".join(word for word in rest if word not in _FORMS)
    return family, frozenset(word for word in rest if word in _FORMS and word in {"PCIE", "NVL"}), memory


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
