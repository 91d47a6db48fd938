"""Knowing a process again after a restart: its number alone may meanwhile belong to another."""

# psutil has no complete types for what its exceptions and functions return.
# pyright: reportUnknownMemberType=false

import os
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from ftdecide.local.disk import load_document, write_document

_START_TOLERANCE_SECONDS = 0.05


def share_processor() -> None:
    """Make this process's threads sleep rather than spin while they wait; call it before torch is loaded.

    Spinning is a little faster on an idle machine, but with a browser or a training beside it the same batch was
    measured to take 18 to 29 seconds instead of 3, because threads spun through the time that the others needed.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


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
