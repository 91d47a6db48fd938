"""Every provider that speaks OpenAI's protocol, the local engine included: one code path over the `openai` client."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, cast

from ftdecide.providers import base
from ftdecide.providers.openai_shapes import Chat, Job, LoggedEvent, Named, Page, event_of, listed, state_of
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
    """A provider at `base_url`; the key stays in this object alone, and is cut out of what the provider says."""

    def __init__(self, base_url: str, key: str, timeout_seconds: float, *, direct: bool = False) -> None:
        """Prepare a client that retries nothing by itself: waits are ours, so that a cancel is heard.

        `direct` passes by the proxy of the environment, which has no business with an engine on this machine.
        """
        from openai import DefaultHttpxClient, OpenAI

        self._key = key
        self._client: OpenAI = OpenAI(
            base_url=base_url,
            api_key=key,
            timeout=timeout_seconds,
            max_retries=0,
            http_client=DefaultHttpxClient(trust_env=False) if direct else None,
        )

    def complete_chat(self, model: str, messages: Sequence[base.Message], *, max_tokens: int) -> base.Completion:
        """Return the model's most likely answer to a chat."""
        chat = cast("list[ChatCompletionMessageParam]", list(messages))
        with self._our_errors(_("asking {model!r}").format(model=model)):
            started = perf_counter()
            response = self._client.chat.completions.create(
                model=model, messages=chat, max_tokens=max_tokens, temperature=0
            )
            latency_ms = (perf_counter() - started) * 1000
            answer = Chat.model_validate(response, from_attributes=True)
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
        with self._our_errors(_("uploading the training file")):
            uploaded = self._client.files.create(file=(name, content), purpose="fine-tune")
            return Named.model_validate(uploaded, from_attributes=True).id

    def create_job(self, request: base.JobRequest) -> base.JobState:
        """Create a training job that carries the client token in its metadata."""
        chosen: SupervisedHyperparametersParam = {
            "n_epochs": request.n_epochs,
            "batch_size": request.batch_size,
            "learning_rate_multiplier": request.learning_rate_multiplier,
        }
        with self._our_errors(_("creating a training job for {model!r}").format(model=request.model)):
            job = self._client.fine_tuning.jobs.create(
                model=request.model,
                training_file=request.file_id,
                suffix=request.suffix,
                seed=request.seed,
                metadata={base.CLIENT_TOKEN: request.client_token},
                method={"type": "supervised", "supervised": {"hyperparameters": chosen}},
            )
            return state_of(Job.model_validate(job, from_attributes=True))

    def find_job(self, client_token: str) -> base.JobState | None:
        """Return the newest job that carries the client token, among the newest 500."""
        with self._our_errors(_("looking for an earlier training job")):
            jobs = self._client.fine_tuning.jobs.with_raw_response
            every = listed(Page[Job], lambda after: jobs.list(limit=_JOBS_A_PAGE, after=after))
            for job in islice(every, _MOST_JOBS_SEARCHED):
                if (job.metadata or {}).get(base.CLIENT_TOKEN) == client_token:
                    return state_of(job)
        return None

    def job_state(self, job_id: str) -> base.JobState:
        """Return where a job stands."""
        with self._our_errors(_("reading the training job {job!r}").format(job=job_id)):
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            return state_of(Job.model_validate(job, from_attributes=True))

    def job_events(self, job_id: str) -> tuple[base.TrainingEvent, ...]:
        """Return what a job has reported so far, oldest first."""
        with self._our_errors(_("reading the log of the training job {job!r}").format(job=job_id)):
            jobs = self._client.fine_tuning.jobs.with_raw_response
            every = listed(Page[LoggedEvent], lambda after: jobs.list_events(job_id, limit=_EVENTS_A_PAGE, after=after))
            events = [event_of(event) for event in islice(every, _MOST_EVENTS)]
        return tuple(reversed(events))

    def cancel_job(self, job_id: str) -> base.JobState:
        """Ask the provider to end a job."""
        with self._our_errors(_("cancelling the training job {job!r}").format(job=job_id)):
            job = self._client.fine_tuning.jobs.cancel(job_id)
            return state_of(Job.model_validate(job, from_attributes=True))

    def _our_errors(self, doing: str) -> AbstractContextManager[None]:
        from ftdecide.providers.openai_errors import our_errors

        return our_errors(doing, self._key)
