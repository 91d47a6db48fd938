"""What one machine of an option serves, how many its busiest hour needs, and what a million of its tokens costs."""

from datetime import date
from decimal import Decimal

import streamlit as st

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.own_serving import Served, serve_option
from ftdecide.costs.scenario import Option, ScenarioTraffic
from ftdecide.costs.telling import say_spread
from ftdecide.costs.types import Spread
from ftdecide.errors import FtdecideError
from ftdecide.translation import _, plural
from pages.parts import show

_PERCENT = 100


def show_serving(option: Option, traffic: ScenarioTraffic, day: date) -> None:
    """Show the estimate, or why there is none."""
    try:
        found = _serve(option, traffic, day)
    except FtdecideError as error:
        show.problem(error)
        return
    if found is None:
        st.info(
            _(
                "No estimate: it needs a listed open model and a listed GPU with room for it. Measure how many "
                "requests a second your machine answers and put that into “Requests a second it can answer”."
            ),
            icon=":material/help:",
        )
        return
    capacity = found.capacity
    one = _("One machine") if capacity.gpus == 1 else _("{n} GPUs that share the model").format(n=capacity.gpus)
    rows = {
        _("{one} answers, requests a second").format(one=one): say_rates(capacity.requests_per_second),
        _("The busiest hour asks, requests a second"): f"{found.peak_requests_per_second:,.3g}",
        _("Machines for the busiest hour"): _say_machines(found),
        _("How busy they are in the busiest hour"): _share(found.busy_at_peak),
        _("How busy they are on average"): _share(found.busy),
        _("USD a million output tokens at this traffic"): say_spread(found.usd_per_mtok),
        _("The same if a machine were always busy"): say_spread(found.usd_per_mtok_when_full),
    }
    st.table(
        {_("Serving"): list(rows), _("Estimate"): list(rows.values())},
        hide_index=True,
        border="horizontal",
        alt=_("What one machine serves, and what its answers cost"),
    )
    st.markdown(f":small[{_('Speed')}: {show.origin(capacity.origin, capacity.source, capacity.as_of)}]")
    if found.rate is not None:
        st.markdown(f":small[{_('Price')}: {show.origin(found.rate.origin, found.rate.source, found.rate.as_of)}]")
    st.caption(
        f"{show.plain(capacity.text)} "
        + _(
            "Numbers in brackets are what 10 and 90 % of cases stay below. The price at this traffic counts idle "
            "hours; it varies with how many machines are needed."
        )
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _serve(option: Option, traffic: ScenarioTraffic, day: date) -> Served | None:
    return serve_option(option, traffic, day, load_catalog())


def say_rates(spread: Spread) -> str:
    """Return requests a second with their range."""
    return _("{middle:,.3g} ({low:,.3g} to {high:,.3g})").format(middle=spread.p50, low=spread.p10, high=spread.p90)


def _say_machines(found: Served) -> str:
    least, middle, most = found.machines
    told = plural("{n} machine", "{n} machines", middle)
    return told if least == most else _("{told} ({least} to {most})").format(told=told, least=least, most=most)


def _share(share: Decimal) -> str:
    return _("{share:.3g} %").format(share=_PERCENT * share)
