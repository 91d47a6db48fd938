"""Monthly costs as bars."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from ftdecide.costs.monthly import MonthlyCost
from ftdecide.translation import _
from pages.parts.costs import name_model, name_offer

# Colours of the Okabe-Ito palette: they stay apart for colour-blind people and on light and dark ground.
_INFERENCE, _HOSTING = "#0072B2", "#E69F00"
_ROW_PIXELS, _FRAME_PIXELS = 40, 110
_LONGEST_NAME = 26


def show_chart(rows: Sequence[MonthlyCost]) -> None:
    """Show a bar a row: the part for answers and the part for keeping a tuned model ready."""
    known = [row for row in reversed(rows) if row.month_usd is not None]
    places = list(range(len(known)))
    totals = [f" {row.month_usd:,.0f} USD" for row in known]
    figure = go.Figure(
        [
            go.Bar(
                y=places,
                x=[float(row.inference.usd) if row.inference else 0 for row in known],
                name=_("Answers"),
                orientation="h",
                marker_color=_INFERENCE,
            ),
            go.Bar(
                y=places,
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
        legend={"orientation": "h", "traceorder": "normal", "y": 1.0, "yanchor": "bottom", "x": 0},
        xaxis={"title": _("US dollars a month"), "fixedrange": True, "nticks": 4, "tickangle": 0},
        yaxis={
            "automargin": True,
            "fixedrange": True,
            "tickvals": places,
            "ticktext": [_two_lines(row) for row in known],
        },
    )
    cheapest, dearest = (f"{name_model(row)} ({name_offer(row)})" for row in (known[-1], known[0]))
    st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=_("Cost of a month by model, from {cheapest} to {dearest}; the table below has the same numbers.").format(
            cheapest=cheapest, dearest=dearest
        ),
    )


def _two_lines(row: MonthlyCost) -> str:
    name = name_model(row)
    return f"{name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + '…'}<br>{name_offer(row)}"
