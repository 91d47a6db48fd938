"""How one arm did: its answers graded, repeats averaged, and what they took."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import fmean

from ftdecide.experiment.arm_plan import ArmPlan, model_of, train_share, uses_retrieval
from ftdecide.experiment.clusters import number_groups
from ftdecide.experiment.contrast import Graded, average_repeats
from ftdecide.experiment.graders import failed, grade
from ftdecide.experiment.guardrails import guardrails
from ftdecide.experiment.inference import infer_score
from ftdecide.experiment.label_report import label_report
from ftdecide.experiment.messages import examples_for
from ftdecide.experiment.plan import Experiment, metric_of
from ftdecide.experiment.types import Answer, ArmResult, Grade, Latency, Row, Rows
from ftdecide.translation import _

Grades = Mapping[str, Graded]


def grade_arm(
    experiment: Experiment, arm: ArmPlan, test: Sequence[Row], answers: Sequence[Answer], *, finished: bool
) -> dict[str, Graded]:
    """Return one grade an item, the mean over its repeats.

    An answer that failed counts as wrong; in a `finished` run so does one that never came. Before the end an item is
    there once all of its repeats are.
    """
    given: dict[tuple[str, int], Answer] = {
        (answer.item, answer.repeat): answer for answer in answers if answer.arm == arm.name
    }
    found: dict[str, Graded] = {}
    for row in test:
        all_ = [given.get((row.item, repeat)) for repeat in range(experiment.repeats)]
        if not finished and None in all_:
            continue
        lost = Answer(arm=arm.name, item=row.item, error=_("No answer came."))
        found[row.item] = average_repeats([_grade(experiment, row, answer or lost) for answer in all_])
    return found


def score_arm(experiment: Experiment, arm: ArmPlan, rows: Rows, grades: Grades, answers: Sequence[Answer]) -> ArmResult:
    """Return the result of an arm; `answers` are all of the run's, `grades` those of `grade_arm`."""
    values = [graded.value for graded in grades.values()]
    mine = [answer for answer in answers if answer.arm == arm.name and answer.item in grades]
    given = [answer for answer in mine if answer.error is None]
    groups = {row.item: row.group for row in rows.test}
    score = fmean(values) if values else None
    lost = fmean(graded.failed_share for graded in grades.values()) if values else 0.0
    return ArmResult(
        name=arm.name,
        kind=arm.kind,
        score=score,
        interval=infer_score(values, number_groups([groups[item] for item in grades])) if values else None,
        n=len(values),
        failed=sum(graded.answer.error is not None for graded in grades.values()),
        band=None if score is None else (score, min(1.0, score + lost)),
        format_breaks=sum(graded.grade.reason == "format" for graded in grades.values()),
        cost_usd=sum((answer.cost_usd for answer in mine), Decimal(0)),
        latency_ms=_latency([answer.latency_ms for answer in given]),
        prompt_tokens=sum(answer.prompt_tokens for answer in given),
        completion_tokens=sum(answer.completion_tokens for answer in given),
        examples_in_prompt=len(examples_for(experiment, arm, rows.train)),
        retrieval=uses_retrieval(arm),
        train_share=train_share(arm),
        model="" if arm.kind == "classical" else model_of(arm, experiment.provider.model),
        repeats=experiment.repeats,
        guardrails=guardrails(rows.test, mine, _marks(experiment, rows, grades, mine)),
        labels=label_report(experiment.grader, rows.test, mine),
    )


def _marks(experiment: Experiment, rows: Rows, grades: Grades, answers: Sequence[Answer]) -> list[Grade]:
    """Return a grade for every answer; those of items that were asked once are there already."""
    by_item = {row.item: row for row in rows.test}
    return [
        grades[each.item].grade
        if grades[each.item].answer == each
        else _grade(experiment, by_item[each.item], each).grade
        for each in answers
    ]


def _grade(experiment: Experiment, row: Row, answer: Answer) -> Graded:
    if answer.error is not None:
        return Graded(answer, failed(answer.error), 0.0, 1.0)
    mark = grade(experiment.grader, row.reference, answer.text)
    value = mark.score if metric_of(experiment.grader) == "score" else float(mark.passed)
    return Graded(answer, mark, value)


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
