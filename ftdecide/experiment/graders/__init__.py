"""Rules that say how right an answer is; each takes the plan, the reference and the answer and returns a `Grade`."""

from collections.abc import Callable, Mapping

from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders.labels import grade_label, label_problem
from ftdecide.experiment.graders.labels import read_label as read_label
from ftdecide.experiment.graders.numbers import grade_number, number_problem
from ftdecide.experiment.graders.outcome import wrong
from ftdecide.experiment.graders.records import fields_problem, grade_fields, grade_schema, schema_reference_problem
from ftdecide.experiment.graders.texts import (
    contains_problem,
    grade_contains,
    grade_exact,
    grade_regex,
    grade_text,
    regex_problem,
    text_problem,
)
from ftdecide.experiment.types import Grade
from ftdecide.translation import _

Grader = Callable[[GraderPlan, str, str], Grade]
Check = Callable[[GraderPlan, str], str | None]

GRADERS: Mapping[str, Grader] = {
    "label": grade_label,
    "fields": grade_fields,
    "contains": grade_contains,
    "exact": grade_exact,
    "regex": grade_regex,
    "number": grade_number,
    "json_schema": grade_schema,
    "text": grade_text,
}

CHECKS: Mapping[str, Check] = {
    "label": label_problem,
    "fields": fields_problem,
    "contains": contains_problem,
    "regex": regex_problem,
    "number": number_problem,
    "json_schema": schema_reference_problem,
    "text": text_problem,
}
"""What a kind asks of a reference; for the others any text will do."""


def grade(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Return how right `answer` is; an empty one is wrong, and no text whatever raises."""
    if not answer.strip():
        return wrong("empty", _("The answer is empty."))
    return GRADERS[plan.kind](plan, reference, answer)


def failed(error: str) -> Grade:
    """Return the grade of a row that got no answer: it counts as wrong."""
    return wrong("failed", error)


def reference_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why `reference` cannot be graded against, with the mend, or None when it can."""
    check = CHECKS.get(plan.kind)
    return check(plan, reference) if check else None
