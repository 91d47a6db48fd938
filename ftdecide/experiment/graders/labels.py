"""Labels: one of a few fixed answers."""

from ftdecide.experiment.answer_json import read_object
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders.outcome import right, shown, wrong
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.types import Grade
from ftdecide.translation import _


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
    wanted, given = read_label(plan, reference), read_label(plan, answer)
    if given is None:
        detail = _("Not in the form asked for.")
        if wanted is not None and normalise(wanted) in normalise(answer):
            detail = _("Not in the form asked for, though it mentions the right label.")
        return wrong("format", detail)
    if wanted is not None and normalise(wanted) == normalise(given):
        return right()
    detail = _("Answered {given}, right is {right}.").format(given=shown(given), right=shown(wanted or ""))
    return wrong("wrong", detail)


def label_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why `reference` is no label of the plan, with the mend, or None."""
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
