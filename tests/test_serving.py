from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.costs.compute.gpus import find_gpu
from ftdecide.costs.compute.models import find_model, load_models
from ftdecide.costs.published_serving import load_of_row
from ftdecide.costs.replicas import machines_needed
from ftdecide.costs.roofline import Load, output_rate, room_for
from ftdecide.costs.serving import Capacity, Replica, Requests, capacity, usd_per_mtok_output
from ftdecide.costs.serving_data import published_rates, serving_facts
from ftdecide.costs.types import Spread
from ftdecide.errors import InputError

FIT = serving_facts().fit
BOUNDS = serving_facts().bounds
lengths = st.floats(1, 8_000)
# Eight thousand million parameters in 16 bits on a machine of 80 GB.
LOAD = Load(8e9, 8e9, 32, 2.0, 131_072, 1, 80e9, 2e12, 312e12, 500, 200)


def rate(load: Load) -> float:
    return output_rate(load, FIT.constants, BOUNDS)


def exactly(per_second: str) -> Capacity:
    spread = Spread(p10=Decimal(per_second), p50=Decimal(per_second), p90=Decimal(per_second))
    tokens = Spread(p10=Decimal(100), p50=Decimal(200), p90=Decimal(400))
    return Capacity(
        requests_per_second=spread,
        output_tokens_per_second=tokens,
        gpus=2,
        in_flight=1,
        origin="assumed",
        source="test",
        as_of="2026-11-22",
        text="",
    )


@pytest.mark.parametrize("row", published_rates().rows, ids=lambda row: row.id)
def test_every_published_row_names_a_known_model_and_machine_that_holds_it(row) -> None:
    assert find_model(row.model).id == row.model
    assert find_gpu(row.gpu).id == row.gpu
    assert rate(load_of_row(row)) > 0


def test_a_published_measurement_is_returned_where_it_fits_with_its_source() -> None:
    found = capacity(Replica("llama-3.1-8b", "H100", precision="fp8"), Requests(1000, 1000))
    assert found.origin == "quoted"
    assert found.source.startswith("https://github.com/NVIDIA/")
    assert found.output_tokens_per_second.p50 == Decimal(15220)
    assert found.requests_per_second.p50 == Decimal("15.22")


def test_a_published_measurement_at_other_lengths_is_carried_over() -> None:
    near = capacity(Replica("llama-3.1-8b", "H100", precision="fp8"), Requests(1300, 1000))
    assert near.origin == "quoted"
    assert near.output_tokens_per_second.p50 < Decimal(15220)


def test_a_version_with_the_same_architecture_shares_the_measurement() -> None:
    found = [
        capacity(Replica(model, "H200", precision="fp8"), Requests(1000, 1000))
        for model in ("llama-3.1-70b", "llama-3.3-70b")
    ]
    assert found[0] == found[1]
    assert found[0].origin == "quoted"


def test_without_a_published_measurement_the_answer_is_called_assumed() -> None:
    found = capacity(Replica("meta-llama/Llama-3.1-8B-Instruct", "L40S"), Requests(1100, 150))
    assert found.origin == "assumed"
    assert found.as_of == "2026-11-22"


@pytest.mark.parametrize(("gpu", "precision"), [("H100", "fp8"), ("L40S", "bf16")])
def test_the_range_is_as_wide_as_a_change_of_the_engines_version_and_says_so(gpu: str, precision) -> None:
    found = capacity(Replica("llama-3.1-8b", gpu, precision=precision), Requests(1000, 1000))
    tokens = found.output_tokens_per_second
    factor = serving_facts().engine_versions.factor
    assert float(tokens.p50 / tokens.p10) >= 0.99 * factor
    assert "2.7" in found.text
    assert tokens.p10 < tokens.p50 < tokens.p90


def test_the_factor_of_engine_versions_is_that_of_the_published_pair() -> None:
    rates = {row.id: row.output_tokens_per_second for row in published_rates().rows}
    pair = rates["lambda-version-llama-3.1-8b-v060"] / rates["lambda-version-llama-3.1-8b-v054"]
    assert round(pair, 1) == serving_facts().engine_versions.factor


def test_one_stream_on_an_a100_reads_the_weights_once_a_token() -> None:
    found = capacity(Replica("llama-3.1-8b", "A100-40GB"), Requests(1024, 128, in_flight=1))
    # 16 GB of weights over 1,555 GB a second: not more than 97 tokens.
    assert 60 < found.output_tokens_per_second.p50 < 97


