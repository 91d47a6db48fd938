"""What each kind of grader makes of real answers; the laws that all keep are in the conformance suite."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.experiment.answer_json import read_object, same_value
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders import grade, read_label, reference_problem

JSON_LABEL = GraderPlan(kind="label", field="queue", labels=("BIL-2", "LOG-7"))
PLAIN_LABEL = GraderPlan(kind="label", labels=("BIL-2", "LOG-7"))
FIELDS = GraderPlan(kind="fields")
CONTAINS = GraderPlan(kind="contains")
EXACT = GraderPlan(kind="exact")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
records = st.dictionaries(st.text(), values, max_size=5)


@given(records)
def test_any_record_grades_itself_as_right_in_any_layout(record: dict[str, object]) -> None:
    assert grade(FIELDS, json.dumps(record), json.dumps(record, indent=3, sort_keys=True)).passed


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"queue": "BIL-2"}', "right"),
        ('  {"queue":"bil-2"}\n', "right"),
        ('```json\n{"queue": "BIL-2"}\n```', "right"),
        ('{"queue": "BIL-2", "why": "money"}', "right"),
        ('{"queue": "LOG-7"}', "wrong"),
        ('{"queue": "NEW-1"}', "wrong"),
        ("BIL-2", "format"),
        ('Sure! {"queue": "BIL-2"}', "format"),
        ('{"queue": ["BIL-2"]}', "format"),
        ('{"queue": true}', "format"),
        ('{"Queue": "BIL-2"}', "format"),
        ("I do not know", "format"),
    ],
)
def test_a_json_label_tells_a_wrong_label_from_a_wrong_form(answer: str, reason: str) -> None:
    found = grade(JSON_LABEL, '{"queue": "BIL-2"}', answer)
    assert found.reason == reason
    assert found.passed == (reason == "right")


def test_a_wrong_form_that_mentions_the_right_label_says_so() -> None:
    assert "mentions the right label" in grade(JSON_LABEL, '{"queue": "BIL-2"}', "It is BIL-2").detail


@pytest.mark.parametrize("answer", ["BIL-2", " bil-2.", '"BIL-2"', "**BIL-2**", '{"label": "BIL-2"}'])
def test_a_plain_label_forgives_quotes_and_a_full_stop(answer: str) -> None:
    assert grade(PLAIN_LABEL, "BIL-2", answer).passed


def test_a_sentence_is_no_label() -> None:
    assert grade(PLAIN_LABEL, "BIL-2", "This is about BIL-2").reason == "format"
    assert read_label(PLAIN_LABEL, '{"a": "BIL-2", "b": "LOG-7"}') is None


def test_fields_count_one_by_one() -> None:
    reference = '{"name": "Bolt M8", "count": 3, "price": {"net": 1.5, "currency": "EUR"}}'
    found = grade(FIELDS, reference, '{"name": "bolt  m8", "count": "3.0", "price": {"net": 1.6, "currency": "EUR"}}')
    assert (found.score, found.reason, found.detail) == (0.75, "partly_right", "Wrong: price.net.")


def test_fields_that_nobody_asked_for_are_wrong_unless_the_plan_names_those_that_count() -> None:
    answer = '{"name": "Bolt", "colour": "red"}'
    assert grade(FIELDS, '{"name": "Bolt"}', answer).score == 0.5
    assert grade(GraderPlan(kind="fields", fields=("name",)), '{"name": "Bolt", "x": 1}', answer).passed


def test_null_and_missing_are_the_same_field_value() -> None:
    assert grade(FIELDS, '{"name": "Bolt", "note": null}', '{"name": "Bolt"}').passed
    assert not grade(FIELDS, '{"name": "Bolt"}', "{}").passed
    assert grade(FIELDS, '{"name": "Bolt", "note": null}', '{"name": "Nut", "other": null}').score == 0.5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (12, "12.00", True),
        (1.1, "1.10", True),
        (True, 1, False),
        (True, "true", True),
        ("\uff21", "a", True),
        ("007", "7", False),
        ("14.90", "14.9", True),
        ("1e3", 1000, True),
        ("1_000", 1000, False),
        ("", None, False),
        (None, None, True),
    ],
)
def test_values_are_compared_by_meaning(one: object, other: object, same: bool) -> None:  # noqa: FBT001 - a table row
    assert same_value(one, other) is same


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("You have 14 days.", True),
        ("Two  Weeks!", True),
        ("114 days", False),
        ("14 daystime", False),
        ("a month", False),
    ],
)
def test_contains_looks_for_whole_words_of_any_alternative(answer: str, right: bool) -> None:  # noqa: FBT001
    assert grade(CONTAINS, "14 days|two weeks", answer).passed is right


def test_exact_ignores_case_and_white_space_only() -> None:
    assert grade(EXACT, "Use the back door.", "use the\nBACK door. ").passed
    assert not grade(EXACT, "Use the back door.", "Use the back door").passed


@pytest.mark.parametrize(
    ("plan", "reference"),
    [(FIELDS, "no JSON"), (CONTAINS, "| |"), (JSON_LABEL, "BIL-2"), (JSON_LABEL, '{"queue": "BIL-3"}')],
)
def test_a_reference_that_cannot_be_graded_against_is_named_with_its_mend(plan: GraderPlan, reference: str) -> None:
    problem = reference_problem(plan, reference)
    assert problem
    assert ";" in problem


def test_only_a_whole_object_is_read() -> None:
    assert read_object("[1]") is None
    assert read_object('{"a": 1} {"b": 2}') is None
    assert read_object('{"a": 1}') == {"a": 1}
