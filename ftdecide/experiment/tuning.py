"""Tuning one arm: upload, create the job once and for all, follow it until it ends."""

import time
from collections.abc import Iterable
from decimal import Decimal
from math import ceil

from ftdecide.errors import FtdecideError, ProviderError
from ftdecide.experiment.arm_plan import FineTuned
from ftdecide.experiment.hosting import check_hosting
from ftdecide.experiment.messages import training_lines
from ftdecide.experiment.progress import training_share
from ftdecide.experiment.spending import price_training, refuse_beyond_budget
from ftdecide.experiment.work import Work, ask_provider
from ftdecide.providers.base import Provider
from ftdecide.providers.connections import Line, connect
from ftdecide.providers.training import JOB_ENDED, JobRequest, JobState, TrainingEvent
from ftdecide.store.tunes import SavedTune, add_event, begin_tune, load_events, load_tune, update_tune
from ftdecide.translation import _

TRAINING = "training"
_SUFFIX_DIGITS = 8


def upload_rows(work: Work, arm: FineTuned) -> None:
    """Upload the training rows, unless that was done."""
    tune = _tune(work, arm)
    if tune.file_id is not None:
        return
    content = "".join(f"{line}\n" for line in training_lines(work.experiment, arm, work.rows.train)).encode()
    name = f"{tune.client_token}.jsonl"
    file_id = ask_provider(work, _line(work), lambda provider: provider.upload_training_file(name, content))
    update_tune(work.store, work.run.id, arm.name, file_id=file_id)


def create_job(work: Work, arm: FineTuned) -> None:
    """Create the training job, unless one carries the client token already: then that is the one.

    Raises:
        StopError: its estimated price exceeds the budget, or the run was cancelled.
        MissingKeyError: the tuned model could not be deployed afterwards; nothing is spent on it then.
    """
    tune = _tune(work, arm)
    if tune.job_id is not None:
        return

    check_hosting(work.experiment)

    def once(provider: Provider) -> JobState:
        found = provider.find_job(tune.client_token, tune.file_id)
        if found is not None:
            return found
        refuse_beyond_budget(work, price_training(work.experiment, _training_tokens(work, arm)))
        return provider.create_job(_request(work, arm, tune))

    job = ask_provider(work, _line(work), once)
    update_tune(work.store, work.run.id, arm.name, job_id=job.id, state=job.state)


def follow_job(work: Work, arm: FineTuned) -> None:
    """Store what the job reports until it has a model.

    Raises:
        StopError: the run is to end; the job goes on until `end_jobs`.
        ProviderError: the job failed, or somebody cancelled it there.
    """
    tune = _tune(work, arm)
    if tune.model is not None or tune.job_id is None:
        return
    job_id, line = tune.job_id, _line(work)
    known: set[str] = set()
    while True:
        work.check()
        job = ask_provider(work, line, lambda provider: provider.job_state(job_id))
        events = ask_provider(work, line, lambda provider: provider.job_events(job_id))
        _store_events(work, arm, tune, [event for event in events if event.id not in known])
        known |= {event.id for event in events}
        _store_state(work, arm, job)
        if job.state in JOB_ENDED:
            break
        work.pause(line.connection.poll_seconds)
    if job.state != "succeeded":
        raise ProviderError(
            _("the training job {job!r} {state}: {why}; resume the run to train anew").format(
                job=job_id, state=job.state, why=job.error or _("no reason given")
            )
        )


def end_jobs(work: Work) -> list[str]:
    """End the jobs that still train, as their run was told to end; return what could not be ended, kept as well."""
    problems: list[str] = []
    for arm in work.experiment.arms:
        tune = load_tune(work.store, work.run.id, arm.name)
        if arm.kind != "fine_tuned" or tune is None or tune.state in JOB_ENDED:
            continue
        try:
            _end_job(work, arm, tune)
        except FtdecideError as error:
            text = _("The training job of arm {arm!r} could not be ended and may still cost money: {why}")
            message = text.format(arm=arm.name, why=error)
            key = f"cancel:{work.run.attempt}:{arm.name}"
            add_event(work.store, work.run.id, key, "problem", {"arm": arm.name, "message": message})
            problems.append(message)
    return problems


