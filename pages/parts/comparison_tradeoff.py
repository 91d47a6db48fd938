"""Quality against cost against time: one point for every option."""

from decimal import Decimal
from string import ascii_uppercase

import plotly.graph_objects as go
import streamlit as st

from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import ArmResult, Summary
from ftdecide.translation import _

_SECOND_MS = 1000
_LEAST_PIXELS, _MOST_PIXELS = 12, 42
_THOUSAND = 1000
_LEGEND_PIXELS = 20


def show_tradeoff(summary: Summary) -> None:
    """Show what each option's quality costs: money where money is paid, tokens where nothing is, and time as size."""
    arms = [arm for arm in summary.arms if arm.score is not None and arm.latency_ms is not None and arm.n > arm.failed]
    if len(arms) < 2:
        return
    paid = any(arm.cost_usd for arm in arms)
    st.subheader(_("Quality against cost against time"), anchor=False)
    spans = [arm.latency_ms.p50 for arm in arms if arm.latency_ms]
    longest = max(*spans, 1.0)
    costs = [_cost(arm, paid=paid) for arm in arms]
    figure = go.Figure()
    for sign, arm, cost, span in zip(ascii_uppercase, arms, costs, spans, strict=False):
        name = f"{sign}  {arm_words(arm.name)}"
        figure.add_scatter(
            x=[cost],
            y=[100 * (arm.score or 0)],
            mode="markers+text",
            # A letter stays readable where names would cover each other; the legend says whose it is.
            text=[f"<b>{sign}</b>"],
            textposition="top center",
            name=name,
            cliponaxis=False,
            marker={"size": _LEAST_PIXELS + (_MOST_PIXELS - _LEAST_PIXELS) * (span / longest) ** 0.5, "opacity": 0.75},
            hovertemplate=f"{name}<br>%{{y:.0f}} %<br>%{{x:,.4~g}}<br>{_seconds(span)}<extra></extra>",
        )
    axis = _("USD for 1,000 answers") if paid else _("Tokens read and written an answer, on average")
    room = max(*costs, 1e-9)
    figure.update_layout(
        height=340 + _LEGEND_PIXELS * len(arms),
        margin={"l": 0, "r": 20, "t": 30, "b": 60 + _LEGEND_PIXELS * len(arms)},
        xaxis={"title": axis, "range": [-0.18 * room, 1.18 * room], "fixedrange": True, "zeroline": False},
        yaxis={
            "title": _("Score in percent"),
            "range": [-8, 112],
            "fixedrange": True,
            "tickvals": [0, 25, 50, 75, 100],
        },
        legend={"orientation": "v", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
        showlegend=True,
    )
    unit = _("{cost:.2f} USD for 1,000") if paid else _("{cost:.0f} tokens")
    said = "; ".join(
        f"{arm_words(arm.name)} {100 * (arm.score or 0):.0f} %, {unit.format(cost=cost)}, {_seconds(span)}"
        for arm, cost, span in zip(arms, costs, spans, strict=True)
    )
    st.plotly_chart(figure, key="tradeoff", config={"displayModeBar": False}, alt=said)
    st.caption(_say_how(paid=paid))


def _say_how(*, paid: bool) -> str:
    text = _("Higher is better, further left is cheaper; the larger the circle, the longer the median answer took.")
    if paid:
        return f"{text} {_('Money is what the answers of this run cost; training and hosting come on top.')}"
    return f"{text} {_('Nothing was paid here, so the amount of text stands for cost: providers bill by it.')}"


def _cost(arm: ArmResult, *, paid: bool) -> float:
    answered = arm.n - arm.failed
    if paid:
        return float(arm.cost_usd / Decimal(arm.n * arm.repeats) * _THOUSAND)
    return (arm.prompt_tokens + arm.completion_tokens) / (answered * arm.repeats)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < _SECOND_MS else f"{milliseconds / _SECOND_MS:.1f} s"
