import copy
import json
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from ftdecide.costs.scenario import Range, Scenario, dump_scenario, read_scenario
from ftdecide.documents import parse_document, read_document
from ftdecide.errors import InputError
from ftdecide.settings import DATA

CONTRACT = json.loads((DATA / "schemas" / "scenario.schema.json").read_text(encoding="utf-8"))
FULL: dict[str, Any] = {
    "schema_version": 1,
    "title": "Everything",
    "as_of": "2026-11-22",
    "horizon_months": 24,
    "traffic": {
        "requests_per_month": {"low": 10, "high": 20},
        "monthly_growth": 0.05,
        "input_tokens": 300,
        "output_tokens": 1.5,
    },
    "options": [
        {
            "name": "a",
            "provider": "openai",
            "model": "gpt-4.1-mini",
            "fine_tuned": True,
            "tier": "global",
            "prompt_tokens": {"low": 0, "high": 5},
            "cached_share": 0.5,
            "batch_share": 1,
            "prices_usd_per_mtok": {"input": 1, "cached_input": 0.5, "output": 2, "training": 3},
            "training": {
                "method": "dpo",
                "tokens_per_epoch": 1e6,
                "epochs": 2.5,
                "runs": 2,
                "validation_tokens": 10,
                "evaluations": 3,
                "hours": {"low": 1, "high": 2},
                "retrainings_per_year": 4,
            },
            "hosting": {
                "gpu": "L40S",
                "cloud": "Modal",
                "count": 2,
                "usd_per_hour": 1.5,
                "hours_per_month": 744,
                "requests_per_second_capacity": 4,
            },
            "effort": {
                "hours": 1,
                "usd_per_hour": 2,
                "labels": 3,
                "usd_per_label": 0.5,
                "upkeep_hours_per_month": {"low": 1, "high": 2},
            },
            "retrieval": {"usd_per_month": 5, "embedding_tokens_per_month": 6},
        }
    ],
}


