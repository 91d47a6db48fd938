"""Phases, states and times of a run in words."""

from ftdecide.store.runs import RunState
from ftdecide.translation import _

_ARMS = {
    "zero_shot": "base model, instructions only",
    "few_shot": "base model with examples",
    "fine_tuned": "fine-tuned model",
    "classical": "classical classifier",
    "stronger_base": "stronger base model",
    "zero_shot_retrieval": "base model with documents",
    "few_shot_retrieval": "base model with examples and documents",
    "stronger_base_retrieval": "stronger base model with documents",
    "fine_tuned_retrieval": "fine-tuned model with documents",
    "fine_tuned_25": "fine-tuned on a quarter of the rows",
    "fine_tuned_50": "fine-tuned on half of the rows",
}
_VERBS = {
    "answer": "Asking: {arm}",
    "upload": "Uploading the training rows: {arm}",
    "create": "Creating the training job: {arm}",
    "train": "Training: {arm}",
    "deploy": "Deploying: {arm}",
    "find": "Looking the questions up in the documents",
    "general": "Asking general questions: {arm}",
    "judge": "Judging pairs of answers",
}
_STATES: dict[RunState, str] = {
    "queued": "Waiting for the worker",
    "running": "Running",
    "cancelling": "Being cancelled",
    "cancelled": "Ended early",
    "succeeded": "Finished",
    "failed": "Failed",
}
_MINUTE = 60


def arm_words(name: str) -> str:
    """Return what an arm is; one that was given a name of its own is called by it."""
    return _(_ARMS[name]) if name in _ARMS else name


def phase_words(phase: str | None) -> str:
    """Return what a run does now."""
    verb, _colon, arm = (phase or "").partition(":")
    return _(_VERBS[verb]).format(arm=arm_words(arm)) if verb in _VERBS else _("Waiting for the worker")


def state_words(state: RunState) -> str:
    """Return the state of a run."""
    return _(_STATES[state])


def time_words(seconds: float) -> str:
    """Return the time that is left, as roughly as it is known."""
    if seconds < _MINUTE:
        return _("less than a minute left")
    return _("about {minutes:.0f} min left").format(minutes=seconds / _MINUTE)
