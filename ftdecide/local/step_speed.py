"""Measuring a few real training steps on this machine, which then replace the published speeds for it."""

# peft, torch and transformers have no complete types; only our own documents leave this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, cast

from ftdecide.costs.compute.assumptions import load_assumptions
from ftdecide.costs.compute.cases import list_cases
from ftdecide.costs.compute.measured import MeasuredSpeed, load_measured, measured_file, with_measured
from ftdecide.costs.compute.models import BILLION, find_model, shapes_of
from ftdecide.costs.compute.speed import TERA, operations_per_token
from ftdecide.costs.training_job import JobModel, Lora, TrainingJob, TuningMethod
from ftdecide.errors import InputError, UnavailableError
from ftdecide.local.device import Device, describe_device
from ftdecide.local.disk import write_bytes
from ftdecide.local.model import BaseLanguageModel, base_model, load_model, stay_offline
from ftdecide.local.processes import share_processor
from ftdecide.settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def measure_steps(settings: Settings, job: TrainingJob, today: date, tell: Callable[[str], None]) -> MeasuredSpeed:
    """Train a few real steps like `job` on this machine, and keep the speed below FTDECIDE_HOME.

    The job's model is taken where it lies on the disk and fits, else the local model. QLoRA is measured as LoRA. A step
    is as long as the job's, up to the limits under `measuring` in data/training_assumptions.yml.

    Raises:
        UnavailableError: the local part is not installed, or no model can be loaded.
    """
    missing = [name for name in ("torch", "transformers", "peft", "psutil") if find_spec(name) is None]
    if missing:
        raise UnavailableError(f"{missing[0]!r} is not installed; run `pip install -r requirements-local.txt`")
    share_processor()
    device = describe_device()
    chosen = _on_disk(job, device) or base_model(settings)
    stay_offline(chosen)
    tell(f"loading {chosen.id}")
    network, _tokenizer = load_model(chosen)
    run = _as_measured(job, network, chosen.id, device)
    limits = load_assumptions().measuring
    tokens = cast("int", run.sequence_length) * cast("int", run.micro_batch)
    tell(f"{limits.steps} steps of {tokens} tokens on {device.name}")
    seconds = _time_steps(network, run, limits.steps + 1, device)
    found = _speed(run, tokens / median(seconds[1:]), device, today)
    path = measured_file(settings.home)
    write_bytes(path, with_measured(load_measured(path), found).encode())
    return found


def _on_disk(job: TrainingJob, device: Device) -> BaseLanguageModel | None:
    """Return the job's model where a hub's cache on this machine holds it and its training fits."""
    if not isinstance(job.model, str):
        return None
    try:
        model = find_model(job.model)
    except InputError:
        return None
    needed = load_assumptions().measuring.bytes_per_parameter * model.params_b * BILLION
    if needed > device.memory_gib * 2**30:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(model.hub, local_files_only=True)
    except LocalEntryNotFoundError:
        return None
    return BaseLanguageModel(id=model.id, source=folder, offline=True)


def _as_measured(job: TrainingJob, network: "PreTrainedModel", name: str, device: Device) -> TrainingJob:
    """Return the run that is timed: the job with the model, lengths and precision that this machine can take."""
    limits = load_assumptions().measuring
    most = limits.tokens_on_gpu if device.on_gpu else limits.tokens
    length = min(job.sequence_length or most, most)
    method: TuningMethod = "full" if job.method == "full" else "lora"
    rank = job.lora.rank if job.lora is not None and job.lora.rank is not None else limits.rank
    known = cast("dict[str, object]", network.config.to_dict())
    fields = {ours: known.get(theirs) for ours, theirs in _CONFIG.items()}
    params = sum(part.numel() for part in network.parameters())
    model = JobModel.model_validate({"name": name, "params_b": params / BILLION, **fields})
    return job.model_copy(
        update={
            "model": model,
            "method": method,
            "quantization": None,
            "lora": Lora(rank=rank, targets="all_linear"),
            "sequence_length": length,
            "packing": True,
            "micro_batch": max(1, min(job.micro_batch or 1, most // length)),
            "activation_checkpointing": "none",
            "precision": "bf16" if device.on_gpu else "fp32",
            "gpus": 1,
            "sharding": None,
        }
    )


_CONFIG = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "head_dim": "head_dim",
    "ffn": "intermediate_size",
    "vocab": "vocab_size",
    "tied_embeddings": "tie_word_embeddings",
}


def _time_steps(network: "PreTrainedModel", run: TrainingJob, steps: int, device: Device) -> list[float]:
    """Return the seconds of each step: forth, back and the optimizer, over random tokens. The first one warms up."""
    import torch
    from peft import LoraConfig, PeftModelForCausalLM

    kind = "cuda" if device.on_gpu else "cpu"
    tuned: torch.nn.Module = network
    torch.nn.Module.to(network, kind, torch.bfloat16 if device.on_gpu else torch.float32)
    if run.method == "lora":
        rank = cast("Lora", run.lora).rank or 1
        tuned = PeftModelForCausalLM(network, LoraConfig(r=rank, target_modules="all-linear", task_type="CAUSAL_LM"))
    tuned.train()
    trained = [part for part in tuned.parameters() if part.requires_grad]
    # A rate of zero: the same arithmetic, and a model that nothing happens to.
    optimizer = torch.optim.AdamW(trained, lr=0.0)
    shape = (cast("int", run.micro_batch), cast("int", run.sequence_length))
    vocabulary = cast("int", cast("JobModel", run.model).vocab)
    tokens = torch.randint(0, vocabulary, shape, generator=torch.Generator().manual_seed(0)).to(kind)
    seconds: list[float] = []
    for _step in range(steps):
        began = time.perf_counter()
        loss = tuned(input_ids=tokens, labels=tokens, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if device.on_gpu:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return seconds


def _speed(run: TrainingJob, tokens_per_second: float, device: Device, today: date) -> MeasuredSpeed:
    known = load_assumptions()
    shapes, _assumed = shapes_of(run.model, known.unknown_model)
    _weight, setup, shape = max(list_cases(run, shapes, known), key=lambda case: case[0])
    rate = tokens_per_second * sum(operations_per_token(setup, shape)[:2])
    return MeasuredSpeed(
        device=device.name,
        gpu=device.gpu.id if device.gpu else None,
        memory_gib=device.memory_gib,
        model=cast("JobModel", run.model).name or "",
        params_b=shape.params / BILLION,
        method=run.method,
        steps=known.measuring.steps,
        tokens_per_second=tokens_per_second,
        operations_per_second=rate,
        utilisation=rate / (device.gpu.bf16_tflops * TERA) if device.gpu else None,
        measured_on=today,
    )
