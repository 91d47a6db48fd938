"""The exported spreadsheet: its formulas come to the app's totals, also after a cell was changed."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.estimate import estimate
from ftdecide.costs.scenario import Scenario, read_scenario
from ftdecide.report.workbook import list_csv, make_workbook, sheet_names
from tests.spreadsheet import calculate, find_row

TODAY = date(2026, 11, 22)


def make_scenario(**changes: object) -> Scenario:
    """Five options that use every driver: requests with growth, machines, jobs, months, and a model that stops."""
    document: dict[str, object] = {
        "schema_version": 1,
        "horizon_months": 12,
        "traffic": {"requests_per_month": 40_000, "monthly_growth": 0.05, "input_tokens": 350, "output_tokens": 40},
        "options": [
            {"name": "=1+1 few-shot", "provider": "openai", "model": "gpt-4.1-mini", "prompt_tokens": 1800,
             "cached_share": 0.5, "effort": {"hours": 10, "usd_per_hour": 90, "upkeep_hours_per_month": 2}},
            {"name": "Tuned at OpenAI", "provider": "openai", "model": "gpt-4.1-mini", "fine_tuned": True,
             "prompt_tokens": 120, "training": {"tokens_per_epoch": 200_000, "epochs": 3, "retrainings_per_year": 4}},
            {"name": "Tuned at Azure/Foundry [EU]", "provider": "azure", "model": "gpt-4.1-mini", "fine_tuned": True,
             "prompt_tokens": 120, "training": {"tokens_per_epoch": 200_000, "epochs": 3}},
            {"name": "Own machine", "fine_tuned": True, "prompt_tokens": 120,
             "hosting": {"usd_per_hour": 1.55, "requests_per_second_capacity": 0.02}},
            {"name": "With retrieval", "provider": "openai", "model": "gpt-4.1-mini",
             "retrieval": {"usd_per_month": 70, "embedding_tokens_per_month": 3_000_000}},
        ],
    }  # fmt: skip
    return read_scenario(document | changes, "test")


def test_the_formulas_come_to_the_totals_of_the_app(tmp_path: Path) -> None:
    scenario = make_scenario()
    result = estimate(scenario, TODAY, load_catalog())
    cells = calculate(make_workbook(scenario, result, load_catalog()), tmp_path)
    for option in result.options:
        row = find_row(cells, "SUMMARY", option.name)
        assert row["B"] == pytest.approx(float(option.one_off_usd.p50), rel=1e-9, abs=1e-9), option.name
        assert row["C"] == pytest.approx(float(option.monthly_usd.p50), rel=1e-9), option.name
        assert row["D"] == pytest.approx(float(option.total_usd.p50), rel=1e-9), option.name
        assert option.cost_per_1000_requests_usd is not None
        assert row["E"] == pytest.approx(float(option.cost_per_1000_requests_usd.p50), rel=1e-9), option.name


def test_totals_follow_a_changed_assumption(tmp_path: Path) -> None:
    scenario = make_scenario()
    file = make_workbook(scenario, estimate(scenario, TODAY, load_catalog()), load_catalog())
    cells = calculate(file, tmp_path, change={"traffic.requests_per_month": 90_000})
    traffic = scenario.traffic.model_copy(update={"requests_per_month": Decimal(90_000)})
    more = estimate(scenario.model_copy(update={"traffic": traffic}), TODAY, load_catalog())
    for option in more.options:
        row = find_row(cells, "SUMMARY", option.name)
        assert row["D"] == pytest.approx(float(option.total_usd.p50), rel=1e-9), option.name


def test_a_range_is_calculated_at_its_middle_and_its_spread_stands_beside(tmp_path: Path) -> None:
    traffic = {"requests_per_month": {"low": 20_000, "high": 80_000}, "input_tokens": 350, "output_tokens": 40}
    scenario = make_scenario(traffic=traffic)
    result = estimate(scenario, TODAY, load_catalog())
    cells = calculate(make_workbook(scenario, result, load_catalog()), tmp_path)
    for option in result.options:
        row = find_row(cells, "SUMMARY", option.name)
        assert row["D"] == pytest.approx(float(sum(line.usd for line in option.lines)), rel=1e-9)
        assert (row["F"], row["H"]) == pytest.approx((float(option.total_usd.p10), float(option.total_usd.p90)))


def test_every_assumption_is_called_by_words(tmp_path: Path) -> None:
    scenario = make_scenario()
    file = make_workbook(scenario, estimate(scenario, TODAY, load_catalog()), load_catalog())
    cells = calculate(file, tmp_path)
    assert find_row(cells, "ASSUMPTIONS", "Hours of moving to another model")["F"] == "assumed.migration_hours"


def test_an_option_that_cannot_be_had_says_so_instead_of_a_sum(tmp_path: Path) -> None:
    scenario = make_scenario(as_of="2027-02-01")
    result = estimate(scenario, TODAY, load_catalog())
    cells = calculate(make_workbook(scenario, result, load_catalog()), tmp_path)
    gone = [option for option in result.options if not option.available]
    assert gone
    for option in gone:
        row = find_row(cells, "SUMMARY", option.name)
        assert row["I"] == "cannot be had"
        assert "D" not in row
        assert option.warnings[0].text in str(row["J"])


def test_text_that_begins_with_an_equals_sign_stays_text() -> None:
    scenario = make_scenario(title="=HYPERLINK(0)")
    file = make_workbook(scenario, estimate(scenario, TODAY, load_catalog()), load_catalog())
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        sheets = "".join(parts.read(name).decode() for name in parts.namelist() if "/sheet" in name)
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "=HYPERLINK(0)" in texts
    assert "=1+1 few-shot" in texts
    assert "HYPERLINK" not in sheets
    assert "<f>1+1" not in sheets


def test_csv_cells_cannot_become_formulas() -> None:
    scenario = make_scenario()
    text = list_csv(estimate(scenario, TODAY, load_catalog()))
    assert "\n'=1+1 few-shot," in text
    assert "\n=" not in text


def test_the_csv_says_of_an_option_that_cannot_be_had_why_and_no_amount() -> None:
    result = estimate(make_scenario(as_of="2027-02-01"), TODAY, load_catalog())
    rows = list(csv.DictReader(io.StringIO(list_csv(result))))
    gone = [option for option in result.options if not option.available]
    assert gone
    for option in gone:
        (row,) = (row for row in rows if row["option"].removeprefix("'") == option.name)
        assert row["item"].startswith("cannot be had: ")
        assert option.warnings[0].text in row["item"]
        assert not row["usd"] + row["quantity"] + row["unit_price_usd"]


def test_an_estimated_capacity_can_be_changed_in_the_sheet_and_shows_its_ends(tmp_path: Path) -> None:
    option = {"name": "own", "provider": "self_hosted", "model": "llama-3.1-8b", "hosting": {"gpu": "L40S"}}
    busy = {"requests_per_month": 20_000_000, "input_tokens": 900, "output_tokens": 200}
    scenario = make_scenario(options=[option], traffic=busy)
    result = estimate(scenario, TODAY, load_catalog())
    file = make_workbook(scenario, result, load_catalog())
    row = find_row(calculate(file, tmp_path), "ASSUMPTIONS", "Estimated requests a second")
    assert row["C"] < row["B"] < row["D"]
    cells = calculate(file, tmp_path, change={"assumed.requests_per_second_capacity": row["B"] / 2})
    assert find_row(cells, "SUMMARY", "own")["D"] > 1.5 * float(result.options[0].total_usd.p50)


def test_sheets_have_names_that_a_spreadsheet_accepts() -> None:
    names = sheet_names(["a/b*[c]?:\\", "", "x" * 40, "x" * 40, "summary", "History", "'quoted'"])
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")


def test_csv_amounts_have_six_decimals_at_most_and_the_lines_stay_what_they_are() -> None:
    # Growth of a twentieth a month makes amounts of many digits.
    result = estimate(make_scenario(), TODAY, load_catalog())
    lines = [line for option in result.options for line in option.lines]
    rows = list(csv.DictReader(io.StringIO(list_csv(result))))
    assert any(line.usd != round(line.usd, 6) for line in lines)
    for row, line in zip(rows, lines, strict=True):
        for shown, exact in ((row["usd"], line.usd), (row["unit_price_usd"], line.unit_price_usd)):
            assert len(shown.partition(".")[2]) <= 6
            assert abs(Decimal(shown) - exact) <= Decimal("0.0000005")


def test_the_summary_says_why_its_two_totals_differ() -> None:
    file = make_workbook(make_scenario(), estimate(make_scenario(), TODAY, load_catalog()), load_catalog())
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        assert "is the median of many draws from those ranges" in parts.read("xl/sharedStrings.xml").decode()
