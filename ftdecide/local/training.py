"""Training one job in a process of its own: `python -m ftdecide.local.training <job folder>`."""

# transformers and trl have no complete types; our own documents leave this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import os
import shutil
import signal
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, cast

from ftdecide.errors import FtdecideError, InputError
from ftdecide.local.defaults import TrainingDefaults, load_defaults
from ftdecide.local.disk import load_document, write_document
from ftdecide.local.jobs import Job, JobError, Outcome, say
from ftdecide.local.model import load_model, stay_offline
from ftdecide.local.processes import mark_self, share_processor
from ftdecide.local.progress import newest_checkpoint, report_progress
from ftdecide.local.trainers import make_trainer

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def train(job_folder: Path, asked_to_end: Event) -> Outcome | None:
    """Train the job in `job_folder`, from its newest whole checkpoint if there is one, and leave the adapter there.

    Once `asked_to_end` is set, the step being computed is the last; a checkpoint is written and None returned.

    Raises:
        InputError: a row is too long.
        UnavailableError: the base model cannot be loaded.
    """
    job = load_document(job_folder / "job.json", Job)
    if job is None:
        raise InputError(f"{str(job_folder)!r} holds no job; give the folder of one")
    share_processor()
    stay_offline(job.base)
    defaults = load_defaults().training
    _prepare_torch(defaults)
    network, tokenizer = load_model(job.base)
    trainer, total_tokens = make_trainer(job_folder, job, network, tokenizer, defaults)
    checkpoint = newest_checkpoint(job_folder / "checkpoints")
    trainer.add_callback(report_progress(job_folder, checkpoint, defaults, asked_to_end))
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if trainer.state.global_step < trainer.state.max_steps:
        return None
    _keep_adapter(job_folder, cast("PreTrainedModel", trainer.model))
    return Outcome(succeeded=True, trained_tokens=total_tokens)


def _prepare_torch(defaults: TrainingDefaults) -> None:
    import torch

    torch.set_num_threads(defaults.threads)
    # Answers to people come before training when both want the processor.
    if hasattr(os, "nice"):
        os.nice(5)


def _keep_adapter(job_folder: Path, tuned: "PreTrainedModel") -> None:
    half_done = job_folder / ".adapter"
    shutil.rmtree(half_done, ignore_errors=True)
    tuned.save_pretrained(str(half_done))
    shutil.rmtree(job_folder / "adapter", ignore_errors=True)
    half_done.rename(job_folder / "adapter")


def main(job_folder: Path) -> int:
    """Train, and write how it ended; a process that leaves no outcome was ended from outside."""
    from filelock import FileLock, Timeout

    asked_to_end = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: asked_to_end.set())
    try:
        with FileLock(job_folder / "training.lock").acquire(timeout=0):
            mark_self(job_folder / "process.json")
            say(job_folder, "training", "Training process started")
            try:
                outcome = train(job_folder, asked_to_end)
            except InputError as error:
                wrong = JobError(code="invalid_training_file", message=str(error), param="training_file")
                outcome = Outcome(succeeded=False, error=wrong)
            except FtdecideError as error:
                outcome = Outcome(succeeded=False, error=JobError(code="unavailable", message=str(error)))
            if outcome is None:
                return 0
            write_document(job_folder / "outcome.json", outcome)
            shutil.rmtree(job_folder / "checkpoints", ignore_errors=True)
            return 0 if outcome.succeeded else 1
    except Timeout:
        return 0  # another process trains this very job already


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
