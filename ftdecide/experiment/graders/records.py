"""JSON answers: compared field by field, or held to a schema."""

from ftdecide.experiment.answer_json import leaves, read_json, read_object, same_value
from ftdecide.experiment.grader_plan import GraderPlan, measure_of, passes_at
from ftdecide.experiment.graders.outcome import name_all, partly, right, wrong
from ftdecide.experiment.schemas import schema_problem
from ftdecide.experiment.types import Grade
from ftdecide.translation import _


def grade_fields(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Share of fields that are right, or their F1. Without `fields` in the plan additional ones are wrong.

    Nested fields count one by one; null and missing are the same; 12, 12.0 and "12.00" are the same. F1 is the harmonic
    mean of the share of given fields that are right and of the share of wanted fields that are given right, null ones
    apart; a wrong value lowers both. Where neither has any, it is 1.
    """
    wanted, given = read_object(reference), read_object(answer)
    if given is None:
        return wrong("format", _("The answer is not a JSON object."))
    if wanted is None:
        return wrong("wrong", _("The reference is not a JSON object."))
    right_leaves, given_leaves = asked_leaves(plan, wanted, given)
    given_names = {name for name, value in given_leaves.items() if value is not None}
    names = right_leaves.keys() | given_names
    faults = sorted(name for name in names if not same_value(right_leaves.get(name), given_leaves.get(name)))
    if not faults:
        return right()
    if measure_of(plan) == "f1":
        wanted_names = {name for name, value in right_leaves.items() if value is not None}
        hits = len((wanted_names & given_names).difference(faults))
        score = 2 * hits / (len(wanted_names) + len(given_names))
    else:
        score = (len(names) - len(faults)) / len(names)
    return partly(score, passes_at(plan), _("Wrong: {names}.").format(names=name_all(faults)))


def asked_leaves(
    plan: GraderPlan, wanted: dict[str, object], given: dict[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the values of both records by path, of the fields that count."""
    asked = set(plan.fields) or (wanted.keys() | given.keys())
    first, second = (leaves({name: part[name] for name in asked & part.keys()}) for part in (wanted, given))
    return first, second


def grade_schema(plan: GraderPlan, _reference: str, answer: str) -> Grade:
    """Right when the answer is JSON that keeps to the plan's schema; its values are not compared."""
    value = read_json(answer)
    if value is None:
        return wrong("format", _("The answer is not JSON."))
    problem = schema_problem(plan.json_schema or {}, value.value)
    if problem is None:
        return right()
    return wrong("format", _("Breaks the schema at {problem}.").format(problem=name_all([problem])))


def fields_problem(_plan: GraderPlan, reference: str) -> str | None:
    """Return why `reference` is no record, with the mend, or None."""
    if read_object(reference) is None:
        return _("the answer is not a JSON object; write one, or use another grader")
    return None


def schema_reference_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return how `reference` itself breaks the schema, with the mend, or None."""
    found = grade_schema(plan, reference, reference)
    if found.passed:
        return None
    return _("the answer itself breaks the schema: {detail} Mend it; or mend the schema").format(detail=found.detail)
