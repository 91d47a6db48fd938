"""Tuning jobs and their checkpoints as clients expect them."""

from pydantic import BaseModel, JsonValue

from ftdecide.local.bodies import view
from ftdecide.local.checkpoints import Checkpoint, checkpoint_model
from ftdecide.local.jobs import Job, Status


def job_view(job: Job, estimated_finish: int | None = None) -> JsonValue:
    """Return a job; `estimated_finish` in seconds since 1970."""
    hyperparameters: JsonValue = job.hyperparameters.model_dump(mode="json", exclude_none=True)
    return {
        "id": job.id,
        "object": "fine_tuning.job",
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "estimated_finish": estimated_finish,
        "model": job.base.id,
        "fine_tuned_model": job.tuned_model if job.status == Status.SUCCEEDED else None,
        "organization_id": "local",
        "status": job.status.value,
        "hyperparameters": hyperparameters,
        "method": {"type": job.method, job.method: {"hyperparameters": hyperparameters}},
        "training_file": job.training_file,
        "validation_file": None,
        "result_files": [],
        "trained_tokens": job.trained_tokens,
        "error": view(job.error) if job.error else None,
        "seed": job.seed,
        "metadata": {**job.metadata},
        "integrations": [],
    }


class CheckpointMetrics(BaseModel):
    """What was measured at a checkpoint."""

    step: int
    train_loss: float | None


class CheckpointView(BaseModel):
    """A checkpoint, whose model can be asked by its id."""

    id: str
    object: str = "fine_tuning.job.checkpoint"
    created_at: int
    fine_tuned_model_checkpoint: str
    fine_tuning_job_id: str
    metrics: CheckpointMetrics
    step_number: int


def checkpoint_view(job: Job, checkpoint: Checkpoint) -> CheckpointView:
    """Return a checkpoint of `job`."""
    return CheckpointView(
        id=f"ftckpt_{job.id.removeprefix('ftjob-')}_{checkpoint.step}",
        created_at=checkpoint.created_at,
        fine_tuned_model_checkpoint=checkpoint_model(job, checkpoint),
        fine_tuning_job_id=job.id,
        metrics=CheckpointMetrics(step=checkpoint.step, train_loss=checkpoint.train_loss),
        step_number=checkpoint.step,
    )
