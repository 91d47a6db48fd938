import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ftdecide.catalog.figures import is_stale
from ftdecide.catalog.load import load_catalog, read_price_examples
from ftdecide.catalog.prices import find_price, model_prices
from ftdecide.costs.assumptions import AssumedAmounts, load_assumptions
from ftdecide.costs.estimate import Estimate, OptionCost, estimate, estimate_json
from ftdecide.costs.rates import Sale, find_tariff
from ftdecide.costs.scenario import read_scenario
from ftdecide.costs.swings import sensitivity
from ftdecide.costs.telling import tell_estimate
from ftdecide.documents import read_document
from ftdecide.errors import InputError
from ftdecide.settings import DATA

CATALOG = load_catalog()
DAY = date(2026, 11, 22)
FIVE_WAYS = DATA / "examples" / "scenarios" / "five_ways.yml"
TUNED = {"provider": "openai", "model": "gpt-4.1-mini", "fine_tuned": True}
AZURE = {**TUNED, "provider": "azure"}


def scenario(*options: dict[str, Any], months: int = 1, **traffic: Any) -> dict[str, Any]:
    asked = {"requests_per_month": 0, "input_tokens": 300, "output_tokens": 100, **traffic}
    named = [{"name": f"option {number}", **option} for number, option in enumerate(options)]
    return {"schema_version": 1, "horizon_months": months, "traffic": asked, "options": named}


def costs(*options: dict[str, Any], day: date = DAY, months: int = 1, **traffic: Any) -> Estimate:
    return estimate(read_scenario(scenario(*options, months=months, **traffic), "scenario"), day, CATALOG)


def cost(option: dict[str, Any], day: date = DAY, months: int = 1, **traffic: Any) -> OptionCost:
    return costs(option, day=day, months=months, **traffic).options[0]


def line_usd(option: OptionCost, code: str) -> Decimal:
    return sum((line.usd for line in option.lines if line.code == code), Decimal(0))


def codes(option: OptionCost) -> set[str]:
    return {warning.code for warning in option.warnings}


def training(tokens: int, epochs: int = 1, **more: Any) -> dict[str, Any]:
    return {"training": {"method": "sft", "tokens_per_epoch": tokens, "epochs": epochs, **more}, "fine_tuned": True}


WORKED: dict[str, tuple[dict[str, Any], str]] = {
    "openai_100k_x3_4omini": ({"provider": "openai", "model": "gpt-4o-mini", **training(100_000, 3)}, "training"),
    "bedrock_nova_micro_train": ({"provider": "bedrock", "model": "nova-micro", **training(2000 * 800, 5)}, "training"),
    "azure_rft_4h": (
        {"provider": "azure", "model": "o4-mini", "fine_tuned": True, "training": {"method": "rft", "hours": 4}},
        "training",
    ),
    "together_h100_month": (
        {
            "provider": "together",
            "model": "Qwen/Qwen3.5-9B",
            "fine_tuned": True,
            "hosting": {"gpu": "H100", "hours_per_month": 720},
        },
        "machines",
    ),
    "fireworks_lora": ({"provider": "fireworks", "model": "qwen3-8b", **training(6_763_000)}, "training"),
    "ori_example": ({"provider": "ori", **training(5_000_000, 3, validation_tokens=1_000_000)}, "training"),
    "azure_hosting_floor": ({**AZURE, "hosting": {"hours_per_month": 720}}, "hosting"),
    "azure_sft_symbolic": (
        {
            **AZURE,
            **training(1_000_000, 2, validation_tokens=40_000, hours=7),
            "prices_usd_per_mtok": {"training": 123.45},
        },
        "training",
    ),
}


@pytest.mark.parametrize("example", read_price_examples().examples, ids=lambda example: example.id)
def test_worked_examples_of_vendors_come_out_of_the_engine_to_the_cent(example: Any) -> None:
    option, code = WORKED[example.id]
    expected = Decimal("246.90") if example.expected_usd is None else example.expected_usd  # 2 x T for any rate T
    assert line_usd(cost(option), code) == expected


def test_azure_bills_neither_validation_tokens_nor_run_time_at_its_own_rate() -> None:
    plain = cost({**AZURE, **training(1_000_000, 2)})
    assert line_usd(plain, "training") == Decimal(10)
    assert line_usd(cost({**AZURE, **training(1_000_000, 2, validation_tokens=9**9, hours=9)}), "training") == 10