def _end_job(work: Work, arm: FineTuned, tune: SavedTune) -> None:
    """Find the job, which may have been created in the moment of the cancel, end it, and store how it ended."""

    def once(provider: Provider) -> JobState | None:
        job = (
            provider.find_job(tune.client_token, tune.file_id)
            if tune.job_id is None
            else provider.job_state(tune.job_id)
        )
        if job is None or job.state in JOB_ENDED:
            return job
        _store_state(work, arm, job)
        # A provider may take its time, but what was told to end is not taken up again.
        return provider.cancel_job(job.id).model_copy(update={"state": "cancelled"})

    job = ask_provider(work, _line(work), once, time.sleep)
    if job is None:
        return
    try:
        # How far it came is what it is charged for.
        events = ask_provider(work, _line(work), lambda provider: provider.job_events(job.id), time.sleep)
        _store_events(work, arm, tune, events)
    finally:
        _store_state(work, arm, job)


def _store_events(work: Work, arm: FineTuned, tune: SavedTune, events: Iterable[TrainingEvent]) -> None:
    for event in events:
        payload = {**event.model_dump(exclude={"id"}), "arm": arm.name, "job": tune.client_token}
        add_event(work.store, work.run.id, f"{tune.client_token}:{event.id}", TRAINING, payload)


def _store_state(work: Work, arm: FineTuned, job: JobState) -> None:
    values: dict[str, object] = {"job_id": job.id, "state": job.state}
    if job.state == "succeeded":
        tokens = job.trained_tokens or _training_tokens(work, arm)
        cost = price_training(work.experiment, tokens)
        values |= {"model": job.model, "trained_tokens": job.trained_tokens, "cost_usd": cost}
    elif job.state == "cancelled":
        tokens = _tokens_until_the_end(work, arm, job)
        cost = price_training(work.experiment, tokens) if tokens else Decimal(0)
        values |= {"trained_tokens": job.trained_tokens, "cost_usd": cost}
    update_tune(work.store, work.run.id, arm.name, **values)


def _tokens_until_the_end(work: Work, arm: FineTuned, job: JobState) -> int:
    """Return the tokens that a cancelled job is charged for: what the provider says, else its last step's share.

    One that ran without reporting a step counts as a whole: the most that it can have cost.
    """
    tune, whole = _tune(work, arm), _training_tokens(work, arm)
    if job.trained_tokens is not None:
        return job.trained_tokens
    events = [event.payload for event in load_events(work.store, work.run.id, TRAINING)]
    share = training_share([each for each in events if each["job"] == tune.client_token])
    if share:
        return ceil(share * whole)
    return whole if tune.state == "running" else 0


def _tune(work: Work, arm: FineTuned) -> SavedTune:
    return begin_tune(work.store, work.run.id, arm.name, f"{work.run.id}-{arm.name}-{work.run.attempt}"[:64])


def _line(work: Work) -> Line:
    provider = work.experiment.provider
    return connect(work.settings, provider.id, provider.base_url)


def _request(work: Work, arm: FineTuned, tune: SavedTune) -> JobRequest:
    return JobRequest(
        model=work.experiment.provider.model,
        file_id=tune.file_id or "",
        client_token=tune.client_token,
        suffix=f"run-{work.run.id[:_SUFFIX_DIGITS]}",
        seed=work.experiment.seed,
        n_epochs=arm.epochs,
        batch_size=arm.batch_size,
        learning_rate_multiplier=arm.learning_rate_multiplier,
    )


def _training_tokens(work: Work, arm: FineTuned) -> int:
    """Return the preflight's count of the tokens that the job is charged for."""
    calls: list[dict[str, object]] = (work.run.preflight or {}).get("calls_by_arm", [])
    return next((int(str(each["training_tokens"])) for each in calls if each["arm"] == arm.name), 0)
