"""The assessment accepts exactly what the fixed schema accepts, and says where a document is wrong."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.assessment.types import dump_assessment, read_assessment
from ftdecide.errors import InputError
from ftdecide.settings import DATA

SCHEMA: dict[str, Any] = json.loads((DATA / "schemas" / "assessment.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def values_for(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that `schema` allows."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "oneOf" in schema:
        ordered = st.tuples(numbers(), numbers()).map(lambda pair: {"low": min(pair), "high": max(pair)})
        return st.one_of(st.none(), numbers(), ordered)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([values_of(kind, schema) for kind in kinds])


def numbers(low: float = 0, high: float = 1e9) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def values_of(kind: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        required = {name: values_for(schema["properties"][name]) for name in schema.get("required", [])}
        optional = {name: values_for(part) for name, part in schema["properties"].items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    low, high = schema.get("minimum", 0), schema.get("maximum", 10**9)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(low, high),
        "number": numbers(low, high),
        "string": st.dates().map(str) if schema.get("format") == "date" else st.text(),
    }
    if kind == "array":
        return st.lists(values_for(schema["items"]), unique=True)
    return simple[kind]


documents = values_for(SCHEMA)
odd_values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 100), st.floats(-2, 2), st.text(max_size=12), st.just([]), st.just({})
)


@given(documents)
def test_whatever_the_schema_allows_is_read_and_written_back_unchanged(document: dict[str, Any]) -> None:
    VALIDATOR.validate(document)
    assessment = read_assessment(document)
    written = dump_assessment(assessment)
    VALIDATOR.validate(written)
    assert read_assessment(json.loads(json.dumps(written))) == assessment


@given(documents, st.data())
def test_a_document_with_one_odd_value_is_refused_exactly_when_the_schema_refuses_it_or_a_range_is_reversed(
    document: dict[str, Any], data: st.DataObject
) -> None:
    changed = copy.deepcopy(document)
    part, key = data.draw(st.sampled_from(list(places(changed))))
    part[key] = data.draw(odd_values)
    reversed_range = key in ("low", "high") and VALIDATOR.is_valid(changed) and part["low"] > part["high"]
    if VALIDATOR.is_valid(changed) and not reversed_range:
        read_assessment(changed)
    else:
        with pytest.raises(InputError):
            read_assessment(changed)


def places(part: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every key that is there, and in each part one that is unknown."""
    yield part, "unknown_key"
    for key, value in part.items():
        yield part, key
        if isinstance(value, dict):
            yield from places(value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"schema_version": 1, "use_case": {"taks": "code"}}, "use_case.taks: unknown key; did you mean 'task'"),
        ({"schema_version": 1, "traffic": {"requests_per_month": {"low": 3, "high": 2}}}, "low 3 is above high 2"),
        ({"schema_version": 1, "traffic": {"requests_per_month": -2}}, "traffic.requests_per_month: should be greater"),
        ({"schema_version": 1, "costs": {"training_examples": 10**400}}, "costs.training_examples: is too large"),
        ({"schema_version": 1, "costs": {"training_examples": True}}, "costs.training_examples: should be a number"),
        ({"schema_version": 1, "costs": {"training_examples": 1e300}}, "costs.training_examples: is too large"),
        ({"schema_version": 1, "use_case": None}, "use_case: should be an object with named fields, found null"),
        ({"schema_version": 1, "use_case": {"goals": "cost"}}, 'use_case.goals: should be a list, found "cost"'),
        ({"schema_version": 2}, "schema_version: should be 1"),
        ({}, "schema_version: missing; add it"),
        ([], "expected an object with named fields, found a list"),
    ],
)
def test_the_message_names_the_place_and_the_mend(document: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_assessment(document, "mine.json")
    assert message in str(caught.value)
    assert "mine.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_untouched_block_and_a_missing_one_are_the_same() -> None:
    untouched = read_assessment({"schema_version": 1, "traffic": {}, "use_case": {"knowledge": {}, "goals": []}})
    assert dump_assessment(untouched) == {"schema_version": 1}
