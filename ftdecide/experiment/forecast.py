"""Forecast against actual: what the preflight expected of a run, beside what it took; stored when the run ends."""

from datetime import UTC, datetime
from decimal import Decimal

from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.types import Part
from ftdecide.store.answers import load_answers, spent_usd
from ftdecide.store.calls import count_calls
from ftdecide.store.database import Store
from ftdecide.store.runs import SavedRun
from ftdecide.store.tunes import SavedEvent, add_event, load_events

_KIND, _PHASE = "forecast", "phase"


class Forecast(Part):
    """Expected and actual; null where a price is unknown.

    `calls_made` counts every try, failed ones included, and `spent_usd` everything that was or may have been charged.
    Tokens are those of answers that came. `minutes_taken` leaves out the time between a cancel and a resume.
    """

    calls_expected: int
    calls_made: int
    p50_usd: Decimal | None
    p95_usd: Decimal | None
    spent_usd: Decimal
    p50_minutes: float
    p95_minutes: float
    minutes_taken: float
    prompt_tokens_expected: int
    prompt_tokens: int
    completion_tokens_expected: int
    completion_tokens: int


def store_forecast(store: Store, run: SavedRun) -> None:
    """Set the preflight of a run against what it took until now, once an attempt."""
    expected = Preflight.model_validate(run.preflight)
    # The classical arm answers without calls.
    without_calls = {arm.name for arm in Experiment.model_validate(run.plan).arms if arm.kind == "classical"}
    every = load_answers(store, run.id)
    answers = [answer for answer in every if answer.arm not in without_calls]
    found = Forecast(
        calls_expected=expected.calls,
        calls_made=count_calls(store, run.id) - (len(every) - len(answers)),
        p50_usd=expected.cost_usd.p50,
        p95_usd=expected.cost_usd.p95,
        spent_usd=spent_usd(store, run.id),
        p50_minutes=expected.minutes.p50,
        p95_minutes=expected.minutes.p95,
        # An attempt that was cancelled has no end of its last phase, but a forecast of its own.
        minutes_taken=_minutes([*load_events(store, run.id, _PHASE), *load_events(store, run.id, _KIND)], run.attempt),
        prompt_tokens_expected=sum(arm.prompt_tokens for arm in expected.calls_by_arm),
        prompt_tokens=sum(answer.prompt_tokens for answer in answers),
        completion_tokens_expected=sum(arm.completion_tokens for arm in expected.calls_by_arm),
        completion_tokens=sum(answer.completion_tokens for answer in answers),
    )
    add_event(store, run.id, f"{_KIND}:{run.attempt}", _KIND, found.model_dump(mode="json"))


def load_forecast(store: Store, run_id: str) -> Forecast | None:
    """Return the newest one, or None before the run has ended for the first time."""
    events = load_events(store, run_id, _KIND)
    return Forecast.model_validate(events[-1].payload) if events else None


def _minutes(events: list[SavedEvent], attempt: int) -> float:
    """Return the time that all attempts were at work; the current one is, until now."""
    spans: dict[int, list[datetime]] = {}
    for event in events:
        # Keys are "begin:<attempt>:<phase>", "end:<attempt>:<phase>" and "forecast:<attempt>".
        spans.setdefault(int(event.key.split(":")[1]), []).append(event.at)
    if attempt in spans:
        spans[attempt].append(datetime.now(UTC))
    return sum((max(times) - min(times)).total_seconds() for times in spans.values()) / 60
