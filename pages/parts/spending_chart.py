"""Figure and words of where the money goes: one bar an option, its parts the groups of its bill."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

import plotly.graph_objects as go

from ftdecide.costs.spending import Group, group_names, spending
from ftdecide.costs.telling import say_usd
from ftdecide.costs.types import Estimate, OptionCost
from ftdecide.translation import _
from pages.parts import show

_ROW_PIXELS, _FRAME_PIXELS, _NAME_PIXELS = 72, 130, 29
_BAR_PART = 0.5
_SMALLEST_TEXT = 11
_LONGEST_NAME = 34
_SMALLEST_SHARE = Decimal("0.005")


def draw_spending(estimate: Estimate) -> go.Figure:
    """Draw a stacked bar for each option that can be had, its name and sum above it, amounts where they fit."""
    options = [option for option in estimate.options if option.available]
    spent = [spending(option) for option in options]
    places = list(range(len(options)))
    figure = go.Figure()
    for number, (group, name) in enumerate(group_names().items(), start=1):
        amounts = [each.get(group, Decimal(0)) for each in spent]
        if not any(amounts):
            continue
        figure.add_bar(
            y=places,
            x=[float(usd) for usd in amounts],
            name=name,
            orientation="h",
            width=_BAR_PART,
            # Streamlit puts the theme's own colour of that place in, light or dark.
            marker={"color": f"#{number:06d}"},
            text=[say_usd(usd) if usd else "" for usd in amounts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{text} USD",
        )
    for place, option, each in zip(places, options, spent, strict=True):
        figure.add_annotation(
            x=0,
            y=place,
            xanchor="left",
            yshift=_NAME_PIXELS,
            showarrow=False,
            text=f"<b>{escape(_short(option.name))}</b> · {say_usd(sum(each.values(), Decimal(0)))} USD",
        )
    figure.update_layout(
        height=_ROW_PIXELS * len(options) + _FRAME_PIXELS,
        barmode="stack",
        margin={"l": 8, "r": 24, "t": 10, "b": 0},
        # Amounts that do not fit into their part of the bar are left out; the words below hold every share.
        uniformtext={"mode": "hide", "minsize": _SMALLEST_TEXT},
        xaxis={"title": _("US dollars over the whole time"), "tickformat": ",.0f", "nticks": 5, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True, "range": [len(options) - 0.6, -0.85]},
        legend={"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0, "traceorder": "normal"},
    )
    return figure


def say_spending(options: Sequence[OptionCost]) -> str:
    """Return Markdown: a line for each option that can be had, its groups with their shares, the largest first."""
    return "\n".join(f"- **{show.plain(option.name)}**: {_shares(option)}" for option in options if option.available)


def _shares(option: OptionCost) -> str:
    names, spent = group_names(), spending(option)
    total = sum(spent.values(), Decimal(0))
    if not total:
        return _("nothing")

    def say(group: Group) -> str:
        part = spent[group] / total
        share = f"{part:.0%}" if part >= _SMALLEST_SHARE else _("under 1%")
        return _("{group} {share}").format(group=names[group], share=share)

    return " · ".join(say(group) for group in sorted(spent, key=lambda group: -spent[group]))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
