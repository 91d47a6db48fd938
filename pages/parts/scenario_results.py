"""What the options of a cost scenario cost: a part of the page that follows its sliders without the rest."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

import plotly.graph_objects as go
import streamlit as st

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.distribution import middle
from ftdecide.costs.estimate import estimate
from ftdecide.costs.scenario import Scenario, read_scenario
from ftdecide.costs.swings import sensitivity
from ftdecide.costs.telling import cheapest
from ftdecide.costs.types import Estimate
from ftdecide.costs.volumes import cost_by_volume, scale_traffic
from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import cost_chart, costs, scenario_state, show, spending_chart, state
from pages.parts.scenario_catalog import SELF_HOSTED, availability_of
from pages.parts.scenario_fields import badge
from pages.parts.scenario_state import OpenScenario

_TRIES = ("0.1", "0.25", "0.5", "1", "2", "4", "10")
_LONGEST_MONTHS = 36


@st.fragment(key="cost_results")
def show_results(*, customer: bool | None) -> None:
    """Show the table, the charts and the lines; the sliders change nothing above them."""
    scenario = scenario_state.open_again()
    day = state.today()
    st.subheader(_("What they cost from {day} on").format(day=scenario.document.get("as_of") or day), anchor=False)
    factor = _show_sliders(scenario)
    document = json.dumps(scenario.document)
    try:
        result = estimate_of(document, factor, day)
    except FtdecideError as error:
        show.problem(error)
        return
    costs.show_headline(result)
    costs.show_table(result, _ends(scenario, result, customer=customer))
    costs.show_warnings(result, customer=customer)
    _show_charts(scenario, result, (document, factor, day))
    lines = st.expander(
        _("Every line, with where its price was read"),
        icon=":material/format_quote:",
        key=f"{scenario.key}:lines",
        on_change="rerun",
    )
    if lines.open:
        with lines:
            costs.show_lines(result.options)


def _show_sliders(scenario: OpenScenario) -> str:
    """Show the horizon, which is saved, and a multiple of the traffic to try, which is not; return the multiple."""
    months, traffic = st.columns(2, gap="large")
    key = f"{scenario.key}:horizon"
    with months, st.container(gap="xxsmall"):
        now = int(scenario.document["horizon_months"])
        state.seed_widget(key, now)
        st.markdown(
            f":small[{_('Over how many months')}] {badge(scenario, 'horizon_months')}",
            help=_("Everything paid once is spread over this time. A model that is retired before is replaced."),
        )
        st.slider(
            _("Over how many months"),
            1,
            max(_LONGEST_MONTHS, now),
            key=key,
            on_change=_save_months,
            args=(scenario, key),
            label_visibility="collapsed",
        )
    with traffic, st.container(gap="xxsmall"):
        st.markdown(f":small[{_('Try other traffic')}]", help=_("Only to look: the traffic above stays as it is."))
        return st.select_slider(
            _("Try other traffic"),
            _TRIES,
            value="1",
            key=f"{scenario.key}:try",
            format_func=lambda part: _("as it is") if part == "1" else _("{part} times").format(part=part),
            label_visibility="collapsed",
        )


def _save_months(scenario: OpenScenario, key: str) -> None:
    scenario_state.set_value(scenario, "horizon_months", int(state.widget_value(key)))


Key = tuple[str, str, date]
"""The scenario's document, the multiple of its traffic, and the day."""


@lru_cache(maxsize=256)
def scenario_of(document: str, factor: str) -> Scenario:
    """Return the scenario of a document, its traffic multiplied."""
    return scale_traffic(read_scenario(json.loads(document), "costs"), Decimal(factor))


@lru_cache(maxsize=256)
def estimate_of(document: str, factor: str, day: date) -> Estimate:
    """Return the estimate of a scenario; the same question is worked out once."""
    return estimate(scenario_of(document, factor), day, load_catalog())


