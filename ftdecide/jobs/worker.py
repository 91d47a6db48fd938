"""The worker process: takes up what was left when the last one ended, then runs whatever is asked for."""

import json
import os
import secrets
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from ftdecide.errors import UnavailableError
from ftdecide.jobs.port import (
    APPLICATION_NAME,
    APPLICATION_VERSION,
    LOCAL_QUEUE,
    REMOTE_QUEUE,
    Outcome,
    Workflow,
    prepare_database,
)
from ftdecide.settings import Settings
from ftdecide.translation import _

HEARTBEAT_SECONDS = 5.0
_LOCK_SECONDS = 3.0
_POLL_SECONDS = 0.5
_TIDY_SECONDS = 900.0
# The local engine has two cores to share and one model in memory; remote providers have room for several runs.
_RUNS_AT_ONCE = {LOCAL_QUEUE: 1, REMOTE_QUEUE: 4}


def run_worker(
    settings: Settings, workflows: Sequence[Workflow], tidy: Callable[[Settings], None] | None = None
) -> NoReturn:
    """Serve until the process is told to end; prints one line when ready.

    `tidy` is called now and every quarter of an hour, beside the work: it ends what was left behind.

    Raises:
        UnavailableError: another worker serves this home already, or the engine's database cannot be used.
    """
    lock = FileLock(lock_path(settings))
    try:
        lock.acquire(timeout=_LOCK_SECONDS)
    except Timeout as error:
        raise UnavailableError(
            _("a worker already serves {home!r}; use that one, or end it first").format(home=str(settings.home))
        ) from error
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    _launch(settings, workflows)
    if tidy is not None:
        Thread(target=_tidy, args=(tidy, settings, stop), name="tidy", daemon=True).start()
    _say(f"worker ready: pid {os.getpid()}, home {settings.home}")
    beat(settings)
    while not stop.wait(HEARTBEAT_SECONDS):
        beat(settings)
    heartbeat_path(settings).unlink(missing_ok=True)
    # Ending here is the same as being killed: work in flight is durable, and waiting for its threads could take hours.
    sys.stdout.flush()
    os._exit(0)


def _tidy(tidy: Callable[[Settings], None], settings: Settings, stop: Event) -> None:
    while True:
        try:
            tidy(settings)
        except Exception:  # noqa: BLE001 - what is left may cost money: it is tried again, whatever went wrong once
            traceback.print_exc()
        if stop.wait(_TIDY_SECONDS):
            return


def lock_path(settings: Settings) -> Path:
    """Return the file whose lock the one worker of a home holds as long as it lives."""
    return settings.home / "worker.lock"


def heartbeat_path(settings: Settings) -> Path:
    """Return the file that a worker writes every few seconds."""
    return settings.home / "worker.json"


def beat(settings: Settings) -> None:
    """Write the heartbeat: process id and version; its time is that of the file."""
    _replace(heartbeat_path(settings), json.dumps({"pid": os.getpid(), "version": APPLICATION_VERSION}))


def _launch(settings: Settings, workflows: Sequence[Workflow]) -> None:
    from dbos import DBOS, DBOSPortableJSONSerializer

    prepare_database(settings.engine_database_url)
    DBOS(
        config={
            "name": APPLICATION_NAME,
            "system_database_url": settings.engine_database_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": _executor_id(settings.home),
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "enable_otlp": False,
        }
    )
    for workflow in workflows:
        DBOS.workflow(name=workflow.name)(_body(settings, workflow))
    DBOS.launch()
    for queue, at_once in _RUNS_AT_ONCE.items():
        DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=_POLL_SECONDS)


def _body(settings: Settings, workflow: Workflow) -> Callable[[str], None]:
    def body(subject: str) -> None:
        try:
            workflow.body(settings, _step, subject)
        except Exception as error:
            # A defect: it is said where people look, and raised again so that the log has its traceback.
            workflow.on_defect(settings, subject, f"{type(error).__name__}: {error}")
            raise

    body.__qualname__ = body.__name__ = workflow.name
    return body


def _step(name: str, work: Callable[[], Outcome], /) -> Outcome:
    from dbos import DBOS

    return DBOS.run_step({"name": name}, work)


def _executor_id(home: Path) -> str:
    """Return the name under which unfinished work is found again: made once for a home, and it moves with it."""
    path = home / "worker.id"
    if not path.exists():
        _replace(path, f"worker-{secrets.token_hex(4)}")
    return path.read_text(encoding="utf-8").strip()


def _replace(path: Path, text: str) -> None:
    """Write a file so that a stop in between leaves the old or the new one, never half of one."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
