"""Costs of options as people see them: a sentence, a table, what to keep in mind, and every line's source."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from ftdecide.costs import telling
from ftdecide.costs.types import Estimate, Line, OptionCost, Spread
from ftdecide.translation import _, plural
from pages.parts import show

_NAME_PIXELS = 190
_UNBROKEN = "\N{NO-BREAK SPACE}"
_CUSTOMERS_ONLY = "existing_customers_only"
_SERIOUS = {
    "retired",
    "not_available",
    "retires_within_horizon",
    "no_successor",
    "no_new_jobs_after",
    _CUSTOMERS_ONLY,
    "not_deployable",
    "price_unknown",
    "range_not_drawn",
    "migration_assumed",
}
_ORIGINS = {"measured": _("measured"), "quoted": _("quoted"), "assumed": _("assumed")}
_PHASES = {
    "one_off": _("once, at the start"),
    "monthly": _("every month"),
    "after_retirement": _("after the model has stopped"),
}


def show_headline(estimate: Estimate) -> None:
    """Say in a sentence which option is the cheapest, and whether the ranges tell it from the next one."""
    best = telling.cheapest(estimate)
    if best is None:
        st.warning(_("None of these options can be had on {day}.").format(day=estimate.as_of), icon=":material/block:")
        return
    over = plural("over {n} month", "over {n} months", estimate.horizon_months)
    text = _("Cheapest {over}: **{name}**, about **{usd} USD**.").format(
        over=over, name=show.plain(best.name), usd=telling.say_spread(best.total_usd)
    )
    close = [
        show.plain(option.name)
        for option in estimate.options
        if option.available and option is not best and option.total_usd.p10 <= best.total_usd.p90
    ]
    if close:
        text += " " + _("Its range overlaps with that of {names}, so this order may change.").format(
            names=", ".join(close)
        )
    st.markdown(f"{text}  \n:small[{_('The cheapest may answer worse: only a comparison on your own data can tell.')}]")


def show_table(estimate: Estimate, ends: dict[str, str]) -> None:
    """Show the options side by side; `ends` says by name until when each answers.

    Five columns whose words may break fit a telephone without a sideways scroll.
    """
    over = plural("{n} month, USD", "{n} months, USD", estimate.horizon_months)
    rows = [
        {
            _("Option"): f"**{show.plain(option.name)}**  \n:small[{ends.get(option.name, '')}]",
            over: _total(option) if option.available else "—",
            _("A month, USD"): _amount(option.monthly_usd) if option.available else "—",
            _("Once, USD"): _amount(option.one_off_usd) if option.available else "—",
            _("1,000 requests, USD"): _amount(option.cost_per_1000_requests_usd) if option.available else "—",
        }
        for option in estimate.options
    ]
    st.table(rows, hide_index=True, border="horizontal", alt=_("The options side by side, with their costs"))
    if any(option.total_usd.p10 < option.total_usd.p90 for option in estimate.options):
        st.caption(
            _(
                "In eight of ten cases the cost lies between the two smaller amounts. The one above them is the "
                "middle of its own range, so sums differ a little."
            )
        )


def _total(option: OptionCost) -> str:
    return _amount(option.total_usd, "**{usd}**" if telling.is_complete(option) else f"**{_('at least {usd}')}**")


def _amount(spread: Spread | None, form: str = "{usd}") -> str:
    """Return Markdown of the middle on one line, and smaller beneath it the range where it can be seen."""
    if spread is None:
        return "—"
    low, middle, high = (telling.say_usd(amount) for amount in (spread.p10, spread.p50, spread.p90))
    shown = form.format(usd=middle)
    if low == high:
        return shown
    between = _("{low} to {high}").format(low=low, high=high).replace(" ", _UNBROKEN, 1)
    return f"{shown}  \n:small[{between}]"


def show_warnings(estimate: Estimate, *, customer: bool | None) -> None:
    """Show in words what a reader must know; what ends or is missing first, what is merely rough below it.

    A team that already tunes there (`customer` True) is not told that only such teams may.
    """
    quiet = {_CUSTOMERS_ONLY} if customer else set()
    for minor in (False, True):
        told: dict[str, list[str]] = {}
        for option in estimate.options:
            heard = [warning for warning in option.warnings if warning.code not in quiet]
            texts = [warning.text for warning in heard if (warning.code not in _SERIOUS) == minor]
            if texts:
                told.setdefault(" ".join(texts), []).append(show.plain(option.name))
        lines = "\n".join(f"- **{', '.join(names)}**: {text}" for text, names in told.items())
        if lines and minor:
            with st.expander(_("Smaller notes"), icon=":material/info:"):
                st.markdown(lines)
        elif lines:
            st.warning(lines, title=_("Keep in mind"), icon=":material/event_busy:")


def show_lines(options: Sequence[OptionCost]) -> None:
    """Show every line of the bill with its origin, its source and the day on which that was read."""
    rows = [_row(option.name, line) for option in options for line in option.lines]
    st.caption(
        _(
            "Counted with the middle of every range; with ranges, the totals in the table above differ a little. "
            "Origin, source and day are those of the price of a unit. "
            "“Your scenario” stands for the numbers in the boxes above: those you put in, and those assumed for you."
        )
    )
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="—",
        alt=_("Every line of the bill, with where its price comes from"),
        column_config={
            "option": st.column_config.TextColumn(_("Option"), pinned=True, width=_NAME_PIXELS),
            "item": _("What for"),
            "usd": st.column_config.NumberColumn(_("USD"), format="%,.2f"),
            "origin": _("Origin"),
            "quantity": st.column_config.NumberColumn(_("Quantity"), format="%,.2f"),
            "unit": _("Unit"),
            "price": st.column_config.NumberColumn(_("USD a unit"), format="%.6g"),
            "phase": _("When"),
            "source": st.column_config.TextColumn(_("Where it was read"), width="medium"),
            "link": st.column_config.LinkColumn(_("Link"), display_text=_("open")),
            "as_of": _("Read"),
        },
    )


def _row(option: str, line: Line) -> dict[str, Any]:
    return {
        "option": option,
        "item": line.item,
        "usd": float(line.usd),
        "origin": _ORIGINS[line.origin],
        "quantity": float(line.quantity),
        "unit": line.unit,
        "price": float(line.unit_price_usd),
        "phase": _PHASES[line.phase],
        "source": line.source,
        "link": line.source if line.source.startswith("http") else None,
        "as_of": line.as_of,
    }


def say_end(option: OptionCost, retires_on: date | None) -> str:
    """Say until when an option answers and what takes its place."""
    if not option.available:
        return _("cannot be had")
    if option.ends_on is not None:
        then = _(", then {model}").format(model=show.plain(option.successor)) if option.successor else ""
        return _("until **{day}**").format(day=option.ends_on) + then
    return _("until {day}").format(day=retires_on) if retires_on else _("no end date known")
