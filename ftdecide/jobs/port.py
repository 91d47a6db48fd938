"""The port to the durable engine: ask for a job, look at it, end it, take it up again; callers know no more of it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from ftdecide.errors import UnavailableError
from ftdecide.settings import Settings
from ftdecide.translation import _

if TYPE_CHECKING:
    from dbos import DBOSClient

# Raised by hand, with a note in the changelog, when a workflow's order of steps changes: running ones keep the old one.
APPLICATION_VERSION = "1"
APPLICATION_NAME = "ftdecide"
LOCAL_QUEUE = "this-machine"
REMOTE_QUEUE = "remote"

JobStatus = Literal["waiting", "running", "done", "failed", "cancelled"]
Outcome = TypeVar("Outcome", str, list[str], None)


class Steps(Protocol):
    """Runs a named piece of work once and for all: after a restart a finished one gives its stored outcome again."""

    def __call__(self, name: str, work: Callable[[], Outcome], /) -> Outcome:
        """Return what `work` returns, or returned before the restart."""
        ...


@dataclass(frozen=True)
class Workflow:
    """A durable piece of work; the job it gets is named by one text, never by a secret.

    `body(settings, steps, subject)` does everything that reads clocks, files or databases inside steps that may run
    twice. `on_defect(settings, subject, what)` is called when it raises.
    """

    name: str
    body: Callable[[Settings, Steps, str], None]
    on_defect: Callable[[Settings, str, str], None]


def enqueue(settings: Settings, *, workflow: str, queue: str, job_id: str, subject: str) -> None:
    """Ask for a job; asking again under the same `job_id` changes nothing.

    Raises:
        UnavailableError: the durable engine's database cannot be used.
    """
    with _client(settings) as client:
        client.enqueue(
            {
                "workflow_name": workflow,
                "queue_name": queue,
                "workflow_id": job_id,
                "application_name": APPLICATION_NAME,
                "workflow_id_reuse_policy": "return-existing",
            },
            subject,
        )


def status(settings: Settings, job_id: str) -> JobStatus | None:
    """Return where a job stands, or None if there is none with this id."""
    with _client(settings) as client:
        found = client.list_workflows(workflow_ids=[job_id], load_input=False, load_output=False)
    return _STATUS.get(found[0].status, "failed") if found else None


def cancel(settings: Settings, job_id: str) -> None:
    """End a job that waits; one that runs stops at its next step."""
    with _client(settings) as client:
        client.cancel_workflow(job_id)


def resume(settings: Settings, job_id: str) -> None:
    """Take up a cancelled job where it stood."""
    with _client(settings) as client:
        client.resume_workflow(job_id)


@cache
def prepare_database(url: str) -> None:
    """Bring the durable engine's database to its newest layout, once a process.

    Raises:
        UnavailableError: it cannot be opened or changed.
    """
    import click
    from dbos import run_dbos_database_migrations

    try:
        run_dbos_database_migrations(system_database_url=url)
    except click.exceptions.Exit as error:
        raise UnavailableError(
            _("the database of the worker cannot be opened; check that FTDECIDE_HOME has room and may be written to")
        ) from error


@contextmanager
def _client(settings: Settings) -> Generator["DBOSClient"]:
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    prepare_database(settings.engine_database_url)
    client = DBOSClient(
        system_database_url=settings.engine_database_url,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION_NAME,
    )
    try:
        yield client
    finally:
        client.destroy()


_STATUS: dict[str, JobStatus] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}
