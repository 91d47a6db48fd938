"""What a comparison may take, and what counts as a difference: settled before anything is measured."""

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal
from typing import Any

import streamlit as st

from ftdecide.experiment.general.questions import general_questions
from ftdecide.experiment.preflight import Preflight
from ftdecide.translation import _

_CENT = Decimal("0.01")
_MOST_MINUTES = 10_000
_LOOKS = {
    1: _("only at the end"),
    2: _("half-way and at the end"),
    3: _("after each third"),
    4: _("after each quarter"),
}


def choose_limits(arms: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Let a person choose margin, repeats, looks and time; return them as a plan writes them.

    General questions are offered where `arms` have a tuned model and its base.
    """
    kinds = {arm["kind"] for arm in arms}
    with st.expander(_("More settings"), icon=":material/tune:"):
        left, middle, right = st.columns(3)
        margin = left.number_input(
            _("A difference that would not matter (points)"),
            1,
            50,
            5,
            key="run_margin",
            help=_("Differences that are surely smaller are called “practically the same”. Settled before the run."),
        )
        repeats = middle.number_input(
            _("Times every question is asked"), 1, 10, 1, key="run_repeats", help=_("The average of a row counts.")
        )
        looks = right.selectbox(
            _("When results are looked at"),
            list(_LOOKS),
            format_func=_LOOKS.__getitem__,
            key="run_looks",
            help=_("Looking more often asks for stronger evidence each time. Between looks nothing is shown."),
        )
        minutes = left.number_input(
            _("Minutes at most (empty: no limit)"), 1, _MOST_MINUTES, None, key="run_minutes", placeholder=_("no limit")
        )
        pilot = middle.number_input(
            _("Rows asked first, to check the estimate"),
            0,
            100,
            0,
            key="run_pilot",
            help=_("They count as answers too."),
        )
        general = "fine_tuned" in kinds and bool({"zero_shot", "few_shot"} & kinds)
        if general:
            count = len(general_questions().questions)
            general = st.checkbox(
                _("Also ask {n} general questions, to see whether tuning made the model forget").format(n=count),
                key="run_general",
                help=_("Simple facts, asked of the base model and of the tuned one. They change no score."),
            )
    return {
        "margin": margin / 100,
        "repeats": int(repeats),
        "looks": looks,
        "pilot_rows": int(pilot),
        "general_questions": general,
        "budget": {"minutes": float(minutes) if minutes else None},
    }


def choose_budget(preflight: Preflight, *, remote: bool) -> Decimal | None:
    """Ask what a run may cost at most, where it costs anything; the upper end of the estimate stands there first.

    None where the run costs nothing, or where no price is known and no amount was named yet.
    """
    if not remote:
        return None
    most = preflight.cost_usd.p95
    usual = None if most is None else float(max(_CENT, most.quantize(_CENT, rounding=ROUND_UP)))
    amount = st.number_input(
        _("US dollars at most"),
        min_value=0.01,
        value=usual,
        step=0.1,
        format="%.2f",
        key=f"run_usd:{usual}",
        help=_("The run stops before it would pass this, failed calls, training and earlier tries included."),
    )
    if amount is None:
        st.caption(_("No price is known for this model. Name the most that may be spent to go on."))
        return None
    budget = Decimal(str(amount)).quantize(_CENT)
    if most is not None and budget < most:
        text = _("The run may cost up to {most} USD and would stop at {budget} USD, with a partial result.")
        st.warning(text.format(most=f"{most:.2f}", budget=f"{budget:.2f}"), icon=":material/savings:")
    return budget


def start_label(budget: Decimal | None, *, remote: bool) -> str:
    """Return what the start button says: the amount that a click allows to be spent."""
    if not remote:
        return _("Start, at no cost")
    if budget is None:
        return _("Start")
    return _("Start, up to {usd} USD").format(usd=f"{budget:.2f}")
