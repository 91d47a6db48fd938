"""From tokens a second to hours."""

from ftdecide.costs.compute.assumptions import Hours, Share
from ftdecide.costs.compute.spread import Spread
from ftdecide.costs.training_job import TrainingJob

SECONDS = 3600


def training_hours(job: TrainingJob, speed: Spread, assumed: Hours) -> Spread | None:
    """Return hours of wall clock, loading and evaluating included; None if the job does not say how many tokens."""
    tokens = _tokens(job, assumed)
    if tokens is None:
        return None
    busy = tokens.times(speed.inverse()).scaled(1 / job.gpus / SECONDS)
    fixed = assumed.fixed_share
    return busy.times(Spread(*(1 / (1 - share) for share in (fixed.p10, fixed.p50, fixed.p90))))


def _tokens(job: TrainingJob, assumed: Hours) -> Spread | None:
    """Return how many tokens are computed: those that are trained on, and padding where rows are not packed."""
    if job.tokens is not None:
        real = Spread(job.tokens, job.tokens, job.tokens)
    elif job.examples is None or job.mean_tokens is None:
        return None
    else:
        epochs = _spread(assumed.epochs) if job.epochs is None else Spread(job.epochs, job.epochs, job.epochs)
        length = min(job.mean_tokens, job.sequence_length or job.mean_tokens)
        real = epochs.scaled(job.examples * length)
    padded = not job.packing and job.micro_batch != 1
    return real.times(_spread(assumed.padding)) if padded else real


def _spread(share: Share) -> Spread:
    return Spread(share.p10, share.p50, share.p90)