def test_openai_bills_no_validation_tokens_and_ori_every_pass_over_them() -> None:
    tuned = training(1_000_000, 1, validation_tokens=1_000_000, evaluations=4)
    assert line_usd(cost({"provider": "openai", "model": "gpt-4.1-mini", **tuned}), "training") == Decimal(5)
    assert line_usd(cost({"provider": "ori", **tuned}), "training") == Decimal("0.46") * 5


def test_a_job_costs_at_least_the_smallest_charge_and_says_so() -> None:
    small = cost({"provider": "together", "model": "Qwen/Qwen3.5-9B", **training(1000, runs=3)})
    assert line_usd(small, "training") == 12
    assert "minimum_charge" in codes(small)
    large = cost({"provider": "together", "model": "Qwen/Qwen3.5-9B", **training(100_000_000)})
    assert line_usd(large, "training") == 48
    assert "minimum_charge" not in codes(large)


def test_the_tier_chooses_the_rates_and_an_unknown_one_is_told() -> None:
    asked = {"requests_per_month": 1000, "input_tokens": 1000, "output_tokens": 0}
    usual, regional = cost(AZURE, **asked), cost({**AZURE, "tier": "regional"}, **asked)
    assert line_usd(usual, "input_tokens") == Decimal("0.40")
    assert line_usd(regional, "input_tokens") == Decimal("0.44")
    unknown = cost({**AZURE, "tier": "lunar"}, **asked)
    assert unknown.total_usd == usual.total_usd
    assert "tier_unknown" in codes(unknown)
    developer = cost({**AZURE, "tier": "developer"}, **asked)
    assert line_usd(developer, "hosting") == 0
    assert "hosting_note" in codes(developer)


def test_batch_and_cached_shares_are_billed_at_their_own_rates() -> None:
    asked = {"requests_per_month": 1_000_000, "input_tokens": 100, "output_tokens": 10}
    option = {"provider": "openai", "model": "gpt-6-luna", "prompt_tokens": 900, "cached_share": 0.5}
    plain = cost(option, **asked)
    assert line_usd(plain, "input_tokens") == 55
    assert line_usd(plain, "cached_input_tokens") == Decimal("4.5")
    assert line_usd(plain, "output_tokens") == 5
    batched = cost({**option, "cached_share": 0, "batch_share": 1}, **asked)
    assert batched.total_usd.p50 == Decimal("50") + Decimal("2.5")
    azure = cost({**AZURE, "batch_share": 0.5, "hosting": {"hours_per_month": 0}}, **asked)
    assert "batch_price_unknown" in codes(azure)
    assert azure.total_usd == cost({**AZURE, "hosting": {"hours_per_month": 0}}, **asked).total_usd


def test_a_fine_tune_costs_its_own_rate_a_token() -> None:
    asked = {"requests_per_month": 1000, "input_tokens": 1000, "output_tokens": 1000}
    assert cost({**TUNED, "fine_tuned": False}, **asked).total_usd.p50 == 2
    assert cost(TUNED, **asked).total_usd.p50 == 4


def test_a_step_by_length_is_chosen_by_one_request_and_not_by_a_month() -> None:
    luna = {"provider": "openai", "model": "gpt-6-luna"}
    many = cost(luna, requests_per_month=10**9, input_tokens=1000, output_tokens=0)
    assert {line.unit_price_usd for line in many.lines if line.code == "input_tokens"} == {Decimal("0.1")}
    long = cost({**luna, "prompt_tokens": 272_000}, requests_per_month=1, input_tokens=1000, output_tokens=0)
    assert {line.unit_price_usd for line in long.lines if line.code == "input_tokens"} == {Decimal("0.2")}


def test_own_prices_replace_the_catalogue_and_are_called_assumed() -> None:
    option = {**TUNED, "prices_usd_per_mtok": {"input": 7, "training": 9}, **training(1_000_000)}
    found = cost(option, requests_per_month=1000, input_tokens=1000, output_tokens=1000)
    by_code = {line.code: line for line in found.lines}
    assert (by_code["input_tokens"].usd, by_code["training"].usd) == (7, 9)
    assert by_code["input_tokens"].origin == by_code["training"].origin == "assumed"
    assert by_code["input_tokens"].source == "your scenario"
    assert (by_code["output_tokens"].origin, by_code["output_tokens"].usd) == ("quoted", Decimal("3.20"))


