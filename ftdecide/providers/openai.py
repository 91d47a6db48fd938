"""Every provider that speaks OpenAI's protocol, the local engine included: one code path over the `openai` client."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

from ftdecide.providers import base, openai_jobs, training
from ftdecide.providers.access import Access
from ftdecide.providers.chat_body import chat_body, learn_refusal
from ftdecide.providers.openai_shapes import (
    Chat,
    EmbeddingList,
    Job,
    LoggedCheckpoint,
    LoggedEvent,
    Named,
    Page,
    listed,
)
from ftdecide.providers.openai_views import checkpoint_of, completion_of, event_of, state_of, vectors_of
from ftdecide.translation import _

if TYPE_CHECKING:
    from openai import OpenAI

_JOBS_A_PAGE = 50
_MOST_JOBS_SEARCHED = 500
_EVENTS_A_PAGE = 100
_MOST_EVENTS = 5_000
_MOST_CHECKPOINTS = 500
_TEXTS_A_REQUEST = 64


class OpenAIProvider:
    """A provider that is reached by `access`; the key stays in it alone, and is cut out of what the provider says."""

    def __init__(self, access: Access) -> None:
        """Prepare a client that retries nothing by itself: waits are ours, so that a cancel is heard."""
        from ftdecide.providers.clients import sync_client

        self._key, self._address, self._connection = access.key, access.base_url, access.connection
        self._client: OpenAI = sync_client(access)

    def complete_chat(self, model: str, messages: Sequence[base.Message], *, max_tokens: int) -> base.Completion:
        """Return the model's most likely answer to a chat."""
        from openai import BadRequestError
        from openai.types.chat import ChatCompletion

        with self._our_errors(_("asking {model!r}").format(model=model)):
            body = chat_body(self._address, model, messages, max_tokens)
            started = perf_counter()
            try:
                response = self._client.post("/chat/completions", body=body, cast_to=ChatCompletion)
            except BadRequestError as error:
                if not learn_refusal(self._address, model, body, error):
                    raise
                return self.complete_chat(model, messages, max_tokens=max_tokens)
            latency_ms = (perf_counter() - started) * 1000
            return completion_of(Chat.model_validate(response, from_attributes=True), latency_ms)

    def embed(self, model: str, texts: Sequence[str]) -> base.Embeddings:
        """Return a vector for each text, asking for as many at a time as the provider takes."""
        most = self._connection.texts_per_request if self._connection else _TEXTS_A_REQUEST
        vectors: list[tuple[float, ...]] = []
        tokens = 0
        with self._our_errors(_("embedding texts with {model!r}").format(model=model)):
            for start in range(0, len(texts), most):
                some = list(texts[start : start + most])
                response = self._client.embeddings.create(model=model, input=some, encoding_format="float")
                answer = EmbeddingList.model_validate(response, from_attributes=True)
                vectors += vectors_of(answer, len(some))
                tokens += answer.usage.prompt_tokens
        return base.Embeddings(vectors=tuple(vectors), tokens=tokens)

    def upload_training_file(self, name: str, content: bytes) -> str:
        """Upload JSONL lines and return the file's id."""
        with self._our_errors(_("uploading the training file")):
            uploaded = self._client.files.create(file=(name, content), purpose="fine-tune")
            return Named.model_validate(uploaded, from_attributes=True).id

    def create_job(self, request: training.JobRequest) -> training.JobState:
        """Create a training job that carries the client token in its metadata, where the provider keeps any."""
        with self._our_errors(_("creating a training job for {model!r}").format(model=request.model)):
            job = openai_jobs.create(self._client, request, self._connection)
            return state_of(Job.model_validate(job, from_attributes=True))

    def try_training(self, model: str) -> None:
        """Raise what a training job of `model` would be refused with; nothing is trained and nothing charged."""
        with self._our_errors(_("asking whether {model!r} can be tuned").format(model=model)):
            openai_jobs.try_create(self._client, model, self._connection)

    def find_job(self, client_token: str, file_id: str | None = None) -> training.JobState | None:
        """Return the newest job that carries the client token or trains on the file, among the newest 500.

        A file is uploaded for one job alone, so it names the job also where a provider keeps no metadata.
        """
        with self._our_errors(_("looking for an earlier training job")):
            jobs = self._client.fine_tuning.jobs.with_raw_response
            every = listed(Page[Job], lambda after: jobs.list(limit=_JOBS_A_PAGE, after=after))
            for job in islice(every, _MOST_JOBS_SEARCHED):
                own = (job.metadata or {}).get(training.CLIENT_TOKEN) == client_token
                if own or (file_id is not None and job.training_file == file_id):
                    return state_of(job)
        return None

    def job_state(self, job_id: str) -> training.JobState:
        """Return where a job stands."""
        with self._our_errors(_("reading the training job {job!r}").format(job=job_id)):
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            return state_of(Job.model_validate(job, from_attributes=True))

    def job_events(self, job_id: str) -> tuple[training.TrainingEvent, ...]:
        """Return what a job has reported so far, oldest first."""
        with self._our_errors(_("reading the log of the training job {job!r}").format(job=job_id)):
            jobs = self._client.fine_tuning.jobs.with_raw_response
            every = listed(Page[LoggedEvent], lambda after: jobs.list_events(job_id, limit=_EVENTS_A_PAGE, after=after))
            events = [event_of(event) for event in islice(every, _MOST_EVENTS)]
        return tuple(reversed(events))

    def job_checkpoints(self, job_id: str) -> tuple[training.Checkpoint, ...]:
        """Return the models that a job kept on the way, oldest first; none where the provider keeps none."""
        with self._our_errors(_("reading the checkpoints of the training job {job!r}").format(job=job_id)):
            kept = self._client.fine_tuning.jobs.checkpoints.with_raw_response
            every = listed(Page[LoggedCheckpoint], lambda after: kept.list(job_id, limit=_JOBS_A_PAGE, after=after))
            found = [checkpoint_of(each) for each in islice(every, _MOST_CHECKPOINTS)]
        return tuple(sorted(found, key=lambda each: each.step))

    def cancel_job(self, job_id: str) -> training.JobState:
        """Ask the provider to end a job."""
        with self._our_errors(_("cancelling the training job {job!r}").format(job=job_id)):
            job = self._client.fine_tuning.jobs.cancel(job_id)
            return state_of(Job.model_validate(job, from_attributes=True))

    def _our_errors(self, doing: str) -> AbstractContextManager[None]:
        from ftdecide.providers.openai_errors import our_errors

        return our_errors(doing, self._key)
