"""How long a comparison takes, from figures in `data/run_speed.yml` or from this machine's own earlier runs."""

from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from ftdecide.documents import read_document, validate
from ftdecide.experiment.types import Part
from ftdecide.experiment.workload import Workload
from ftdecide.settings import DATA

Rate = Annotated[float, Field(gt=0)]


class _Cited(Part):
    as_of: date
    source: str


class LocalSpeed(_Cited):
    """Throughput of the local engine on one machine, in tokens a second over a whole batch."""

    start_seconds: Annotated[float, Field(ge=0)]
    prompt_tokens_per_second: Rate
    output_tokens_per_second: Rate
    training_tokens_per_second: Rate
    auto_epochs: Annotated[int, Field(ge=1)]
    slow_factor: Rate


class RemoteSpeed(_Cited):
    """What is assumed of a provider that has not been measured yet."""

    auto_epochs: Annotated[int, Field(ge=1)]
    seconds_per_call: Rate
    parallel_calls: Annotated[int, Field(ge=1)]
    requests_per_minute: Rate
    tokens_per_minute: Rate
    training_minutes: Rate
    slow_factor: Rate


class RepeatedCalls(_Cited):
    """How many calls may have to be paid twice."""

    repeated_share: Annotated[float, Field(ge=0, le=1)]


class AssumedGap(_Cited):
    """The share of rows on which exactly one of two arms is right, as long as no pilot tells."""

    discordance: Annotated[float, Field(gt=0, le=1)]


class RunFigures(Part):
    """Everything in `data/run_speed.yml`."""

    schema_version: Literal[1]
    local: LocalSpeed
    remote: RemoteSpeed
    cost: RepeatedCalls
    gap: AssumedGap


class Minutes(Part):
    """The likely duration and one that is exceeded in about 5 % of runs, in minutes."""

    p50: float
    p95: float


@cache
def run_figures() -> RunFigures:
    """Return the figures that come with the app."""
    path = DATA / "run_speed.yml"
    return validate(RunFigures, read_document(path), path.name)


def local_minutes(work: Workload, speed: LocalSpeed) -> Minutes:
    """Return how long the local engine takes; what all prompts of an arm share is read once."""

    def seconds(completion_tokens: int) -> float:
        prompts = sum(arm.prompt_tokens - arm.shared_tokens * (arm.calls - 1) for arm in work.arms)
        prompts += sum(each.prompt_tokens for each in work.other)
        training = sum(arm.training_tokens for arm in work.arms)
        return (
            speed.start_seconds
            + prompts / speed.prompt_tokens_per_second
            + completion_tokens / speed.output_tokens_per_second
            + training / speed.training_tokens_per_second
        )

    other = sum(each.completion_tokens for each in work.other)
    likely = seconds(sum(arm.completion_tokens for arm in work.arms) + other)
    most = seconds(sum(arm.most_completion_tokens for arm in work.arms) + other)
    return Minutes(p50=likely / 60, p95=max(most, likely * speed.slow_factor) / 60)


def remote_minutes(work: Workload, speed: RemoteSpeed, concurrency: int | None = None) -> Minutes:
    """Return how long a provider is assumed to take, one training job after the other.

    Answering takes what calls side by side need, or what the limits on requests and on tokens a minute leave, whichever
    is longest; `concurrency` is how many calls the plan allows at once.
    """
    calls = sum(each.calls for each in (*work.arms, *work.other))
    tokens = sum(each.prompt_tokens + each.completion_tokens for each in (*work.arms, *work.other))
    answering = max(
        calls * speed.seconds_per_call / (concurrency or speed.parallel_calls) / 60,
        calls / speed.requests_per_minute,
        tokens / speed.tokens_per_minute,
    )
    likely = answering + speed.training_minutes * sum(arm.training_tokens > 0 for arm in work.arms)
    return Minutes(p50=likely, p95=likely * speed.slow_factor)