@given(lengths, lengths, st.floats(1, 3))
def test_longer_prompts_and_answers_never_raise_the_requests_a_machine_serves(
    asked: float, told: float, factor: float
) -> None:
    short = replace(LOAD, input_tokens=asked, output_tokens=told)
    for longer in (replace(short, input_tokens=asked * factor), replace(short, output_tokens=told * factor)):
        assert rate(longer) / longer.output_tokens <= rate(short) / short.output_tokens * 1.000001


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_more_requests_at_once_never_give_fewer_tokens(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert rate(replace(LOAD, in_flight=fewer)) <= rate(replace(LOAD, in_flight=more)) * 1.000001


@given(st.floats(1, 4), st.sampled_from(["bandwidth", "peak", "memory"]))
def test_a_better_machine_is_never_slower(factor: float, part: str) -> None:
    better = replace(LOAD, **{part: getattr(LOAD, part) * factor})
    assert rate(better) >= rate(LOAD) * 0.999999


def test_a_mixture_of_experts_reads_only_the_parameters_of_a_token_for_one_stream() -> None:
    experts = replace(LOAD, active_parameters=1e9, in_flight=1)
    assert rate(experts) > 2 * rate(replace(LOAD, in_flight=1))


def test_memory_left_by_the_weights_bounds_the_requests_at_once() -> None:
    assert room_for(LOAD, BOUNDS) == pytest.approx((80e9 * 0.9 - 16e9) / (131_072 * 700))
    assert (
        capacity(Replica("llama-3.1-8b", "L4"), Requests(1100, 150)).in_flight
        < capacity(Replica("llama-3.1-8b", "L40S"), Requests(1100, 150)).in_flight
    )


def test_a_model_that_does_not_fit_is_refused_with_the_number_of_gpus_that_hold_it() -> None:
    with pytest.raises(InputError, match="take gpus=4"):
        capacity(Replica("llama-3.3-70b", "L40S"), Requests(1000, 500))
    assert capacity(Replica("llama-3.3-70b", "L40S", gpus=4), Requests(1000, 500)).gpus == 4
    with pytest.raises(InputError, match="larger GPU"):
        capacity(Replica("llama-3.1-405b", "T4"), Requests(1000, 500))


@pytest.mark.parametrize(
    "wrong",
    [{"input_tokens": -1}, {"output_tokens": 0}, {"gpus": 0}, {"in_flight": 0}, {"precision": "fp3"}],
)
def test_impossible_questions_are_refused(wrong: dict) -> None:
    replica, requests = Replica("llama-3.1-8b", "L40S"), Requests(100, 100)
    asked = [replace(part, **wrong) if wrong.keys() <= vars(part).keys() else part for part in (replica, requests)]
    with pytest.raises(InputError):
        capacity(*asked)


@pytest.mark.parametrize(
    ("sold_as", "model"),
    [
        ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-3.1-8b"),
        ("qwen2p5-32b", "qwen2.5-32b"),
        ("meta-llama/Llama-3.3-70B-Instruct-Reference", "llama-3.3-70b"),
        ("unsloth/gpt-oss-20b-BF16", "gpt-oss-20b"),
    ],
)
def test_a_model_is_known_by_the_names_that_vendors_sell_it_under(sold_as: str, model: str) -> None:
    assert find_model(sold_as).id == model


def test_no_name_means_two_models_and_every_alias_is_found() -> None:
    ids = [model.id for model in load_models()]
    aliases = [(alias, model.id) for model in load_models() for alias in model.aliases]
    names = [*ids, *(alias for alias, _model in aliases)]
    assert len(names) == len(set(names))
    assert all(find_model(alias.upper()).id == model for alias, model in aliases)


@pytest.mark.parametrize(("model", "gpu"), [("llama-9", "L40S"), ("llama-3.1-8b", "Z900")])
def test_unknown_models_and_machines_are_refused_by_name(model: str, gpu: str) -> None:
    with pytest.raises(InputError, match=r"llama-9|Z900"):
        capacity(Replica(model, gpu), Requests(100, 100))


def test_machines_are_counted_up_to_the_peak() -> None:
    assert machines_needed(Decimal(10), exactly("5")).middle == 2
    assert machines_needed(Decimal("10.01"), exactly("5")).middle == 3
    assert machines_needed(Decimal(0), exactly("5")).middle == 1
    assert machines_needed(Decimal(10), exactly("5")).gpus == 4
    assert machines_needed(Decimal(5), exactly("5")).utilisation == 1
    with pytest.raises(InputError, match="below 0"):
        machines_needed(Decimal(-1), exactly("5"))


@given(st.decimals("0", "1000", places=2))
def test_the_machines_in_the_middle_lie_between_the_ends_and_suffice(peak: Decimal) -> None:
    each = capacity(Replica("llama-3.1-8b", "L40S"), Requests(1100, 150))
    needed = machines_needed(peak, each)
    assert needed.least <= needed.middle <= needed.most
    assert needed.middle * each.requests_per_second.p50 >= peak


def test_a_tenth_of_the_utilisation_costs_ten_times_as_much() -> None:
    busy = usd_per_mtok_output(exactly("1"), Decimal("3.6"))
    idle = usd_per_mtok_output(exactly("1"), Decimal("3.6"), Decimal("0.1"))
    # Two GPUs at 3.60 an hour are 0.002 USD a second; 200 tokens a second take 5,000 seconds for a million.
    assert (busy.p10, busy.p50, busy.p90) == (Decimal(5), Decimal(10), Decimal(20))
    assert idle.p50 == 10 * busy.p50


@pytest.mark.parametrize(("price", "utilisation"), [("-1", "1"), ("1", "0"), ("1", "1.1")])
def test_impossible_prices_and_utilisations_are_refused(price: str, utilisation: str) -> None:
    with pytest.raises(InputError):
        usd_per_mtok_output(exactly("1"), Decimal(price), Decimal(utilisation))