def test_people_labels_retrieval_and_storage_are_counted() -> None:
    option = {
        "provider": "bedrock",
        "model": "nova-micro",
        "fine_tuned": True,
        "effort": {"hours": 10, "usd_per_hour": 50, "labels": 100, "usd_per_label": 0.5, "upkeep_hours_per_month": 1},
        "retrieval": {"usd_per_month": 70, "embedding_tokens_per_month": 10_000_000},
    }
    found = cost(option, months=2)
    assert found.one_off_usd.p50 == 550
    assert line_usd(found, "upkeep") == 100
    assert line_usd(found, "retrieval") == 140
    assert line_usd(found, "embedding") == Decimal("0.4")
    assert line_usd(found, "storage") == Decimal("3.90")


def test_machines_follow_the_busiest_hour_and_sleep_when_told_to() -> None:
    machine = {"gpu": "L40S", "usd_per_hour": 2, "requests_per_second_capacity": 1}
    own = {"provider": "self_hosted", "hosting": machine}
    peak = load_assumptions().peak_factor.value
    one = int(730 * 3600 / peak)
    assert line_usd(cost(own, requests_per_month=one), "machines") == 2 * 730
    assert line_usd(cost(own, requests_per_month=one + 1), "machines") == 2 * 2 * 730
    asleep = {**own, "hosting": {**machine, "hours_per_month": 100}}
    assert line_usd(cost(asleep, requests_per_month=10), "machines") == 200
    grown = cost(own, months=2, requests_per_month=one, monthly_growth=0.1)
    assert [month.usd.p50 for month in grown.months] == [1460, 2920]


def test_a_machine_of_unknown_capacity_is_counted_once_and_said_to_be() -> None:
    unknown = cost({"provider": "self_hosted", "hosting": {"gpu": "L40S", "count": 2}}, requests_per_month=10**9)
    assert "capacity_unknown" in codes(unknown)
    assert line_usd(unknown, "machines") == 2 * 730 * Decimal("1.09")


def test_what_a_machine_answers_is_estimated_where_model_and_processor_are_known() -> None:
    small = {"provider": "self_hosted", "model": "llama-3.1-8b", "hosting": {"gpu": "L40S"}}
    found = cost(small, requests_per_month=10_000)
    assert "capacity_estimated" in codes(found)
    assert line_usd(found, "machines") == 730 * Decimal("1.09")
    assert line_usd(cost(small, requests_per_month=10**9), "machines") > 730 * Decimal("1.09")
    large = cost({**small, "model": "llama-3.1-70b"}, requests_per_month=10_000)
    assert line_usd(large, "machines") == 4 * 730 * Decimal("1.09")


OWN = {"provider": "self_hosted", "model": "llama-3.1-8b", "hosting": {"gpu": "L40S"}}
BUSY = {"requests_per_month": 20_000_000, "input_tokens": 900, "output_tokens": 200}


def text_of(option: OptionCost, code: str) -> str:
    return next(warning.text for warning in option.warnings if warning.code == code)


def test_an_estimated_capacity_widens_the_total_as_soon_as_any_number_is_a_range() -> None:
    effort = {"effort": {"hours": {"low": 10, "high": 11}, "usd_per_hour": 1}}
    drawn, given = (
        cost({**OWN, **effort, "hosting": {"gpu": "L40S", **more}}, **BUSY)
        for more in ({}, {"requests_per_second_capacity": 4})
    )
    assert given.total_usd.p90 - given.total_usd.p10 < 2
    assert drawn.total_usd.p90 > 2 * drawn.total_usd.p50  # a tenth answers less than half of the middle
    assert drawn.total_usd.p10 < drawn.total_usd.p50
    machines = {month.usd.p50 / (730 * Decimal("1.09")) for month in drawn.months}
    assert machines == {line_usd(drawn, "machines") / (730 * Decimal("1.09"))}
    assert "range_not_drawn" not in codes(drawn)


