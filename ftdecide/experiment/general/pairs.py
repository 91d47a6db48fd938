"""Which arms are asked the general questions, and what tuning made each tuned one forget."""

from collections.abc import Sequence

from ftdecide.experiment.arm_checks import Forgetting
from ftdecide.experiment.arm_plan import ArmPlan, FineTuned, train_share, uses_retrieval
from ftdecide.experiment.general.questions import ASKED, measure_forgetting
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Answer


def general_arms(experiment: Experiment) -> tuple[ArmPlan, ...]:
    """Return the arms that are asked: one that stands for the base model, and those tuned on all rows.

    The questions come without instructions, examples and passages, so any untuned arm of the same model will do. None
    where the plan does not ask them.
    """
    base = _base_arm(experiment)
    if not experiment.general_questions or base is None:
        return ()
    return (base, *_tuned_arms(experiment))


def forgetting_of(experiment: Experiment, answers: Sequence[Answer]) -> tuple[Forgetting, ...]:
    """Return what each tuned arm has forgotten, as far as both sides were asked enough."""
    base, *tuned = general_arms(experiment) or (None,)
    if base is None:
        return ()
    found = [measure_forgetting(_given(base, answers), _given(arm, answers)) for arm in tuned]
    return tuple(each for each in found if each is not None)


def _given(arm: ArmPlan, answers: Sequence[Answer]) -> list[Answer]:
    name = f"{ASKED}{arm.name}"
    return [each.model_copy(update={"arm": arm.name}) for each in answers if each.arm == name]


def _base_arm(experiment: Experiment) -> ArmPlan | None:
    untuned = [arm for arm in experiment.arms if arm.kind in ("zero_shot", "few_shot")]
    return min(untuned, key=uses_retrieval, default=None)


def _tuned_arms(experiment: Experiment) -> tuple[FineTuned, ...]:
    return tuple(arm for arm in experiment.arms if arm.kind == "fine_tuned" and train_share(arm) == 1)
