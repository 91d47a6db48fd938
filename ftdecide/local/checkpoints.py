"""Adapters as they were at the end of each epoch, which answer under ids of their own; the last few are kept."""

import shutil
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ftdecide.local.disk import load_document, write_document
from ftdecide.local.jobs import Job

_STEP = "ckpt-step-"
_DOCUMENT = "checkpoint.json"


class Checkpoint(BaseModel):
    """One kept adapter; `created_at` in whole seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    step: int
    created_at: int
    train_loss: float | None = None


def keep_checkpoint(job_folder: Path, checkpoint: Checkpoint, most: int, save: Callable[[Path], None]) -> None:
    """Keep what `save` writes into the folder it is given, and drop the oldest when there are more than `most`."""
    half_done = job_folder / f".step-{checkpoint.step}"
    shutil.rmtree(half_done, ignore_errors=True)
    save(half_done)
    write_document(half_done / _DOCUMENT, checkpoint)
    final = adapter_folder(job_folder, checkpoint)
    shutil.rmtree(final, ignore_errors=True)
    final.parent.mkdir(exist_ok=True)
    half_done.rename(final)
    for old in list_checkpoints(job_folder)[most:]:
        shutil.rmtree(adapter_folder(job_folder, old))


def list_checkpoints(job_folder: Path) -> list[Checkpoint]:
    """Return the kept checkpoints of a job, the newest first."""
    found = [load_document(path, Checkpoint) for path in (job_folder / "kept").glob(f"step-*/{_DOCUMENT}")]
    return sorted((one for one in found if one is not None), key=lambda one: one.step, reverse=True)


def adapter_folder(job_folder: Path, checkpoint: Checkpoint) -> Path:
    """Return the folder of a checkpoint's adapter."""
    return job_folder / "kept" / f"step-{checkpoint.step}"


def checkpoint_model(job: Job, checkpoint: Checkpoint) -> str:
    """Return the id under which a checkpoint answers."""
    return f"{job.tuned_model}:{_STEP}{checkpoint.step}"


def find_checkpoint(job: Job, job_folder: Path, model: str) -> Path | None:
    """Return the adapter folder of the checkpoint that `model` names, None when it names none."""
    for checkpoint in list_checkpoints(job_folder):
        if checkpoint_model(job, checkpoint) == model:
            return adapter_folder(job_folder, checkpoint)
    return None


def job_id_in(model: str) -> str:
    """Return the job's id inside the id of a tuned model or of a checkpoint."""
    return model.partition(f":{_STEP}")[0].rpartition(":")[2]
