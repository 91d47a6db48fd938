"""How far a run is, as people and scripts see it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.forecast import Forecast, load_forecast
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.progress import (
    PhaseProgress,
    expected_seconds,
    observed_seconds,
    remaining_seconds,
    training_share,
)
from ftdecide.experiment.tuning import TRAINING
from ftdecide.experiment.types import ArmKind, Part, Summary
from ftdecide.experiment.workflow import phases_of
from ftdecide.store.answers import ArmCount, count_answers, spent_usd
from ftdecide.store.database import Store
from ftdecide.store.runs import ENDED, RunState, SavedRun, load_run
from ftdecide.store.tunes import SavedEvent, load_events, load_tunes


class ArmProgress(Part):
    """How many answers an arm has, failures included, of all that it needs: one for each test row and repeat."""

    name: str
    kind: ArmKind
    done: int
    failed: int
    total: int


class LossPoint(Part):
    """One measurement while a model is tuned."""

    arm: str
    step: int
    total_steps: int | None
    loss: float


class RunView(Part):
    """One run; `done` of `total` are answers, `eta_seconds` is null once it has ended.

    `summary` is there when the run has ended with answers; it is partial unless every arm answered every row.
    `forecast` is there then too: what the preflight expected, beside what the run took.
    """

    id: str
    assessment_id: str | None
    title: str
    state: RunState
    phase: str | None
    message: str | None
    done: int
    total: int
    spent_usd: Decimal
    eta_seconds: float | None
    arms: tuple[ArmProgress, ...]
    losses: tuple[LossPoint, ...]
    experiment: Experiment
    preflight: Preflight
    summary: Summary | None
    forecast: Forecast | None = None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come unless the run is resumed."""
        return self.state in ENDED


def view_run(store: Store, run_id: str) -> RunView:
    """Return how far a run is.

    Raises:
        NotFoundError: no such run.
    """
    run = load_run(store, run_id)
    experiment, preflight = Experiment.model_validate(run.plan), Preflight.model_validate(run.preflight)
    counts = count_answers(store, run_id)
    arms = tuple(_arm(arm, counts, preflight.test_rows * experiment.repeats) for arm in experiment.arms)
    points = _points(store, run_id)
    shares = {f"answer:{arm.name}": arm.done / arm.total for arm in arms}
    shares |= {f"train:{arm}": training_share([each.payload for each in events]) for arm, events in points.items()}
    ended = run.state in ENDED
    return RunView(
        **run.model_dump(exclude={"plan", "preflight", "attempt", "result"}),
        done=sum(arm.done for arm in arms),
        spent_usd=spent_usd(store, run_id),
        eta_seconds=None if ended else _eta(store, run, experiment, preflight, shares),
        arms=arms,
        losses=tuple(point for each in points.values() for point in _losses(each)),
        experiment=experiment,
        preflight=preflight,
        summary=Summary.model_validate(run.result) if ended and run.result else None,
        forecast=load_forecast(store, run_id) if ended else None,
    )


def view_json(view: RunView) -> dict[str, object]:
    """Return the view as the command line prints it: state, progress and what was spent."""
    return {
        "run_id": view.id,
        "title": view.title,
        "state": view.state,
        "phase": view.phase,
        "progress": {"done": view.done, "total": view.total},
        "spent_usd": float(view.spent_usd),
        "eta_seconds": None if view.eta_seconds is None else round(view.eta_seconds),
        "message": view.message,
        "forecast": view.forecast.model_dump(mode="json") if view.forecast else None,
        "arms": [arm.model_dump(mode="json") for arm in view.arms],
    }


def _arm(arm: ArmPlan, counts: Mapping[str, ArmCount], total: int) -> ArmProgress:
    count = counts.get(arm.name, ArmCount(answered=0, failed=0))
    return ArmProgress(name=arm.name, kind=arm.kind, done=count.answered, failed=count.failed, total=total)


def _points(store: Store, run_id: str) -> dict[str, list[SavedEvent]]:
    """Return the training events by arm, those of jobs that were given up left out."""
    tokens = {tune.client_token for tune in load_tunes(store, run_id)}
    found: dict[str, list[SavedEvent]] = defaultdict(list)
    for event in load_events(store, run_id, TRAINING):
        if event.payload["job"] in tokens:
            found[event.payload["arm"]].append(event)
    return found


def _losses(events: Sequence[SavedEvent]) -> list[LossPoint]:
    by_step = {event.payload["step"]: event.payload for event in events if event.payload.get("loss") is not None}
    return [
        LossPoint(arm=each["arm"], step=each["step"], total_steps=each.get("total_steps"), loss=each["loss"])
        for _step, each in sorted(by_step.items())
    ]


def _eta(
    store: Store, run: SavedRun, experiment: Experiment, preflight: Preflight, shares: Mapping[str, float]
) -> float:
    events, now = load_events(store, run.id, "phase"), datetime.now(UTC)
    phases: list[PhaseProgress] = []
    for phase in phases_of(experiment):
        seconds, done = observed_seconds(events, phase, now)
        expected = expected_seconds(preflight, phase, local=experiment.provider.id == "local")
        share = 1.0 if done else shares.get(phase, 0.0)
        phases.append(PhaseProgress(phase=phase, expected_seconds=expected, observed_seconds=seconds, share=share))
    return remaining_seconds(phases)
