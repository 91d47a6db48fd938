"""The training estimate: what follows from how training works, in cases that are easily got wrong."""

from datetime import date
from typing import Any

import pytest

from ftdecide.costs.compute.gpus import find_gpu
from ftdecide.costs.compute.models import find_model
from ftdecide.costs.compute.training import TrainingEstimate, estimate_training
from ftdecide.costs.training_job import read_training_job
from ftdecide.errors import InputError

TODAY = date(2026, 11, 22)
JOB: dict[str, Any] = {
    "schema_version": 1,
    "model": "llama-3.1-8b",
    "method": "lora",
    "lora": {"rank": 16, "targets": "all_linear"},
    "precision": "bf16",
    "sequence_length": 2048,
    "micro_batch": 1,
    "activation_checkpointing": "full",
    "loss": "standard",
    "gpu": "A100-80GB",
    "gpus": 1,
}


def estimated(**changes: Any) -> TrainingEstimate:
    document = {name: value for name, value in {**JOB, **changes}.items() if value is not None}
    return estimate_training(read_training_job(document, "job"), TODAY)


def middle_speed(**changes: Any) -> float:
    speed = estimated(**changes).tokens_per_second_per_gpu
    assert speed is not None
    return speed.p50


def ratio(estimate: TrainingEstimate) -> float:
    peak = estimate.peak_memory_gib_per_gpu
    return peak.p90 / peak.p10


def test_short_rows_one_at_a_time_are_much_slower_than_packed_ones_and_full_rows_are_not() -> None:
    """A step that starts as many kernels for 100 tokens as for 2,048 computes far fewer tokens a second."""
    rows = {"examples": 10_000, "epochs": 1}
    short = middle_speed(**rows, mean_tokens=100, packing=False)
    assert short < middle_speed(**rows, mean_tokens=100, packing=True) / 3
    assert short < middle_speed(**rows, mean_tokens=100, packing=False, micro_batch=8) / 3
    assert middle_speed(**rows, mean_tokens=5000, packing=False) == middle_speed(packing=True)


def test_rows_that_are_longer_than_the_usual_lengths_need_memory_for_what_they_are() -> None:
    peak = {
        mean: estimated(sequence_length=None, examples=100, mean_tokens=mean).peak_memory_gib_per_gpu
        for mean in (300, 20_000)
    }
    assert peak[20_000].p10 > 1.5 * peak[300].p90
    exactly = estimated(sequence_length=20_000, examples=100, mean_tokens=20_000).peak_memory_gib_per_gpu
    assert peak[20_000] == exactly


def test_of_an_adapter_on_experts_only_those_that_a_token_passes_take_time() -> None:
    model = find_model("qwen3-235b-a22b")
    parts = {name: model.model_dump()[name] for name in ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn")}
    dense = {"params_b": model.active_params_b, "vocab": model.vocab, "tied_embeddings": False, **parts}
    experts = {**dense, "params_b": model.params_b, "active_params_b": model.active_params_b}
    large = {"rank": 256, "targets": "all_linear"}
    assert middle_speed(model=experts, lora=large) == pytest.approx(middle_speed(model=dense, lora=large))
    assert (
        estimated(model=experts, lora=large).memory_parts["adapter"]
        > 5 * estimated(model=dense, lora=large).memory_parts["adapter"]
    )


@pytest.mark.parametrize("gpus", [8, 64])
def test_only_frozen_weights_in_16_bits_may_stay_whole_beside_their_shards(gpus: int) -> None:
    shared = {"gpus": gpus, "sharding": "full_shard"}
    exact = {"optimizer": "adamw", "gradient_accumulation": 1}
    assert ratio(estimated(**shared, **exact, method="full")) < 2
    assert ratio(estimated(**shared, method="qlora")) < 3
    lora = estimated(**shared)
    whole = find_model("llama-3.1-8b").params_b * 2e9 / 2**30
    assert lora.peak_memory_gib_per_gpu.p90 > whole
    assert lora.peak_memory_gib_per_gpu.p50 < whole
    assert any("PyTorch before 2.1" in line for line in lora.assumptions)


def test_a_published_run_whose_frozen_weights_stayed_whole_is_told_of() -> None:
    """Llama 2 13B on GPUs of 40 GB: four went through at 33.1 GiB each, two did not."""
    run = {
        "model": "llama-2-13b",
        "lora": {"rank": 8, "targets": "query_value"},
        "sequence_length": 1304,
        "packing": False,
        "sharding": "full_shard",
        "gpu": "A100-40GB",
        "loss": None,
    }
    four, two = estimated(**run, gpus=4), estimated(**run, gpus=2)
    assert four.peak_memory_gib_per_gpu.p90 == pytest.approx(33.1, rel=0.07)
    assert two.peak_memory_gib_per_gpu.p90 > 39.4
    assert (two.fits, two.chance_to_fit) == ("yes", 0.9)
    assert any("38.6 GiB on each GPU" in line for line in two.assumptions)


def test_gpus_that_hold_all_weights_each_hold_what_they_exchange_as_well() -> None:
    full = {"method": "full", "model": "llama-3.2-1b", "optimizer": "adamw", "gradient_accumulation": 1, "lora": None}
    one = estimated(**full)
    two = estimated(**full, gpus=2, sharding="ddp")
    weights = find_model("llama-3.2-1b").params_b * 2e9 / 2**30
    assert two.peak_memory_gib_per_gpu.p50 - one.peak_memory_gib_per_gpu.p50 == pytest.approx(weights, rel=0.1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantization": "4bit"}, "quantization is given and not counted"),
        ({"method": "full"}, "lora is given and not counted"),
        ({"precision": "fp8"}, "A100-80GB does not compute in 8 bits"),
        ({"sequence_length": 10_000_000}, "10000000 tokens are more than the 131072 that llama-3.1-8b is made for"),
        ({"gpus": 1000, "tokens": 10_000}, "fewer than one step of so many GPUs"),
        ({"tokens": 10**9, "micro_batch": 4}, "packing is not given"),
    ],
)
def test_a_setting_that_does_not_count_or_cannot_be_is_told_of(changes: dict[str, Any], said: str) -> None:
    assert any(said in line for line in estimated(**changes).assumptions)
    assert not any(said in line for line in estimated().assumptions)


def test_a_gpu_without_its_memory_is_ambiguous_and_a_card_on_the_bus_is_not_a_module() -> None:
    with pytest.raises(InputError, match="'A100' may mean several of the listed; did you mean 'A100-40GB'"):
        find_gpu("A100")
    assert find_gpu("NVIDIA A100 80GB PCIe").link_gb_per_s < find_gpu("A100-SXM4-80GB").link_gb_per_s