def _ends(scenario: OpenScenario, result: Estimate, *, customer: bool | None) -> dict[str, str]:
    """Say by option until when it answers."""
    told: dict[str, str] = {}
    for option, cost in zip(scenario.document["options"], result.options, strict=True):
        found = availability_of(option, result.as_of, customer=customer)
        last = found and (found.retires_on if option.get("fine_tuned") else found.base_retires_on)
        own = option.get("provider") == SELF_HOSTED and cost.available
        told[cost.name] = _("no end: own weights") if own else costs.say_end(cost, last)
    return told


def _show_charts(scenario: OpenScenario, result: Estimate, key: Key) -> None:
    names = (_("Where the money goes"), _("Over time"), _("By volume"), _("What matters most"))
    draw: Sequence[Callable[[], None]] = (
        lambda: _show_spending(result, key),
        lambda: _show_cumulative(key),
        lambda: _show_volumes(result, key),
        lambda: _show_tornado(scenario, result, key),
    )
    if not any(option.available for option in result.options):
        return
    for tab, show_chart in zip(st.tabs(names, key=f"{scenario.key}:chart", on_change="rerun"), draw, strict=True):
        if tab.open:
            with tab:
                show_chart()


def _show(figure: go.Figure, alt: str) -> None:
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


@lru_cache(maxsize=64)
def _spending(key: Key) -> go.Figure:
    return spending_chart.draw_spending(estimate_of(*key))


def _show_spending(result: Estimate, key: Key) -> None:
    _show(_spending(key), _("What each option's money is spent on; the lines below name every share."))
    st.markdown(spending_chart.say_spending(result.options))
    st.caption(_("Counted with the middle of every range; with ranges, the totals in the table above differ a little."))


@lru_cache(maxsize=64)
def _cumulative(key: Key) -> go.Figure:
    return cost_chart.draw_cumulative(estimate_of(*key))


def _show_cumulative(key: Key) -> None:
    _show(_cumulative(key), _("What is spent month by month, option by option; the table above has the sums."))
    st.caption(_("A cross marks the day on which a model stops; dots show what its replacement costs from then on."))


@lru_cache(maxsize=64)
def _by_volume(key: Key) -> go.Figure:
    document, factor, day = key
    volumes: Mapping[str, Sequence[tuple[Decimal, Decimal]]] = cost_by_volume(
        scenario_of(document, factor), day, load_catalog()
    )
    now = middle(scenario_of(document, factor).traffic.requests_per_month)
    return cost_chart.draw_volumes(volumes, estimate_of(*key), now)


def _show_volumes(result: Estimate, key: Key) -> None:
    _show(_by_volume(key), _("Cost of every option by requests a month; the sentences below name where lines cross."))
    best = cheapest(result)
    told = [each for each in result.breakeven if best is not None and each.against == best.name]
    st.markdown("\n".join(f"- **{show.plain(each.option)}**: {show.plain(each.text)}" for each in told))


@lru_cache(maxsize=64)
def _tornado(key: Key, option: str) -> go.Figure:
    document, factor, day = key
    # The sum of the lines, not the middle of the draws: the swings too leave every other number in its middle.
    lines = next(each.lines for each in estimate_of(*key).options if each.name == option)
    middle_usd = sum((line.usd for line in lines), Decimal(0))
    return cost_chart.draw_tornado(sensitivity(scenario_of(document, factor), option, day, load_catalog()), middle_usd)


def _show_tornado(scenario: OpenScenario, result: Estimate, key: Key) -> None:
    names = [option.name for option in result.options if option.available]
    option = st.selectbox(_("Option"), names, key=f"{scenario.key}:tornado", width=360)
    _show(_tornado(key, option), _("How far each number moves the cost of {name}.").format(name=option))
    st.caption(
        _(
            "Numbers without a range are moved a quarter up and down, so that they can be compared; what is estimated "
            "or only known as a span of prices moves between its own ends."
        )
    )
