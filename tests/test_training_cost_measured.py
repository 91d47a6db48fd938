"""Speeds measured on this machine: kept, found again, and used instead of published ones."""

import json
from datetime import date
from pathlib import Path

import pytest

from ftdecide.cli import main
from ftdecide.costs.compute.measured import MeasuredSpeed, find_measured, load_measured, with_measured
from ftdecide.costs.compute.training import estimate_training
from ftdecide.costs.training_job import read_training_job
from ftdecide.errors import InputError
from ftdecide.settings import Settings

TODAY = date(2026, 11, 22)
JOB = {
    "schema_version": 1,
    "model": "llama-3.1-8b",
    "method": "lora",
    "gpu": "L4-24GB",
    "gpus": 1,
    "sequence_length": 512,
}


def speed(**changes: object) -> MeasuredSpeed:
    base = MeasuredSpeed(
        device="NVIDIA L4",
        gpu="L4-24GB",
        memory_gib=22.0,
        model="smollm2-135m",
        params_b=0.135,
        method="lora",
        steps=8,
        tokens_per_second=1000,
        operations_per_second=3e13,
        measured_on=TODAY,
    )
    return base.model_copy(update=changes)


def test_a_measured_speed_takes_the_place_of_the_published_one_for_its_gpu_alone() -> None:
    job = read_training_job(JOB, "job")
    prior, measured = (estimate_training(job, TODAY, measured=found) for found in ((), (speed(),)))
    assert measured.tokens_per_second_per_gpu != prior.tokens_per_second_per_gpu
    assert any(line.startswith("Speed: measured on NVIDIA L4") for line in measured.assumptions)
    elsewhere = estimate_training(read_training_job({**JOB, "gpu": "T4-16GB"}, "job"), TODAY, measured=(speed(),))
    assert not any("measured on NVIDIA L4" in line for line in elsewhere.assumptions)


def test_this_machine_is_the_one_that_was_measured() -> None:
    job = read_training_job({**JOB, "gpu": "this machine"}, "job")
    here = speed(gpu=None, device="a processor", memory_gib=16.0)
    answer = estimate_training(job, TODAY, measured=(here,))
    assert answer.fits == "no"
    slower = estimate_training(job, TODAY, measured=(here.model_copy(update={"operations_per_second": 1.5e13}),))
    assert slower.tokens_per_second_per_gpu is not None
    assert answer.tokens_per_second_per_gpu is not None
    assert answer.tokens_per_second_per_gpu.p50 == pytest.approx(2 * slower.tokens_per_second_per_gpu.p50)


def test_measurements_are_kept_and_a_newer_one_replaces_that_of_the_same_kind(tmp_path: Path) -> None:
    path = tmp_path / "speeds.json"
    assert load_measured(path) == ()
    path.write_text(with_measured((), speed()), encoding="utf-8")
    path.write_text(with_measured(load_measured(path), speed(method="full")), encoding="utf-8")
    path.write_text(with_measured(load_measured(path), speed(steps=5)), encoding="utf-8")
    assert load_measured(path) == (speed(method="full"), speed(steps=5))
    assert find_measured(load_measured(path), "L4-24GB", "full", 8.0) == speed(method="full")
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="speeds"):
        load_measured(path)


@pytest.mark.model
def test_real_steps_on_this_machine_are_timed_and_used(
    engine_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTDECIDE_HOME", str(engine_settings.home))
    file = tmp_path / "job.json"
    file.write_text(
        json.dumps({**JOB, "gpu": "this machine", "sequence_length": 16, "micro_batch": 1}), encoding="utf-8"
    )
    assert main(["measure", str(file), "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["model"] == "smollm2-135m-instruct"
    assert measured["params_b"] == pytest.approx(0.1345, rel=0.01)
    assert measured["steps"] == 8
    assert main(["training", str(file), "--json"]) == 0
    assumptions = json.loads(capsys.readouterr().out)["assumptions"]
    assert any(measured["device"] in line for line in assumptions)
