"""What a comparison found: a result for every arm, the declared contrasts, and the rows that flipped."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import fmean

from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.clusters import number_groups
from ftdecide.experiment.contrast import Graded, Pairing, contrast_all, pair
from ftdecide.experiment.graders import failed, grade
from ftdecide.experiment.inference import infer_score
from ftdecide.experiment.plan import Experiment, baseline_name, contrast_names, metric_of
from ftdecide.experiment.types import Answer, ArmResult, Contrast, Flip, Latency, Row, Rows, Summary
from ftdecide.experiment.warning import warn
from ftdecide.translation import _

Grades = Mapping[str, Graded]
PROMPT_KINDS = ("zero_shot", "few_shot")


def summarise(experiment: Experiment, rows: Rows, answers: Sequence[Answer], *, finished: bool = True) -> Summary:
    """Return what the answers say.

    Rows that failed count as wrong and are never dropped; in a `finished` run so do rows without any answer. Otherwise
    the result is `partial`: each arm is measured on what it has answered, two arms are compared on the items that both
    have, and no contrast claims anything, because a run that may stop after a look at its results would claim too much.
    """
    grades = {arm.name: _grades(experiment, arm, rows, answers, finished=finished) for arm in experiment.arms}
    partial = any(len(graded) < len(rows.test) for graded in grades.values())
    groups = {row.item: row.group for row in rows.test}
    arms = tuple(_arm_result(arm, grades[arm.name], groups) for arm in experiment.arms)
    baseline = baseline_name(experiment)

    def pairing(arm: str, against: str) -> Pairing:
        pairs = pair(grades[arm], grades[against])
        return Pairing(arm, against, pairs, experiment.margin, experiment.seed, not partial, groups)

    contrasts = contrast_all([pairing(arm, baseline) for arm in contrast_names(experiment)])
    tuned, other = best_arm(arms, ("fine_tuned",)), best_arm(arms, ("zero_shot", "few_shot", "classical"))
    against_best = contrast_all([pairing(tuned.name, other.name)])[0] if tuned and other else None
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
        tuned_against_best=against_best,
        flips=tuple(flip for contrast in contrasts for flip in _flips(contrast, rows.test, grades)),
        warnings=warn(experiment, rows, arms, partial=partial),
        prompt_tokens_removed_share=_removed_share(arms),
    )


def best_arm(arms: Sequence[ArmResult], kinds: Sequence[str]) -> ArmResult | None:
    """Return the arm with the highest score among those of the given kinds, the first of equals."""
    scored = [arm for arm in arms if arm.kind in kinds and arm.score is not None]
    return max(scored, key=lambda arm: arm.score or 0.0, default=None)


def _grades(
    experiment: Experiment, arm: ArmPlan, rows: Rows, answers: Sequence[Answer], *, finished: bool
) -> dict[str, Graded]:
    given = {answer.item: answer for answer in answers if answer.arm == arm.name}
    found: dict[str, Graded] = {}
    for row in rows.test:
        answer = given.get(row.item)
        if answer is None:
            if not finished:
                continue
            answer = Answer(arm=arm.name, item=row.item, error=_("No answer came."))
        if answer.error is not None:
            found[row.item] = Graded(answer, failed(answer.error), 0.0)
        else:
            mark = grade(experiment.grader, row.reference, answer.text)
            value = mark.score if metric_of(experiment.grader) == "score" else float(mark.passed)
            found[row.item] = Graded(answer, mark, value)
    return found


def _arm_result(arm: ArmPlan, grades: Grades, groups: Mapping[str, str]) -> ArmResult:
    values = [graded.value for graded in grades.values()]
    given = [graded.answer for graded in grades.values() if graded.answer.error is None]
    n, lost = len(values), len(values) - len(given)
    score = fmean(values) if values else None
    interval = infer_score(values, number_groups([groups.get(item, "") for item in grades])) if values else None
    return ArmResult(
        name=arm.name,
        kind=arm.kind,
        score=score,
        interval=interval,
        n=n,
        failed=lost,
        band=None if score is None else (score, min(1.0, score + lost / n)),
        format_breaks=sum(graded.grade.reason == "format" for graded in grades.values()),
        cost_usd=sum((graded.answer.cost_usd for graded in grades.values()), Decimal(0)),
        latency_ms=_latency([answer.latency_ms for answer in given]),
        prompt_tokens=sum(answer.prompt_tokens for answer in given),
        completion_tokens=sum(answer.completion_tokens for answer in given),
        examples_in_prompt=arm.examples if arm.kind == "few_shot" else 0,
    )


def _latency(times: Sequence[float]) -> Latency | None:
    if not times:
        return None
    ordered = sorted(times)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low])

    return Latency(p50=at(0.5), p95=at(0.95))


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
