"""Patterns, numbers, schemas and likeness: what is refused when a plan is read, and what is read in answers."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from ftdecide.errors import InputError
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders import grade, reference_problem
from ftdecide.experiment.likeness import chrf, rouge_l
from ftdecide.experiment.number_text import read_numbers
from ftdecide.experiment.patterns import occurs
from ftdecide.experiment.plan import metric_of, read_experiment

NUMBER = GraderPlan(kind="number")
F1 = GraderPlan(kind="fields", measure="f1")


def plan(**grader: object) -> GraderPlan:
    document = {"schema_version": 1, "data": {"sample": "company_policies"}, "grader": grader}
    return read_experiment(document).grader


@pytest.mark.parametrize(
    ("grader", "message"),
    [
        ({"kind": "regex"}, "needs pattern"),
        ({"kind": "regex", "pattern": "(a"}, "missing \\): \\(a"),
        ({"kind": "regex", "pattern": "(?=a)b"}, "no look-around"),
        ({"kind": "regex", "pattern": r"(a)\1"}, "cannot be used"),
        ({"kind": "regex", "pattern": "((a{900}){900}){900}"}, "cannot be used"),
        ({"kind": "exact", "pattern": "a"}, "pattern has no effect on exact"),
        ({"kind": "label", "tolerance": 1}, "tolerance has no effect on label"),
        ({"kind": "number", "tolerance": -1}, "greater than or equal to 0"),
        ({"kind": "number", "tolerance": "NaN"}, "finite"),
        ({"kind": "number", "decimal_mark": ";"}, "decimal_mark"),
        ({"kind": "json_schema"}, "needs json_schema"),
        ({"kind": "json_schema", "json_schema": {"type": "objekt"}}, "no valid JSON schema at \\$.type"),
        ({"kind": "json_schema", "json_schema": {"$ref": "http://127.0.0.1:9/x"}}, "leads nowhere"),
        ({"kind": "json_schema", "json_schema": {"items": {"$ref": "#/$defs/none"}}}, "leads nowhere"),
        ({"kind": "json_schema", "json_schema": {"pattern": "(?<=a)b"}}, "pattern cannot be used"),
        ({"kind": "json_schema", "json_schema": {"patternProperties": {"(?<=x)": True}}}, "pattern cannot be used"),
        ({"kind": "text", "measure": "f1"}, "text measures chrf or rouge_l"),
        ({"kind": "text", "metric": "passed"}, "say from which pass_score"),
        ({"kind": "text", "pass_score": 0}, "greater than 0"),
        ({"kind": "bleu"}, "kind"),
    ],
)
def test_a_grader_that_cannot_work_is_refused_when_the_plan_is_read(grader: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan(**grader)


def test_what_can_be_partly_right_is_compared_by_its_score() -> None:
    kinds = {"text": "score", "fields": "score", "number": "passed", "exact": "passed"}
    assert {kind: metric_of(plan(kind=kind)) for kind in kinds} == kinds
    assert metric_of(plan(kind="text", metric="passed", pass_score=0.5)) == "passed"


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){12}$", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_patterns_that_hang_other_engines_are_answered_at_once(pattern: str) -> None:
    assert not occurs(pattern, "a" * 50_000 + "!")


def test_a_pattern_in_a_schema_cannot_hang_either() -> None:
    grader = plan(kind="json_schema", json_schema={"type": "string", "pattern": "^(a+)+$"})
    assert grade(grader, '"a"', f'"{"a" * 50_000}!"').reason == "format"
    assert grade(grader, '"a"', '"aaa"').passed


@pytest.mark.parametrize(
    ("pattern", "answer", "reason"),
    [
        (r"(?i)total: (\d+)", "The TOTAL: 12 EUR", "right"),
        (r"(?i)total: (\d+)", "Total: 13", "wrong"),
        (r"(?i)total: (\d+)", "twelve", "format"),
        (r"\d{2}", "99", "right"),
        (r"^total", "the total: 12", "format"),
        (r"total:\s(\d+)", "total:\u00a012", "right"),
    ],
)
def test_a_pattern_is_found_and_its_groups_are_compared(pattern: str, answer: str, reason: str) -> None:
    assert grade(GraderPlan(kind="regex", pattern=pattern), "total: 12", answer).reason == reason


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.50", ["1234.50"]),
        ("1.234,50", ["1234.50"]),
        ("1 234,50", ["1234.50"]),
        ("1\u202f234\u202f567", ["1234567"]),
        ("1'234.50 CHF", ["1234.50"]),
        ("1\u2019234", ["1234"]),
        ("1,234", ["1234"]),
        ("1.234", ["1.234"]),
        ("0,125", ["0.125"]),
        ("3,5", ["3.5"]),
        ("1,234,567", ["1234567"]),
        ("1.234.567", ["1234567"]),
        ("1234.5678", ["1234.5678"]),
        ("-5", ["-5"]),
        ("\u22125 °C", ["-5"]),
        ("-€5.00", ["-5.00"]),
        ("$ 1,000", ["1000"]),
        ("€12", ["12"]),
        ("12 %", ["12"]),
        ("about 14 days.", ["14"]),
        ("5kg", ["5"]),
        ("20 m2", ["20"]),
        ("CO2", []),
        ("1e3", ["1000"]),
        ("10-20", ["10", "20"]),
        ("22.11.2026", []),
        ("1.2.3", []),
        ("1,2,3", []),
        ("1.234,567,8", []),
        ("12,34.5", []),
        ("12 345 678", ["12345678"]),
        ("2024 100", ["2024", "100"]),
        ("\uff11\uff12", ["12"]),
        ("٣", ["3"]),
        ("1" * 201, []),
        ("fourteen", []),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, values: list[str]) -> None:
    assert [each.value for each in read_numbers(text)] == [Decimal(value) for value in values]


def test_a_single_mark_that_could_be_either_is_settled_by_the_plan() -> None:
    assert read_numbers("1.234", ",")[0].value == 1234
    assert read_numbers("1,234", ",")[0].value == Decimal("1.234")
    assert read_numbers("1.5", ",")[0].value == Decimal("1.5")
    german = plan(kind="number", decimal_mark=",")
    assert grade(german, "1.234 EUR", "1234").passed


@settings(deadline=None)  # the machine may be busy
@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([",.", ".,", " ,", " .", "'."]))
def test_a_grouped_number_is_read_as_it_was_written(value: Decimal, marks: str) -> None:
    text = f"{value:,.2f}".replace(",", "g").replace(".", "d").replace("g", marks[0]).replace("d", marks[1])
    assert [each.value for each in read_numbers(f"It is {text} EUR.")] == [value]


@pytest.mark.parametrize(
    ("grader", "reference", "answer", "reason"),
    [
        ({}, "1234.5 EUR", "1.234,50 €", "right"),
        ({}, "12", "12 %", "right"),
        ({}, "0.12", "12 %", "right"),
        ({}, "12 %", "0.12", "right"),
        ({}, "12 %", "0.12 %", "wrong"),
        ({}, "14 days", "14 days, so 14", "right"),
        ({}, "14 days", "14 days (2 weeks)", "format"),
        ({}, "14 days", "two weeks", "format"),
        ({"tolerance": "0.1"}, "1.0", "1.1", "right"),
        ({"tolerance": "0.1"}, "1.0", "1.11", "wrong"),
        ({"relative_tolerance": "0.01"}, "-200", "-202", "right"),
        ({"relative_tolerance": "0.01"}, "-200", "-202.1", "wrong"),
        ({"relative_tolerance": "0.01"}, "0", "0.001", "wrong"),
        ({"field": "total"}, '{"total": 7}', '{"total": "7,00", "note": 8}', "right"),
        ({"field": "total"}, '{"total": 1.234}', '{"total": 1.234}', "right"),
        ({"field": "total"}, '{"total": 7}', "7", "format"),
        ({"field": "total"}, '{"total": 1}', '{"total": true}', "format"),
    ],
)
def test_a_number_is_right_within_its_tolerance(
    grader: dict[str, object], reference: str, answer: str, reason: str
) -> None:
    assert grade(plan(kind="number", **grader), reference, answer).reason == reason


def test_a_wrong_form_that_holds_the_right_number_says_so() -> None:
    assert "mentions the right number" in grade(NUMBER, "14 days", "14 days (2 weeks)").detail


@settings(deadline=None)  # the machine may be busy
@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_a_wider_tolerance_never_makes_a_right_number_wrong(one: Decimal, other: Decimal) -> None:
    narrow, wide = (GraderPlan(kind="number", tolerance=Decimal(each)) for each in (1, 5))
    assert grade(narrow, str(one), str(other)).passed <= grade(wide, str(one), str(other)).passed


@pytest.mark.parametrize(
    ("grader", "reference"),
    [
        ({"kind": "number"}, "a week"),
        ({"kind": "number"}, "1 or 2"),
        ({"kind": "number", "field": "total"}, '{"sum": 3}'),
        ({"kind": "regex", "pattern": r"\d"}, "none"),
        ({"kind": "json_schema", "json_schema": {"type": "object"}}, "[]"),
        ({"kind": "text", "measure": "rouge_l"}, "?!"),
        ({"kind": "text"}, "a" * 300_000),
    ],
)
def test_a_reference_that_cannot_be_graded_against_is_named_with_its_mend(
    grader: dict[str, object], reference: str
) -> None:
    problem = reference_problem(plan(**grader), reference)
    assert problem
    assert ";" in problem


@pytest.mark.parametrize(
    ("reference", "answer", "score"),
    [
        ('{"a": 1, "b": 2}', '{"a": 1, "b": 3}', 0.5),
        ('{"a": 1, "b": 2}', '{"a": 1}', 2 / 3),
        ('{"a": 1}', '{"a": 1, "b": 3}', 2 / 3),
        ('{"a": 1, "b": null}', '{"a": 2, "b": null}', 0.0),
        ('{"a": null}', '{"a": 3}', 0.0),
        ('{"a": null}', "{}", 1.0),
    ],
)
def test_f1_of_fields_counts_a_wrong_value_twice_and_null_never(reference: str, answer: str, score: float) -> None:
    assert grade(F1, reference, answer).score == pytest.approx(score)


@settings(deadline=None)  # the machine may be busy
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)),
)
def test_f1_of_fields_is_that_of_the_sets_of_named_values(one: dict[str, int], other: dict[str, int]) -> None:
    pairs = sorted({*one.items(), *other.items()})
    expected = (
        f1_score(
            [int(pair in one.items()) for pair in pairs],
            [int(pair in other.items()) for pair in pairs],
            zero_division=1,
        )
        if pairs
        else 1.0
    )
    assert grade(F1, json.dumps(one), json.dumps(other)).score == pytest.approx(expected)


def test_from_its_pass_score_on_an_answer_passes_and_keeps_its_score() -> None:
    lenient = plan(kind="fields", pass_score=0.5)
    found = grade(lenient, '{"a": 1, "b": 2}', '{"a": 1, "b": 3}')
    assert (found.passed, found.score, found.reason) == (True, 0.5, "right")
    assert "b" in found.detail


@pytest.mark.parametrize(
    ("reference", "answer", "by_words", "by_characters"),
    [
        # By rouge-score 0.1.2 and sacrebleu 2.6.0.
        ("the cat sat on the mat", "the cat lay on a mat", 0.6666666666666666, 0.34062933963704974),
        ("police killed the gunman", "the gunman kill police", 0.5, 0.624670603683175),
        ("Use the back door.", "Please use the door at the back.", 0.5454545454545454, 0.5078340010320576),
    ],
)
def test_likeness_is_what_the_known_packages_say(
    reference: str, answer: str, by_words: float, by_characters: float
) -> None:
    assert rouge_l(reference, answer) == pytest.approx(by_words)
    assert chrf(reference, answer) == pytest.approx(by_characters)


def test_words_with_umlauts_are_whole_words() -> None:
    assert rouge_l("Die Tür öffnet sich", "die tür ÖFFNET sich") == 1
    assert rouge_l("Tür", "T r") == 0


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_share_and_rouge_l_knows_no_direction(one: str, other: str) -> None:
    assert 0 <= chrf(one, other) <= 1
    assert rouge_l(one, other) == pytest.approx(rouge_l(other, one))


def test_a_schema_judges_the_form_alone() -> None:
    grader = plan(
        kind="json_schema",
        json_schema={"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "maximum": 9}}},
    )
    assert grade(grader, '{"a": 1}', '```json\n{"a": 2}\n```').passed
    found = grade(grader, '{"a": 1}', '{"a": 10}')
    assert (found.reason, found.detail) == ("format", "Breaks the schema at $.a: 10 is greater than the maximum of 9.")
    assert grade(grader, '{"a": 1}', "a: 1").detail == "The answer is not JSON."
