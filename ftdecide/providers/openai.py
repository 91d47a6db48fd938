"""Every provider that speaks OpenAI's protocol, the local engine included: one code path over the `openai` client."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import BaseModel, BeforeValidator

from ftdecide.providers import base
from ftdecide.translation import _

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.fine_tuning.supervised_hyperparameters_param import SupervisedHyperparametersParam

_JOBS_A_PAGE = 50
_MOST_JOBS_SEARCHED = 500
_EVENTS_A_PAGE = 100
_MOST_EVENTS = 5_000


class OpenAIProvider:
    """A provider at `base_url`; the key stays in this object alone."""

    def __init__(self, base_url: str, key: str, timeout_seconds: float) -> None:
        """Prepare a client that retries nothing by itself: waits are ours, so that a cancel is heard."""
        from openai import OpenAI

        self._client: OpenAI = OpenAI(base_url=base_url, api_key=key, timeout=timeout_seconds, max_retries=0)

    def complete_chat(self, model: str, messages: Sequence[base.Message], *, max_tokens: int) -> base.Completion:
        """Return the model's most likely answer to a chat."""
        chat = cast("list[ChatCompletionMessageParam]", list(messages))
        with _our_errors(_("asking {model!r}").format(model=model)):
            started = perf_counter()
            response = self._client.chat.completions.create(
                model=model, messages=chat, max_tokens=max_tokens, temperature=0
            )
            latency_ms = (perf_counter() - started) * 1000
            answer = _Chat.model_validate(response, from_attributes=True)
            text = answer.choices[0].message.content if answer.choices else None
            if text is None:
                raise ValueError("no choices")
        return base.Completion(
            text=text,
            prompt_tokens=answer.usage.prompt_tokens,
            completion_tokens=answer.usage.completion_tokens,
            latency_ms=latency_ms,
        )

    def upload_training_file(self, name: str, content: bytes) -> str:
        """Upload JSONL lines and return the file's id."""
        with _our_errors(_("uploading the training file")):
            uploaded = self._client.files.create(file=(name, content), purpose="fine-tune")
            return _Named.model_validate(uploaded, from_attributes=True).id

    def create_job(self, request: base.JobRequest) -> base.JobState:
        """Create a training job that carries the client token in its metadata."""
        chosen: SupervisedHyperparametersParam = {
            "n_epochs": request.n_epochs,
            "batch_size": request.batch_size,
            "learning_rate_multiplier": request.learning_rate_multiplier,
        }
        with _our_errors(_("creating a training job for {model!r}").format(model=request.model)):
            job = self._client.fine_tuning.jobs.create(
                model=request.model,
                training_file=request.file_id,
                suffix=request.suffix,
                seed=request.seed,
                metadata={base.CLIENT_TOKEN: request.client_token},
                method={"type": "supervised", "supervised": {"hyperparameters": chosen}},
            )
            return _state(_Job.model_validate(job, from_attributes=True))

    def find_job(self, client_token: str) -> base.JobState | None:
        """Return the newest job that carries the client token, among the newest 500."""
        with _our_errors(_("looking for an earlier training job")):
            for seen, job in enumerate(self._client.fine_tuning.jobs.list(limit=_JOBS_A_PAGE)):
                read = _Job.model_validate(job, from_attributes=True)
                if (read.metadata or {}).get(base.CLIENT_TOKEN) == client_token:
                    return _state(read)
                if seen >= _MOST_JOBS_SEARCHED:
                    break
        return None

    def job_state(self, job_id: str) -> base.JobState:
        """Return where a job stands."""
        with _our_errors(_("reading the training job {job!r}").format(job=job_id)):
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            return _state(_Job.model_validate(job, from_attributes=True))

    def job_events(self, job_id: str) -> tuple[base.TrainingEvent, ...]:
        """Return what a job has reported so far, oldest first."""
        events: list[base.TrainingEvent] = []
        with _our_errors(_("reading the log of the training job {job!r}").format(job=job_id)):
            for event in self._client.fine_tuning.jobs.list_events(job_id, limit=_EVENTS_A_PAGE):
                events.append(_event(_Event.model_validate(event, from_attributes=True)))
                if len(events) >= _MOST_EVENTS:
                    break
        return tuple(reversed(events))

    def cancel_job(self, job_id: str) -> base.JobState:
        """Ask the provider to end a job."""
        with _our_errors(_("cancelling the training job {job!r}").format(job=job_id)):
            job = self._client.fine_tuning.jobs.cancel(job_id)
            return _state(_Job.model_validate(job, from_attributes=True))


def _our_errors(doing: str):
    from ftdecide.providers.openai_errors import our_errors

    return our_errors(doing)


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Said


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class _Chat(BaseModel):
    choices: list[_Choice]
    usage: _Usage


class _Named(BaseModel):
    id: str


class _JobError(BaseModel):
    message: str | None = None


class _Job(BaseModel):
    id: str
    status: base.JobStateName
    fine_tuned_model: str | None = None
    trained_tokens: int | None = None
    metadata: dict[str, str] | None = None
    error: _JobError | None = None


def _only_object(value: object) -> object:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


class _Metrics(BaseModel):
    step: int | None = None
    total_steps: int | None = None
    train_loss: float | None = None


class _Event(BaseModel):
    id: str
    message: str
    data: Annotated[_Metrics, BeforeValidator(_only_object)] = _Metrics()


def _state(job: _Job) -> base.JobState:
    error = job.error.message if job.error else None
    return base.JobState(
        id=job.id, state=job.status, model=job.fine_tuned_model, trained_tokens=job.trained_tokens, error=error
    )


def _event(event: _Event) -> base.TrainingEvent:
    data = event.data
    return base.TrainingEvent(
        id=event.id, message=event.message, step=data.step, total_steps=data.total_steps, loss=data.train_loss
    )