def test_plain_numbers_stay_exact_and_what_an_estimated_capacity_hides_is_told_in_money() -> None:
    found = cost(OWN, **BUSY)
    assert found.total_usd.p10 == found.total_usd.p50 == found.total_usd.p90 == line_usd(found, "machines")
    told = text_of(found, "range_not_drawn")
    assert "Estimated requests a second" in told
    assert "no number of the scenario is one" in told
    assert "The first month then takes" in text_of(found, "capacity_estimated")
    assert "range_not_drawn" not in codes(cost({**OWN, "hosting": {**OWN["hosting"], **ANSWERS}}, **BUSY))
    assert "range_not_drawn" not in codes(cost(OWN, requests_per_month=10))  # one machine at either end


ANSWERS = {"requests_per_second_capacity": 4}


def test_options_share_the_draws_of_an_estimated_capacity() -> None:
    unsure = {"effort": {"hours": {"low": 10, "high": 11}, "usd_per_hour": 1}}
    dearer = {**OWN, "hosting": {"gpu": "L40S", "usd_per_hour": 2.18}}
    one, other, _unsure = costs(OWN, dearer, {**OWN, **unsure}, **BUSY).options
    assert one.total_usd.p10 < one.total_usd.p90
    for end in ("p10", "p50", "p90"):
        assert getattr(other.total_usd, end) == pytest.approx(2 * getattr(one.total_usd, end), rel=Decimal("1e-9"))


def test_a_span_of_training_prices_is_a_range_and_its_ends_are_told_to_plain_numbers() -> None:
    option = {"provider": "together", "model": "Qwen/Qwen3.5-27B", **training(10**9)}
    plain = cost(option)
    bill = next(line for line in plain.lines if line.code == "training")
    assert Decimal("1.50") < bill.unit_price_usd < Decimal("4.12")
    assert plain.one_off_usd.p10 == plain.one_off_usd.p90 == bill.usd
    assert "1.50 to 4.12 USD" in text_of(plain, "price_range")
    rest = plain.total_usd.p50 - bill.usd
    assert f"{rest + 1500:,.0f} to {rest + 4120:,.0f} USD" in text_of(plain, "range_not_drawn")
    drawn = cost({**option, "effort": {"hours": {"low": 1, "high": 2}, "usd_per_hour": 0}})
    assert Decimal(1500) < drawn.one_off_usd.p10 < bill.usd < drawn.one_off_usd.p90 < Decimal(4120)
    known = cost({**option, "prices_usd_per_mtok": {"training": 2}})
    assert not {"price_range", "range_not_drawn"} & codes(known)


@pytest.mark.parametrize(("effort", "word"), [({}, "assumed too"), ({"usd_per_hour": 80}, "yours")])
def test_the_work_of_moving_is_called_an_assumption_wherever_it_is_counted(effort: dict[str, Any], word: str) -> None:
    found = cost({"provider": "openai", "model": "gpt-4.1-mini", "effort": effort}, months=3, requests_per_month=1000)
    assert next(line.item for line in found.lines if line.code == "migration").endswith("(hours assumed)")
    told = text_of(found, "migration_assumed")
    assert "40 hours are an assumption, and at 80 USD an hour they cost 3,200 USD" in told
    assert word in told
    assert told in tell_estimate(costs({"provider": "openai", "model": "gpt-4.1-mini", "effort": effort}, months=3))


def test_the_swings_name_what_the_scenario_does_not_give() -> None:
    asked = read_scenario(scenario({"provider": "openai", "model": "gpt-4.1-mini"}, OWN, months=3, **BUSY), "scenario")
    sold, own = ({swing.path: swing for swing in sensitivity(asked, name, DAY, CATALOG)} for name in NAMES)
    assert sold["assumed.migration_hours"].label == "Hours of moving to another model"
    assert sold["assumed.migration_hours"].high_usd - sold["assumed.migration_hours"].low_usd == 20 * 80
    assert sold["assumed.engineering_usd_per_hour"].origin == "assumed"
    capacity = own["assumed.requests_per_second_capacity"]
    assert capacity.low < capacity.high
    assert capacity.low_usd > 2 * capacity.high_usd


NAMES = ("option 0", "option 1")


def test_an_option_that_cannot_be_had_is_nowhere_told_as_free() -> None:
    found = costs({**TUNED, **training(1000)}, {"provider": "openai", "model": "gpt-6-luna"}, day=date(2027, 2, 1))
    row = next(line for line in tell_estimate(found).splitlines() if line.startswith("option 0"))
    assert "cannot be had" in row
    assert "0" not in row.removeprefix("option 0")


