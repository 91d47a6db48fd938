"""What a training process writes while it runs, and from where it goes on after a stop."""

# transformers has no complete types; our own documents leave this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import math
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from ftdecide.local.jobs import Event, add_event, list_events

if TYPE_CHECKING:
    from transformers import TrainerCallback


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


def report_progress(job_folder: Path, checkpoint: Path | None, checkpoint_seconds: float) -> "TrainerCallback":
    """Make the callback that writes an event at each step and asks for checkpoints by the clock."""
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

    first_step = int(checkpoint.name.split("-")[1]) if checkpoint else 0
    seconds_before = _seconds_before(job_folder, first_step)
    started = time.monotonic()

    def log(state: TrainerState, logs: dict[str, float]) -> None:
        data: dict[str, JsonValue] = {
            "step": state.global_step,
            "total_steps": state.max_steps,
            "train_loss": round(float(logs["loss"]), 4),
            "learning_rate": float(logs.get("learning_rate", 0.0)),
            "tokens": int(state.num_input_tokens_seen),
            "seconds": round(seconds_before + time.monotonic() - started, 2),
        }
        message = f"Step {state.global_step}/{state.max_steps}: training loss={float(logs['loss']):.2f}"
        name = f"ftevent-{job_folder.name}-step-{state.global_step}"
        add_event(job_folder, Event(id=name, created_at=int(time.time()), message=message, type="metrics", data=data))

    class Progress(TrainerCallback):
        """Hears from the trainer after each step."""

        saved = -math.inf

        def on_step_end(
            self,
            args: TrainingArguments,  # noqa: ARG002 - names are the trainer's
            state: TrainerState,
            control: TrainerControl,
            **_kwargs: object,
        ) -> None:
            now = time.monotonic()
            if now - self.saved >= checkpoint_seconds and state.global_step < state.max_steps:
                self.saved = now
                control.should_save = True

        def on_log(
            self,
            args: TrainingArguments,  # noqa: ARG002 - names are the trainer's
            state: TrainerState,
            control: TrainerControl,  # noqa: ARG002 - likewise
            logs: dict[str, float] | None = None,
            **_kwargs: object,
        ) -> None:
            if logs and "loss" in logs:
                log(state, logs)

    return Progress()


def _seconds_before(job_folder: Path, step: int) -> float:
    """Seconds that the attempt before this one had spent when it wrote its checkpoint."""
    for event in list_events(job_folder):
        if event.data and event.data.get("step") == step:
            seconds = event.data.get("seconds")
            if isinstance(seconds, int | float):
                return float(seconds)
    return 0.0
