"""Figures of a cost estimate: spent over time, by volume, and what matters most."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import log10

import plotly.graph_objects as go

from ftdecide.costs.months import add_months
from ftdecide.costs.types import Estimate, OptionCost, Swing
from ftdecide.translation import _

Volumes = Mapping[str, Sequence[tuple[Decimal, Decimal]]]
"""By option: (requests a month, US dollars over the horizon)."""

# Symbols and dashes as well as colours, so that lines can be told apart without seeing colour.
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_THEME_COLOURS = 7
_LOW, _HIGH = 2, 1
_HEIGHT, _ROW_PIXELS, _FRAME_PIXELS = 400, 34, 110
_MOST_SWINGS = 8
_LONGEST_LABEL = 34
_FREE_PART = 0.3


def draw_cumulative(estimate: Estimate) -> go.Figure:
    """Draw what is spent until the end of each month; a cross marks where a model stops, dots what follows it."""
    figure = go.Figure()
    for place, option in enumerate(estimate.options):
        if not option.available:
            continue
        days, spent = _path(option)
        stop = next((at for at, day in enumerate(days) if day == option.ends_on), len(days) - 1)
        line = {"color": _colour(place), "width": 2.5}
        group = {"legendgroup": option.name}
        figure.add_scatter(
            x=days[: stop + 1],
            y=spent[: stop + 1],
            name=option.name,
            mode="lines+markers",
            marker={"symbol": _SYMBOLS[place % len(_SYMBOLS)], "size": 6},
            line=line,
            **group,
        )
        if option.ends_on is None:
            continue
        after = {**line, "dash": "dot"}
        name = option.successor or option.name
        figure.add_scatter(
            x=days[stop:], y=spent[stop:], name=name, mode="lines", line=after, showlegend=False, **group
        )
        figure.add_scatter(
            x=[option.ends_on],
            y=[spent[stop]],
            name=_("{name} stops").format(name=option.name),
            mode="markers+text",
            marker={"symbol": "x", "size": 13, "color": _colour(place)},
            text=[_("stops {day}").format(day=option.ends_on)],
            textposition="top left" if stop > len(days) / 2 else "top right",
            showlegend=False,
            **group,
        )
    figure.update_layout(_layout() | {"xaxis": {"fixedrange": True}, "yaxis": _dollars(_("US dollars spent"))})
    return figure


def draw_volumes(volumes: Volumes, estimate: Estimate, now: Decimal) -> go.Figure:
    """Draw the cost over the horizon by requests a month, both on logarithmic axes, and where lines cross."""
    figure = go.Figure()
    for place, name in enumerate(option.name for option in estimate.options):
        points = volumes.get(name, ())
        if not points:
            continue
        figure.add_scatter(
            x=[float(requests) for requests, _usd in points],
            y=[float(usd) for _requests, usd in points],
            name=name,
            mode="lines",
            line={"color": _colour(place), "width": 2.5, "dash": _DASHES[place % len(_DASHES)]},
        )
    pairs = {frozenset((each.option, each.against)): each for each in estimate.breakeven}.values()
    marks = [(float(each.requests_per_month), each) for each in pairs if each.requests_per_month is not None]
    low, high = _ends(volumes)
    inside = [(at, each) for at, each in marks if low <= at <= high and each.option in volumes]
    if inside:
        figure.add_scatter(
            x=[at for at, _each in inside],
            y=[_height(volumes[each.option], at) for at, each in inside],
            name=_("cost the same"),
            mode="markers",
            marker={"symbol": "circle-open", "size": 13, "line": {"width": 2.5}, "color": "#888888"},
            hovertext=[each.text for _at, each in inside],
            hoverinfo="text",
        )
    figure.add_vline(x=float(now), line_dash="dot", line_color="#888888")
    figure.add_annotation(x=log10(now), y=1, yref="paper", yanchor="bottom", text=_("your traffic"), showarrow=False)
    axis = {"type": "log", "fixedrange": True, "dtick": 1, "tickformat": ",~r"}
    # Costs often span less than a power of ten, requests never do: "D2" names 2 and 5 times each power as well.
    upright = {**axis, "dtick": "D2", "title": _("US dollars over the whole time")}
    figure.update_layout(_layout() | {"xaxis": {**axis, "title": _("Requests a month")}, "yaxis": upright})
    return figure


def draw_tornado(swings: Sequence[Swing], middle: Decimal) -> go.Figure:
    """Draw how far each number moves the total when it goes to its low and to its high end, widest first."""
    widest = sorted(swings, key=lambda swing: abs(swing.high_usd - swing.low_usd))[-_MOST_SWINGS:]
    names = [
        swing.label if len(swing.label) <= _LONGEST_LABEL else swing.label[:_LONGEST_LABEL] + "…" for swing in widest
    ]
    figure = go.Figure()
    for end, place, shape in (("low", _LOW, ""), ("high", _HIGH, "/")):
        figure.add_bar(
            y=names,
            x=[float(getattr(swing, f"{end}_usd") - middle) for swing in widest],
            base=float(middle),
            orientation="h",
            name=_("at its low end") if end == "low" else _("at its high end"),
            marker={"color": _colour(place), "pattern": {"shape": shape}},
            text=[_number(getattr(swing, end)) for swing in widest],
            textposition="outside",
            cliponaxis=False,
        )
    figure.update_layout(
        _layout()
        | {
            "height": _ROW_PIXELS * len(widest) + _FRAME_PIXELS,
            "barmode": "overlay",
            "xaxis": {**_dollars(_("US dollars over the whole time")), "nticks": 4, "range": _room(widest, middle)},
            "yaxis": {"automargin": True, "fixedrange": True},
            # Above the bars: beneath them, the fewer there are, the nearer the legend comes to the axis' title.
            "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        }
    )
    figure.add_vline(x=float(middle), line_color="#888888")
    return figure


def _room(swings: Sequence[Swing], middle: Decimal) -> list[float]:
    """Return an axis with room for the numbers beside the widest bar, on a telephone too."""
    ends = [float(usd) for swing in swings for usd in (swing.low_usd, swing.high_usd)] + [float(middle)]
    free = (max(ends) - min(ends)) * _FREE_PART or 1.0
    return [min(ends) - free, max(ends) + free]


def _path(option: OptionCost) -> tuple[list[date], list[float]]:
    """Return days and what is spent by then: start, ends of months, and the day the model stops."""
    starts = [month.start for month in option.months]
    days = [*starts, add_months(starts[0], len(starts))] if starts else []
    spent = [float(option.one_off_usd.p50), *(float(month.cumulative_usd) for month in option.months)]
    stop = option.ends_on
    after = next((at for at, day in enumerate(days) if stop and day >= stop), 0)
    if stop and after and days[after] != stop:
        # The month before tells how steeply it rises: this one holds the work of moving to another model too.
        rise = spent[after - 1] - spent[after - 2] if after > 1 else spent[after] - spent[after - 1]
        part = (stop - days[after - 1]).days / (days[after] - days[after - 1]).days
        spent.insert(after, spent[after - 1] + part * rise)
        days.insert(after, stop)
    return days, spent


def _colour(place: int) -> str:
    """Return the name under which Streamlit puts in the theme's own colour of that place, light or dark."""
    return f"#{place % _THEME_COLOURS + 1:06d}"


def _height(points: Sequence[tuple[Decimal, Decimal]], at: float) -> float:
    """Return the height of a line drawn between points at a place, as a straight line between its neighbours."""
    for (left, low), (right, high) in pairwise(points):
        if float(left) <= at <= float(right):
            part = (at - float(left)) / (float(right) - float(left) or 1)
            return float(low) + part * (float(high) - float(low))
    return float(points[-1][1])


def _ends(volumes: Volumes) -> tuple[float, float]:
    requests = [float(at) for points in volumes.values() for at, _usd in points]
    return min(requests, default=0), max(requests, default=0)


def _number(value: Decimal) -> str:
    """Write an input's end in a few digits, large ones in full."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{float(value):,.4g}"


def _dollars(title: str) -> dict[str, object]:
    return {"title": title, "fixedrange": True, "tickformat": ",.0f", "rangemode": "tozero"}


def _layout() -> dict[str, object]:
    return {
        "height": _HEIGHT,
        "margin": {"l": 0, "r": 24, "t": 40, "b": 0},
        "legend": {"orientation": "h", "y": -0.27, "yanchor": "top", "x": 0},
        "hovermode": "closest",
    }
