"""`fine_tuning/jobs`: create, list, watch, pause, resume and cancel tuning jobs."""

import secrets
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ftdecide.errors import NotFoundError
from ftdecide.local.bodies import choose_page, page_view, read_json, view
from ftdecide.local.checkpoints import list_checkpoints
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.desk import desk_of
from ftdecide.local.job_shapes import DpoHyperparameters, JobRequest, WireHyperparameters
from ftdecide.local.job_views import checkpoint_view, job_view
from ftdecide.local.jobs import (
    Hyperparameters,
    Job,
    MethodName,
    Status,
    choose_batch_size,
    estimate_finish,
    find_job,
    list_events,
    list_jobs,
    new_job_id,
)
from ftdecide.local.preferences import holds_preferences, read_preferences
from ftdecide.local.rows import read_rows
from ftdecide.local.uploads import read_upload
from ftdecide.local.wire import RefusedError, parse

_USUAL_PAGE = 20
_USUAL_CHECKPOINTS = 10


async def create_job(request: Request) -> Response:
    """Queue a tuning job on an uploaded file."""
    desk = desk_of(request)
    asked = parse(JobRequest, await read_json(request))
    if asked.model != desk.base.id:
        message = f"{asked.model!r} cannot be tuned here; the base model is {desk.base.id!r}"
        raise RefusedError(message, status=404, param="model", code="model_not_found")
    try:
        content = read_upload(desk.uploads, asked.training_file)
    except NotFoundError as error:
        raise RefusedError(str(error), param="training_file", code="file_not_found") from error
    method = asked.method.type if asked.method else "supervised"
    rows = _count_rows(content, method)
    chosen = asked.method.hyperparameters if asked.method else asked.hyperparameters
    job = Job(
        id=new_job_id(),
        created_at=int(time.time()),
        base=desk.base,
        suffix=asked.suffix or "model",
        training_file=asked.training_file,
        method=method,
        hyperparameters=_settle(chosen or WireHyperparameters(), rows, desk.defaults.training),
        seed=asked.seed if asked.seed is not None else secrets.randbits(31),
        metadata=asked.metadata or {},
    )
    return JSONResponse(job_view(desk.supervisor.create(job, content)))


def _count_rows(content: bytes, method: MethodName) -> int:
    preferences = holds_preferences(content)
    if preferences != (method == "dpo"):
        holds, wants = ("preferences", "dpo") if preferences else ("conversations", "supervised")
        message = f"the training file holds {holds}, which the method {wants!r} learns from, not {method!r}"
        raise RefusedError(f"{message}; change one of them", param="method.type", code="invalid_value")
    return len(read_preferences(content)) if preferences else len(read_rows(content))


def _settle(asked: WireHyperparameters, rows: int, defaults: TrainingDefaults) -> Hyperparameters:
    """Put numbers in the place of "auto"."""
    n_epochs = defaults.n_epochs if asked.n_epochs == "auto" else asked.n_epochs
    size = choose_batch_size(rows, n_epochs, defaults) if asked.batch_size == "auto" else asked.batch_size
    multiplier = 1.0 if asked.learning_rate_multiplier == "auto" else asked.learning_rate_multiplier
    beta = None
    if isinstance(asked, DpoHyperparameters):
        beta = defaults.dpo_beta if asked.beta == "auto" else asked.beta
    return Hyperparameters(n_epochs=n_epochs, batch_size=size, learning_rate_multiplier=multiplier, beta=beta)


async def list_all(request: Request) -> Response:
    """All jobs, the newest first; `metadata[key]=value` keeps those that carry it."""
    desk = desk_of(request)
    wanted = {
        key.removeprefix("metadata[").removesuffix("]"): value
        for key, value in request.query_params.items()
        if key.startswith("metadata[")
    }
    jobs = [job for job in list_jobs(desk.jobs) if wanted.items() <= job.metadata.items()]
    page, more = choose_page(request, jobs, _USUAL_PAGE)
    return JSONResponse(page_view([job_view(job, None) for job in page], more=more))


async def get_job(request: Request) -> Response:
    """One job, or 404."""
    desk = desk_of(request)
    job = find_job(desk.jobs, str(request.path_params["job"]))
    finish = estimate_finish(list_events(desk.jobs / job.id)) if job.status == Status.RUNNING else None
    return JSONResponse(job_view(job, finish))


async def get_events(request: Request) -> Response:
    """The events of one job, the newest first, or 404."""
    desk = desk_of(request)
    job = find_job(desk.jobs, str(request.path_params["job"]))
    page, more = choose_page(request, list(reversed(list_events(desk.jobs / job.id))), _USUAL_PAGE)
    return JSONResponse(page_view([view(event) for event in page], more=more))


async def cancel_job(request: Request) -> Response:
    """Cancel one job, or 404, or 400 when it is over."""
    # Ending a process may take seconds, in which others want answers.
    job = await run_in_threadpool(desk_of(request).supervisor.cancel, str(request.path_params["job"]))
    return JSONResponse(job_view(job))


async def pause_job(request: Request) -> Response:
    """Pause one job at its next step, or 404, or 400 when it is over or paused."""
    job = await run_in_threadpool(desk_of(request).supervisor.pause, str(request.path_params["job"]))
    return JSONResponse(job_view(job))


async def resume_job(request: Request) -> Response:
    """Let one paused job go on, or 404, or 400 when it is not paused."""
    job = await run_in_threadpool(desk_of(request).supervisor.resume, str(request.path_params["job"]))
    return JSONResponse(job_view(job))


async def get_checkpoints(request: Request) -> Response:
    """The kept checkpoints of one job, the newest first, or 404."""
    desk = desk_of(request)
    job = find_job(desk.jobs, str(request.path_params["job"]))
    kept = [checkpoint_view(job, one) for one in list_checkpoints(desk.jobs / job.id)]
    page, more = choose_page(request, kept, _USUAL_CHECKPOINTS)
    return JSONResponse(page_view([view(one) for one in page], more=more))


ROUTES = [
    Route("/fine_tuning/jobs", create_job, methods=["POST"]),
    Route("/fine_tuning/jobs", list_all, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}", get_job, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}/events", get_events, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}/checkpoints", get_checkpoints, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}/cancel", cancel_job, methods=["POST"]),
    Route("/fine_tuning/jobs/{job}/pause", pause_job, methods=["POST"]),
    Route("/fine_tuning/jobs/{job}/resume", resume_job, methods=["POST"]),
]