def test_retraining_stops_when_no_more_jobs_can_be_created() -> None:
    option = {**TUNED, **training(1_000_000, retrainings_per_year=12)}
    open_ended = cost({**option, "provider": "together", "model": "Qwen/Qwen3.5-9B"}, months=12)
    assert line_usd(open_ended, "retraining") == 12 * 4
    closing = cost(option, months=12)
    assert Decimal(5) < line_usd(closing, "retraining") < 2 * Decimal(5)  # a month and a half until 2027-01-06
    assert "no_new_jobs_after" in codes(closing)


def test_the_bill_of_a_model_that_stops_moves_to_its_replacement_pro_rata() -> None:
    asked = {"requests_per_month": 31_000, "input_tokens": 1000, "output_tokens": 0}
    found = cost({"provider": "openai", "model": "gpt-4.1-mini"}, months=3, **asked)
    assert (found.ends_on, found.successor) == (date(2027, 1, 14), "gpt-6-luna")
    assert "retires_within_horizon" in codes(found)
    served = Decimal(31_000) + 23_000  # from 2026-12-22 to 2027-01-13 are 23 of 31 days
    by_code = {(line.code, line.phase): line for line in found.lines}
    assert by_code["input_tokens", "monthly"].quantity == served / 1000
    assert by_code["input_tokens", "after_retirement"].quantity == (93_000 - served) / 1000
    assert by_code["input_tokens", "after_retirement"].unit_price_usd == Decimal("0.1")
    assumed = load_assumptions()
    move = assumed.migration_hours.value * assumed.engineering_usd_per_hour.value
    assert line_usd(found, "migration") == move
    assert [month.usd.p50 for month in found.months] == [
        Decimal("12.40"),
        Decimal("9.20") + Decimal("0.80") + move,
        Decimal("3.10"),
    ]


def test_people_and_the_search_index_go_on_after_the_model_has_stopped() -> None:
    more = {
        "effort": {"hours": 5, "usd_per_hour": 10, "upkeep_hours_per_month": 2},
        "retrieval": {"usd_per_month": 70, "embedding_tokens_per_month": 10_000_000},
    }
    found = cost({"provider": "openai", "model": "gpt-4.1-mini", **more}, months=12, requests_per_month=1000)
    assert line_usd(found, "upkeep") == 12 * 20
    assert line_usd(found, "retrieval") == 12 * 70
    assert line_usd(found, "embedding") == 12 * Decimal("0.2")
    assert line_usd(found, "engineering") == 50
    assert {line.phase for line in found.lines if line.code == "upkeep"} == {"monthly", "after_retirement"}


def test_without_a_named_replacement_nothing_is_counted_and_nothing_is_compared() -> None:
    gemini = {"provider": "google", "model": "gemini-3.5-flash"}
    both = costs(gemini, {"provider": "openai", "model": "gpt-6-luna"}, months=12, requests_per_month=1000)
    assert {"retires_within_horizon", "no_successor"} <= codes(both.options[0])
    assert both.options[0].months[-1].usd.p50 == 0
    assert {found.requests_per_month for found in both.breakeven} == {None}
    assert "what comes after is not known" in both.breakeven[0].text


@pytest.mark.parametrize(
    ("option", "day", "expected"),
    [
        ({**TUNED, **training(1000)}, date(2027, 1, 7), {"no_new_jobs_after", "not_available"}),
        ({**TUNED, **training(1000)}, date(2027, 1, 14), {"retired", "no_new_jobs_after", "not_available"}),
        (TUNED, date(2027, 1, 14), {"retired", "not_available"}),
        ({"provider": "openai", "model": "gpt-4.1-mini"}, date(2027, 1, 14), {"retired", "not_available"}),
        ({"provider": "cohere", "model": "command-r", **training(1000)}, DAY, {"no_new_jobs_after", "not_available"}),
        (
            {"provider": "together", "model": "meta-llama/Llama-3.3-70B-Instruct-Reference", **training(1000)},
            DAY,
            {"not_deployable", "not_available"},
        ),
    ],
)
def test_what_cannot_be_had_stays_in_the_table_without_invented_costs(
    option: dict[str, Any], day: date, expected: set[str]
) -> None:
    found = cost(option, day=day, requests_per_month=1000)
    assert codes(found) == expected
    assert (found.available, found.lines, found.total_usd.p50) == (False, (), 0)
    assert found.cost_per_1000_requests_usd is None


