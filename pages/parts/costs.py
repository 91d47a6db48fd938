"""Monthly costs as people see them: a table, and where every price was read."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from ftdecide.catalog.figures import is_stale
from ftdecide.costs.monthly import MonthlyCost
from ftdecide.translation import _

_STATES = {"open": "yes", "existing_customers_only": "existing customers only", "closed": "no, closed"}
_PINNED_PIXELS = 170
_STATE_PIXELS = 240
_MOST_ROWS_WHOLE = 25


def name_model(row: MonthlyCost) -> str:
    """Return a model's name without what stands in brackets."""
    return row.model.display.split(" (", maxsplit=1)[0]


def name_offer(row: MonthlyCost) -> str:
    """Return who offers it, and in which form: "OpenAI, tuned" or "OpenAI, as it is"."""
    return f"{row.provider.name.split(' (')[0]}, {_('tuned') if row.fine_tuned else _('as it is')}"


def say_state(row: MonthlyCost) -> str:
    """Say in a few words whether the option can be chosen today."""
    if not row.fine_tuned:
        retires_on = row.available.base_retires_on
        return _("yes, answers until {day}").format(day=retires_on) if retires_on else _("yes, nothing to tune")
    word = _(_STATES[row.available.state])
    last = row.available.last_job_date
    if last is None or row.available.state == "closed":
        return word
    return (_("{word}, at least until {day}") if row.available.minimum else _("{word}, until {day}")).format(
        word=word, day=last
    )


def say_availability(row: MonthlyCost) -> str:
    """Say in words whether it can be had: for a tuned model who may tune, for the others until when they answer."""
    if row.fine_tuned:
        return row.available.text
    if row.available.base_retires_on:
        return _("Answers until {day}; nothing has to be tuned.").format(day=row.available.base_retires_on)
    return _("No end date known; nothing has to be tuned.")


def show_table(rows: Sequence[MonthlyCost], today: date) -> None:
    """Show the rows with their amounts, how old their prices are, and whether they can be had."""
    st.dataframe(
        [
            {
                "option": name_model(row),
                "offer": name_offer(row),
                "month": _dollars(row.month_usd),
                "state": say_state(row),
                "answers": _dollars(row.inference and row.inference.usd),
                "ready": _dollars(row.hosting and row.hosting.usd),
                "training": _dollars(row.training and row.training.usd),
                "available": say_availability(row),
                "prices": _("older than 90 days, check") if row.stale(today) else _("fresh"),
            }
            for row in rows
        ],
        hide_index=True,
        placeholder="—",
        height="content" if len(rows) <= _MOST_ROWS_WHOLE else "auto",
        column_config={
            "option": st.column_config.TextColumn(_("Option"), pinned=True, width=_PINNED_PIXELS),
            "offer": _("Where, and in which form"),
            "state": st.column_config.TextColumn(_("Can it be had?"), width=_STATE_PIXELS),
            "month": st.column_config.NumberColumn(_("A month, USD"), format="%.2f"),
            "answers": st.column_config.NumberColumn(_("Answers, USD"), format="%.2f"),
            "ready": st.column_config.NumberColumn(_("Keeping it ready, USD"), format="%.2f"),
            "training": st.column_config.NumberColumn(_("Training it once, USD"), format="%.2f"),
            "available": st.column_config.TextColumn(_("In words"), width="large"),
            "prices": st.column_config.TextColumn(_("Prices")),
        },
    )


def show_sources(rows: Sequence[MonthlyCost], today: date) -> None:
    """Show for every amount how it was worked out and where and when its price was read."""
    items = (("inference", _("Answers")), ("hosting", _("Keeping it ready")), ("training", _("Training it once")))
    lines: list[dict[str, Any]] = []
    for row in rows:
        for item, title in items:
            amount = getattr(row, item)
            if amount is None:
                if item != "training" or row.fine_tuned:
                    lines.append(
                        {
                            "option": name_model(row),
                            "offer": name_offer(row),
                            "item": title,
                            "how": _("price not found"),
                        }
                    )
            elif amount.usd or item != "hosting":
                stale = is_stale(amount.as_of, today)
                lines.append(
                    {
                        "option": name_model(row),
                        "offer": name_offer(row),
                        "item": title,
                        "usd": float(amount.usd),
                        "how": amount.how,
                        "as_of": f"{amount.as_of} · {_('check again')}" if stale else amount.as_of,
                        "source": amount.source,
                    }
                )
    st.dataframe(
        lines,
        hide_index=True,
        placeholder="—",
        column_config={
            "option": st.column_config.TextColumn(_("Option"), pinned=True, width=_PINNED_PIXELS),
            "offer": _("Where, and in which form"),
            "item": _("What for"),
            "usd": st.column_config.NumberColumn(_("USD"), format="%.2f"),
            "how": _("How"),
            "as_of": _("Price read"),
            "source": st.column_config.TextColumn(_("Where"), width="large"),
        },
    )


def _dollars(amount: Any) -> float | None:
    return None if amount is None else float(amount)
