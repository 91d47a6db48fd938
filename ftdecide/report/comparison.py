"""A run's summary as figures ready to be shown; missing parts stay missing."""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import BaseModel, ConfigDict

from ftdecide.experiment.run_words import arm_words
from ftdecide.translation import _

Json = Mapping[str, object]
_READINGS = {
    "better": "better",
    "same": "practically the same",
    "worse": "worse",
    "not_enough_data": "not enough data to tell",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Arm(_Part):
    """One measured option: score and interval as shares, cost in USD, latency in milliseconds."""

    name: str
    score: float | None
    low: float | None
    high: float | None
    n: int | None
    failed: int | None
    cost_usd: str | None
    latency_p50_ms: float | None


class Pair(_Part):
    """One option against another, example by example."""

    arm: str
    baseline: str
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_better: float | None
    reading: str
    wins: int | None
    losses: int | None
    ties: int | None


class Comparison(_Part):
    """What one run measured; `demonstration`: on shipped sample data; `cited`: answers of the assessment name it."""

    run_id: str
    title: str
    model: str
    test_rows: int | None
    train_rows: int | None
    partial: bool
    demonstration: bool
    cited: bool
    arms: tuple[Arm, ...]
    pairs: tuple[Pair, ...]
    warnings: tuple[str, ...]


def read_comparison(run: Json | None) -> Comparison | None:
    """Read the result of a comparison in the shape that the command line promises; None without a result."""
    if run is None or not (arms := _objects(run.get("arms"))):
        return None
    counts = _objects(run.get("flips"))
    contrasts = _objects(run.get("contrasts"))
    if isinstance(best := run.get("tuned_against_best"), Mapping):
        extra = cast("Json", best)
        if (extra.get("arm"), extra.get("baseline")) not in {(c.get("arm"), c.get("baseline")) for c in contrasts}:
            contrasts.append(extra)
    return Comparison(
        run_id=_text(run.get("run_id")),
        title=_text(run.get("title")),
        model=_text(run.get("model")),
        test_rows=_whole(run.get("test_rows")),
        train_rows=_whole(run.get("train_rows")),
        partial=run.get("partial") is True,
        demonstration=bool(run.get("demonstration")),
        cited=bool(run.get("cited")),
        arms=tuple(_arm(arm) for arm in arms),
        pairs=tuple(_pair(contrast, counts) for contrast in contrasts),
        warnings=tuple(_text(warning) for warning in _list(run.get("warnings"))),
    )


def say_caution(found: Comparison | None) -> str:
    """Say that a result was measured on demonstration data, and what follows for the verdict; empty otherwise."""
    if found is None or not found.demonstration:
        return ""
    measured = _("Measured on the demonstration data “{title}” with {model}, not on your own data.").format(
        title=found.title, model=found.model
    )
    if found.cited:
        return measured + " " + _("The verdict counts these figures; replace them by your own before you rely on it.")
    return measured + " " + _("It shows the method; the verdict does not count it.")


def _arm(arm: Json) -> Arm:
    low, high = _interval(arm.get("interval"))
    latency = arm.get("latency_ms")
    return Arm(
        name=arm_words(_text(arm.get("name"))),
        score=_number(arm.get("score")),
        low=low,
        high=high,
        n=_whole(arm.get("n")),
        failed=_whole(arm.get("failed")),
        cost_usd=None if arm.get("cost_usd") is None else _text(arm.get("cost_usd")),
        latency_p50_ms=_number(cast("Json", latency).get("p50")) if isinstance(latency, Mapping) else None,
    )


def _pair(contrast: Json, counts: list[Json]) -> Pair:
    low, high = _interval(contrast.get("interval"))
    names = (contrast.get("arm"), contrast.get("baseline"))
    counted = next((c for c in counts if (c.get("arm"), c.get("baseline")) == names and "wins" in c), contrast)
    reading = _text(contrast.get("reading"))
    return Pair(
        arm=arm_words(_text(contrast.get("arm"))),
        baseline=arm_words(_text(contrast.get("baseline"))),
        difference=_number(contrast.get("difference")),
        low=low,
        high=high,
        p_value=_number(contrast.get("p_value")),
        p_better=_number(contrast.get("p_better")),
        reading=_(_READINGS.get(reading, reading)),
        wins=_whole(counted.get("wins")),
        losses=_whole(counted.get("losses")),
        ties=_whole(counted.get("ties")),
    )


def _interval(value: object) -> tuple[float | None, float | None]:
    if isinstance(value, Mapping):
        ends = cast("Json", value)
        return _number(ends.get("low")), _number(ends.get("high"))
    if isinstance(value, Sequence) and not isinstance(value, str) and len(cast("Sequence[object]", value)) >= 2:
        low, high = list(cast("Sequence[object]", value))[:2]
        return _number(low), _number(high)
    return None, None


def _list(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(cast("Json", value).values())
    return list(cast("Sequence[object]", value)) if isinstance(value, list | tuple) else []


def _objects(value: object) -> list[Json]:
    return [cast("Json", item) for item in _list(value) if isinstance(item, Mapping)]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
