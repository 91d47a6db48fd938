"""The time that a run still needs: the preflight's estimate, corrected by what was observed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.speed import local_minutes, remote_minutes, run_figures
from ftdecide.experiment.types import Part
from ftdecide.experiment.workload import ArmWork, Workload
from ftdecide.store.tunes import SavedEvent

# Below this share of a phase its own speed says less than the estimate: answers come in batches, and engines warm up.
_TELLING_SHARE = 0.25
# As if the estimate had been right for this long already, so that a slow first minute does not become hours.
_TRUST_SECONDS = 60.0


class PhaseProgress(Part):
    """One phase: the seconds expected of it, those observed so far, and the share of its work that is done."""

    phase: str
    expected_seconds: float
    observed_seconds: float
    share: float


def remaining_seconds(phases: Sequence[PhaseProgress]) -> float:
    """Return the seconds left.

    A phase that runs is judged by its own speed once a quarter is done. The others take their estimate times the ratio
    of observed to expected seconds over everything done so far, drawn towards 1 while little has been observed.
    """
    done = [(each.observed_seconds, each.expected_seconds * each.share) for each in phases if each.share > 0]
    observed, expected = sum(one for one, _ in done), sum(other for _, other in done)
    factor = (observed + _TRUST_SECONDS) / (expected + _TRUST_SECONDS)
    return sum(_left(each, factor) for each in phases)


def expected_seconds(preflight: Preflight, phase: str, *, local: bool) -> float:
    """Return the preflight's estimate for one phase; 0 for what takes no time worth counting."""
    verb, _colon, arm = phase.partition(":")
    work = next((each for each in preflight.calls_by_arm if each.arm == arm), None)
    if work is None or verb not in ("answer", "train"):
        return 0.0
    training = {"training_tokens": 0} if verb == "answer" else {"calls": 0, "prompt_tokens": 0, "shared_tokens": 0}
    nothing_said = {} if verb == "answer" else {"completion_tokens": 0, "most_completion_tokens": 0}
    part = work.model_copy(update={**training, **nothing_said})
    return _seconds(part, preflight, local=local)


def observed_seconds(events: Sequence[SavedEvent], phase: str, now: datetime) -> tuple[float, bool]:
    """Return how long a phase has been at work over all attempts, and whether it is done."""
    mine = [event for event in events if event.payload["phase"] == phase]
    if not mine:
        return 0.0, False
    ended = mine[-1].payload["what"] == "end"
    begun = [event.at for event in mine if event.payload["what"] == "begin"]
    return ((mine[-1].at if ended else now) - begun[-1]).total_seconds(), ended


def training_share(points: Sequence[Mapping[str, object]]) -> float:
    """Return how much of a training job is done, from its last measurement."""
    for point in reversed(points):
        step, total = point.get("step"), point.get("total_steps")
        if isinstance(step, int) and isinstance(total, int) and total > 0:
            return min(1.0, step / total)
    return 0.0


def _left(phase: PhaseProgress, factor: float) -> float:
    if phase.share >= 1.0:
        return 0.0
    if phase.share >= _TELLING_SHARE and phase.observed_seconds > 0:
        return phase.observed_seconds * (1 - phase.share) / phase.share
    return max(0.0, phase.expected_seconds * factor * (1 - phase.share))


def _seconds(part: ArmWork, preflight: Preflight, *, local: bool) -> float:
    work = Workload(arms=(part,), encoding=preflight.encoding, exact=preflight.tokens_exact)
    figures = run_figures()
    if local:
        return local_minutes(work, figures.local).p50 * 60 - figures.local.start_seconds
    return remote_minutes(work, figures.remote).p50 * 60
