"""Answers in words: a text that occurs, the same text, a pattern, or how alike two texts are."""

import re

from ftdecide.experiment.grader_plan import GraderPlan, measure_of, passes_at
from ftdecide.experiment.graders.outcome import partly, right, shown, wrong
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.likeness import LONGEST_TEXT, chrf, rouge_l, words
from ftdecide.experiment.patterns import find_groups
from ftdecide.experiment.types import Grade
from ftdecide.translation import _


def grade_contains(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when one of the reference's alternatives occurs as whole words."""
    text = normalise(answer)
    for alternative in _alternatives(plan, reference):
        if re.search(rf"(?<!\w){re.escape(alternative)}(?!\w)", text):
            return right()
    return wrong("wrong", _("None of the accepted texts occurs."))


def grade_exact(_plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when both texts are the same but for case and white space."""
    return right() if normalise(reference) == normalise(answer) else wrong("wrong", _("A different text."))


def grade_regex(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """Right when the plan's pattern is found and its groups catch what they catch in the reference.

    A pattern without groups says nothing of the reference: it is enough that it is found.
    """
    pattern = plan.pattern or ""
    given, wanted = find_groups(pattern, answer), find_groups(pattern, reference)
    if given is None:
        return wrong("format", _("The pattern is not found."))
    if wanted is not None and [normalise(each) for each in given] == [normalise(each) for each in wanted]:
        return right()
    detail = _("The pattern catches {given}, right is {right}.")
    first, second = (", ".join(map(shown, caught or ())) for caught in (given, wanted))
    return wrong("wrong", detail.format(given=first, right=second))


def grade_text(plan: GraderPlan, reference: str, answer: str) -> Grade:
    """How alike answer and reference are, by characters (chrF) or by words in their order (ROUGE-L)."""
    if len(answer) > LONGEST_TEXT:
        return wrong("wrong", _("The answer has more than {most:,} characters.").format(most=LONGEST_TEXT))
    name, measure = ("ROUGE-L", rouge_l) if measure_of(plan) == "rouge_l" else ("chrF", chrf)
    score = measure(reference, answer)
    return partly(score, passes_at(plan), f"{name} {score:.2f}")


def contains_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why nothing can be looked for, with the mend, or None."""
    if not _alternatives(plan, reference):
        return _("the answer has no text besides separators; write at least one alternative")
    return None


def regex_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why the pattern says nothing of `reference`, with the mend, or None."""
    if find_groups(plan.pattern or "", reference) is None:
        return _("the pattern is not found in the answer; mend the pattern, or the answer")
    return None


def text_problem(plan: GraderPlan, reference: str) -> str | None:
    """Return why nothing can be like `reference`, with the mend, or None."""
    if len(reference) > LONGEST_TEXT:
        return _("the answer has more than {most:,} characters; shorten it").format(most=LONGEST_TEXT)
    if measure_of(plan) == "rouge_l" and not words(reference):
        return _("the answer has no words; write some, or measure chrf")
    return None


def _alternatives(plan: GraderPlan, reference: str) -> list[str]:
    return [part for part in map(normalise, reference.split(plan.separator)) if part]
