"""Measure the options: choose, see what it takes, run, read what came out, and use it as evidence."""

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.experiment.own_files import files_folder
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.run import start_run
from ftdecide.experiment.run_view import view_run
from ftdecide.experiment.run_words import state_words
from ftdecide.translation import _, plural
from pages.parts import (
    comparison,
    comparison_end,
    comparison_estimate,
    comparison_limits,
    comparison_list,
    comparison_progress,
    comparison_upload,
    conflict,
    show,
    state,
)
from pages.parts.comparison_list import RUN
from pages.parts.comparison_provider import Chosen


def show_setup() -> None:
    """Let a person choose a comparison and start it."""
    try:
        experiment, chosen = comparison.choose_experiment()
        if experiment is None:
            return
        st.subheader(_("What it takes, and what it can show"), anchor=False)
        found = comparison_estimate.estimate(experiment.model_dump_json())
        offer_start(experiment, chosen, Preflight.model_validate_json(found))
    except FtdecideError as error:
        show.problem(comparison_upload.say_plainly(error))


def offer_start(experiment: Experiment, chosen: Chosen, preflight: Preflight) -> None:
    """Show the estimate and the button that allows the amount on it to be spent."""
    comparison_estimate.show_estimate(preflight, remote=chosen.remote)
    budget = comparison_limits.choose_budget(preflight, remote=chosen.remote)
    ready = chosen.ready and (budget is not None or not chosen.remote)
    label = comparison_limits.start_label(budget, remote=chosen.remote)
    if not st.button(show.primary_label(label, "play_arrow"), type="primary", key="start", disabled=not ready):
        return
    allowed = experiment.model_copy(update={"budget": experiment.budget.model_copy(update={"usd": budget})})
    folder = files_folder(state.settings())
    run_id = start_run(state.store(), state.settings(), allowed, assessment_id=state.open_id(), folder=folder)
    st.query_params[RUN] = run_id
    st.rerun()


def show_run(run_id: str) -> None:
    """Show one run: how far it is, or what it found."""
    view = view_run(state.store(), run_id)
    head = show.plain(view.title)
    if view.ended:
        head = _("{title}: {state}").format(title=head, state=state_words(view.state).lower())
    st.subheader(head, anchor=False)
    test, train = view.preflight.test_rows, view.preflight.train_rows
    rows = plural("{n} row to measure on", "{n} rows to measure on", test)
    if view.state == "succeeded":
        rows = plural("{n} row measured", "{n} rows measured", test)
    learnt = plural("{n} row to learn from", "{n} rows to learn from", train)
    demonstration = f":violet-badge[:material/labs: {_('Demonstration data')}] " if view.experiment.data.sample else ""
    st.markdown(f"{demonstration}{rows}, {learnt}, {show.plain(view.experiment.provider.model)}")
    if view.ended:
        comparison_end.show_end(view)
    else:
        comparison_progress.show_progress(run_id)


def show_page() -> None:
    """Show the run in the address, or the choice; earlier runs below."""
    show.page_header(
        _("Measure the options"),
        _(
            "Every option answers the same locked test rows, so that no option gets the easier ones. A model is asked "
            "as it is and with examples, then truly fine-tuned and asked again: on this machine, or at a provider."
        ),
    )
    run_id = st.query_params.get(RUN)
    try:
        if opened := state.open_assessment():
            conflict.show_conflict(opened)
    except FtdecideError as error:
        show.problem(error)
    try:
        if run_id:
            show_run(run_id)
        else:
            comparison_list.show_under_way()
            show_setup()
        comparison_list.show_runs(run_id)
    except FtdecideError as error:
        show.problem(error)
        if run_id:
            comparison_end.offer_new()


show_page()
