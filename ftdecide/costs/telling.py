"""Tells an estimate in plain text: a line an option, what to keep in mind, and where lines cross."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ftdecide.costs.types import Estimate, OptionCost, Spread
from ftdecide.translation import _, plural

_WHOLE_FROM_USD = 100
_UNKNOWN = "price_unknown"


def tell_estimate(result: Estimate) -> str:
    """Return an estimate as text for people: a table in US dollars, the notes of each option, and break-even points."""
    over = plural("over {n} month", "over {n} months", result.horizon_months)
    parts = [
        _("As of {day}, {over}, in US dollars; in brackets, what it lies between in eight of ten cases.").format(
            day=result.as_of, over=over
        ),
        _table(result),
        *_notes(result.options),
        *_crossings(result),
        _("Every line with its source: the same command with --json."),
    ]
    return "\n\n".join(parts)


def say_usd(amount: Decimal) -> str:
    """Return an amount as people read it: whole dollars, and cents where they matter."""
    if amount >= _WHOLE_FROM_USD or amount == amount.to_integral_value():
        return f"{amount:,.0f}"
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:,.3g}"


def say_spread(spread: Spread | None) -> str:
    """Return the middle, and behind it the range where it can be seen."""
    if spread is None:
        return "—"
    low, middle, high = (say_usd(amount) for amount in (spread.p10, spread.p50, spread.p90))
    return middle if low == high else _("{middle} ({low} to {high})").format(middle=middle, low=low, high=high)


def say_total(option: OptionCost) -> str:
    """Return the total of an option that can be had; one with an unknown price costs at least that."""
    total = say_spread(option.total_usd)
    return total if is_complete(option) else _("at least {usd}").format(usd=total)


def cheapest(estimate: Estimate) -> OptionCost | None:
    """Return the option with the lowest middle among those that can be had; one without a known price only alone."""
    available = [option for option in estimate.options if option.available]
    whole = [option for option in available if is_complete(option)]
    return min(whole or available, key=lambda option: option.total_usd.p50, default=None)


def is_complete(option: OptionCost) -> bool:
    """Say whether every price is known, so that the total is not too low."""
    return all(warning.code != _UNKNOWN for warning in option.warnings)


def _table(result: Estimate) -> str:
    head = (_("option"), _("in all"), _("a month"), _("once"), _("1,000 requests"), _("stops"))
    table = [head, *(_row(option) for option in result.options)]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)


def _row(option: OptionCost) -> tuple[str, ...]:
    if not option.available:
        return option.name, _("cannot be had"), "—", "—", "—", "—"
    spreads = (option.monthly_usd, option.one_off_usd, option.cost_per_1000_requests_usd)
    then = _(", then {model}").format(model=option.successor) if option.successor else ""
    return (
        option.name,
        say_total(option),
        *(say_spread(each) for each in spreads),
        f"{option.ends_on}{then}" if option.ends_on else "—",
    )


def _notes(options: Sequence[OptionCost]) -> Iterator[str]:
    """Yield what must be known of each option, one note a line."""
    for option in options:
        if option.warnings:
            yield "\n".join((f"{option.name}:", *(f"  - {warning.text}" for warning in option.warnings)))


def _crossings(result: Estimate) -> Iterator[str]:
    """Yield where the cheapest option is met by the others, as on the page."""
    best = cheapest(result)
    told = [each for each in result.breakeven if best is not None and each.against == best.name]
    if told and best is not None:
        title = _("Against {name}, the cheapest:").format(name=best.name)
        yield "\n".join((title, *(f"  - {each.option}: {each.text}" for each in told)))
