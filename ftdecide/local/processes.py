"""What a process owes to others on the machine, and knowing it again after a restart, when numbers are reused."""

# psutil has no complete types for what its exceptions and functions return.
# pyright: reportUnknownMemberType=false

import ctypes
import gc
import os
import subprocess
import sys
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from ftdecide.local.disk import load_document, write_document

_ROOT = Path(__file__).resolve().parents[2]
_START_TOLERANCE_SECONDS = 0.05


def share_processor() -> None:
    """Make this process's threads spin only for a moment while they wait; call it before torch is loaded.

    The default of GNU's OpenMP, 300,000 turns, was measured to make a batch take 18 to 29 seconds instead of 3 with a
    browser or a training beside it: threads spin through the time that the others need. No turn at all costs 1.4 times
    the time of training on an idle machine. A thousand turns are near the best of both; other kinds of OpenMP sleep.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def give_memory_back() -> None:
    """Return freed memory to the system, where the C library keeps it back for later (GNU's does)."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def start_module(name: str, arguments: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start a module of this package in a process and session of its own, which appends what it says to `log`."""
    # The package may run from a folder that is not installed, so the process gets to know where it lies.
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )


class ProcessMark(BaseModel):
    """A process by number and start time (seconds since 1970)."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: float


def mark_self(path: Path) -> None:
    """Write the mark of this very process."""
    own = psutil.Process()
    write_document(path, ProcessMark(pid=own.pid, started=own.create_time()))


def find_marked(path: Path) -> psutil.Process | None:
    """Return the process that wrote the mark at `path`, if it still runs."""
    mark = load_document(path, ProcessMark)
    if mark is None:
        return None
    try:
        process = psutil.Process(mark.pid)
        same = abs(process.create_time() - mark.started) < _START_TOLERANCE_SECONDS
        alive = process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if same and alive else None


def end_process(process: psutil.Process, grace_seconds: float) -> None:
    """Ask a process to end, and end it by force if it has not after a while."""
    try:
        process.terminate()
        process.wait(grace_seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
    except psutil.NoSuchProcess:
        return
