"""Comparisons from outside: start one, look at it, end it, take it up again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ftdecide.catalog import load_catalog
from ftdecide.errors import ConflictError
from ftdecide.experiment.hosting import refuse_unserved
from ftdecide.experiment.judge.facts import refuse_kin
from ftdecide.experiment.pilot import Pilot
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.preflight import Preflight, make_preflight
from ftdecide.experiment.rows import build_rows
from ftdecide.experiment.types import Rows
from ftdecide.experiment.work import store_of
from ftdecide.experiment.workflow import COMPARISON
from ftdecide.jobs import port
from ftdecide.jobs.launch import ensure_worker
from ftdecide.providers.connections import LOCAL, find_connection
from ftdecide.settings import Settings
from ftdecide.store.answers import count_failed_answers
from ftdecide.store.database import Store
from ftdecide.store.runs import ENDED, NewRun, RunState, SavedRun, all_runs, create_run, load_run, move_run
from ftdecide.store.tunes import forget_lost_tunes
from ftdecide.translation import _

_LONG_WAIT = timedelta(seconds=20)


def preflight_run(
    experiment: Experiment, folder: Path | None = None, pilot: Pilot | None = None
) -> tuple[Rows, Preflight]:
    """Read the rows and estimate the run; relative paths of the plan start at `folder`, `pilot` is what one showed.

    Raises:
        InputError, NotFoundError: the plan, a file or a line cannot be used.
        UnavailableError: the package with the vocabularies is missing.
    """
    find_connection(experiment.provider.id, experiment.provider.base_url)
    refuse_kin(experiment)
    refuse_unserved(experiment)
    rows = build_rows(experiment, folder)
    return rows, make_preflight(experiment, rows, load_catalog(), pilot=pilot)


def start_run(  # noqa: PLR0913 - three are needed, the others say more and are optional
    store: Store,
    settings: Settings,
    experiment: Experiment,
    *,
    assessment_id: str | None = None,
    folder: Path | None = None,
    pilot: Pilot | None = None,
) -> str:
    """Keep a new run, ask the worker for it, and return its id. The rows are kept with it, so files may change.

    Raises:
        InputError, NotFoundError, UnavailableError: as `preflight_run`; nothing is kept then.
    """
    rows, preflight = preflight_run(experiment, folder, pilot)
    new = NewRun(
        title=experiment.title,
        plan=experiment.model_dump(mode="json"),
        preflight=preflight.model_dump(mode="json"),
        rows=rows.model_dump(mode="json"),
        total=len(experiment.arms) * len(rows.test) * experiment.repeats,
        assessment_id=assessment_id,
    )
    run = create_run(store, new)
    _ask_worker(settings, run)
    return run.id


def list_runs(store: Store, *, assessment_id: str | None = None) -> list[SavedRun]:
    """Return the newest runs first, of one assessment or of all."""
    return all_runs(store, assessment_id=assessment_id)


def cancel_run(store: Store, settings: Settings, run_id: str) -> None:
    """End a run; what it has found is kept. One that has ended stays as it is.

    Raises:
        NotFoundError: no such run.
    """
    run = load_run(store, run_id)
    if run.state in ENDED:
        return
    if move_run(store, run_id, "cancelled", only_from={"queued"}, message=_("Cancelled before it began.")):
        port.cancel(settings, _job_id(run))
    elif move_run(store, run_id, "cancelling", only_from={"running"}):
        ensure_worker(settings)


def resume_run(store: Store, settings: Settings, run_id: str) -> None:
    """Go on with a run that was cancelled, failed or lost its worker; answers that are there are not asked again.

    In a run that is done, the rows that failed are asked again.

    Raises:
        NotFoundError: no such run.
        ConflictError: it is just being cancelled.
    """
    run = load_run(store, run_id)
    if run.state == "cancelling":
        raise ConflictError(_("run {id!r} is being cancelled; resume it once that is done").format(id=run_id))
    if run.state == "succeeded":
        retry_failed(store, settings, run_id)
        return
    if run.state not in ENDED and port.status(settings, _job_id(run)) in ("waiting", "running"):
        ensure_worker(settings)
        return
    # A request that was cancelled in the store alone must not wake up beside the new one.
    port.cancel(settings, _job_id(run))
    forget_lost_tunes(store, run_id)
    _begin_again(store, settings, run)


def retry_failed(store: Store, settings: Settings, run_id: str) -> int:
    """Ask the rows of an ended run again that failed, and nothing else; return how many there are.

    What a content filter kept back is not asked again. The result is worked out anew when the answers are there; what
    failed stays as it is until its new answer comes.

    Raises:
        NotFoundError: no such run.
        ConflictError: it has not ended.
    """
    run = load_run(store, run_id)
    if run.state not in ENDED:
        raise ConflictError(_("run {id!r} has not ended; retry what failed once it has").format(id=run_id))
    failed = count_failed_answers(store, run_id)
    if failed:
        _begin_again(store, settings, run)
    return failed


def _begin_again(store: Store, settings: Settings, run: SavedRun) -> None:
    values = {"attempt": run.attempt + 1, "message": None, "phase": None}
    if move_run(store, run.id, "queued", only_from={run.state}, only_attempt=run.attempt, **values):
        _ask_worker(settings, load_run(store, run.id))


def tend_run(settings: Settings, run: SavedRun) -> None:
    """See to it that somebody works on a run that has not ended: a worker that was killed is replaced.

    A run that waits for long is asked for again, in case the process that kept it ended before it could ask. One whose
    job ended without ending it, because the disk was full say, has failed.

    Raises:
        UnavailableError: the worker cannot be started.
    """
    if run.state == "queued" and datetime.now(UTC) - run.created_at > _LONG_WAIT:
        _ask_worker(settings, run)
    elif run.state in ("running", "cancelling") and port.status(settings, _job_id(run)) not in ("waiting", "running"):
        _give_up(settings, run)
    elif run.state not in ENDED:
        ensure_worker(settings)


def _give_up(settings: Settings, run: SavedRun) -> None:
    message = _("The worker lost this run; see worker.log, and resume it. Answers so far are kept.")
    states: tuple[RunState, ...] = ("running", "cancelling")
    move_run(store_of(settings), run.id, "failed", only_from=states, only_attempt=run.attempt, message=message)


def _ask_worker(settings: Settings, run: SavedRun) -> None:
    local = Experiment.model_validate(run.plan).provider.id == LOCAL
    port.enqueue(
        settings,
        workflow=COMPARISON.name,
        queue=port.LOCAL_QUEUE if local else port.REMOTE_QUEUE,
        job_id=_job_id(run),
        subject=run.id,
    )
    ensure_worker(settings)


def _job_id(run: SavedRun) -> str:
    return f"{COMPARISON.name}-{run.id}-{run.attempt}"