def generated_schema() -> dict[str, Any]:
    """The schema of the models, as documents are read: what is not known is left out, never null."""

    def without_null(node: Any) -> Any:
        if isinstance(node, dict):
            kept = {key: without_null(part) for key, part in cast("dict[str, Any]", node).items()}
            if "anyOf" in kept:
                kept["anyOf"] = [part for part in kept["anyOf"] if part != {"type": "null"}]
            return kept
        return [without_null(part) for part in cast("list[Any]", node)] if isinstance(node, list) else node

    schema = without_null(Scenario.model_json_schema())
    schema["required"] = [*schema["required"], "schema_version"]
    return schema


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Paths of everything below a document."""
    found: list[tuple[str | int, ...]] = [path] if path else []
    if isinstance(node, dict):
        for key, part in cast("dict[str, Any]", node).items():
            found += places(part, (*path, key))
    elif isinstance(node, list):
        for index, part in enumerate(cast("list[Any]", node)):
            found += places(part, (*path, index))
    return found


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(FULL)
    owner: Any = document
    for part in path[:-1]:
        owner = owner[part]
    if value is REMOVED:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return document


REMOVED = object()
VALUES = [
    *(REMOVED, None, True, "text", -1, 0, 0.5, 1, 1.0, 2.5, 61, 745, [], {}),
    *({"low": 1, "high": 2}, {"low": -1, "high": 2}, {"low": 1}, {"low": 1, "high": 2, "middle": 1}, {"other": 1}),
    *("2026-11-22", "sft", [FULL["options"][0]]),
]


def reads(document: dict[str, Any]) -> bool:
    try:
        read_scenario(document, "scenario")
    except InputError:
        return False
    return True


@pytest.mark.parametrize("path", places(FULL), ids=lambda path: ".".join(map(str, path)))
def test_the_models_accept_and_refuse_what_the_contract_does(path: tuple[str | int, ...]) -> None:
    contract, generated = (
        Draft202012Validator(schema, format_checker=FormatChecker()) for schema in (CONTRACT, generated_schema())
    )
    for value in VALUES:
        document = changed(path, value)
        accepted = contract.is_valid(document)
        assert generated.is_valid(document) == accepted, (path, value)
        # Where the schema is silent, reading still refuses numbers below zero and ranges the wrong way round.
        silent = accepted and ((value == -1 and path[-1] in SILENT) or reversed_range(document, path))
        assert reads(document) == (accepted and not silent), (path, value)


def reversed_range(document: dict[str, Any], path: tuple[str | int, ...]) -> bool:
    owner: Any = document
    for part in path[:-1]:
        owner = owner[part]
    return path[-1] in ("low", "high") and owner["low"] > owner["high"]


SILENT = {
    *("epochs", "evaluations", "retrainings_per_year", "labels"),
    *("input", "cached_input", "output", "training"),
}


def test_a_scenario_survives_being_written_and_read() -> None:
    read = read_scenario(FULL, "scenario")
    assert read_scenario(dump_scenario(read), "scenario") == read
    assert json.loads(json.dumps(dump_scenario(read))) == dump_scenario(read)
    assert Draft202012Validator(CONTRACT).is_valid(dump_scenario(read))


NUMBERS = st.floats(0, 1e30, allow_nan=False) | st.integers(0, 10**30)
RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda ends: {"low": min(ends), "high": max(ends)})


@settings(max_examples=200, deadline=None)
@given(NUMBERS | RANGES, NUMBERS | RANGES, NUMBERS, st.dates(), st.text(max_size=20))
def test_any_numbers_survive_exactly(requests: Any, prompt: Any, price: Any, day: date, name: str) -> None:
    document = {
        "schema_version": 1,
        "as_of": day.isoformat(),
        "traffic": {"requests_per_month": requests, "input_tokens": 1, "output_tokens": 0.1},
        "options": [{"name": name, "prompt_tokens": prompt, "prices_usd_per_mtok": {"input": price}}],
    }
    read = read_scenario(document, "scenario")
    again = read_scenario(parse_document(json.dumps(dump_scenario(read)).encode(), "scenario"), "scenario")
    assert again == read
    assert read.traffic.output_tokens == Decimal("0.1")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("options", 0, "hostin"), {}, r"'my file', options\[0\]\.hostin: unknown key; did you mean 'hosting'\?"),
        (("traffic", "requests"), 1, r"traffic\.requests: unknown key"),
        (
            ("options", 0, "training", "hours"),
            {"low": 3, "high": 1},
            r"options\[0\]\.training\.hours: low 3 is above high 1",
        ),
        (("options", 0, "model"), None, r"options\[0\]\.model: nothing stands there; give a value or remove the key"),
        (("schema_version",), REMOVED, r"schema_version: missing; add it"),
        (("horizon_months",), 0, r"horizon_months: should be greater than or equal to 1"),
        (("options",), [], r"options: should hold at least one option"),
        (("options",), FULL["options"] * 2, r"two options are called 'a'; give each a name of its own"),
        (("traffic", "input_tokens"), 1e31, r"traffic\.input_tokens: is too large to be meant"),
        (("as_of",), "22.11.2026", r"as_of: should be a day"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_its_mend(
    path: tuple[str | int, ...], value: Any, message: str
) -> None:
    document = changed(path, value) if value is REMOVED or path[-1] in ("schema_version",) else copy.deepcopy(FULL)
    if value is not REMOVED:
        owner: Any = document
        for part in path[:-1]:
            owner = owner[part]
        owner[path[-1]] = value
    with pytest.raises(InputError, match=message):
        read_scenario(document, "my file")


def test_amounts_are_exact_and_ranges_stay_ranges() -> None:
    read = read_scenario(FULL, "scenario")
    assert read.traffic.monthly_growth == Decimal("0.05")
    assert read.traffic.requests_per_month == Range(low=Decimal(10), high=Decimal(20))


@pytest.mark.parametrize("path", sorted((DATA / "examples" / "scenarios").glob("*.yml")), ids=lambda path: path.stem)
def test_the_example_scenarios_keep_the_contract(path: Any) -> None:
    document = read_document(path)
    assert not [error.message for error in Draft202012Validator(CONTRACT).iter_errors(document)]
    assert read_scenario(document, str(path)).options
