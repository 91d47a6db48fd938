"""What a comparison found: a result for every arm, the declared contrasts, and the rows that flipped."""

from collections.abc import Callable, Mapping, Sequence

from ftdecide.experiment.arm_score import Grades, grade_arm, score_arm
from ftdecide.experiment.contrast import Pairing, contrast_all, pair
from ftdecide.experiment.curve import curve_of
from ftdecide.experiment.general.pairs import forgetting_of
from ftdecide.experiment.looks import Look, leading_rows, plan_looks, reached_look, shown_rows
from ftdecide.experiment.plan import Experiment, baseline_name, contrast_names, metric_of
from ftdecide.experiment.two_by_two import compare_two_by_two
from ftdecide.experiment.types import (
    Answer,
    ArmResult,
    Contrast,
    Flip,
    Row,
    Rows,
    Summary,
)
from ftdecide.experiment.warning import warn

PROMPT_KINDS = ("zero_shot", "few_shot")
RIVAL_KINDS = (*PROMPT_KINDS, "classical", "stronger_base")


def summarise(
    experiment: Experiment,
    rows: Rows,
    answers: Sequence[Answer],
    *,
    finished: bool = True,
    look: Look | None = None,
) -> Summary:
    """Return what the answers say.

    Rows that failed count as wrong and are never dropped; in a `finished` run so do rows without any answer. Otherwise
    the result is `partial`: each arm is measured on what it has answered, two arms are compared on the items that both
    have, and no contrast claims anything, because a run that may stop after a look at its results would claim too much.
    With planned looks the bounds are those of `look`, by default the last one.
    """
    grades = {arm.name: grade_arm(experiment, arm, rows.test, answers, finished=finished) for arm in experiment.arms}
    arms = tuple(score_arm(experiment, arm, rows, grades[arm.name], answers) for arm in experiment.arms)
    partial = any(len(graded) < len(rows.test) for graded in grades.values())
    pairing = _pairing(experiment, rows, grades, look or _last_look(experiment, rows))
    baseline = baseline_name(experiment)
    contrasts = contrast_all([pairing(arm, baseline) for arm in contrast_names(experiment)])
    return Summary(
        title=experiment.title,
        provider=experiment.provider.id,
        model=experiment.provider.model,
        grader=experiment.grader.kind,
        metric=metric_of(experiment.grader),
        margin=experiment.margin,
        baseline=baseline,
        train_hash=rows.train_hash,
        test_hash=rows.test_hash,
        train_rows=len(rows.train),
        test_rows=len(rows.test),
        partial=partial,
        arms=arms,
        contrasts=contrasts,
        tuned_against_best=_against_best(arms, pairing),
        flips=tuple(flip for contrast in contrasts for flip in _flips(contrast, rows.test, grades)),
        warnings=warn(experiment, rows, arms, partial=partial),
        prompt_tokens_removed_share=_removed_share(arms),
        two_by_two=compare_two_by_two(experiment, pairing),
        learning_curve=None if partial else curve_of(experiment, rows, grades),
        groups=len({row.group for row in rows.test} - {""}),
        forgetting=forgetting_of(experiment, answers),
    )


def summarise_look(experiment: Experiment, rows: Rows, answers: Sequence[Answer]) -> Summary | None:
    """Return what may be shown of a run under way: the result of the last planned look that was reached, else None.

    It rests on the first rows of the test set alone, with stricter bounds; what was answered since stays hidden.
    """
    items = [row.item for row in rows.test]
    answered = [set(grade_arm(experiment, arm, rows.test, answers, finished=False)) for arm in experiment.arms]
    look = reached_look(plan_looks(experiment.looks, len(items)), leading_rows(items, answered))
    if look is None:
        return None
    first = rows.model_copy(update={"test": rows.test[: shown_rows(look)]})
    return summarise(experiment, first, answers, look=look)


def best_arm(arms: Sequence[ArmResult], kinds: Sequence[str], *, retrieval: bool | None = False) -> ArmResult | None:
    """Return the arm with the highest score among those of the given kinds, the first of equals.

    With or without retrieval as asked for, None for either. Arms of a learning curve are left out.
    """
    scored = [arm for arm in arms if arm.kind in kinds and arm.score is not None and arm.train_share == 1]
    if retrieval is not None:
        scored = [arm for arm in scored if arm.retrieval == retrieval]
    return max(scored, key=lambda arm: arm.score or 0.0, default=None)


def _pairing(
    experiment: Experiment, rows: Rows, grades: Mapping[str, Grades], look: Look | None
) -> Callable[[str, str], Pairing]:
    """Return the function that sets one arm against another; before the end it claims nothing."""
    final = all(len(graded) == len(rows.test) for graded in grades.values())
    groups = {row.item: row.group for row in rows.test}

    def pairing(arm: str, against: str) -> Pairing:
        pairs = pair(grades[arm], grades[against])
        return Pairing(arm, against, pairs, experiment.margin, experiment.seed, final, groups, look)

    return pairing


def _against_best(arms: Sequence[ArmResult], pairing: Callable[[str, str], Pairing]) -> Contrast | None:
    tuned, other = best_arm(arms, ("fine_tuned",)), best_arm(arms, RIVAL_KINDS, retrieval=None)
    return contrast_all([pairing(tuned.name, other.name)])[0] if tuned and other else None


def _last_look(experiment: Experiment, rows: Rows) -> Look | None:
    if experiment.looks == 1:
        return None
    counts = plan_looks(experiment.looks, len(rows.test))
    return Look(len(counts), counts)


def _flips(contrast: Contrast, test: Sequence[Row], grades: Mapping[str, Grades]) -> list[Flip]:
    mine, theirs = grades[contrast.arm], grades[contrast.baseline]
    both = [row for row in test if row.item in mine and row.item in theirs]
    return [
        Flip(
            arm=contrast.arm,
            baseline=contrast.baseline,
            item=row.item,
            line=row.line,
            won=mine[row.item].value > theirs[row.item].value,
            prompt=row.prompt,
            reference=row.reference,
            answer=mine[row.item].answer.text,
            baseline_answer=theirs[row.item].answer.text,
        )
        for row in both
        if mine[row.item].value != theirs[row.item].value
    ]


def _removed_share(arms: Sequence[ArmResult]) -> float | None:
    """Return how much shorter the tuned arm's average prompt is than the best prompt arm's, never below 0."""
    tuned, prompted = best_arm(arms, ("fine_tuned",)), best_arm(arms, PROMPT_KINDS)
    if tuned is None or prompted is None or not tuned.prompt_tokens or not prompted.prompt_tokens:
        return None
    mine, theirs = (arm.prompt_tokens / (arm.n - arm.failed) for arm in (tuned, prompted))
    return max(0.0, 1 - mine / theirs)
