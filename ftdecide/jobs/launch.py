"""Seeing to it that a worker is there."""

import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock, Timeout

import ftdecide
from ftdecide.errors import UnavailableError
from ftdecide.jobs.worker import lock_path
from ftdecide.settings import Settings
from ftdecide.translation import _

_GLANCE_SECONDS = 0.1
_PROJECT = Path(ftdecide.__file__).resolve().parents[1]


def worker_alive(settings: Settings) -> bool:
    """Say whether a worker serves this home: its lock falls with the process, however that ended."""
    lock = FileLock(lock_path(settings))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def ensure_worker(settings: Settings) -> None:
    """Start a worker that outlives this process, unless one is alive or somebody else looks after it.

    Raises:
        UnavailableError: it ended at once.
    """
    if settings.worker == "external" or worker_alive(settings):
        return
    starting = FileLock(settings.home / "worker-start.lock")
    with starting, (settings.home / "worker.log").open("ab") as log:
        if worker_alive(settings):
            return
        process = subprocess.Popen(
            [sys.executable, "-m", "ftdecide", "worker"],
            cwd=_PROJECT,
            env={**os.environ, **environment_of(settings)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        _await_lock(settings, process)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment variables from which another process reads the same settings."""
    return {
        "FTDECIDE_HOME": str(settings.home),
        "FTDECIDE_DATABASE_URL": settings.engine_database_url if _shared_database(settings) else "",
        "FTDECIDE_LOCAL_MODEL": settings.local_model,
        "FTDECIDE_WORKER": settings.worker,
    }


def _shared_database(settings: Settings) -> bool:
    return settings.database_url == settings.engine_database_url


def _await_lock(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    """Wait until the new worker holds its lock or has ended, so that nobody starts a second one."""
    while not worker_alive(settings):
        try:
            process.wait(timeout=_GLANCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        if not worker_alive(settings):
            raise UnavailableError(
                _("the worker cannot be started; its reason is at the end of {log!r}").format(
                    log=str(settings.home / "worker.log")
                )
            )
