"""What a training process writes while it runs, and from where it goes on after a stop."""

# transformers has no complete types; our own documents leave this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import math
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from ftdecide.local.checkpoints import Checkpoint, keep_checkpoint
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.jobs import Event, add_event, list_events

if TYPE_CHECKING:
    from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState, TrainingArguments


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint that was written whole; the trainer writes its state last."""
    for path in sorted(folder.glob("checkpoint-*"), key=lambda one: int(one.name.split("-")[1]), reverse=True):
        try:
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            shutil.rmtree(path)
        else:
            return path
    return None


def report_progress(
    job_folder: Path, checkpoint: Path | None, defaults: TrainingDefaults, asked_to_end: threading.Event
) -> "TrainerCallback":
    """Make the callback that writes an event at each step and asks for checkpoints by the clock.

    At the end of each epoch it keeps the adapter, and once `asked_to_end` is set it ends training after the step.
    """
    from transformers import TrainerCallback

    first_step = int(checkpoint.name.split("-")[1]) if checkpoint else 0
    seconds_before = _seconds_before(job_folder, first_step)
    started = time.monotonic()

    class Progress(TrainerCallback):
        """Hears from the trainer after each step."""

        saved = -math.inf
        loss: float | None = None

        def on_step_end(
            self,
            args: "TrainingArguments",  # noqa: ARG002 - names are the trainer's
            state: "TrainerState",
            control: "TrainerControl",
            **_more: object,
        ) -> None:
            ending = asked_to_end.is_set()
            now = time.monotonic()
            if (ending or now - self.saved >= defaults.checkpoint_seconds) and state.global_step < state.max_steps:
                self.saved = now
                control.should_save = True
            control.should_training_stop |= ending

        def on_log(
            self,
            args: "TrainingArguments",  # noqa: ARG002 - names are the trainer's
            state: "TrainerState",
            control: "TrainerControl",  # noqa: ARG002 - likewise
            logs: dict[str, float] | None = None,
            **_more: object,
        ) -> None:
            if logs and "loss" in logs:
                self.loss = round(float(logs["loss"]), 4)
                seconds = round(seconds_before + time.monotonic() - started, 2)
                _tell_step(job_folder, state, self.loss, float(logs.get("learning_rate", 0.0)), seconds)

        def on_epoch_end(
            self,
            args: "TrainingArguments",  # noqa: ARG002 - names are the trainer's
            state: "TrainerState",
            control: "TrainerControl",  # noqa: ARG002 - likewise
            **more: object,
        ) -> None:
            # Training that was asked to end stops inside an epoch, which is then no end of one.
            if math.isclose(state.epoch, round(state.epoch)):
                model = cast("PreTrainedModel", more["model"])
                kept = Checkpoint(step=state.global_step, created_at=int(time.time()), train_loss=self.loss)
                keep_checkpoint(job_folder, kept, defaults.kept_checkpoints, lambda to: model.save_pretrained(str(to)))

    return Progress()


def _tell_step(job_folder: Path, state: "TrainerState", loss: float, learning_rate: float, seconds: float) -> None:
    data: dict[str, JsonValue] = {
        "step": state.global_step,
        "total_steps": state.max_steps,
        "train_loss": loss,
        "learning_rate": learning_rate,
        "tokens": int(state.num_input_tokens_seen),
        "seconds": seconds,
    }
    message = f"Step {state.global_step}/{state.max_steps}: training loss={loss:.2f}"
    name = f"ftevent-{job_folder.name}-step-{state.global_step}"
    add_event(job_folder, Event(id=name, created_at=int(time.time()), message=message, type="metrics", data=data))


def _seconds_before(job_folder: Path, step: int) -> float:
    """Seconds that the attempt before this one had spent when it wrote its checkpoint."""
    for event in list_events(job_folder):
        if event.data and event.data.get("step") == step:
            seconds = event.data.get("seconds")
            if isinstance(seconds, int | float):
                return float(seconds)
    return 0.0
