"""The part of OpenAI's answers that we read, checked: what lacks it is an answer that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, FiniteFloat

from ftdecide.providers import training

if TYPE_CHECKING:
    from openai import Omit


class Said(BaseModel):
    """What was said; `content` is None where the model called a tool, was stopped by a filter, or said its refusal."""

    content: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    """One of the answers."""

    message: Said
    finish_reason: str | None = None


class PromptDetails(BaseModel):
    """Which part of a prompt was at hand."""

    cached_tokens: int | None = None


class Usage(BaseModel):
    """What is charged."""

    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: PromptDetails | None = None


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


# Words of Azure's older versions and of compatible servers, and OpenAI's newer ones, for states that we know.
_SAME_STATES = {
    "created": "queued",
    "pending": "queued",
    "notRunning": "queued",
    "pausing": "running",
    "resuming": "running",
    "canceled": "cancelled",
}


def _known_state(value: object) -> object:
    return _SAME_STATES.get(value, value) if isinstance(value, str) else value


class Job(Named):
    """A training job."""

    status: Annotated[training.JobStateName, BeforeValidator(_known_state)]
    training_file: str | None = None
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


class Losses(BaseModel):
    """What was measured at a checkpoint."""

    train_loss: float | None = None
    valid_loss: float | None = None


class LoggedCheckpoint(Named):
    """A model kept on the way."""

    fine_tuned_model_checkpoint: str
    step_number: int
    metrics: Annotated[Losses, BeforeValidator(_only_object)] = Losses()


class Vector(BaseModel):
    """The embedding of one text."""

    index: int
    embedding: tuple[FiniteFloat, ...]


class EmbeddingUsage(BaseModel):
    """What embeddings are charged for."""

    prompt_tokens: int


class EmbeddingList(BaseModel):
    """The embeddings of several texts."""

    data: list[Vector]
    usage: EmbeddingUsage


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
