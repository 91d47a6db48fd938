"""Estimating the training of an option on own or rented machines: does it fit, how long, how much; and serving it."""

from dataclasses import replace
from datetime import date

import streamlit as st

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.compute.gpus import find_gpu, load_gpus
from ftdecide.costs.compute.measured import THIS_MACHINE, MeasuredSpeed, load_measured, measured_file
from ftdecide.costs.compute.models import find_model
from ftdecide.costs.compute.training import TrainingEstimate
from ftdecide.costs.edits import with_value
from ftdecide.costs.own_machine import Setup, estimate_option, hours_to_take, machine_rate, training_tokens
from ftdecide.costs.scenario import Option, Training
from ftdecide.costs.training_job import TuningMethod
from ftdecide.errors import FtdecideError, InputError
from ftdecide.translation import _
from pages.parts import scenario_state, serving_capacity, show, state, training_estimate
from pages.parts.scenario_fields import amount_in_words
from pages.parts.scenario_state import OpenScenario

_MOST_GPUS = 1024
_METHODS: dict[TuningMethod, str] = {
    "lora": _("LoRA: a small add-on is trained"),
    "qlora": _("QLoRA: an add-on, the model kept in 4 bits"),
    "full": _("Full: every weight is trained"),
}


@st.fragment
def show_training_hours(scenario: OpenScenario, place: int, day: date) -> None:
    """Offer the estimate of one run, where the option is tuned, and that of what its machine serves."""
    option = scenario.scenario().options[place]
    key = f"{scenario.key}:options.{place}"
    if option.fine_tuned:
        title = _("Estimate fit, hours and cost of a training run")
        panel = st.expander(title, icon=":material/schedule:", key=f"{key}:hours_panel", on_change="rerun")
        if panel.open:
            with panel:
                _show_training(scenario, place, option, day)
    title = _("See what one machine serves")
    panel = st.expander(title, icon=":material/dns:", key=f"{key}:serving_panel", on_change="rerun")
    if panel.open:
        with panel:
            serving_capacity.show_serving(option, scenario.scenario().traffic, day)


def _show_training(scenario: OpenScenario, place: int, option: Option, day: date) -> None:
    try:
        measured = load_measured(measured_file(state.settings().home))
        setup = _ask(f"{scenario.key}:options.{place}:run", scenario, option, measured)
        if setup is None:
            return
        own = _is_own(option, setup.gpu)
        rate = machine_rate(option, day, load_catalog()) if own else None
        found = _estimate(option, replace(setup, measured=measured, rate=rate), day)
    except FtdecideError as error:
        show.problem(error)
        return
    training_estimate.show_estimate(found, setup, rate)
    _offer(scenario, place, option, found)
    machines = option.hosting.count or 1 if option.hosting else 1
    if not own or setup.gpus != machines:
        st.caption(
            _(
                "The scenario counts hours times the option's {machines} of {gpu}: the run's GPU hours are shared out "
                "over that number, at that machine's price."
            ).format(machines=machines, gpu=show.plain((option.hosting and option.hosting.gpu) or _("no named GPU")))
        )


def _ask(key: str, scenario: OpenScenario, option: Option, measured: tuple[MeasuredSpeed, ...]) -> Setup | None:
    """Show how the run is set up; None while something is missing that nobody can guess."""
    gpus = [gpu.id for gpu in load_gpus()] + ([THIS_MACHINE] if measured else [])
    usual = next((gpu for gpu in gpus if _is_own(option, gpu)), None)
    with st.grid("auto", min_column_width=200):
        method = st.selectbox(_("Method"), list(_METHODS), format_func=_METHODS.__getitem__, key=f"{key}:method")
        gpu = st.selectbox(
            _("GPU to train on"), gpus, index=gpus.index(usual) if usual else None, key=f"{key}:gpu:{usual}"
        )
        count = st.number_input(_("GPUs at once"), 1, _MOST_GPUS, value=_count(option), step=1, key=f"{key}:gpus")
        size = _ask_size(key, option)
        examples, length = _ask_examples(key, scenario, option)
    if gpu is None or size == 0:
        st.info(_("Choose the GPU, and the size of a model that is not listed, to see an estimate."))
        return None
    return Setup(method, gpu, int(count), size, examples, length)


def _count(option: Option) -> int:
    return min(_MOST_GPUS, (option.hosting.count if option.hosting else None) or 1)


def _ask_size(key: str, option: Option) -> float | None:
    """Ask how large a model is that the list does not have; 0 while that is not answered."""
    try:
        find_model(option.model or "")
    except InputError:
        label = _("Billions of parameters")
        note = _("This model is not in the list: its size tells most of what it needs.")
        return st.number_input(label, 0.0, value=None, key=f"{key}:size", placeholder=_("none"), help=note) or 0
    return None


def _ask_examples(key: str, scenario: OpenScenario, option: Option) -> tuple[int | None, float | None]:
    """Show the tokens that the option gives; where it gives none, ask for examples and their length."""
    training = option.training or Training()
    tokens = training_tokens(training)
    if tokens is not None:
        told = _("about {n:,.0f}") if tokens.p10 < tokens.p90 else _("{n:,.0f}")
        shown = told.format(n=float(f"{tokens.p50:.4g}"))
        st.markdown(f":small[{_('Tokens over all rounds')}]  \n**{shown}**")
        return None, None
    known = int(scenario.basis.span("training_examples").low)
    examples = st.number_input(_("Examples"), 1, value=max(1, known), step=1, key=f"{key}:examples")
    length = st.number_input(
        _("Tokens of one example"), 1.0, value=None, step=10.0, placeholder=_("none"), key=f"{key}:length"
    )
    return int(examples), length


def _is_own(option: Option, gpu: str) -> bool:
    """Say whether the run's GPU is the one that the option names."""
    try:
        return bool(option.hosting and option.hosting.gpu and find_gpu(option.hosting.gpu).id == gpu)
    except InputError:
        return False


@st.cache_data(max_entries=64, show_spinner=False)
def _estimate(option: Option, setup: Setup, day: date) -> TrainingEstimate:
    return estimate_option(option, setup, day, load_catalog())


def _offer(scenario: OpenScenario, place: int, option: Option, found: TrainingEstimate) -> None:
    """Offer to write the hours into the option, or say that they stand there."""
    hours = hours_to_take(found, (option.hosting.count if option.hosting else None) or 1)
    if hours is None or not hours.high:
        return
    span = {"low": float(hours.low), "high": float(hours.high)}
    words = _("{hours} hours a run (90 % interval)").format(hours=amount_in_words(span))
    if option.training and option.training.hours == hours:
        st.success(f"{_('Taken over:')} {words} {show.origin('assumed', _('estimated'))}", icon=":material/check:")
        return
    st.markdown(f"{_('For the scenario:')} **{words}** {show.origin('assumed', _('estimated'))}")
    label = show.primary_label(_("Take these hours over"), "download_done")
    if st.button(label, type="primary", key=f"{scenario.key}:options.{place}:take_hours"):
        path = f"options.{place}.training.hours"
        state.note_problem(f"{scenario.key}:{path}", None)
        scenario_state.change(scenario, lambda document: with_value(document, path, span))
        st.rerun()
