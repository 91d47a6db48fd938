"""Boxes for the numbers of a cost scenario: what a person puts in is saved at once, or the reason stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ftdecide.costs.edits import value_at
from ftdecide.errors import FtdecideError, InputError
from ftdecide.translation import _
from pages.parts import scenario_start, scenario_state, show, state
from pages.parts.scenario_state import OpenScenario

_PERCENT = 100


@dataclass(frozen=True)
class Box:
    """One number: its dotted path, what to call it, its unit, and how to show it.

    `kind` "amount" takes a number or a low and a high end; "share" is shown in per cent, "growth" too but as an amount.
    """

    path: str
    label: str
    unit: str = ""
    kind: str = "amount"
    help: str | None = None
    empty: str = ""
    at_most: float | None = None

    @property
    def factor(self) -> int:
        """What the stored number is multiplied by on the screen."""
        return _PERCENT if self.kind in ("share", "growth") else 1


def of_option(box: Box, place: int) -> Box:
    """Return the box for the option at a place of the list."""
    return replace(box, path=f"options.{place}.{box.path}")


def show_box(scenario: OpenScenario, box: Box, badge: str = "") -> None:
    """Show a number with its label and unit; `badge` is Markdown that says where it comes from."""
    key = f"{scenario.key}:{box.path}"
    answer = value_at(scenario.document, box.path)
    unit = f" :gray[({'%' if box.factor > 1 else box.unit})]" if box.unit or box.factor > 1 else ""
    with st.container(gap="xxsmall"):
        st.markdown(f":small[{box.label}{unit}] {badge}".rstrip(), help=box.help)
        if box.kind in ("amount", "growth"):
            low, high = (answer["low"], answer["high"]) if isinstance(answer, Mapping) else (answer, None)
            with st.container(horizontal=True, gap="xsmall", wrap=False):
                _box(scenario, box, key, ":low", low)
                _box(scenario, box, key, ":high", high)
        else:
            _box(scenario, box, key, "", answer)
        if problem := state.noted_problem(key):
            st.error(problem, icon=":material/error:")


def _box(scenario: OpenScenario, box: Box, key: str, end: str, value: float | None) -> None:
    state.seed_widget(f"{key}{end}", None if value is None else round(float(value) * box.factor, 6), owner=key)
    whole = box.kind == "count"
    st.number_input(
        _("{label}, upper end").format(label=box.label) if end == ":high" else box.label,
        label_visibility="collapsed",
        min_value=0.0,
        max_value=box.at_most or (float(_PERCENT) if box.kind == "share" else None),
        value=None,
        step=1.0,
        format="%.0f" if whole else "%g",
        placeholder=_("up to") if end == ":high" else box.empty or _("none"),
        key=f"{key}{end}",
        on_change=save_box,
        args=(scenario, box, key),
        width="stretch",
    )


def save_box(scenario: OpenScenario, box: Box, key: str) -> None:
    """Save what a person just put into a box; what cannot be saved stays there, with the reason beside it."""
    try:
        scenario_state.set_value(scenario, box.path, _value(box, key))
    except FtdecideError as error:
        state.note_problem(key, str(error).split(": ", maxsplit=1)[-1])
    else:
        state.note_problem(key, None)


def _value(box: Box, key: str) -> Any:
    if box.kind in ("amount", "growth"):
        return _range(_number(box, f"{key}:low"), _number(box, f"{key}:high"))
    return _number(box, key)


def _range(low: float | None, high: float | None) -> Any:
    if high is None or low == high:
        return low
    if low is None:
        raise InputError(_("Only the upper end is given; give the lower end too, or one number in the first box"))
    if low > high:
        raise InputError(
            _(
                "The lower end {low:,g} is above the upper end {high:,g}; swap them, or empty the second box. "
                "Until then nothing is saved"
            ).format(low=low, high=high)
        )
    return {"low": low, "high": high}


def _number(box: Box, key: str) -> float | int | None:
    value = state.widget_value(key)
    if value is None:
        return None
    value = round(float(value) / box.factor, 8)
    return int(value) if value.is_integer() else value


def show_text(scenario: OpenScenario, path: str, label: str) -> None:
    """Show a line of text that may not be empty."""
    key = f"{scenario.key}:{path}"
    state.seed_widget(key, value_at(scenario.document, path) or "")
    st.text_input(label, key=key, max_chars=120, on_change=save_words, args=(scenario, path, key))
    if problem := state.noted_problem(key):
        st.error(problem, icon=":material/error:")


def save_words(scenario: OpenScenario, path: str, key: str) -> None:
    """Save a text; an empty one, or a name that another option has, is refused."""
    try:
        words = " ".join(str(state.widget_value(key) or "").split())
        if not words:
            raise InputError(_("An option needs a name; type one"))
        scenario_state.set_value(scenario, path, words)
    except FtdecideError as error:
        state.note_problem(key, str(error).split("document: ", maxsplit=1)[-1])
    else:
        state.note_problem(key, None)


def amount_in_words(value: Any, factor: int = 1) -> str:
    """Return an amount of a document as people write it: "30,000 to 50,000"."""
    if isinstance(value, Mapping):
        low, high = (f"{float(value[end]) * factor:,g}" for end in ("low", "high"))
        return _("{low} to {high}").format(low=_plain(value["low"], low), high=_plain(value["high"], high))
    return _plain(value, f"{float(value or 0) * factor:,g}")


def _plain(value: Any, short: str) -> str:
    """Write large numbers out rather than as 1e+06."""
    return f"{float(value):,.0f}" if "e" in short else short


def _is_given(scenario: OpenScenario, name: str) -> bool:
    """Say whether an answer is still the one that the example brought along, not one that a person put in its place."""
    opened = scenario.assessment
    if opened is None or not opened.example:
        return False
    brought = scenario_start.sample_traffic(opened.title)
    return opened.version == 1 if brought is None else brought.get(name) == scenario.basis.span(name).amount()


def badge(scenario: OpenScenario, name: str) -> str:
    """Return the badge that says where a followed number comes from."""
    kind = scenario.origin(name)
    if kind == "answered" and _is_given(scenario, name):
        return f":gray-badge[:material/dataset: {_('From the example')}]"
    return show.origin(kind)
