"""What every provider can do, what it answers, and how it can fail.

ProviderError
├── MissingKeyError            no key where one is needed
├── RefusedKeyError            401: the key is wrong or was withdrawn
├── PermissionRefusedError     403: this key may not do that
│   └── TrainingNotAvailableError  403: the organisation may not fine-tune (any more)
├── ModelNotFoundError         404: no such model, file or job for this key
├── RejectedRequestError       400, 422: the request itself is at fault
│   └── ContentFilteredError   the provider's filter will not have this question or this answer; asking again is no use
├── OutOfCreditError           429: the account has no money left; waiting does not help
└── PassingError               worth another try; `retry_after` in seconds where the provider says so
    ├── RateLimitedError       429
    ├── ServerFailedError      5xx, 409
    ├── TimedOutError          no answer in time
    ├── UnreachableError       no connection
    │   └── ConnectionLostError  it broke before the answer was there
    └── MalformedAnswerError   an answer that is not what was agreed
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol, TypedDict

from ftdecide.errors import ProviderError
from ftdecide.providers.frozen import Frozen
from ftdecide.providers.training import Checkpoint, JobRequest, JobState, TrainingEvent


class MissingKeyError(ProviderError):
    """No key where one is needed."""


class RefusedKeyError(ProviderError):
    """The key is wrong or was withdrawn."""


class PermissionRefusedError(ProviderError):
    """This key may not do what was asked."""


class TrainingNotAvailableError(PermissionRefusedError):
    """The organisation may not fine-tune, or no longer."""


class ModelNotFoundError(ProviderError):
    """No such model, file or job for this key."""


class RejectedRequestError(ProviderError):
    """The request itself is at fault."""


class ContentFilteredError(RejectedRequestError):
    """The provider's filter will not have this question or this answer."""


class OutOfCreditError(ProviderError):
    """The account has no money left; waiting does not help."""


class PassingError(ProviderError):
    """A failure that may be gone at the next try; `retry_after` is in seconds where the provider says so.

    `may_be_charged` says whether the provider may have done, and charge, work whose result never arrived.
    """

    may_be_charged: ClassVar[bool] = False

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep the message and the wait asked for."""
        super().__init__(message)
        self.retry_after = retry_after


class RateLimitedError(PassingError):
    """Too many requests."""


class ServerFailedError(PassingError):
    """The provider's server failed."""


class TimedOutError(PassingError):
    """No answer in time."""

    may_be_charged = True


class UnreachableError(PassingError):
    """No connection."""


class ConnectionLostError(UnreachableError):
    """The connection broke before the answer was there."""

    may_be_charged = True


class MalformedAnswerError(PassingError):
    """An answer that is not what was agreed."""

    may_be_charged = True


class Message(TypedDict):
    """One message of a chat."""

    role: str
    content: str


class Completion(Frozen):
    """One answer; `latency_ms` is from sending the request to the last byte, the provider's queue included.

    `finish_reason` is the provider's word for why the text ends. `empty` says that it sent no text at all, not even an
    empty one; the tokens are charged all the same. `cached_tokens` are the part of `prompt_tokens` that the provider
    says it had at hand, which many charge less for.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    latency_ms: float
    finish_reason: str = "stop"
    empty: bool = False
    cached_tokens: int = 0


class Embeddings(Frozen):
    """One vector a text, in their order, and the tokens charged."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: int


class Provider(Protocol):
    """What a comparison needs of a provider; every function raises leaves of `ProviderError` only."""

    def complete_chat(self, model: str, messages: Sequence[Message], *, max_tokens: int) -> Completion:
        """Return the model's most likely answer to a chat."""
        ...

    def upload_training_file(self, name: str, content: bytes) -> str:
        """Upload JSONL lines and return the file's id."""
        ...

    def create_job(self, request: JobRequest) -> JobState:
        """Create a training job that carries the client token in its metadata."""
        ...

    def find_job(self, client_token: str, file_id: str | None = None) -> JobState | None:
        """Return the newest job that carries the client token, or trains on the file."""
        ...

    def job_state(self, job_id: str) -> JobState:
        """Return where a job stands."""
        ...

    def job_events(self, job_id: str) -> tuple[TrainingEvent, ...]:
        """Return what a job has reported so far, oldest first."""
        ...

    def cancel_job(self, job_id: str) -> JobState:
        """Ask the provider to end a job."""
        ...

    def job_checkpoints(self, job_id: str) -> tuple[Checkpoint, ...]:
        """Return the models that a job kept on the way, oldest first; none where the provider keeps none."""
        ...

    def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Return a vector for each text."""
        ...

    def try_training(self, model: str) -> None:
        """Raise what a training job of `model` would be refused with; nothing is trained and nothing charged."""
        ...
