"""What a run was thought to take and what it took."""

from decimal import Decimal

from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.types import Outlay
from ftdecide.translation import _

SMALLEST_SHOWN_USD = Decimal("0.01")


def compare_outlay(
    preflight: Preflight | None, *, spent_usd: Decimal, training_usd: Decimal, minutes: float | None
) -> Outlay | None:
    """Return forecast and actual side by side; None for a run from before estimates were kept.

    `spent_usd` is everything paid, failed calls and earlier tries included; `training_usd` is its part for training.
    """
    if preflight is None:
        return None
    cost, time = preflight.cost_usd, preflight.minutes
    return Outlay(
        forecast_p50_usd=cost.p50,
        forecast_p95_usd=cost.p95,
        actual_usd=spent_usd,
        training_usd=training_usd,
        forecast_p50_minutes=time.p50,
        forecast_p95_minutes=time.p95,
        actual_minutes=minutes,
        text=" ".join((_money(cost.p50, cost.p95, spent_usd), *_time(time.p50, time.p95, minutes))),
    )


def _money(p50: Decimal | None, p95: Decimal | None, spent: Decimal) -> str:
    if p50 is None or p95 is None:
        return _("It cost {spent} USD; no price was known beforehand.").format(spent=_usd(spent))
    if not p95 and not spent:
        return _("It cost nothing, as forecast.")
    text = _("It cost {spent} USD; the forecast was {p50} USD, {p95} USD at most ({reading}).")
    return text.format(spent=_usd(spent), p50=_usd(p50), p95=_usd(p95), reading=_reading(spent <= p95))


def _time(p50: float, p95: float, minutes: float | None) -> tuple[str, ...]:
    if minutes is None:
        return ()
    text = _("It took {took} minutes; the forecast was {p50}, {p95} at most ({reading}).")
    took, low, high = (f"{each:.1f}" for each in (minutes, p50, p95))
    return (text.format(took=took, p50=low, p95=high, reading=_reading(minutes <= p95)),)


def _reading(within: bool) -> str:  # noqa: FBT001 - one flag, read at once
    return _("within it") if within else _("more than that")


def _usd(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount >= SMALLEST_SHOWN_USD or not amount else f"{amount:.4f}"
