"""The training estimate: what it reads, what it answers, and the laws that memory keeps."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.cli import main
from ftdecide.costs.compute.assumptions import load_assumptions
from ftdecide.costs.compute.constants import load_constants
from ftdecide.costs.compute.gpus import find_gpu, load_gpus
from ftdecide.costs.compute.models import find_model, load_models, shapes_of
from ftdecide.costs.compute.spread import Spread, mix
from ftdecide.costs.compute.training import estimate_training, training_json
from ftdecide.costs.training_job import JobModel, TrainingJob, read_training_job
from ftdecide.documents import read_document
from ftdecide.errors import InputError
from ftdecide.settings import DATA

TODAY = date(2026, 11, 22)
JOB: dict[str, Any] = {"schema_version": 1, "model": "llama-3.1-8b", "method": "lora", "gpu": "A100-80GB", "gpus": 1}


def estimated(**changes: Any) -> Any:
    return estimate_training(read_training_job({**JOB, **changes}, "job"), TODAY)


def memory(document: dict[str, Any]) -> Spread:
    return estimate_training(read_training_job(document, "job"), TODAY).peak_memory_gib_per_gpu


def at_most(smaller: Spread, larger: Spread, marks: str = "p10 p50 p90") -> bool:
    return all(getattr(smaller, mark) <= getattr(larger, mark) * (1 + 1e-9) for mark in marks.split())


def marks_of(job: dict[str, Any]) -> str:
    """The upper mark of sharded adapters counts stacks that keep the whole model, while it has room on a GPU."""
    whole = job["method"] == "lora" and job.get("sharding") in (None, "full_shard")
    return "p10 p50" if whole else "p10 p50 p90"


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


jobs = st.builds(
    lambda base, optional: {**JOB, **base, **optional},
    st.fixed_dictionaries(
        {
            "model": st.sampled_from([model.id for model in load_models()])
            | st.builds(lambda params: {"params_b": params}, st.floats(0.1, 500)),
            "method": st.sampled_from(["full", "lora", "qlora"]),
            "gpu": st.sampled_from([gpu.id for gpu in load_gpus()]),
            "gpus": st.sampled_from([1, 2, 8, 64]),
        }
    ),
    some(
        sequence_length=st.integers(16, 32768),
        micro_batch=st.integers(1, 32),
        precision=st.sampled_from(["bf16", "fp16", "fp32", "fp8", "bf16_mixed"]),
        activation_checkpointing=st.sampled_from(["none", "selective", "full"]),
        attention=st.sampled_from(["flash", "sdpa", "eager"]),
        optimizer=st.sampled_from(["adamw", "adamw_8bit", "adamw_4bit"]),
        optimizer_in_backward=st.booleans(),
        sharding=st.sampled_from(["ddp", "zero2", "full_shard", "model_parallel"]),
        loss=st.sampled_from(["standard", "fused"]),
        gradient_accumulation=st.integers(1, 8),
        lora=some(rank=st.integers(1, 256), targets=st.sampled_from(["query_value", "attention", "all_linear"])),
    ),
)
laws = settings(max_examples=40, deadline=None)


@laws
@given(jobs, st.integers(1, 4096), st.integers(1, 8))
def test_more_tokens_in_a_step_never_need_less_memory(job: dict[str, Any], longer: int, more: int) -> None:
    length, rows = job.get("sequence_length", 1024), job.get("micro_batch", 1)
    now = memory({**job, "sequence_length": length, "micro_batch": rows})
    assert at_most(now, memory({**job, "sequence_length": length + longer, "micro_batch": rows}))
    assert at_most(now, memory({**job, "sequence_length": length, "micro_batch": rows + more}))


@laws
@given(jobs, st.integers(1, 256), st.integers(1, 256))
def test_a_larger_rank_never_needs_less_memory(job: dict[str, Any], rank: int, more: int) -> None:
    targets = (job.get("lora") or {}).get("targets", "attention")
    small, large = ({**job, "lora": {"rank": r, "targets": targets}} for r in (rank, rank + more))
    assert at_most(memory(small), memory(large))


@laws
@given(jobs, st.floats(0.1, 400), st.floats(1, 10))
def test_a_larger_model_never_needs_less_memory(job: dict[str, Any], params: float, times: float) -> None:
    small, large = ({**job, "model": {"params_b": p}} for p in (params, params * times))
    assert at_most(memory(small), memory(large), marks_of(job))


@laws
@given(jobs, st.integers(1, 16), st.integers(2, 8))
def test_more_gpus_that_shard_never_need_more_memory_each(job: dict[str, Any], gpus: int, times: int) -> None:
    for sharding in ("full_shard", "zero2", "model_parallel"):
        few, many = ({**job, "sharding": sharding, "gpus": n} for n in (gpus, gpus * times))
        assert at_most(memory(many), memory(few), marks_of(few))


@laws
@given(jobs)
def test_full_tuning_needs_at_least_what_lora_needs_and_lora_what_qlora_needs(job: dict[str, Any]) -> None:
    full, lora, qlora = (memory({**job, "method": method}) for method in ("full", "lora", "qlora"))
    assert at_most(lora, full, marks_of({**job, "method": "lora"}))
    assert at_most(qlora, lora)


@laws
@given(jobs, st.integers(0, 10**12))
def test_every_job_has_an_ordered_answer(job: dict[str, Any], tokens: int) -> None:
    answer = training_json(
        estimate_training(read_training_job({**job, "tokens": tokens, "usd_per_gpu_hour": 2}, "job"), TODAY)
    )
    json.dumps(answer, allow_nan=False)
    for name in ("peak_memory_gib_per_gpu", "tokens_per_second_per_gpu", "hours", "gpu_hours", "cost_usd"):
        marks: Any = answer[name]
        assert 0 <= marks["p10"] <= marks["p50"] <= marks["p90"], name
    assert answer["fits"] in ("yes", "no", "unknown")


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(1, 100)), min_size=1, max_size=60))
def test_a_mixture_lies_within_its_parts_and_equal_parts_stay_as_they_are(parts: list[tuple[float, float]]) -> None:
    spreads = [(weight, Spread(value / 2, value, value * 2)) for weight, value in parts]
    mixed = mix(spreads)
    assert mixed.p10 <= mixed.p50 <= mixed.p90
    assert mixed.p90 <= max(value for _, value in parts) * 6
    same = mix((weight, Spread(1.0, 2.0, 5.0)) for weight, _ in parts)
    assert (same.p10, same.p50, same.p90) == pytest.approx((1.0, 2.0, 5.0))


def test_every_listed_model_has_the_parameters_that_its_architecture_gives() -> None:
    assert len(load_models()) >= 25
    for model in load_models():
        attention = model.hidden * model.head_dim * 2 * (model.heads + model.kv_heads)
        matrices = 2 if model.id == "phi-2" else 3
        ffn = matrices * model.hidden * model.ffn * model.experts
        embeddings = model.vocab * model.hidden * (1 if model.tied_embeddings else 2)
        counted = (model.layers * (attention + ffn) + embeddings) / 1e9
        assert counted == pytest.approx(model.params_b, rel=0.005), model.id


def test_every_published_run_can_be_read_and_names_its_source() -> None:
    document = read_document(DATA / "evidence" / "training_runs.yml")
    assert isinstance(document, dict)
    for run in document["runs"]:
        job = read_training_job(run["job"], run["id"])
        gpu = find_gpu(job.gpu)
        assert shapes_of(job.model, load_assumptions().unknown_model)
        assert run["source"] in document["sources"]
        peaks: dict[str, float] = document["bf16_dense_peak_tflops"]
        family = gpu.id.split("-")[0]
        assert gpu.bf16_tflops == peaks.get(family, gpu.bf16_tflops)


def test_a_run_that_is_fully_described_agrees_with_its_measurement() -> None:
    """Two published runs: the first has no settings left open, the second ran out of memory."""
    llama = {"params_b": 8.03, "layers": 32, "hidden": 4096, "heads": 32, "kv_heads": 8, "head_dim": 128}
    model = {**llama, "ffn": 14336, "vocab": 128256, "tied_embeddings": False}
    given = {
        "model": model,
        "precision": "bf16_mixed",
        "sequence_length": 4096,
        "packing": True,
        "gradient_accumulation": 1,
        "activation_checkpointing": "full",
        "attention": "flash",
        "optimizer": "adamw",
        "loss": "fused",
        "lora": {"rank": 16, "targets": "attention"},
    }
    fits = estimated(**given, micro_batch=16)
    assert fits.fits == "yes"
    assert fits.peak_memory_gib_per_gpu.p50 == pytest.approx(47.4, rel=0.1)
    assert fits.tokens_per_second_per_gpu.p50 == pytest.approx(3891, rel=0.2)
    assert estimated(**given, micro_batch=32).fits == "no"


def test_exact_inputs_give_cost_as_hours_times_gpus_times_price() -> None:
    answer = estimated(gpus=4, usd_per_gpu_hour=2.5, tokens=10_000_000, packing=True)
    assert answer.gpu_hours.p50 == pytest.approx(4 * answer.hours.p50)
    assert answer.cost_usd.p90 == pytest.approx(2.5 * answer.gpu_hours.p90)


def test_what_is_left_open_is_said_and_widens_the_range() -> None:
    known = estimated(sequence_length=2048, micro_batch=2, activation_checkpointing="full", precision="bf16")
    unknown = estimated()
    width = known.peak_memory_gib_per_gpu.p90 / known.peak_memory_gib_per_gpu.p10
    assert unknown.peak_memory_gib_per_gpu.p90 / unknown.peak_memory_gib_per_gpu.p10 > width
    assert any(line.startswith("micro_batch is not given") for line in unknown.assumptions)
    assert not any(line.startswith("micro_batch is not given") for line in known.assumptions)


def test_without_tokens_hours_are_unknown_and_the_answer_says_what_to_add() -> None:
    answer = training_json(estimated())
    assert answer["hours"] == {"p10": None, "p50": None, "p90": None}
    assert any("add tokens" in line for line in answer["assumptions"])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("a100 80gb", "A100-80GB"), ("H100-80GB-SXM", "H100-SXM-80GB"), ("NVIDIA A100-SXM4-40GB", "A100-40GB")]
    + [
        ("NVIDIA GeForce RTX 4090", "RTX4090-24GB"),
        ("Tesla T4", "T4-16GB"),
        ("B200-192GB", "B200-SXM-180GB"),
        ("RTX 6000 Ada", "A6000Ada-48GB"),
        ("NVIDIA RTX A6000", "A6000-48GB"),
    ]
    + [(gpu.id, gpu.id) for gpu in load_gpus()],
)
def test_a_gpu_is_found_whatever_the_order_of_its_parts(name: str, meant: str) -> None:
    assert find_gpu(name).id == meant


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gpu": "H1OO-80GB"}, "H100-SXM-80GB"),
        ({"gpu": "A100"}, "A100-40GB"),
        ({"model": "llama-3.1-9b"}, "llama-3.1-8b"),
        ({"gpu": "this machine"}, "measure"),
    ],
)
def test_an_unknown_name_is_answered_with_close_ones(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        estimated(**changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"gpus": 0}, "gpus"),
        ({"gpus": True}, "gpus"),
        ({"method": "dora"}, "method"),
        ({"model": {"params_b": -1}}, "model.params_b"),
        ({"model": {"params": 8}}, "model.params"),
        ({"micro_batches": 2}, "micro_batch"),
        ({"lora": {"rank": 0}}, "lora.rank"),
        ({"tokens": 1e400}, "tokens"),
        ({"sequence_length": 10**16}, "sequence_length"),
    ],
)
def test_a_job_that_cannot_be_read_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        read_training_job({**JOB, **changes}, "job")
    assert field in str(refused.value)


def test_jobs_have_the_fields_and_values_of_the_schema() -> None:
    schema = json.loads((DATA / "schemas" / "training_job.schema.json").read_text(encoding="utf-8"))
    ours = TrainingJob.model_json_schema()
    assert set(ours["properties"]) == set(schema["properties"])
    assert set(ours["required"]) == set(schema["required"])
    architecture = schema["properties"]["model"]["oneOf"][1]["properties"]
    assert set(JobModel.model_fields) == set(architecture)
    for name, field in schema["properties"].items():
        for value in field.get("enum", []):
            assert getattr(read_training_job({**JOB, name: value}, "job"), name) == value


def test_names_of_instruct_versions_and_repositories_are_understood() -> None:
    for name in ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b", "Qwen2.5-7B"):
        assert find_model(name).id == "qwen2.5-7b"


def test_the_fitted_constants_are_of_a_sound_size() -> None:
    constants = load_constants()
    assert 8 <= constants.memory.logits <= 16
    assert 0.4 <= constants.speed.compute_share <= 0.95


def test_the_command_answers_a_file_and_a_list(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTDECIDE_HOME", str(tmp_path / "home"))
    one, many = tmp_path / "one.json", tmp_path / "many.json"
    one.write_text(json.dumps(JOB), encoding="utf-8")
    many.write_text(json.dumps([JOB, {**JOB, "gpu": "nothing"}]), encoding="utf-8")
    assert main(["training", str(one), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fits"] == "yes"
    assert main(["training", "--batch", str(many)]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert first["peak_memory_gib_per_gpu"]["p50"] > 0
    assert "nothing" in second["error"]


def test_the_shipped_example_is_a_run_that_fits() -> None:
    path = DATA / "examples" / "training" / "llama_8b_lora.yml"
    found = estimate_training(read_training_job(read_document(str(path)), path.name), TODAY)
    assert found.fits == "yes"
    assert found.cost_usd is not None
