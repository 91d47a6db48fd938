"""The part of OpenAI's answers that we read, checked: what lacks it is an answer that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeVar, cast

from pydantic import BaseModel, BeforeValidator

from ftdecide.providers import base

if TYPE_CHECKING:
    from openai import Omit


class Said(BaseModel):
    """What was said; None where the model called a tool or refused."""

    content: str | None = None


class Choice(BaseModel):
    """One of the answers."""

    message: Said


class Usage(BaseModel):
    """What is charged."""

    prompt_tokens: int
    completion_tokens: int


class Chat(BaseModel):
    """A chat completion."""

    choices: list[Choice]
    usage: Usage


class Named(BaseModel):
    """Anything of which only the id matters."""

    id: str


class JobError(BaseModel):
    """Why a job failed."""

    message: str | None = None


class Job(Named):
    """A training job."""

    status: base.JobStateName
    fine_tuned_model: str | None = None
    trained_tokens: int | None = None
    metadata: dict[str, str] | None = None
    error: JobError | None = None


def _only_object(value: object) -> object:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


class Metrics(BaseModel):
    """What an event measures, if anything."""

    step: int | None = None
    total_steps: int | None = None
    train_loss: float | None = None


class LoggedEvent(Named):
    """One line of a job's log."""

    message: str
    data: Annotated[Metrics, BeforeValidator(_only_object)] = Metrics()


Item = TypeVar("Item", bound=Named)


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    data: list[Item]
    has_more: bool = False


class _Raw(Protocol):
    @property
    def text(self) -> str: ...


def listed(shape: type[Page[Item]], ask: Callable[[str | Omit], _Raw]) -> Iterator[Item]:
    """Yield what a list holds, page by page.

    The client's own pages take a body that is no list at all for an empty one, and a job looked for there would be
    created, and paid for, a second time.
    """
    from openai import omit

    after: str | Omit = omit
    while True:
        page = shape.model_validate_json(ask(after).text)
        yield from page.data
        if not page.has_more or not page.data:
            return
        after = page.data[-1].id


def state_of(job: Job) -> base.JobState:
    """Return where a job stands, in our words."""
    error = job.error.message if job.error else None
    return base.JobState(
        id=job.id, state=job.status, model=job.fine_tuned_model, trained_tokens=job.trained_tokens, error=error
    )


def event_of(event: LoggedEvent) -> base.TrainingEvent:
    """Return a line of a log, in our words."""
    data = event.data
    return base.TrainingEvent(
        id=event.id, message=event.message, step=data.step, total_steps=data.total_steps, loss=data.train_loss
    )
