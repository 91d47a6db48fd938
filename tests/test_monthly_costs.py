"""What a month costs: the arithmetic, and what may never be said."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.assessment.types import read_assessment
from ftdecide.catalog import find_model, find_provider, load_catalog
from ftdecide.costs.monthly import MonthlyCost, list_monthly_costs, shortlist
from ftdecide.costs.traffic import Traffic, answered, example_traffic

TODAY = date(2026, 11, 22)
CATALOG = load_catalog()
TRAFFIC = Traffic(
    requests_per_month=10_000, prompt_tokens=800, input_tokens=200, output_tokens=100, training_examples=100, epochs=3
)


def row(provider: str, model: str, *, fine_tuned: bool, traffic: Traffic = TRAFFIC) -> MonthlyCost:
    model_id = find_model(CATALOG, provider, model).id
    return next(
        found
        for found in list_monthly_costs(CATALOG, traffic, TODAY)
        if (found.provider.id, found.model.id, found.fine_tuned) == (provider, model_id, fine_tuned)
    )


def test_openai_costs_tokens_only() -> None:
    found = row("openai", "gpt-4.1-mini", fine_tuned=True)
    assert found.month_usd == 10_000 * (1000 * Decimal("0.80") + 100 * Decimal("3.20")) / 1_000_000
    assert found.training is not None
    assert found.training.usd == 100 * 1100 * 3 * Decimal("5.00") / 1_000_000


def test_azure_adds_its_hourly_fee_for_every_hour_of_the_month() -> None:
    found = row("azure", "gpt-4.1-mini", fine_tuned=True)
    assert found.hosting is not None
    assert found.hosting.usd == Decimal("1.70") * 730
    assert row("azure", "gpt-4.1-mini", fine_tuned=False).hosting is not None
    assert row("azure", "gpt-4.1-mini", fine_tuned=False).hosting.usd == 0


def test_a_dedicated_machine_costs_its_hours_however_small_the_traffic() -> None:
    found = row("together", "Qwen/Qwen3.5-9B", fine_tuned=True)
    assert found.month_usd == Decimal("5.49") * 730
    assert found.training is not None
    assert found.training.usd == Decimal("4.00"), "the smallest charge for a job"


def test_what_cannot_be_deployed_has_no_month() -> None:
    assert row("together", "meta-llama/Llama-3.3-70B-Instruct-Reference", fine_tuned=True).month_usd is None


def test_an_unknown_price_is_not_zero() -> None:
    found = row("bedrock", "nova-lite", fine_tuned=True)
    assert found.training is None
    assert row("google", "gemini-3.5-flash", fine_tuned=False).month_usd is not None
    assert not [
        found
        for found in list_monthly_costs(CATALOG, TRAFFIC, TODAY)
        if found.provider.id == "google" and found.fine_tuned and found.month_usd is not None
    ]


def test_nothing_that_stopped_answering_is_listed() -> None:
    for found in list_monthly_costs(CATALOG, TRAFFIC, date(2027, 2, 1)):
        day = found.available.retires_on if found.fine_tuned else found.available.base_retires_on
        assert day is None or day > date(2027, 2, 1)


def test_the_short_list_keeps_the_named_model_and_its_replacement() -> None:
    rows = list_monthly_costs(CATALOG, TRAFFIC, TODAY)
    kept = {(found.model.id, found.fine_tuned) for found in shortlist(rows, "openai", "gpt-4.1-2025-04-14")}
    assert {("gpt-4.1-2025-04-14", True), ("gpt-4.1-2025-04-14", False), ("gpt-6-luna", False)} <= kept
    assert len(kept) < len(rows) / 3
    assert not [
        found for found in shortlist(rows, None, None) if found.fine_tuned and found.available.state == "closed"
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 10**5))
def test_more_traffic_never_costs_less(requests: int, tokens: int, more_tokens: int, more_requests: int) -> None:
    small = TRAFFIC.model_copy(update={"requests_per_month": requests, "input_tokens": tokens})
    large = small.model_copy(
        update={"requests_per_month": requests + more_requests, "input_tokens": tokens + more_tokens}
    )
    by_key = {
        (found.provider.id, found.model.id, found.fine_tuned): found.month_usd
        for found in list_monthly_costs(CATALOG, small, TODAY)
    }
    for found in list_monthly_costs(CATALOG, large, TODAY):
        before = by_key[found.provider.id, found.model.id, found.fine_tuned]
        assert (before is None) == (found.month_usd is None)
        assert before is None or found.month_usd is None or before <= found.month_usd


def test_an_assessment_answers_what_it_can_and_a_range_counts_by_its_middle() -> None:
    assessment = read_assessment(
        {"schema_version": 1, "traffic": {"requests_per_month": {"low": 1000, "high": 3000}, "input_tokens": 250}}
    )
    assert answered(assessment) == {"requests_per_month": 2000, "input_tokens": 250}
    assert example_traffic().requests_per_month > 0


def test_every_amount_names_its_source_and_day() -> None:
    for found in list_monthly_costs(CATALOG, TRAFFIC, TODAY):
        for figure in found.figures:
            assert figure.source
            assert figure.as_of
            assert figure.how
    assert find_provider(CATALOG, "openai").name == "OpenAI"


def test_an_absurd_volume_stays_within_what_a_browser_can_count() -> None:
    absurd = {"requests_per_month": 1e300, "input_tokens": {"low": 0, "high": 1.7e308}}
    given = answered(read_assessment({"schema_version": 1, "traffic": absurd}))
    assert given == {"requests_per_month": 2**53 - 1, "input_tokens": 2**53 - 1}
