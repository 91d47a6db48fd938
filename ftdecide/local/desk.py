"""What every request handler needs: the engine, the jobs, the uploads, and which model an id means."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from ftdecide.local.defaults import Defaults
from ftdecide.local.engine import Engine
from ftdecide.local.jobs import Job, Status, list_jobs
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


def tuned_jobs(desk: Desk) -> list[Job]:
    """Return the jobs whose model can answer."""
    return [job for job in list_jobs(desk.jobs) if job.status == Status.SUCCEEDED and job.base == desk.base]


def find_adapter(desk: Desk, model: str) -> Path | None:
    """Return the adapter folder of a tuned model, None for the base model.

    Raises:
        RefusedError: no model has this id.
    """
    if model == desk.base.id:
        return None
    for job in tuned_jobs(desk):
        if job.tuned_model == model:
            return desk.jobs / job.id / "adapter"
    raise RefusedError(
        f"the model {model!r} does not exist here; GET /v1/models lists those that do",
        status=404,
        param="model",
        code="model_not_found",
    )
