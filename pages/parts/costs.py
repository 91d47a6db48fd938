"""Monthly costs as people see them: a chart, a table, and where every price was read."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ftdecide.catalog.figures import is_stale
from ftdecide.costs.monthly import MonthlyCost
from ftdecide.translation import _

# Colours of the Okabe-Ito palette: they stay apart for colour-blind people and on light and dark ground.
_INFERENCE, _HOSTING = "#0072B2", "#E69F00"
_ROW_PIXELS, _FRAME_PIXELS = 30, 110


def name_row(row: MonthlyCost) -> str:
    """Return "tuned gpt-4.1-mini, OpenAI", short enough for a chart."""
    kind = _("tuned {model}") if row.fine_tuned else _("{model} as it is")
    return f"{kind.format(model=row.model.display.split(' (')[0])}, {row.provider.name.split(' (')[0]}"


def say_availability(row: MonthlyCost) -> str:
    """Say in words whether it can be had: for a tuned model who may tune, for the others until when they answer."""
    if row.fine_tuned:
        return row.available.text
    if row.available.base_retires_on:
        return _("Answers until {day}; nothing has to be tuned.").format(day=row.available.base_retires_on)
    return _("No end date known; nothing has to be tuned.")


def show_chart(rows: Sequence[MonthlyCost]) -> None:
    """Show a bar a row: the part for answers and the part for keeping a tuned model ready."""
    known = [row for row in reversed(rows) if row.month_usd is not None]
    names = [name_row(row) for row in known]
    totals = [f" {row.month_usd:,.0f} USD" for row in known]
    figure = go.Figure(
        [
            go.Bar(
                y=names,
                x=[float(row.inference.usd) if row.inference else 0 for row in known],
                name=_("Answers"),
                orientation="h",
                marker_color=_INFERENCE,
            ),
            go.Bar(
                y=names,
                x=[float(row.hosting.usd) if row.hosting else 0 for row in known],
                name=_("Keeping it ready"),
                orientation="h",
                marker={"color": _HOSTING, "pattern": {"shape": "/"}},
                text=totals,
                textposition="outside",
                cliponaxis=False,
            ),
        ]
    )
    figure.update_layout(
        barmode="stack",
        height=_ROW_PIXELS * len(known) + _FRAME_PIXELS,
        margin={"l": 0, "r": 70, "t": 40, "b": 40},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        xaxis={"title": _("US dollars a month"), "fixedrange": True},
        yaxis={"automargin": True, "fixedrange": True},
    )
    cheapest, dearest = name_row(known[-1]), name_row(known[0])
    st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=_("Cost of a month by model, from {cheapest} to {dearest}; the table below has the same numbers.").format(
            cheapest=cheapest, dearest=dearest
        ),
    )


def show_table(rows: Sequence[MonthlyCost], today: date) -> None:
    """Show the rows with their amounts, how old their prices are, and whether they can be had."""
    st.dataframe(
        [
            {
                "option": name_row(row),
                "month": _dollars(row.month_usd),
                "answers": _dollars(row.inference and row.inference.usd),
                "ready": _dollars(row.hosting and row.hosting.usd),
                "training": _dollars(row.training and row.training.usd),
                "available": say_availability(row),
                "prices": _("older than 90 days, check") if row.stale(today) else _("fresh"),
            }
            for row in rows
        ],
        hide_index=True,
        column_config={
            "option": st.column_config.TextColumn(_("Option"), pinned=True),
            "month": st.column_config.NumberColumn(_("A month, USD"), format="%.2f"),
            "answers": st.column_config.NumberColumn(_("Answers, USD"), format="%.2f"),
            "ready": st.column_config.NumberColumn(_("Keeping it ready, USD"), format="%.2f"),
            "training": st.column_config.NumberColumn(_("Training it once, USD"), format="%.2f"),
            "available": st.column_config.TextColumn(_("Can it be had?"), width="large"),
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
                    lines.append({"option": name_row(row), "item": title, "how": _("price not found")})
            elif amount.usd or item != "hosting":
                stale = is_stale(amount.as_of, today)
                lines.append(
                    {
                        "option": name_row(row),
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
        column_config={
            "option": st.column_config.TextColumn(_("Option"), pinned=True),
            "item": _("What for"),
            "usd": st.column_config.NumberColumn(_("USD"), format="%.2f"),
            "how": _("How"),
            "as_of": _("Price read"),
            "source": st.column_config.TextColumn(_("Where"), width="large"),
        },
    )


def _dollars(amount: Any) -> float | None:
    return None if amount is None else float(amount)
