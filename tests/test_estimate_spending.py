"""Where the money goes: every line of a bill has a group, and the groups add up to the bill."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ftdecide.costs
from ftdecide.catalog.load import load_catalog
from ftdecide.costs.breakeven import say_volume
from ftdecide.costs.estimate import estimate
from ftdecide.costs.scenario import read_scenario
from ftdecide.costs.spending import GROUP_OF_CODE, Group, group_names, group_of, spending
from ftdecide.costs.types import Estimate

TODAY = date(2026, 11, 22)
TUNED = {"fine_tuned": True, "training": {"tokens_per_epoch": 200_000, "epochs": 3, "retrainings_per_year": 4}}
PEOPLE = {"hours": 10, "usd_per_hour": 90, "upkeep_hours_per_month": 2, "labels": 100, "usd_per_label": 1}
BATCHES = {"prompt_tokens": 900, "cached_share": 0.5, "batch_share": 0.5}
OPTIONS: list[dict[str, Any]] = [
    {"name": "Azure", "provider": "azure", "model": "gpt-4.1-mini", "effort": PEOPLE, **TUNED},
    {"name": "Fireworks", "provider": "fireworks", "model": "qwen3-8b", **TUNED},
    {"name": "Mistral", "provider": "mistral", "model": "open-mistral-7b", **TUNED},
    {"name": "Sold", "provider": "openai", "model": "gpt-4.1-mini", **BATCHES,
     "retrieval": {"usd_per_month": 70, "embedding_tokens_per_month": 3_000_000}},
    {"name": "Own", "provider": "self_hosted", "hosting": {"usd_per_hour": 1.5}, **TUNED},
]  # fmt: skip


def bills(options: list[dict[str, Any]], months: int = 36) -> Estimate:
    traffic = {"requests_per_month": {"low": 30_000, "high": 50_000}, "input_tokens": 350, "output_tokens": 40}
    document = {"schema_version": 1, "horizon_months": months, "traffic": traffic, "options": options}
    return estimate(read_scenario(document, "test"), TODAY, load_catalog(), draws=50)


def written_codes() -> set[str]:
    """Words in the source of the engine that stand where a charge's code does, and only those that name one."""
    found: set[str] = set()
    for path in Path(ftdecide.costs.__path__[0]).glob("*charges.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            codes = [part.value for part in node.keywords if part.arg == "code" and node.func.id == "Charge"]
            if node.func.id == "_Work":
                codes.append(node.args[1])
            words = [part.value for code in codes for part in ast.walk(code) if isinstance(part, ast.Constant)]
            found |= {word for word in words if isinstance(word, str) and word}
    return found


def test_every_code_that_the_engine_writes_has_a_group() -> None:
    parts = {"_tokens", "_batch"}  # of the codes of tokens, put together from way and kind
    codes = written_codes()
    assert parts < codes
    assert codes - parts == {code for code in GROUP_OF_CODE if "_tokens" not in code}


def test_every_code_that_bills_hold_has_a_group_and_a_name() -> None:
    codes = {line.code for option in bills(OPTIONS).options for line in option.lines}
    assert codes <= set(GROUP_OF_CODE)
    assert {code for code in GROUP_OF_CODE if "_tokens" in code} <= codes
    assert set(group_names()) == set(Group)
    assert set(GROUP_OF_CODE.values()) == set(Group)


@pytest.mark.parametrize("number", range(len(OPTIONS)), ids=[option["name"] for option in OPTIONS])
def test_the_groups_of_an_option_add_up_to_its_bill(number: int) -> None:
    option = bills([OPTIONS[number]]).options[0]
    assert sum(spending(option).values(), Decimal(0)) == sum((line.usd for line in option.lines), Decimal(0))
    assert all(spending(option).values())


def test_what_falls_due_after_the_model_has_stopped_is_a_group_of_its_own() -> None:
    option = bills([OPTIONS[3]]).options[0]
    assert option.ends_on is not None
    after = [line for line in option.lines if line.phase == "after_retirement"]
    assert {line.code for line in after} > {"migration"}
    assert {group_of(line) for line in after} == {Group.AFTER}
    assert spending(option)[Group.AFTER] == sum((line.usd for line in after), Decimal(0))


def test_keeping_a_model_deployed_is_told_apart_from_its_answers() -> None:
    spent = spending(bills([OPTIONS[0]], months=3).options[0])
    assert list(spent) == [Group.TRAINING, Group.PEOPLE, Group.ANSWERS, Group.READY]
    assert spent[Group.READY] > spent[Group.ANSWERS]


@pytest.mark.parametrize(
    ("requests", "told"),
    [("82045587", "82 million"), ("1000000", "1 million"), ("999999", "1 million"), ("40960", "41,000"),
     ("7.49", "7.5"), ("120", "120"), ("0.0349", "0.035"), ("3.14e9", "3.1 billion"), ("2e13", "20,000 billion")],
)  # fmt: skip
def test_volumes_are_told_without_false_precision(requests: str, told: str) -> None:
    assert say_volume(Decimal(requests)) == told


def test_an_option_that_is_always_cheaper_is_named_first_with_whole_dollars() -> None:
    cheap, dear = ({"name": name, "effort": {"hours": hours, "usd_per_hour": 90},
                    "prices_usd_per_mtok": {"input": usd, "output": usd}}
                   for name, hours, usd in (("A", 20, 1), ("B", 40, 2)))  # fmt: skip
    told = {found.text for found in bills([cheap, dear], months=10).breakeven}
    assert told == {
        "A is cheaper at every volume: without any request it costs 1,800 against 3,600 USD over the whole time, and "
        "every 1,000 requests a month add 3.90 against 7.80 USD to that."
    }
