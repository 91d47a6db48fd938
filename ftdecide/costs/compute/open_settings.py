"""In words: what a job leaves open, and what the range covers instead."""

from collections.abc import Mapping

from ftdecide.costs.compute.assumptions import WhenMissing
from ftdecide.costs.training_job import TrainingJob
from ftdecide.translation import _

MEMORY_SETTINGS = ("sequence_length", "micro_batch", "activation_checkpointing", "loss", "precision")
"""Settings that decide about memory in every job."""


def list_open_settings(job: TrainingJob, missing: WhenMissing) -> tuple[str, ...]:
    """Return one sentence for each setting that matters to this job and that it leaves open."""
    lengths = missing.packed_sequence_length if job.packing else missing.sequence_length
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
        said.append(_("Rows are not packed, so padding is computed as well."))
    said.append(_("Hours include loading and evaluating; the cost is that of one run that succeeds."))
    return tuple(said)
