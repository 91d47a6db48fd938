"""What every request handler needs: the engine, the jobs, the uploads, and which model an id means."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from ftdecide.errors import NotFoundError
from ftdecide.local.checkpoints import checkpoint_model, find_checkpoint, job_id_in, list_checkpoints
from ftdecide.local.defaults import Defaults
from ftdecide.local.engine import Engine
from ftdecide.local.jobs import Status, find_job, list_jobs
from ftdecide.local.model import BaseLanguageModel
from ftdecide.local.supervision import Supervisor
from ftdecide.local.wire import RefusedError


@dataclass
class Desk:
    """The running server's parts; `last_request` is when the last one was over, a monotonic time in seconds."""

    base: BaseLanguageModel
    engine: Engine
    supervisor: Supervisor
    uploads: Path
    token: str
    defaults: Defaults
    started_at: int = field(default_factory=lambda: int(time.time()))
    last_request: float = field(default_factory=time.monotonic)
    being_served: int = 0

    @property
    def jobs(self) -> Path:
        """Folder of the tuning jobs."""
        return self.supervisor.folder


def desk_of(request: Request) -> Desk:
    """Return the desk that the application was made with."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)  # noqa: S101 - set by make_app
    return desk


def tuned_models(desk: Desk) -> list[tuple[str, int]]:
    """Return the ids of all tuned models and checkpoints that can answer, with their times in seconds since 1970."""
    models: list[tuple[str, int]] = []
    for job in list_jobs(desk.jobs):
        if job.base == desk.base:
            if job.status == Status.SUCCEEDED:
                models.append((job.tuned_model, job.finished_at or job.created_at))
            kept = list_checkpoints(desk.jobs / job.id)
            models += [(checkpoint_model(job, one), one.created_at) for one in kept]
    return models


def find_adapter(desk: Desk, model: str) -> Path | None:
    """Return the adapter folder of a tuned model, None for the base model.

    Raises:
        RefusedError: no model has this id.
    """
    if model == desk.base.id:
        return None
    try:
        job = find_job(desk.jobs, job_id_in(model))
    except NotFoundError:
        job = None
    if job is not None and job.base == desk.base:
        if job.tuned_model == model and job.status == Status.SUCCEEDED:
            return desk.jobs / job.id / "adapter"
        kept = find_checkpoint(job, desk.jobs / job.id, model)
        if kept is not None:
            return kept
    raise RefusedError(
        f"the model {model!r} does not exist here; GET /v1/models lists those that do",
        status=404,
        param="model",
        code="model_not_found",
    )
