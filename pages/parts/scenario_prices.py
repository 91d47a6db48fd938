"""What an option is charged by the hour and by the token: the rented machine, and prices of one's own."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.prices import find_price, model_prices
from ftdecide.catalog.rates import PriceKind
from ftdecide.costs.edits import with_value
from ftdecide.errors import NotFoundError
from ftdecide.translation import _
from pages.parts import scenario_state, show, state
from pages.parts.scenario_fields import Box, of_option, show_box
from pages.parts.scenario_state import OpenScenario

_MACHINE = (
    Box("hosting.count", _("Machines"), kind="count"),
    Box("hosting.hours_per_month", _("Hours a month"), kind="number", at_most=744.0, help=_("730 is always ready.")),
    Box(
        "hosting.requests_per_second_capacity",
        _("Requests a second it can answer"),
        help=_("Of one machine."),
        empty=_("estimated"),
    ),
    Box("hosting.usd_per_hour", _("Price of your own"), _("US dollars an hour"), empty=_("catalogue")),
)
_PRICES = ("input", "cached_input", "output", "training")


def show_machine(scenario: OpenScenario, place: int) -> None:
    """Show which machine is rented where, with its price an hour, and how many."""
    hosting = scenario.document["options"][place].get("hosting") or {}
    offers = {
        f"{offer.gpu}|{offer.cloud}": _("{gpu} at {cloud} · {usd} USD an hour, read {day}").format(
            gpu=offer.gpu, cloud=offer.cloud, usd=offer.usd_per_gpu_hour, day=offer.as_of
        )
        for offer in sorted(load_catalog().gpus.gpus, key=lambda offer: (offer.gpu, offer.as_of))
    }
    key = f"{scenario.key}:options.{place}.hosting"
    chosen = f"{hosting.get('gpu', '')}|{hosting.get('cloud', '')}"
    state.seed_widget(key, chosen)
    st.markdown(f"**{_('Machine')}**")
    st.selectbox(
        _("Graphics processor (GPU) and cloud"),
        list(offers) if chosen in offers else [*offers, chosen],
        format_func=lambda offer: offers.get(offer, offer.replace("|", " ").strip() or _("none chosen")),
        key=key,
        on_change=_save_machine,
        args=(scenario, place, key),
    )
    with st.grid(2):
        for box in _MACHINE:
            show_box(scenario, of_option(box, place))


def _save_machine(scenario: OpenScenario, place: int, key: str) -> None:
    gpu, _between, cloud = str(state.widget_value(key) or "").partition("|")

    def choose(document: scenario_state.Document) -> scenario_state.Document:
        changed = with_value(document, f"options.{place}.hosting.gpu", gpu or None)
        return with_value(changed, f"options.{place}.hosting.cloud", cloud or None)

    scenario_state.change(scenario, choose)


def show_prices(scenario: OpenScenario, place: int, option: Mapping[str, Any], *, tuned: bool) -> None:
    """Show a box for each price; one that is filled replaces the catalogue's and counts as assumed."""
    names = {
        "input": _("Input"),
        "cached_input": _("Input from the cache"),
        "output": _("Output"),
        "training": _("Training"),
    }
    used = option.get("prices_usd_per_mtok") or {}
    known = _catalogue_prices(option, tuned=tuned)
    st.markdown(
        f"**{_('Prices of your own')}** :gray[:small[{_('US dollars per million tokens; empty: from the catalogue')}]]"
    )
    with st.grid(2):
        for name in _PRICES if tuned else _PRICES[:-1]:
            box = Box(
                f"options.{place}.prices_usd_per_mtok.{name}",
                names[name],
                kind="number",
                empty=known.get(name, _("not known")),
            )
            show_box(scenario, box, show.origin("assumed") if name in used else "")


def _catalogue_prices(option: Mapping[str, Any], *, tuned: bool) -> dict[str, str]:
    """Return the catalogue's rates as they are written, to be seen in the empty boxes."""
    try:
        provider = find_provider(load_catalog(), option.get("provider") or "")
        prices = model_prices(provider, find_model(load_catalog(), provider.id, option.get("model") or ""))
    except NotFoundError:
        return {}
    kind: PriceKind = "ft_inference" if tuned else "base_inference"
    answers, training = find_price(prices, kind, tier=option.get("tier")), find_price(prices, "training", method="sft")
    found = {
        "input": answers and answers.input_usd_per_mtok,
        "cached_input": answers and answers.cached_input_usd_per_mtok,
        "output": answers and answers.output_usd_per_mtok,
        "training": training and training.training_usd_per_mtok,
    }
    return {name: str(rate) for name, rate in found.items() if rate is not None}