def test_a_tune_that_exists_already_is_served_after_the_last_job_date() -> None:
    found = cost(TUNED, day=date(2027, 1, 7), requests_per_month=1000)
    assert found.available
    assert found.ends_on == date(2027, 1, 14)
    assert {"training_not_counted", "no_new_jobs_after"} <= codes(found)


def test_a_tuned_option_without_training_says_who_could_still_tune_it() -> None:
    assert {"training_not_counted", "existing_customers_only", "no_new_jobs_after"} <= codes(
        cost(TUNED, day=date(2026, 12, 20))
    )
    assert "training_not_counted" not in codes(cost({**TUNED, **training(1000)}))


def test_who_may_still_tune_is_said() -> None:
    assert "existing_customers_only" in codes(cost({**TUNED, **training(1000)}))
    assert "existing_customers_only" not in codes(cost({**AZURE, **training(1000)}))


def test_prices_older_than_90_days_are_named() -> None:
    old = cost({**AZURE, **training(1000)})
    text = next(warning.text for warning in old.warnings if warning.code == "price_stale")
    assert "Training (2026-08-11)" in text
    assert is_stale("2026-08-11", DAY)
    assert "price_stale" not in codes(cost({"provider": "openai", "model": "gpt-6-luna"}, requests_per_month=1))


