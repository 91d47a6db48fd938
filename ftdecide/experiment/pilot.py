"""A pilot: a few rows answered by the arms that need no training, to measure what the estimate rests on."""

from collections.abc import Sequence
from statistics import fmean

from ftdecide.experiment.arm_score import grade_arm
from ftdecide.experiment.plan import Experiment, baseline_name
from ftdecide.experiment.types import Answer, Part, Rows
from ftdecide.experiment.workload import ArmWork, Workload
from ftdecide.translation import _

# Half a row on either side, so that a few rows without any difference do not make it look impossible.
_HALF_A_ROW = 0.5
LONGEST_TITLE = 200


class Pilot(Part):
    """What a pilot showed of `rows` rows.

    `discordance` is the largest share of them on which exactly one of an arm and the baseline is right, None with a
    single arm. `completion_tokens` is the mean answer of each arm, `prompt_tokens` its mean prompt as it was charged,
    `seconds_per_call` the mean time to an answer.
    """

    rows: int
    discordance: float | None
    completion_tokens: dict[str, float]
    prompt_tokens: dict[str, float]
    seconds_per_call: float


def plan_pilot(experiment: Experiment) -> Experiment:
    """Return the plan of the pilot: the first test rows in their order, the arms without training, once each.

    Its rows are the whole run's first ones, so it shows what the run will meet.
    """
    arms = tuple(arm for arm in experiment.arms if arm.kind != "fine_tuned")
    names = {arm.name for arm in arms}
    rows = min(experiment.pilot_rows, experiment.data.test_rows or experiment.pilot_rows)
    changes: dict[str, object] = {
        "title": _("Pilot: {title}").format(title=experiment.title)[:LONGEST_TITLE],
        "arms": arms,
        "baseline": baseline_name(experiment) if baseline_name(experiment) in names else None,
        "contrasts": None,
        "data": experiment.data.model_copy(update={"test_rows": rows}),
        "repeats": 1,
        "looks": 1,
        "learning_curve": False,
        "judge": None,
        "general_questions": False,
        "pilot_rows": 0,
    }
    return experiment.model_copy(update=changes)


def read_pilot(experiment: Experiment, rows: Rows, answers: Sequence[Answer]) -> Pilot | None:
    """Return what stored answers to test rows show, whichever arms and rows they are of; None without any."""
    given = [answer for answer in answers if answer.error is None and answer.repeat == 0]
    once = experiment.model_copy(update={"repeats": 1})
    values = {
        arm.name: {
            item: graded.value for item, graded in grade_arm(once, arm, rows.test, given, finished=False).items()
        }
        for arm in experiment.arms
    }
    asked = {arm.name for arm in experiment.arms if arm.kind != "classical"}
    calls = {name: [each for each in given if each.arm == name] for name in asked}
    calls = {name: each for name, each in calls.items() if each}
    if not calls:
        return None
    return Pilot(
        rows=max(len(values[name]) for name in calls),
        discordance=_discordance(values, baseline_name(experiment)),
        completion_tokens={name: fmean(each.completion_tokens for each in mine) for name, mine in calls.items()},
        prompt_tokens={name: fmean(each.prompt_tokens for each in mine) for name, mine in calls.items()},
        seconds_per_call=fmean(each.latency_ms for mine in calls.values() for each in mine) / 1000,
    )


def correct_work(work: Workload, pilot: Pilot) -> Workload:
    """Return the work with prompts and answers as long as the pilot's; a tuned arm's prompts as the others' on average.

    What a tuned arm answers is not known before it is trained: its answers stay as long as the references.
    """
    ratios = [
        pilot.prompt_tokens[arm.arm] * arm.calls / arm.prompt_tokens
        for arm in work.arms
        if arm.arm in pilot.prompt_tokens
    ]
    ratio = fmean(ratios) if ratios else 1.0

    def correct(arm: ArmWork) -> ArmWork:
        prompt = pilot.prompt_tokens.get(arm.arm)
        answer = pilot.completion_tokens.get(arm.arm)
        changes: dict[str, object] = {
            "prompt_tokens": round(arm.prompt_tokens * ratio if prompt is None else prompt * arm.calls)
        }
        if answer is not None:
            changes["completion_tokens"] = min(round(answer * arm.calls), arm.most_completion_tokens)
        return arm.model_copy(update=changes)

    return work.model_copy(update={"arms": tuple(correct(arm) for arm in work.arms)})


def _discordance(values: dict[str, dict[str, float]], baseline: str) -> float | None:
    found: list[float] = []
    for name, mine in values.items():
        theirs = values.get(baseline, {})
        both = mine.keys() & theirs.keys()
        if name != baseline and both:
            found.append((sum(mine[item] != theirs[item] for item in both) + _HALF_A_ROW) / (len(both) + 1))
    return max(found, default=None)
