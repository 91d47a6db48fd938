"""Every answer of a run with its grade, one line each: what exports and per-group views are made of."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import fmean

from ftdecide.experiment.graders import failed, grade
from ftdecide.experiment.inference import infer_score
from ftdecide.experiment.plan import Experiment, metric_of
from ftdecide.experiment.types import Answer, Grade, GradeReason, Interval, Part, Row, Rows
from ftdecide.store.answers import load_answers
from ftdecide.store.database import Store
from ftdecide.store.runs import load_rows, load_run


class ItemLine(Part):
    """One answer to one test row; `value` is what is averaged and compared, `error` says why there is no answer."""

    arm: str
    item: str
    repeat: int
    line: int
    group: str
    question: str
    reference: str
    answer: str
    score: float
    value: float
    passed: bool
    reason: GradeReason
    detail: str
    error: str | None
    prompt_tokens: int
    completion_tokens: int
    latency_ms: float
    cost_usd: Decimal


class GroupScore(Part):
    """How one arm did on the rows of one group; `interval` is null where there are too few rows to say anything."""

    group: str
    arm: str
    n: int
    score: float
    interval: Interval | None


def load_items(store: Store, run_id: str) -> tuple[ItemLine, ...]:
    """Return what a run has stored so far, graded: arms in the plan's order, rows in the order in which they are asked.

    Raises:
        NotFoundError: no such run.
    """
    experiment = Experiment.model_validate(load_run(store, run_id).plan)
    rows = Rows.model_validate(load_rows(store, run_id))
    fields = set(Answer.model_fields)
    answers = [Answer.model_validate(answer.model_dump(include=fields)) for answer in load_answers(store, run_id)]
    return list_items(experiment, rows, answers)


def list_items(experiment: Experiment, rows: Rows, answers: Sequence[Answer]) -> tuple[ItemLine, ...]:
    """Return every answer with its grade: arms in the plan's order, rows in the order in which they are asked."""
    by_item = {row.item: (place, row) for place, row in enumerate(rows.test)}
    arms = {arm.name: place for place, arm in enumerate(experiment.arms)}
    known = [answer for answer in answers if answer.item in by_item and answer.arm in arms]
    known.sort(key=lambda answer: (arms[answer.arm], by_item[answer.item][0], answer.repeat))
    return tuple(_line(experiment, by_item[answer.item][1], answer) for answer in known)


def score_groups(items: Sequence[ItemLine]) -> tuple[GroupScore, ...]:
    """Return the mean value of every arm in every named group, repeats of an item averaged first.

    Groups come in the order of their size, the largest first; rows without a group are left out.
    """
    values: dict[tuple[str, str], dict[str, list[float]]] = {}
    for item in items:
        if item.group:
            values.setdefault((item.group, item.arm), {}).setdefault(item.item, []).append(item.value)
    sizes: dict[str, int] = {}
    for (group, _arm), found in values.items():
        sizes[group] = max(sizes.get(group, 0), len(found))
    ordered = sorted(values.items(), key=lambda each: (-sizes[each[0][0]], each[0][0]))
    return tuple(_group_score(group, arm, [fmean(each) for each in found.values()]) for (group, arm), found in ordered)


def _group_score(group: str, arm: str, values: Sequence[float]) -> GroupScore:
    return GroupScore(group=group, arm=arm, n=len(values), score=fmean(values), interval=infer_score(values, None))


def _line(experiment: Experiment, row: Row, answer: Answer) -> ItemLine:
    mark = _grade(experiment, row, answer)
    value = 0.0 if answer.error is not None else _value(experiment, mark)
    return ItemLine(
        arm=answer.arm,
        item=row.item,
        repeat=answer.repeat,
        line=row.line,
        group=row.group,
        question=row.prompt,
        reference=row.reference,
        answer=answer.text,
        score=mark.score,
        value=value,
        passed=mark.passed,
        reason=mark.reason,
        detail=mark.detail,
        error=answer.error,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        latency_ms=answer.latency_ms,
        cost_usd=answer.cost_usd,
    )


def _grade(experiment: Experiment, row: Row, answer: Answer) -> Grade:
    if answer.error is not None:
        return failed(answer.error)
    return grade(experiment.grader, row.reference, answer.text)


def _value(experiment: Experiment, mark: Grade) -> float:
    return mark.score if metric_of(experiment.grader) == "score" else float(mark.passed)
