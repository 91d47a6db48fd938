"""Training jobs at a provider: what is asked for, where they stand, what they report."""

from typing import Literal

from ftdecide.providers.frozen import Frozen

Method = Literal["supervised", "dpo"]
JobStateName = Literal["validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"]
JOB_ENDED: frozenset[JobStateName] = frozenset({"succeeded", "failed", "cancelled"})
CLIENT_TOKEN = "ftdecide_client_token"  # noqa: S105 - the name of a metadata field, not a secret


class JobRequest(Frozen):
    """A training job to create; "auto" leaves a choice to the provider; `beta` is for preferences (DPO) alone."""

    model: str
    file_id: str
    client_token: str
    suffix: str
    seed: int
    n_epochs: int | Literal["auto"] = "auto"
    batch_size: int | Literal["auto"] = "auto"
    learning_rate_multiplier: float | Literal["auto"] = "auto"
    method: Method = "supervised"
    beta: float | Literal["auto"] = "auto"


class JobState(Frozen):
    """Where a training job stands; `model` is the tuned model's id once it succeeded."""

    id: str
    state: JobStateName
    model: str | None = None
    trained_tokens: int | None = None
    error: str | None = None


class TrainingEvent(Frozen):
    """One line of a job's log; `loss` at `step` of `total_steps` where it is a measurement."""

    id: str
    message: str
    step: int | None = None
    total_steps: int | None = None
    loss: float | None = None


class Checkpoint(Frozen):
    """A model kept on the way, usable as any other; losses and accuracy as the provider measured them, or None."""

    model: str
    step: int
    train_loss: float | None = None
    valid_loss: float | None = None
