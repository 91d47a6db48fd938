"""Tuning jobs on disk: one folder each, with `job.json`, the rows, events, checkpoints and the adapter.

The server alone writes `job.json`; the training process alone writes `process.json`, `outcome.json` and its events.
"""

import json
import math
import re
import secrets
import time
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ftdecide.errors import NotFoundError
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.disk import Dated, load_document, newest_first, write_document
from ftdecide.local.model import BaseLanguageModel


class Status(StrEnum):
    """Where a job is; the last three are final, and a paused one waits until it is resumed."""

    VALIDATING_FILES = "validating_files"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


MethodName = Literal["supervised", "dpo"]
FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})

_ID = re.compile(r"ftjob-[A-Za-z0-9]+")


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class Hyperparameters(_Document):
    """What a job trains with; the rate is `learning_rate` of the defaults times the multiplier, `beta` that of DPO."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    beta: float | None = None


class JobError(_Document):
    """Why a job failed, in the shape that clients know."""

    code: str
    message: str
    param: str | None = None


class Job(Dated):
    """One tuning job; times in whole seconds since 1970.

    `starts` counts training processes, `attempts` those of them that were not ended on purpose.
    """

    base: BaseLanguageModel
    suffix: str
    training_file: str
    hyperparameters: Hyperparameters
    seed: int
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    method: MethodName = "supervised"
    status: Status = Status.VALIDATING_FILES
    starts: int = 0
    attempts: int = 0
    finished_at: int | None = None
    trained_tokens: int | None = None
    error: JobError | None = None

    @property
    def tuned_model(self) -> str:
        """Id under which the tuned model answers once the job has succeeded."""
        return f"ft:{self.base.id}:ftdecide:{self.suffix}:{self.id}"


class Outcome(_Document):
    """How the training process ended, written by itself as its last act."""

    succeeded: bool
    trained_tokens: int = 0
    error: JobError | None = None


class Event(_Document):
    """Something that happened to a job; `data` of a metrics event holds step, loss, rate, tokens and seconds."""

    id: str
    created_at: int
    level: Literal["info", "warn", "error"] = "info"
    message: str
    type: Literal["message", "metrics"] = "message"
    data: dict[str, JsonValue] | None = None
    object: str = "fine_tuning.job.event"


def new_job_id() -> str:
    """Make an id that nothing has yet."""
    return f"ftjob-{secrets.token_hex(8)}"


def choose_batch_size(rows: int, n_epochs: int, defaults: TrainingDefaults) -> int:
    """Return what "auto" means: the usual size, halved until the epochs give enough steps to learn anything."""
    size = defaults.batch_size
    while size > 1 and math.ceil(rows / size) * n_epochs < defaults.least_steps:
        size //= 2
    return size


def save_job(folder: Path, job: Job) -> Job:
    """Write `job` to its own folder below `folder`."""
    write_document(folder / job.id / "job.json", job)
    return job


def list_jobs(folder: Path) -> list[Job]:
    """Return all jobs, the newest first."""
    return newest_first(folder, "ftjob-*/job.json", Job)


def find_job(folder: Path, job_id: str) -> Job:
    """Return one job.

    Raises:
        NotFoundError: nothing has this id.
    """
    # An id comes from outside, and must not lead out of the folder.
    job = load_document(folder / job_id / "job.json", Job) if _ID.fullmatch(job_id) else None
    if job is not None:
        return job
    raise NotFoundError(f"no tuning job has the id {job_id!r}; list the jobs to see which there are")


def add_event(job_folder: Path, event: Event) -> None:
    """Append one event; a line this short is written whole or not at all."""
    with (job_folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(event.model_dump_json() + "\n")


def say(job_folder: Path, name: str, message: str, level: Literal["info", "warn", "error"] = "info") -> None:
    """Append a message event whose id is made of the job and `name`, so that repeating it adds nothing."""
    event_id = f"ftevent-{job_folder.name}-{name}"
    add_event(job_folder, Event(id=event_id, created_at=int(time.time()), level=level, message=message))


def list_events(job_folder: Path) -> list[Event]:
    """Return the events in the order they happened; a step that ran again after a stop counts once, as it ran last."""
    events: dict[str, Event] = {}
    path = job_folder / "events.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    # A machine that stopped while writing leaves half a line, which is no event.
    for line in lines:
        if line.endswith("}") and _is_json(line):
            event = Event.model_validate_json(line)
            events.pop(event.id, None)
            events[event.id] = event
    return list(events.values())


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except json.JSONDecodeError:
        return False
    return True


def estimate_finish(events: list[Event]) -> int | None:
    """Return when training will be over at its present pace (seconds since 1970), None before the first step."""
    for event in reversed(events):
        data = event.data or {}
        step, total, seconds = data.get("step"), data.get("total_steps"), data.get("seconds")
        if isinstance(step, int) and isinstance(total, int) and isinstance(seconds, int | float) and step:
            return round(event.created_at + seconds / step * (total - step))
    return None
