"""What an arm's answers to label questions look like class by class."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from ftdecide.experiment.arm_checks import ClassResult, LabelReport
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders.labels import read_label
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.types import Answer, Row

OTHER = "(other)"


def label_report(plan: GraderPlan, rows: Sequence[Row], answers: Sequence[Answer]) -> LabelReport | None:
    """Return accuracy, macro-F1 and the confusion of the right labels with those answered by one arm.

    Every answer to one of `rows` counts, each repeat for itself. What could not be read, is no label that occurs as a
    right one or in the plan, or failed, is answered as "(other)". Macro-F1 is the plain mean of F1 over the labels that
    are right for some row, as scikit-learn's `f1_score(average="macro", labels=...)` gives it. None without an answer,
    and for graders of another kind.
    """
    if plan.kind != "label":
        return None
    names = _spellings(plan, rows)
    right_labels = {row.item: _place(plan, names, row.reference) for row in rows}
    pairs = Counter(
        (right_labels[answer.item], OTHER if answer.error is not None else _place(plan, names, answer.text))
        for answer in answers
        if answer.item in right_labels
    )
    if not pairs:
        return None
    labels = _in_order(plan, names, {right for right, _given in pairs})
    columns = (*labels, OTHER)
    classes = tuple(_class_result(label, pairs) for label in labels)
    return LabelReport(
        n=pairs.total(),
        accuracy=sum(count for (right, given), count in pairs.items() if right == given) / pairs.total(),
        macro_f1=fmean(each.f1 for each in classes if each.support),
        classes=classes,
        columns=columns,
        confusion=tuple(tuple(pairs[right, given] for given in columns) for right in labels),
    )


def _class_result(label: str, pairs: Counter[tuple[str, str]]) -> ClassResult:
    hits = pairs[label, label]
    support = sum(count for (right, _given), count in pairs.items() if right == label)
    given = sum(count for (_right, answered), count in pairs.items() if answered == label)
    return ClassResult(
        label=label,
        support=support,
        answered=given,
        precision=hits / given if given else 0.0,
        recall=hits / support if support else 0.0,
        f1=2 * hits / (support + given) if support + given else 0.0,
    )


def _spellings(plan: GraderPlan, rows: Sequence[Row]) -> dict[str, str]:
    """Return every known label as it is first written, by its normal form; a real one called "(other)" gets quotes."""
    written = [*plan.labels, *(label for row in rows if (label := _free_label(plan, row.reference)))]
    names: dict[str, str] = {}
    for label in written:
        names.setdefault(normalise(label), f'"{label}"' if label == OTHER else label)
    return names


def _place(plan: GraderPlan, names: dict[str, str], text: str) -> str:
    label = read_label(plan, text)
    return OTHER if label is None else names.get(normalise(label), OTHER)


def _free_label(plan: GraderPlan, text: str) -> str | None:
    return read_label(plan.model_copy(update={"labels": ()}), text)


def _in_order(plan: GraderPlan, names: dict[str, str], right: set[str]) -> tuple[str, ...]:
    """Return the plan's labels in its order, then others that are right somewhere, by name."""
    declared = [names[normalise(label)] for label in plan.labels]
    return (*dict.fromkeys(declared), *sorted(right - set(declared)))
