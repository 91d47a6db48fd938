"""The catalogue: what the files must keep to, and what holds on a day."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from ftdecide.catalog import availability, find_model, find_provider, list_tunable, load_catalog
from ftdecide.catalog.figures import Cited, earliest_day, is_stale
from ftdecide.catalog.load import read_price_examples
from ftdecide.catalog.prices import MTOK, Request, find_price, model_prices, price_request
from ftdecide.catalog.rates import Price
from ftdecide.catalog.schema import SCHEMA_PATH, provider_schema
from ftdecide.documents import read_document
from ftdecide.errors import InputError, NotFoundError
from ftdecide.settings import DATA

TODAY = date(2026, 11, 22)
CATALOG = load_catalog()
Customer: TypeAlias = bool | None
MODELS = list(CATALOG.models())


def walk(part: object) -> Iterator[BaseModel]:
    """Every model inside a model, itself included."""
    if isinstance(part, BaseModel):
        yield part
        for name in type(part).model_fields:
            yield from walk(getattr(part, name))
    elif isinstance(part, dict):
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from walk(value)


def holders_of_amounts(node: object, above: tuple[dict, ...] = ()) -> Iterator[tuple[str, tuple[dict, ...]]]:
    """Every key that holds money in a parsed file, with the mappings around it, innermost last."""
    if isinstance(node, dict):
        for key, value in node.items():
            if "usd" in str(key) and value is not None:
                yield str(key), (*above, node)
            yield from holders_of_amounts(value, (*above, node))
    elif isinstance(node, list):
        for value in node:
            yield from holders_of_amounts(value, above)


@pytest.mark.parametrize(
    "path", [*sorted((DATA / "providers").glob("*.yml")), DATA / "gpus.yml", DATA / "evidence" / "price_examples.yml"]
)
def test_every_amount_in_the_files_stands_beside_its_source_and_day(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, around in holders_of_amounts(document):
        assert any("source" in part and "as_of" in part for part in around), f"{path.name}: {key} in {around[-1]}"


def test_every_reading_has_an_address_a_day_and_a_confidence() -> None:
    readings = [part for part in walk(CATALOG) if isinstance(part, Cited)]
    assert len(readings) > 300
    for reading in readings:
        assert reading.source, reading
        assert not (reading.source.startswith("http") and " " in reading.source), "an address must work as a link"
        assert reading.as_of, reading
        assert reading.confidence is not None, reading
        assert (earliest_day(reading.as_of) or TODAY) <= TODAY, reading


def test_every_price_has_a_rate() -> None:
    names = [name for name in Price.model_fields if "usd" in name]
    for price in (part for part in walk(CATALOG) if isinstance(part, Price)):
        assert any(getattr(price, name) is not None for name in names), price


def test_a_base_never_retires_after_its_tuned_models() -> None:
    for windows in (windows for _, model in MODELS for windows in model.windows):
        if windows.base_retires_on and windows.deployment_retires_on:
            assert windows.base_retires_on <= windows.deployment_retires_on


@pytest.mark.parametrize("name", ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", "ft:gpt-4.1-2025-04-14:org::x"])
def test_openai_tunes_gpt_4_1_for_existing_customers_only(name: str) -> None:
    found = availability(CATALOG, "openai", name, TODAY)
    assert found.state == "existing_customers_only"
    assert found.last_job_date == date(2027, 1, 6)
    assert found.retires_on == date(2027, 1, 14)
    assert "2027-01-06" in found.text
    assert found.source
    assert found.as_of == "2026-11-10"


def test_openai_depends_on_who_asks() -> None:
    assert availability(CATALOG, "openai", "gpt-4.1", TODAY, existing_customer=True).state == "open"
    assert availability(CATALOG, "openai", "gpt-4.1", TODAY, existing_customer=False).state == "closed"
    assert availability(CATALOG, "openai", "gpt-4.1", date(2026, 5, 6)).state == "open"
    assert availability(CATALOG, "openai", "gpt-4.1", date(2027, 1, 6), existing_customer=True).state == "open"
    assert availability(CATALOG, "openai", "gpt-4.1", date(2027, 1, 7), existing_customer=True).state == "closed"


def test_openai_is_closed_and_retired_in_february() -> None:
    for model in ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini"):
        found = availability(CATALOG, "openai", model, date(2027, 2, 1))
        assert found.state == "closed"
        assert "stopped answering on 2027-01-14" in found.text


def test_openai_closes_earlier_what_retired_earlier() -> None:
    found = availability(CATALOG, "openai", "gpt-4.1-nano", TODAY, existing_customer=True)
    assert (found.state, found.last_job_date) == ("closed", date(2026, 10, 22))


def test_azure_is_open_and_keeps_deployments_longer_than_the_base() -> None:
    found = availability(CATALOG, "azure", "gpt-4.1", TODAY)
    assert found.state == "open"
    assert found.base_retires_on == date(2027, 4, 14)
    assert found.retires_on == date(2027, 10, 14)
    assert availability(CATALOG, "azure", "gpt-4.1", date(2027, 4, 15)).state == "closed"


def test_azure_trains_o4_mini_for_existing_customers_after_its_base_has_gone() -> None:
    assert availability(CATALOG, "azure", "o4-mini", TODAY).state == "existing_customers_only"
    assert availability(CATALOG, "azure", "o4-mini", TODAY, existing_customer=False).state == "closed"


@pytest.mark.parametrize("provider", ["mistral", "Cohere", "predibase"])
@pytest.mark.parametrize("model", [None, "any-model-at-all"])
def test_providers_that_stopped_are_closed_for_every_model(provider: str, model: str | None) -> None:
    for customer in (None, True, False):
        assert availability(CATALOG, provider, model, TODAY, existing_customer=customer).state == "closed"


def test_a_replacement_that_cannot_be_tuned_is_never_called_open() -> None:
    found = availability(CATALOG, "openai", "gpt-6-luna", TODAY, existing_customer=True)
    assert found.state == "closed"
    assert "cannot be fine-tuned" in found.text


ORDER = {"open": 0, "existing_customers_only": 1, "closed": 2}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(MODELS),
    st.dates(date(2023, 1, 1), date(2030, 1, 1)),
    st.integers(0, 2000),
    st.sampled_from([None, True, False]),
)
def test_what_has_closed_never_opens_again(
    found: tuple[BaseModel, BaseModel], day: date, later: int, customer: Customer
) -> None:
    provider, model = found
    first = availability(CATALOG, provider.id, model.id, day, existing_customer=customer)
    second = availability(CATALOG, provider.id, model.id, day + timedelta(days=later), existing_customer=customer)
    assert ORDER[first.state] <= ORDER[second.state]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MODELS), st.dates(date(2023, 1, 1), date(2030, 1, 1)), st.sampled_from([None, True, False]))
def test_nobody_is_told_that_a_model_past_its_last_day_can_be_tuned(
    found: tuple[BaseModel, BaseModel], day: date, customer: Customer
) -> None:
    provider, model = found
    result = availability(CATALOG, provider.id, model.id, day, existing_customer=customer)
    if result.state != "closed":
        assert result.last_job_date is None or day <= result.last_job_date
        assert result.retires_on is None or day < result.retires_on


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("Azure OpenAI", "gpt-4.1-mini (2025-04-14)", "gpt-4.1-mini-2025-04-14"),
        ("azure_openai", "GPT-4.1-mini", "gpt-4.1-mini-2025-04-14"),
        ("OpenAI", "gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
        ("together", "Qwen3.5-9B", "Qwen/Qwen3.5-9B"),
        ("aws", "nova-micro", "amazon.nova-micro-v1:0:128k"),
        ("bedrock", "amazon.nova-micro-v1:0:128k", "amazon.nova-micro-v1:0:128k"),
    ],
)
def test_models_are_found_by_the_names_people_use(provider: str, model: str, expected: str) -> None:
    assert find_model(CATALOG, provider, model).id == expected


def test_every_id_finds_its_own_model() -> None:
    for provider, model in MODELS:
        assert find_model(CATALOG, provider.id, model.id) is model


def test_unknown_names_are_answered_with_close_ones() -> None:
    with pytest.raises(NotFoundError, match=r"'gpt-4.1-mni'.*did you mean 'gpt-4.1-mini-2025-04-14'"):
        find_model(CATALOG, "openai", "gpt-4.1-mni")
    with pytest.raises(NotFoundError, match=r"'opanai'.*known are .*openai"):
        find_provider(CATALOG, "opanai")


def test_the_list_equals_the_files() -> None:
    written = {
        (document["id"], model["id"])
        for path in (DATA / "providers").glob("*.yml")
        for document in [yaml.safe_load(path.read_text(encoding="utf-8"))]
        for model in document.get("models", [])
        if model.get("methods") or model.get("methods_unknown")
    }
    rows = list_tunable(CATALOG, TODAY)
    assert {(row["provider"], row["id"]) for row in rows} == written
    assert len(rows) == len(written)
    json.dumps(rows)


def test_the_list_of_one_provider_has_prices_windows_and_staleness() -> None:
    rows = {row["id"]: row for row in list_tunable(CATALOG, TODAY, "openai")}
    mini = rows["gpt-4.1-mini-2025-04-14"]
    assert (mini["state"], mini["last_job_date"], mini["retires_on"]) == (
        "existing_customers_only",
        "2027-01-06",
        "2027-01-14",
    )
    training = next(price for price in mini["prices"] if price["kind"] == "training")
    assert training["training_usd_per_mtok"] == 5.0
    assert training["stale"] is True
    assert training["source"].startswith("https://")
    assert "gpt-6-luna" not in rows


def test_readings_older_than_ninety_days_are_stale() -> None:
    assert not is_stale("2026-08-24", TODAY)
    assert is_stale("2026-08-23", TODAY)
    assert is_stale("2026", TODAY)
    assert is_stale("undated", TODAY)


def test_an_appended_price_counts_and_the_older_one_stays() -> None:
    provider, model = find_provider(CATALOG, "together"), find_model(CATALOG, "together", "Qwen/Qwen3.5-9B")
    assert len([price for price in model.prices if price.kind == "base_inference"]) == 2
    price = find_price(model_prices(provider, model), "base_inference")
    assert price is not None
    assert price.input_usd_per_mtok == Decimal("0.17")


def test_a_bracket_price_reaches_its_models() -> None:
    provider, model = find_provider(CATALOG, "fireworks"), find_model(CATALOG, "fireworks", "qwen3-8b")
    price = find_price(model_prices(provider, model), "training", method="dpo", adaptation="full")
    assert price is not None
    assert price.training_usd_per_mtok == Decimal("2.00")


def test_one_request_is_priced_exactly() -> None:
    provider, model = find_provider(CATALOG, "openai"), find_model(CATALOG, "openai", "gpt-4.1-mini")
    request = Request(input_tokens=1000, cached_tokens=400, output_tokens=100, kind="ft_inference")
    priced = price_request(CATALOG, provider, model, request)
    assert priced is not None
    assert priced.usd == (600 * Decimal("0.80") + 400 * Decimal("0.20") + 100 * Decimal("3.20")) / MTOK


def test_the_price_package_agrees_with_the_figures_copied_from_it() -> None:
    checked = 0
    for provider, model in MODELS:
        entry = find_price(model_prices(provider, model), "base_inference", input_tokens=1000)
        if entry is None or not entry.source.startswith("pypi:genai-prices"):
            continue
        priced = price_request(CATALOG, provider, model, Request(input_tokens=1000, output_tokens=100))
        assert priced is not None
        assert entry.input_usd_per_mtok is not None
        assert entry.output_usd_per_mtok is not None
        assert priced.usd == (1000 * entry.input_usd_per_mtok + 100 * entry.output_usd_per_mtok) / MTOK, model.id
        checked += 1
    assert checked >= 12


def test_a_long_request_takes_the_dearer_step_and_a_known_error_of_the_package_is_overridden() -> None:
    openai, luna = find_provider(CATALOG, "openai"), find_model(CATALOG, "openai", "gpt-6-luna")
    long_request = price_request(CATALOG, openai, luna, Request(input_tokens=300_000, output_tokens=0))
    assert long_request is not None
    assert long_request.usd == Decimal("0.20") * 300_000 / MTOK
    mistral, large = find_provider(CATALOG, "mistral"), find_model(CATALOG, "mistral", "mistral-large")
    overridden = price_request(CATALOG, mistral, large, Request(input_tokens=1_000_000, output_tokens=0))
    assert overridden is not None
    assert overridden.usd == Decimal("0.50")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(MODELS), st.integers(1, 10_000), st.integers(0, 10_000), st.integers(1, 1000))
def test_a_request_with_more_tokens_never_costs_less(
    found: tuple[BaseModel, BaseModel], tokens_in: int, tokens_out: int, more: int
) -> None:
    provider, model = found
    for kind in ("base_inference", "ft_inference"):
        small = Request(input_tokens=tokens_in, output_tokens=tokens_out, kind=kind)
        large = Request(input_tokens=tokens_in + more, output_tokens=tokens_out + more, kind=kind)
        first, second = price_request(CATALOG, provider, model, small), price_request(CATALOG, provider, model, large)
        assert (first is None) == (second is None)
        assert first is None or second is None or first.usd <= second.usd


def test_worked_examples_of_vendors_come_to_what_they_say() -> None:
    for example in read_price_examples().examples:
        if example.expected_usd is not None:
            # The calculations are plain arithmetic of our own file.
            assert Decimal(str(round(eval(example.calculation, {}), 6))) == example.expected_usd, example.id  # noqa: S307


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue's files that a test may damage."""
    for name in ("gpus.yml", "price_packages.yml"):
        shutil.copy(DATA / name, tmp_path / name)
    shutil.copytree(DATA / "providers", tmp_path / "providers")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("usd_per_model_month:", "usd_per_modelmonth:", r"mistral\.yml.*storage\.usd_per_modelmonth.*unknown key"),
        ('usd_per_model_month: "2.00"', "usd_per_model_month: 2.00", r"mistral\.yml.*storage.*in quotes"),
        ("source: sdk_change", "source: sdk_chang", r"mistral\.yml.*windows\[0\]\.source.*'sdk_chang'"),
        ("as_of: 2026-11-22", "as_of: last week", r"mistral\.yml.*as_of"),
        ("id: mistral\n", "id: mistrall\n", r"mistral\.yml.*'mistrall'"),
        ("  - id: codestral-latest", "  - id: open-mistral-7b", r"mistral\.yml.*'open-mistral-7b' stands there twice"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_key(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "providers" / "mistral.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_catalog(folder)


def test_the_schema_for_editors_is_current() -> None:
    assert (DATA / SCHEMA_PATH).read_text(encoding="utf-8") == provider_schema()


@pytest.mark.parametrize("path", sorted((DATA / "providers").glob("*.yml")), ids=lambda path: path.stem)
def test_editors_accept_every_file_as_it_is_written(path: Path) -> None:
    schema = json.loads((DATA / SCHEMA_PATH).read_text(encoding="utf-8"))
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(read_document(path))]
    assert not problems
    assert path.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=../schemas/provider.schema.json\n"
    )
