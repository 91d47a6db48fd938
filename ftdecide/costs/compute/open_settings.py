"""In words: what a job leaves open, and what the range covers instead."""

from collections.abc import Mapping

from ftdecide.costs.compute.assumptions import WhenMissing
from ftdecide.costs.compute.gpus import Gpu
from ftdecide.costs.compute.models import find_model
from ftdecide.costs.compute.setups import lengths_tried
from ftdecide.costs.training_job import TrainingJob
from ftdecide.translation import _

MEMORY_SETTINGS = ("sequence_length", "micro_batch", "activation_checkpointing", "loss", "precision")
"""Settings that decide about memory in every job."""


def list_open_settings(job: TrainingJob, missing: WhenMissing) -> tuple[str, ...]:
    """Return one sentence for each setting that matters to this job and that it leaves open."""
    lengths = lengths_tried(job, missing)
    tried: dict[str, Mapping[object, float]] = {
        "sequence_length": {**lengths},
        "micro_batch": {**missing.micro_batch},
        "activation_checkpointing": {**missing.checkpointing},
        "precision": {**missing.precision},
    }
    if job.method == "full":
        tried["optimizer"] = {**missing.optimizer}
    if job.gpus > 1:
        tried["sharding"] = {**(missing.sharding_full if job.method == "full" else missing.sharding_adapter)}
    told = _("{setting} is not given: {values} are all counted in.")
    said = [
        told.format(setting=setting, values=", ".join(map(str, values)))
        for setting, values in tried.items()
        if getattr(job, setting) is None
    ]
    if job.loss is None:
        said.append(_("loss is not given: taken as the standard one, which keeps all logits, or else a fused one."))
    if job.method != "full" and (job.lora is None or job.lora.rank is None or job.lora.targets is None):
        ranks, targets = (", ".join(map(str, values)) for values in (missing.rank, missing.targets))
        said.append(
            _("The adapter is not fully given: rank {ranks} on {targets}.").format(ranks=ranks, targets=targets)
        )
    if job.tokens is None and (job.examples is None or job.mean_tokens is None):
        said.append(_("No tokens are given, so hours and cost are unknown: add tokens, or examples and mean_tokens."))
    elif not job.packing and job.micro_batch != 1:
        unsaid = _("packing is not given: rows are taken as not packed, so padding is computed as well.")
        said.append(unsaid if job.packing is None else _("Rows are not packed, so padding is computed as well."))
    said.append(_("Hours include loading and evaluating; the cost is that of one run that succeeds."))
    return tuple(said)


def list_doubts(job: TrainingJob, gpu: Gpu) -> tuple[str, ...]:
    """Return one sentence for each setting that is given and does not count, or that the model or machine cannot do."""
    said: list[str] = []
    if job.quantization is not None and job.method != "qlora":
        said.append(_("quantization is given and not counted: of the methods only qlora packs the weights."))
    if job.lora is not None and job.method == "full":
        said.append(_("lora is given and not counted: full tuning trains all weights."))
    if job.precision in ("fp8", "fp4") and not gpu.fp8:
        told = _("{gpu} does not compute in 8 bits: {precision} is counted as bf16.")
        said.append(told.format(gpu=gpu.id, precision=job.precision))
    if isinstance(job.model, str) and job.sequence_length is not None:
        model = find_model(job.model)
        if job.sequence_length > model.context_tokens:
            told = _("{length} tokens are more than the {context} that {model} is made for.")
            said.append(told.format(length=job.sequence_length, context=model.context_tokens, model=model.id))
    step = job.gpus * (job.micro_batch or 1) * (job.sequence_length or 1)
    if job.tokens and job.tokens < step:
        said.append(
            _("All tokens are fewer than one step of so many GPUs takes: most of them would have nothing to do.")
        )
    return tuple(said)
