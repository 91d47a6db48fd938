"""Rules that say how right an answer is; each takes the plan, the reference and the answer and returns a `Grade`."""

import re
from collections.abc import Callable, Mapping

from ftdecide.experiment.answer_json import leaves, read_object, same_value
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.plan import GraderPlan
from ftdecide.experiment.types import Grade, GradeReason
from ftdecide.translation import _

Grader = Callable[[GraderPlan, str, str], Grade]


def grade(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Return how right `answer` is; an empty one is wrong, and no text whatever raises."""
    if not answer.strip():
        return _fail("empty", _("The answer is empty."))
    return GRADERS[plan.kind](plan, reference, answer)


def failed(error: str) -> Grade:
    """Return the grade of a row that got no answer: it counts as wrong."""
    return _fail("failed", error)


def reference_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why `reference` cannot be graded against, with the mend, or None when it can."""
    if plan.kind == "fields" and read_object(reference) is None:
        return _("the answer is not a JSON object; write one, or use another grader")
    if plan.kind == "contains" and not _alternatives(plan, reference):
        return _("the answer has no text besides separators; write at least one alternative")
    if plan.kind == "label":
        label = read_label(plan.model_copy(update={"labels": ()}), reference)
        if label is None and plan.field is None:
            return _("the answer is no label; write the label alone, or JSON with one field")
        if label is None:
            return _("the answer has no label under {field!r}; add it").format(field=plan.field)
        known = [normalise(each) for each in plan.labels]
        if known and normalise(label) not in known:
            text = _("the label {label!r} is not one of the plan's labels; correct it or add it to them")
            return text.format(label=label)
    return None


def read_label(plan: GraderPlan, text: str) -> str | None:
    """Return the label that `text` gives in the form asked for, or None.

    With a field in the plan that form is a JSON object with this field; without one it is the label alone (quotes and a
    full stop do no harm), or a JSON object with exactly one field.
    """
    record = read_object(text)
    if plan.field is not None:
        value = record.get(plan.field) if record is not None else None
    elif record is not None:
        value = next(iter(record.values())) if len(record) == 1 else None
    else:
        bare = text.strip().strip("\"'`*.").strip()
        known = {normalise(label) for label in plan.labels}
        value = bare if not known or normalise(bare) in known else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def grade_label(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when the label is; an answer in another form is wrong, for a reason of its own."""
    right, given = read_label(plan, reference), read_label(plan, answer)
    if given is None:
        detail = _("Not in the form asked for.")
        if right is not None and normalise(right) in normalise(answer):
            detail = _("Not in the form asked for, though it mentions the right label.")
        return _fail("format", detail)
    if right is not None and normalise(right) == normalise(given):
        return _pass()
    return _fail("wrong", _("Answered {given!r}, right is {right!r}.").format(given=given, right=right))


def grade_fields(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Share of fields that are right; passed when all are. Without `fields` in the plan additional ones are wrong.

    Nested fields count one by one; null and missing are the same; 12, 12.0 and "12.00" are the same.
    """
    right, given = read_object(reference), read_object(answer)
    if given is None:
        return _fail("format", _("The answer is not a JSON object."))
    if right is None:
        return _fail("wrong", _("The reference is not a JSON object."))
    asked = set(plan.fields) or (right.keys() | given.keys())
    wanted, found = (leaves({name: part[name] for name in asked & part.keys()}) for part in (right, given))
    names = wanted.keys() | {name for name, value in found.items() if value is not None}
    wrong = sorted(name for name in names if not same_value(wanted.get(name), found.get(name)))
    if not wrong:
        return _pass()
    score = (len(names) - len(wrong)) / len(names)
    detail = _("Wrong: {names}.").format(names=", ".join(wrong))
    return Grade(score=score, passed=False, reason="partly_right" if score else "wrong", detail=detail)


def grade_contains(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when one of the reference's alternatives occurs as whole words."""
    text = normalise(answer)
    for alternative in _alternatives(plan, reference):
        if re.search(rf"(?<!\w){re.escape(alternative)}(?!\w)", text):
            return _pass()
    return _fail("wrong", _("None of the accepted texts occurs."))


def grade_exact(_plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when both texts are the same but for case and white space."""
    return _pass() if normalise(reference) == normalise(answer) else _fail("wrong", _("A different text."))


GRADERS: Mapping[str, Grader] = {
    "label": grade_label,
    "fields": grade_fields,
    "contains": grade_contains,
    "exact": grade_exact,
}


def _alternatives(plan: GraderPlan, reference: str) -> list[str]:
    return [part for part in map(normalise, reference.split(plan.separator)) if part]


def _pass() -> Grade:
    return Grade(score=1.0, passed=True, reason="right")


def _fail(reason: GradeReason, detail: str) -> Grade:
    return Grade(score=0.0, passed=False, reason=reason, detail=detail)
