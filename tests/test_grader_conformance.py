"""One suite of laws over every grader there is."""

import json
import sys
from decimal import Decimal
from typing import NamedTuple, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ftdecide.experiment.grader_plan import MEASURES, GraderKind, GraderPlan
from ftdecide.experiment.graders import CHECKS, GRADERS, grade, reference_problem
from ftdecide.experiment.types import Grade

SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}, "sku": {"type": "string", "pattern": "^[A-Z]+-[0-9]+$"}},
    "patternProperties": {"^x_": {"type": "string"}},
    "required": ["total"],
}
TREE = {"$ref": "#/$defs/tree", "$defs": {"tree": {"items": {"$ref": "#/$defs/tree"}, "type": "array"}}}


class Case(NamedTuple):
    """A grader with a reference, an answer that is certainly wrong, and which laws of writing it keeps.

    `any_case`: upper case instead of lower makes no difference; `any_blanks`: more white space does not either.
    """

    plan: GraderPlan
    reference: str
    wrong: str
    any_case: bool = True
    any_blanks: bool = True


CASES = {
    "json label": Case(
        GraderPlan(kind="label", field="queue", labels=("BIL-2", "LOG-7")),
        '{"queue": "BIL-2"}',
        '{"queue": "LOG-7"}',
        any_case=False,
        any_blanks=False,
    ),
    "plain label": Case(GraderPlan(kind="label", labels=("bill two", "LOG-7")), "bill two", "LOG-7"),
    "free label": Case(GraderPlan(kind="label"), "anything at all", "something else"),
    "fields": Case(
        GraderPlan(kind="fields"),
        '{"total": 12.5, "lines": [{"name": "Bolt M8", "count": 3}], "note": null}',
        '{"colour": "red"}',
        any_case=False,
        any_blanks=False,
    ),
    "fields f1": Case(
        GraderPlan(kind="fields", measure="f1", pass_score=0.6),
        '{"total": 12.5, "name": "Bolt"}',
        '{"colour": "red"}',
        any_case=False,
        any_blanks=False,
    ),
    "contains": Case(GraderPlan(kind="contains"), "14 days|two weeks", "a month"),
    "exact": Case(GraderPlan(kind="exact"), "Use the back door.", "Use the front door."),
    "regex found": Case(GraderPlan(kind="regex", pattern=r"(?i)room\s+\d+"), "room 12", "twelve"),
    "regex groups": Case(GraderPlan(kind="regex", pattern=r"(?i)room\s+(\w+)(?:\s+(left))?"), "room b12", "room b13"),
    "regex evil": Case(GraderPlan(kind="regex", pattern=r"(a+)+$"), "aaa", "b", any_case=False, any_blanks=False),
    "number": Case(GraderPlan(kind="number"), "1,234.50 eur", "1,234.51 eur"),
    "number near": Case(
        GraderPlan(kind="number", tolerance=Decimal("0.5"), relative_tolerance=Decimal("0.01")), "12 %", "13 %"
    ),
    "number field": Case(
        GraderPlan(kind="number", field="total"), '{"total": 7}', '{"total": 8}', any_case=False, any_blanks=False
    ),
    "json schema": Case(
        GraderPlan(kind="json_schema", json_schema=SCHEMA),
        '{"total": 3, "sku": "AB-1"}',
        '{"total": "3"}',
        any_case=False,
        any_blanks=False,
    ),
    "json schema of a tree": Case(
        GraderPlan(kind="json_schema", json_schema=TREE), "[[], [[]]]", "[3]", any_case=False, any_blanks=False
    ),
    "chrf": Case(GraderPlan(kind="text"), "Use the back door.", "xyz", any_case=False),
    "rouge_l": Case(GraderPlan(kind="text", measure="rouge_l", pass_score=0.8), "Use the back door.", "xyz"),
}

HOSTILE = {
    "huge": "a" * 300_000,
    "huge words": "door back the " * 20_000,
    "many numbers": "1 234,5 or 7 " * 20_000,
    "one number": "9" * 300_000,
    "grouped number": "1" + ",000" * 50_000,
    "number beyond all": "1e999",
    "deep list": "[" * 10_000 + "]" * 10_000,
    "deep object": '{"queue":' * 10_000 + "1" + "}" * 10_000,
    "open list": "[" * 100_000,
    "long whole number": '{"total": ' + "9" * 6000 + "}",
    "not a number": '{"queue": NaN, "total": NaN}',
    "endless": '{"total": Infinity}',
    "very large": '{"total": 1e400}',
    "half a character": "\ud800",
    "half a character in JSON": '{"\\ud800": "\\udfff", "queue": "\\ud800", "total": 3}',
    "zero byte": "\x00",
    "right to left": "\u202e21\u202c",
    "fence": "```json\n" * 5_000,
    "blanks": "\u00a0\u2003\ufeff",
}