def test_a_missing_price_is_told_and_never_silently_zero() -> None:
    gemini = {"provider": "google", "model": "gemini-3.5-flash", **training(1000)}
    both = costs(gemini, {"provider": "openai", "model": "gpt-6-luna"}, requests_per_month=1000)
    assert [warning.code for warning in both.options[0].warnings].count("price_unknown") == 3
    assert "a price of option 0 is not known" in both.breakeven[0].text
    assert "price_unknown" in codes(cost({}, requests_per_month=1))
    assert "price_unknown" in codes(cost({"provider": "self_hosted"}, requests_per_month=1))
    assert "price_unknown" in codes(cost({"provider": "self_hosted", **training(10), "hosting": {"gpu": "L40S"}}))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"provider": "opnai", "model": "x"}, "option 'option 0', provider: 'opnai'.*did you mean 'openai'"),
        ({"provider": "openai", "model": "gpt-4.1-mni"}, "option 'option 0', model.*'gpt-4.1-mini-2025-04-14'"),
        ({"provider": "self_hosted", "hosting": {"gpu": "L41S"}}, "option 'option 0', hosting.*did you mean 'L40S'"),
        ({"provider": "self_hosted", "hosting": {"gpu": "L40S", "cloud": "Mars"}}, "no price at 'Mars'.*Modal"),
        (
            {"provider": "self_hosted", "hosting": {"usd_per_hour": 1, "requests_per_second_capacity": 0}},
            "option 'option 0', hosting: a machine that answers 0 requests.*give “Requests a second it can answer”",
        ),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(option: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cost(option)


def test_no_traffic_and_absurd_traffic_are_answered() -> None:
    idle = cost(AZURE)
    assert idle.total_usd.p50 == Decimal("1241.00")
    assert idle.cost_per_1000_requests_usd is None
    absurd = cost({"provider": "openai", "model": "gpt-6-luna"}, months=60, requests_per_month=1e18, monthly_growth=0.5)
    assert sum((line.usd for line in absurd.lines), Decimal(0)).is_finite()
    ranged = cost(
        {"provider": "self_hosted", "hosting": {"usd_per_hour": 1e30, "requests_per_second_capacity": 1e-30}},
        months=60,
        requests_per_month={"low": 0, "high": 1e30},
        input_tokens={"low": 1e-300, "high": 1e30},
        monthly_growth={"low": 0, "high": 10},
    )
    assert all(value.is_finite() for value in (ranged.total_usd.p10, ranged.total_usd.p50, ranged.total_usd.p90))
    assert json.loads(json.dumps(estimate_json(costs(AZURE)), allow_nan=False))


def test_five_ways_are_all_there_today_and_two_are_gone_in_february() -> None:
    asked = read_scenario(read_document(FIVE_WAYS), str(FIVE_WAYS))
    now = estimate(asked, DAY, CATALOG)
    assert all(option.available for option in now.options)
    assert [option.ends_on for option in now.options] == [
        date(2027, 1, 14),
        date(2027, 1, 14),
        date(2027, 10, 14),
        None,
        None,
    ]
    few_shot, at_openai, at_azure, own, luna = (option.total_usd.p50 for option in now.options)
    assert luna < few_shot < at_openai < min(at_azure, own)
    assert line_usd(now.options[2], "hosting") > Decimal("0.4") * at_azure
    later = estimate(asked, date(2027, 2, 1), CATALOG)
    assert [option.available for option in later.options] == [False, False, True, True, True]
    assert all("retired" in codes(option) for option in later.options[:2])
    assert all(not option.lines for option in later.options[:2])
    gone = {option.name for option in later.options[:2]}
    for found in later.breakeven:
        assert (found.requests_per_month is None) or not {found.option, found.against} & gone


def test_the_command_answers_files_and_batches(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ftdecide", "estimate", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=DATA.parent, check=False)

    answered = run(str(FIVE_WAYS), "--json")
    assert answered.returncode == 0
    document = json.loads(answered.stdout)
    assert len(document["options"]) == 5
    for option in document["options"]:
        for name in ("one_off_usd", "monthly_usd", "total_usd"):
            assert set(option[name]) == {"p10", "p50", "p90"}
        for line in option["lines"]:
            assert {"item", "quantity", "unit", "unit_price_usd", "usd", "origin", "source", "as_of"} <= set(line)
    assert len(document["breakeven"]) == 20
    path = tmp_path / "batch.json"
    path.write_text(json.dumps([scenario(AZURE), scenario({"provider": "nobody"})]), encoding="utf-8")
    batch = run("--batch", str(path))
    assert batch.returncode == 1
    good, bad = json.loads(batch.stdout)
    assert good["options"][0]["total_usd"]["p50"] == 1241
    assert "nobody" in bad["error"]
    path.write_text(json.dumps(scenario({"provder": "x"})), encoding="utf-8")
    refused = run(str(path))
    assert refused.returncode == 2
    assert "options[0].provder" in refused.stderr
    assert "did you mean 'provider'" in refused.stderr


def test_every_line_and_every_assumption_says_where_it_comes_from_and_when() -> None:
    asked = read_scenario(read_document(FIVE_WAYS), str(FIVE_WAYS))
    for option in estimate(asked, DAY, CATALOG).options:
        for line in option.lines:
            assert line.source
            assert line.as_of[:2] == "20"
            assert line.origin in ("quoted", "assumed")
    for name in AssumedAmounts.model_fields:
        assumption = getattr(load_assumptions(), name)
        assert assumption.source
        assert assumption.why
        assert assumption.as_of != "undated"


def test_where_the_price_package_and_our_data_know_a_price_they_agree_or_the_data_says_why_not() -> None:
    compared = 0
    for provider, model in CATALOG.models():
        entry = find_price(model_prices(provider, model), "base_inference")
        if entry is None or provider.genai_prices_id is None:
            continue
        ours = {
            "input": entry.input_usd_per_mtok,
            "cached_input": entry.cached_input_usd_per_mtok,
            "output": entry.output_usd_per_mtok,
        }
        bare = model.model_copy(update={"prices": ()})
        packaged = find_tariff(Sale(CATALOG, provider, bare), "base_inference")
        if packaged is None:
            continue
        known = {way: (usd, getattr(packaged, way)[0][1]) for way, usd in ours.items() if usd is not None}
        differ = {way: pair for way, pair in known.items() if pair[0] != pair[1]}
        if entry.overrides_package:
            assert differ, f"{provider.id} {model.id}: the package has caught up; remove overrides_package"
            assert entry.note, f"{provider.id} {model.id}: say why the package is overridden"
        else:
            assert not differ, f"{provider.id} {model.id}: {differ}"
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("growth", [10**30, {"low": 0, "high": 10**30}, {"low": 1, "high": 10**9}])
def test_growth_beyond_every_number_is_refused_rather_than_printed_as_infinity(growth: object) -> None:
    with pytest.raises(InputError, match="option 'option 0': its amounts multiply to more than can be counted"):
        costs({"provider": "openai", "model": "gpt-6-luna"}, months=60, requests_per_month=10**6, monthly_growth=growth)
    with pytest.raises(InputError, match="its amounts multiply to more than can be counted"):
        costs({"hosting": {"usd_per_hour": 1}}, months=60, requests_per_month=0, monthly_growth=10**20)


def test_a_batch_price_without_a_rate_for_cached_or_long_input_takes_the_discount_for_both() -> None:
    luna = {"provider": "openai", "model": "gpt-6-luna", "batch_share": 1}
    cached = cost({**luna, "prompt_tokens": 1000, "cached_share": 1}, requests_per_month=1000, input_tokens=0)
    assert line_usd(cached, "cached_input_tokens_batch") == Decimal("0.005")  # half of 0.01 for a million
    long = cost({**luna, "prompt_tokens": 300_000}, requests_per_month=1000, input_tokens=0, output_tokens=1000)
    assert line_usd(long, "input_tokens_batch") == Decimal(30)  # half of 0.20 above 272,000 tokens
    assert line_usd(long, "output_tokens_batch") == Decimal("0.375")  # half of 0.75
    tuned = cost({**TUNED, "model": "gpt-4.1", "prompt_tokens": 1000, "cached_share": 1, "batch_share": 1}, **ASKED)
    assert line_usd(tuned, "cached_input_tokens_batch") == Decimal("0.5")  # listed, though not half of 0.75


ASKED = {"requests_per_month": 1000, "input_tokens": 0}


@pytest.mark.parametrize(("provider", "model", "method"), [("openai", "gpt-4.1", "rft"), ("nebius", None, "dpo")])
def test_a_method_that_a_model_is_not_trained_by_has_no_price(provider: str, model: str | None, method: str) -> None:
    training = {"method": method, "tokens_per_epoch": 10**6, "hours": 1}
    model = model or "unsloth/gpt-oss-20b-BF16"
    found = cost({"provider": provider, "model": model, "fine_tuned": True, "training": training})
    assert line_usd(found, "training") == 0
    text = next(warning.text for warning in found.warnings if warning.code == "price_unknown")
    assert f"is not trained by {method} there, only by sft" in text


@pytest.mark.parametrize(
    ("model", "gpu", "machines"),
    [
        ("Qwen/Qwen3.5-397B-A17B", "H200", 8),
        ("llama-3.1-405b", "H100 80GB", 11),
        ("Qwen/Qwen3.5-9B", "H100 80GB", 1),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "H100 80GB", 1),
    ],
)
def test_a_model_of_unknown_speed_gets_as_many_machines_as_its_weights_take(
    model: str, gpu: str, machines: int
) -> None:
    hosting = {"gpu": gpu, "hours_per_month": 100, "usd_per_hour": 1}
    found = cost({"provider": "self_hosted", "model": model, "hosting": hosting})
    assert line_usd(found, "machines") == 100 * machines
    text = next(warning.text for warning in found.warnings if warning.code == "capacity_unknown")
    assert (f"take {machines} x {gpu}" in text) == (machines > 1)
    assert ("Whether the model fits" in text) == ("16E" in model)
    named = cost({"provider": "self_hosted", "model": model, "hosting": {**hosting, "count": 3}})
    assert line_usd(named, "machines") == 300


def test_a_horizon_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InputError, match="as_of: 12 months from 9999-01-02 on leave the calendar"):
        cost({"provider": "openai", "model": "gpt-6-luna"}, day=date(9999, 1, 2), months=12)


def test_a_training_price_of_ones_own_keeps_the_rest_of_the_providers_bill() -> None:
    training = {"tokens_per_epoch": 10**7, "epochs": 1, "validation_tokens": 10**6, "evaluations": 5}
    option = {"provider": "together", "model": "Qwen/Qwen3.5-9B", "prices_usd_per_mtok": {"training": 2}}
    assert line_usd(cost({**option, "fine_tuned": True, "training": training}), "training") == 2 * (10 + 5)
    small = cost({**option, "fine_tuned": True, "training": {**training, "tokens_per_epoch": 1, "evaluations": 0}})
    assert line_usd(small, "training") == 4
    tuned = cost({**TUNED, "prices_usd_per_mtok": {"training": 2}, "training": training})
    assert line_usd(tuned, "training") == 20  # no validation tokens there
