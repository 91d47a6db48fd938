"""What this machine computes with: its name, its memory, and which of the listed accelerators it is."""

# psutil and torch have no complete types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from ftdecide.costs.compute.gpus import Gpu, find_gpu
from ftdecide.errors import InputError

GIB = 2**30


@dataclass(frozen=True)
class Device:
    """A graphics card, or the processor where there is none; `gpu` is None for one that is not listed."""

    name: str
    memory_gib: float
    on_gpu: bool
    gpu: Gpu | None


def describe_device() -> Device:
    """Return what torch would train on here."""
    import psutil
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        memory_gib = torch.cuda.get_device_properties(0).total_memory / GIB
        return Device(name, memory_gib, on_gpu=True, gpu=_listed(name, memory_gib))
    cores = os.cpu_count() or 1
    return Device(f"{_processor()}, {cores} cores", psutil.virtual_memory().total / GIB, on_gpu=False, gpu=None)


def _listed(name: str, memory_gib: float) -> Gpu | None:
    """Find the accelerator by the driver's name, with the memory it reports where the name does not say it."""
    for tried in (name, f"{name} {round(memory_gib)}GB"):
        try:
            return find_gpu(tried)
        except InputError:
            continue
    return None


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
