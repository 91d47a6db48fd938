"""`fine_tuning/jobs`: create, list, watch and cancel tuning jobs."""

import secrets
import time

from pydantic import JsonValue
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ftdecide.errors import NotFoundError
from ftdecide.local.bodies import choose_page, page_view, read_json, view
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.desk import desk_of
from ftdecide.local.job_shapes import JobRequest, WireHyperparameters
from ftdecide.local.jobs import (
    Hyperparameters,
    Job,
    Status,
    choose_batch_size,
    estimate_finish,
    find_job,
    list_events,
    list_jobs,
    new_job_id,
)
from ftdecide.local.rows import read_rows
from ftdecide.local.uploads import read_upload
from ftdecide.local.wire import RefusedError, parse

_USUAL_PAGE = 20


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
    chosen = asked.method.supervised.hyperparameters if asked.method else asked.hyperparameters
    job = Job(
        id=new_job_id(),
        created_at=int(time.time()),
        base=desk.base,
        suffix=asked.suffix or "model",
        training_file=asked.training_file,
        hyperparameters=_settle(chosen or WireHyperparameters(), len(read_rows(content)), desk.defaults.training),
        seed=asked.seed if asked.seed is not None else secrets.randbits(31),
        metadata=asked.metadata or {},
    )
    return JSONResponse(_job_view(desk.supervisor.create(job, content), None))


def _settle(asked: WireHyperparameters, rows: int, defaults: TrainingDefaults) -> Hyperparameters:
    """Put numbers in the place of "auto"."""
    n_epochs = defaults.n_epochs if asked.n_epochs == "auto" else asked.n_epochs
    size = choose_batch_size(rows, n_epochs, defaults) if asked.batch_size == "auto" else asked.batch_size
    multiplier = 1.0 if asked.learning_rate_multiplier == "auto" else asked.learning_rate_multiplier
    return Hyperparameters(n_epochs=n_epochs, batch_size=size, learning_rate_multiplier=multiplier)


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
    return JSONResponse(page_view([_job_view(job, None) for job in page], more=more))


async def get_job(request: Request) -> Response:
    """One job, or 404."""
    desk = desk_of(request)
    job = find_job(desk.jobs, str(request.path_params["job"]))
    finish = estimate_finish(list_events(desk.jobs / job.id)) if job.status == Status.RUNNING else None
    return JSONResponse(_job_view(job, finish))


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
    return JSONResponse(_job_view(job, None))


def _job_view(job: Job, estimated_finish: int | None) -> JsonValue:
    hyperparameters = view(job.hyperparameters)
    return {
        "id": job.id,
        "object": "fine_tuning.job",
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "estimated_finish": estimated_finish,
        "model": job.base.id,
        "fine_tuned_model": job.tuned_model if job.status == Status.SUCCEEDED else None,
        "organization_id": "local",
        "status": job.status.value,
        "hyperparameters": hyperparameters,
        "method": {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
        "training_file": job.training_file,
        "validation_file": None,
        "result_files": [],
        "trained_tokens": job.trained_tokens,
        "error": view(job.error) if job.error else None,
        "seed": job.seed,
        "metadata": {**job.metadata},
        "integrations": [],
    }


ROUTES = [
    Route("/fine_tuning/jobs", create_job, methods=["POST"]),
    Route("/fine_tuning/jobs", list_all, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}", get_job, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}/events", get_events, methods=["GET"]),
    Route("/fine_tuning/jobs/{job}/cancel", cancel_job, methods=["POST"]),
]