cases = st.sampled_from(list(CASES.values()))
texts = st.text(st.characters(), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
answers = (
    texts | values.map(json.dumps) | st.decimals(allow_nan=False).map(str) | st.from_regex(r"[-+]?[\d., ']{1,12} ?%?")
)


def _keeps_the_contract(plan: GraderPlan, found: Grade) -> None:
    assert 0 <= found.score <= 1
    assert found.passed == (found.reason == "right")
    assert found.passed == (found.score >= (plan.pass_score or 1.0))
    if plan.kind not in MEASURES:
        assert found.score in (0.0, 1.0)
    assert (found.reason == "partly_right") <= (0 < found.score < 1)
    assert found.tokens == 0
    assert bool(found.detail) or found.score == 1
    assert len(found.detail) < 2_000
    assert found == Grade.model_validate_json(found.model_dump_json())


def test_the_suite_covers_every_kind_and_measure() -> None:
    assert set(GRADERS) == set(get_args(GraderKind)) == {case.plan.kind for case in CASES.values()}
    assert set(CHECKS) == set(GRADERS) - {"exact"}
    for kind, measures in MEASURES.items():
        assert {case.plan.measure or measures[0] for case in CASES.values() if case.plan.kind == kind} == set(measures)


@pytest.mark.parametrize("name", CASES)
def test_the_reference_itself_is_right_and_usable(name: str) -> None:
    plan, reference = CASES[name][:2]
    found = grade(plan, reference, reference)
    assert (found.passed, found.score, found.reason, found.tokens) == (True, 1.0, "right", 0)
    assert reference_problem(plan, reference) is None


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_answer_is_wrong_and_says_why(name: str) -> None:
    plan, reference, wrong = CASES[name][:3]
    found = grade(plan, reference, wrong)
    _keeps_the_contract(plan, found)
    assert not found.passed
    assert found.detail


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("answer", ["", "   ", "\n\t", "\u00a0\u2003"])
def test_an_empty_answer_is_wrong(name: str, answer: str) -> None:
    plan, reference = CASES[name][:2]
    found = grade(plan, reference, answer)
    assert (found.passed, found.score, found.reason) == (False, 0.0, "empty")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("answer", HOSTILE)
def test_hostile_answers_are_judged_and_not_a_crash(name: str, answer: str) -> None:
    plan, reference = CASES[name][:2]
    found = grade(plan, reference, HOSTILE[answer])
    _keeps_the_contract(plan, found)
    if name not in ("regex evil", "json schema", "json schema of a tree"):
        assert not found.passed


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("reference", HOSTILE)
def test_hostile_references_are_refused_or_grade_themselves_as_right(name: str, reference: str) -> None:
    plan, text = CASES[name].plan, HOSTILE[reference]
    if text.strip() and reference_problem(plan, text) is None:
        assert grade(plan, text, text).passed


@settings(deadline=None)  # the machine may be busy
@given(cases, texts, answers)
def test_no_text_raises_and_every_grade_keeps_the_contract(case: Case, reference: str, answer: str) -> None:
    _keeps_the_contract(case.plan, grade(case.plan, reference, answer))
    _keeps_the_contract(case.plan, grade(case.plan, case.reference, answer))


@settings(deadline=None)  # the machine may be busy
@given(cases, answers)
@example(CASES["free label"], "*")
@example(CASES["rouge_l"], "!!!")
@example(CASES["chrf"], "\ud800")
@example(CASES["number"], "1.2.3")
@example(CASES["fields f1"], "{}")
def test_whatever_is_accepted_as_a_reference_grades_itself_as_right(case: Case, reference: str) -> None:
    if reference.strip() and reference_problem(case.plan, reference) is None:
        found = grade(case.plan, reference, reference)
        assert (found.passed, found.score) == (True, 1.0)


@settings(deadline=None)  # the machine may be busy
@given(cases, answers)
def test_the_same_answer_gets_the_same_grade_also_from_a_plan_read_anew(case: Case, answer: str) -> None:
    read = GraderPlan.model_validate_json(case.plan.model_dump_json())
    assert grade(case.plan, case.reference, answer) == grade(read, case.reference, answer)


@settings(deadline=None)  # the machine may be busy
@given(cases.filter(lambda case: case.any_case), st.data())
def test_case_makes_no_difference_where_it_should_not(case: Case, data: st.DataObject) -> None:
    letters = [data.draw(st.sampled_from((each, each.upper(), each.lower()))) for each in case.reference]
    assert grade(case.plan, case.reference, "".join(letters)).score == 1


@settings(deadline=None)  # the machine may be busy
@given(cases.filter(lambda case: case.any_blanks), st.data())
def test_more_white_space_makes_no_difference_where_it_should_not(case: Case, data: st.DataObject) -> None:
    blanks = st.text(" \n\t\u00a0", max_size=3)
    words = case.reference.split(" ")
    answer = data.draw(blanks) + "".join(f"{word} {data.draw(blanks)}" for word in words)
    assert grade(case.plan, case.reference, answer).score == 1


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.reference.startswith(("{", "["))])
@given(indent=st.integers(0, 8))
@settings(max_examples=5, deadline=None)
def test_the_layout_of_json_makes_no_difference(name: str, indent: int) -> None:
    case = CASES[name]
    assert grade(case.plan, case.reference, json.dumps(json.loads(case.reference), indent=indent)).passed


def test_no_recursion_limit_is_moved() -> None:
    before = sys.getrecursionlimit()
    grade(CASES["json schema of a tree"].plan, "[]", "[" * 900 + "]" * 900)
    assert sys.getrecursionlimit() == before
