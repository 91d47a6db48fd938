"""How an estimate of a training run is shown: does it fit, memory by part, hours and money, and what was assumed."""

from decimal import Decimal

import streamlit as st

from ftdecide.costs.compute.gpus import find_gpu
from ftdecide.costs.compute.measured import THIS_MACHINE
from ftdecide.costs.compute.spread import Spread
from ftdecide.costs.compute.training import TrainingEstimate
from ftdecide.costs.own_machine import MachineRate, Setup
from ftdecide.costs.scenario import Range
from ftdecide.costs.telling import say_usd
from ftdecide.translation import _
from pages.parts import show
from pages.parts.scenario_fields import amount_in_words

_WHOLE_FROM = 10
# Up to two minutes are told in seconds, up to two hours in minutes.
_LONGEST_IN_UNIT = 120
_PARTS = {
    "weights": _("Weights of the model"),
    "optimizer": _("Optimizer: what it remembers of each weight"),
    "optimizer_step": _("Copies while the optimizer changes the weights"),
    "gradients": _("Gradients: how each weight is to change"),
    "adapter": _("The add-on and its optimizer"),
    "activations": _("Results of layers kept for the way back"),
    "logits": _("Scores of every word of the vocabulary"),
    "other": _("Buffers"),
}
_SETTINGS = {
    "sequence_length": _("The length of a sequence in tokens"),
    "micro_batch": _("The number of sequences at once"),
    "activation_checkpointing": _("How far layers are worked out again instead of kept"),
    "precision": _("The number format"),
    "optimizer": _("The optimizer"),
    "loss": _("The loss"),
}


def show_estimate(found: TrainingEstimate, setup: Setup, rate: MachineRate | None) -> None:
    """Show an estimate; `rate` is the option's own price of a machine, where that was counted."""
    _show_fit(found, setup)
    told = _("10 to 90 % of cases")
    time = f"**{say_time(found.hours)}** :small[({told})]" if found.hours else _("not known without tokens")
    usd = f"**{_say_usd(found.cost_usd)}** :small[({told})]" if found.cost_usd else _("no price or no hours are known")
    st.markdown(f"{_('One run takes')}: {time}  \n{_('One run costs')}: {usd}")
    if rate is not None:
        amount = rate.usd_per_hour
        ends = {"low": amount.low, "high": amount.high} if isinstance(amount, Range) else amount
        price = _("{usd} USD an hour for one machine").format(usd=amount_in_words(ends))
        st.caption(f"{price} {show.origin(rate.origin, rate.source, rate.as_of)}")
    _show_memory(found, setup)
    st.markdown(f":small[{_('What this rests on')} {show.origin('assumed')}]")
    st.caption("\n".join(f"- {show.plain(_in_words(sentence))}" for sentence in found.assumptions))


def _in_words(sentence: str) -> str:
    """Return a sentence about a setting with the setting's name for people."""
    first, _space, rest = sentence.partition(" ")
    return f"{_SETTINGS[first]} {rest}" if first in _SETTINGS else sentence


def _show_fit(found: TrainingEstimate, setup: Setup) -> None:
    chance = _("{chance:.0f} % of the ways to set it up fit").format(chance=100 * found.chance_to_fit)
    if found.fits == "yes":
        text = _("Yes, it fits the memory: {chance}.").format(chance=chance)
        st.success(text, icon=":material/check_circle:")
    elif found.fits == "no":
        text = _("No, it does not fit the memory: {chance}. Take a lighter method, a larger GPU or more of them.")
        st.error(text.format(chance=chance), icon=":material/cancel:")
    else:
        text = _("Unknown whether it fits the memory: {chance}. Batch and sequence length decide it.")
        st.warning(text.format(chance=chance), icon=":material/help:")
    peak = found.peak_memory_gib_per_gpu
    needs = _("At its peak each GPU needs {low:.0f} to {high:.0f} GiB of memory, in the middle {middle:.0f}.")
    said = needs.format(low=peak.p10, middle=peak.p50, high=peak.p90)
    if setup.gpu != THIS_MACHINE:
        said += " " + _("It has {gib:g}.").format(gib=find_gpu(setup.gpu).memory_gib)
    st.markdown(said)


def _show_memory(found: TrainingEstimate, setup: Setup) -> None:
    parts = {_PARTS.get(name, name): gib for name, gib in found.memory_parts.items() if gib}
    rows = {**parts, _("Together"): sum(parts.values())}
    st.markdown(f":small[{_('Memory of the likeliest setup, by part')}]")
    st.table(
        {_("Part"): list(rows), _("GiB on each GPU"): [f"{gib:,.1f}" for gib in rows.values()]},
        hide_index=True,
        border="horizontal",
        alt=_("Memory of one GPU while training with {method}, by part").format(method=setup.method),
    )


def say_time(hours: Spread) -> str:
    """Return a span of hours in a unit in which it is no tiny fraction: seconds, minutes or hours."""
    for unit, words in ((3600, _("{low} to {high} seconds")), (60, _("{low} to {high} minutes"))):
        if hours.p90 * unit < _LONGEST_IN_UNIT:
            return words.format(low=_short(hours.p10 * unit), high=_short(hours.p90 * unit))
    return _("{low} to {high} hours").format(low=_short(hours.p10), high=_short(hours.p90))


def _short(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= _WHOLE_FROM else f"{amount:.2g}"


def _say_usd(spread: Spread) -> str:
    low, high = (say_usd(Decimal(f"{end:.3g}")) for end in (spread.p10, spread.p90))
    return _("{low} to {high} USD").format(low=low, high=high)
