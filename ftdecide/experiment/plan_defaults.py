"""What a plan says where it says nothing: the plan of a shipped sample, and the arms of a learning curve."""

import math
from collections.abc import Sequence
from typing import cast

from ftdecide.dataset.read import read_examples
from ftdecide.dataset.samples import Sample, load_sample
from ftdecide.experiment.arm_plan import ArmPlan, Classical, FewShot, FineTuned, ZeroShot
from ftdecide.experiment.data_plan import RetrievalPlan

# Room for the longest right answer: JSON has two characters a token or more, and a code fence needs some tokens too.
SAFE_CHARACTERS_PER_TOKEN = 2
LEAST_OUTPUT_TOKENS = 24
# The shares of the training rows that a learning curve adds to the whole: enough for a curve with three points.
CURVE_SHARES = (0.25, 0.5)
_LOOKING = {"retrieval": True, "name": "fine_tuned_retrieval"}

Written = dict[str, object]


def complete_plan(plan: object) -> object:
    """Return a plan as it is written with what a sample and a learning curve add; others are returned as they are."""
    match plan:
        case {"data": {"sample": str(), "train": str()} | {"sample": str(), "test": str()}}:
            return plan  # refused later for naming both
        case {"data": {"sample": str(name)}}:
            return _with_curve({**plan_for_sample(name), **cast("Written", plan)})
        case dict():
            return _with_curve(cast("Written", plan))
        case _:
            return plan


def plan_for_sample(name: str) -> Written:
    """Return what a plan says, unless it says otherwise, when it uses the sample `name`.

    Raises:
        NotFoundError: no such sample.
    """
    sample = load_sample(name)
    tuned = FineTuned(kind="fine_tuned", epochs=sample.epochs)
    arms: tuple[ArmPlan, ...] = (ZeroShot(kind="zero_shot"), FewShot(kind="few_shot"), tuned)
    if sample.documents:
        # With these two the plan has all of {base, tuned} x {without, with retrieval}.
        looking = (ZeroShot(kind="zero_shot", retrieval=True), tuned.model_copy(update=_LOOKING))
        arms = (*arms, *looking)
    longest = max(len(example.answer) for example in read_examples(sample.train_path))
    return {
        "title": sample.title,
        "instructions": sample.instructions,
        "short_instructions": sample.short_instructions,
        "arms": (*arms, Classical(kind="classical")) if sample.grader.kind == "label" else arms,
        "grader": sample.grader.model_dump(),
        "retrieval": _retrieval(sample),
        "max_output_tokens": sample.max_output_tokens
        or max(LEAST_OUTPUT_TOKENS, math.ceil(longest / SAFE_CHARACTERS_PER_TOKEN)),
    }


def _retrieval(sample: Sample) -> RetrievalPlan | None:
    if sample.documents is None:
        return None
    plan = RetrievalPlan()
    return plan.model_copy(update=sample.look_up.model_dump()) if sample.look_up else plan


def _with_curve(plan: Written) -> Written:
    arms = plan.get("arms")
    if plan.get("learning_curve") is not True or not isinstance(arms, list | tuple):
        return plan
    declared = cast("Sequence[object]", arms)
    return {**plan, "arms": [*declared, *_curve_arms(declared)]}


def _curve_arms(arms: Sequence[object]) -> list[object]:
    """Return what a learning curve adds to `arms` as they are written: the first tuned one on fewer rows."""
    written = [arm.model_dump() if isinstance(arm, FineTuned) else arm for arm in arms]
    tuned = [cast("Written", arm) for arm in written if _is_tuned(arm)]
    whole = next((arm for arm in tuned if arm.get("train_share", 1) == 1), None)
    if whole is None or any(arm.get("train_share", 1) != 1 for arm in tuned):
        return []
    name = whole.get("name", "fine_tuned_retrieval" if whole.get("retrieval") else "fine_tuned")
    return [{**whole, "name": f"{name}_{100 * share:.0f}", "train_share": share} for share in CURVE_SHARES]


def _is_tuned(arm: object) -> bool:
    return isinstance(arm, dict) and cast("Written", arm).get("kind") == "fine_tuned"
