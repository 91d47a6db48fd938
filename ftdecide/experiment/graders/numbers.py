"""Answers that are a number, in the notations of several languages."""

from decimal import Context, Decimal

from ftdecide.experiment.answer_json import read_object
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders.outcome import right, shown, wrong
from ftdecide.experiment.number_text import Number, read_numbers
from ftdecide.experiment.types import Grade
from ftdecide.translation import _

# Wide enough that no sum or product of two numbers as they are read is ever rounded or overflows.
_WIDE = Context(prec=700, Emax=10_000, Emin=-10_000)
_HUNDREDTH = Decimal("0.01")


def grade_number(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when the answer's only number is near enough to the reference's.

    Units and currencies are not compared. A percent sign on one side alone may be read as a unit or as a division by
    100, so 12 % is 12 and is 0.12. Several different numbers are no answer, because nothing says which is meant.
    """
    wanted, given = read_number(plan, reference), read_number(plan, answer)
    if given is None:
        numbers = read_numbers(answer, plan.decimal_mark)
        if not numbers:
            return wrong("format", _("The answer has no number in the form asked for."))
        if wanted is not None and any(_near(plan, wanted, each) for each in numbers):
            return wrong("format", _("Not in the form asked for, though it mentions the right number."))
        return wrong("format", _("The answer has a number that is not in the form asked for, or several."))
    if wanted is not None and _near(plan, wanted, given):
        return right()
    detail = _("Answered {given}, right is {right}.")
    return wrong("wrong", detail.format(given=shown(given.text), right=shown(wanted.text if wanted else "")))


def read_number(plan: GraderPlan, text: str) -> Number | None:
    """Return the only number of `text`, or that under the plan's field; None without one and with several."""
    if plan.field is not None:
        value = (read_object(text) or {}).get(plan.field)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        # JSON numbers have a decimal point whatever the language.
        numbers = read_numbers(str(value), plan.decimal_mark if isinstance(value, str) else ".")
    else:
        numbers = read_numbers(text, plan.decimal_mark)
    meant = {(number.value, number.percent) for number in numbers}
    return numbers[0] if len(meant) == 1 else None


def number_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why `reference` is no number, with the mend, or None."""
    if read_number(plan, reference) is not None:
        return None
    if plan.field is not None:
        return _("the answer has no number under {field!r}; add it").format(field=plan.field)
    return _("the answer has no number, or several different ones; write the number alone, with its unit")


def _near(plan: GraderPlan, wanted: Number, given: Number) -> bool:
    pairs = [(wanted.value, given.value)]
    if wanted.percent and not given.percent:
        pairs.append((_WIDE.multiply(wanted.value, _HUNDREDTH), given.value))
    elif given.percent and not wanted.percent:
        pairs.append((wanted.value, _WIDE.multiply(given.value, _HUNDREDTH)))
    return any(
        _WIDE.abs(_WIDE.subtract(one, other))
        <= max(plan.tolerance, _WIDE.multiply(plan.relative_tolerance, _WIDE.abs(one)))
        for one, other in pairs
    )
