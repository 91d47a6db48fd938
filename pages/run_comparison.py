"""Measure the options: choose, see what it takes, run, read what came out, and use it as evidence."""

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.run import resume_run, start_run
from ftdecide.experiment.run_view import RunView, view_run
from ftdecide.experiment.run_words import state_words
from ftdecide.translation import _, plural
from pages.parts import comparison, comparison_progress, conflict, evidence, show, state

RUN = "run"


def show_setup() -> None:
    """Let a person choose a comparison and start it."""
    experiment = comparison.choose_experiment()
    if experiment is None:
        st.info(_("Choose at least one thing to compare."), icon=":material/info:")
        return
    st.subheader(_("What it takes, and what it can show"), anchor=False)
    comparison.show_estimate(Preflight.model_validate_json(comparison.estimate(experiment.model_dump_json())))
    if st.button(show.primary_label(_("Run the comparison"), "play_arrow"), type="primary", key="start"):
        run_id = start_run(state.store(), state.settings(), experiment, assessment_id=state.open_id())
        st.query_params[RUN] = run_id
        st.rerun()
    st.caption(
        _(
            "This version measures the demonstration data here with a small model on this machine. Your own files and "
            "other providers run from the command line: python -m ftdecide compare FILE"
        )
    )


def show_run(run_id: str) -> None:
    """Show one run: how far it is, or what it found."""
    view = view_run(state.store(), run_id)
    head = show.plain(view.title)
    if view.ended:
        head = _("{title}: {state}").format(title=head, state=state_words(view.state).lower())
    st.subheader(head, anchor=False)
    test, train = view.preflight.test_rows, view.preflight.train_rows
    rows = plural("{n} row measured", "{n} rows measured", test)
    learnt = plural("{n} row to learn from", "{n} rows to learn from", train)
    demonstration = f":violet-badge[:material/labs: {_('Demonstration data')}] " if view.experiment.data.sample else ""
    st.markdown(f"{demonstration}{rows}, {learnt}, {show.plain(view.experiment.provider.model)}")
    if not view.ended:
        comparison_progress.show_progress(run_id)
        return
    show_end(view)


def show_end(view: RunView) -> None:
    """Show what an ended run found, and what can be done with it."""
    if view.message:
        (st.error if view.state == "failed" else st.info)(show.plain(view.message))
    with st.container(horizontal=True):
        if view.state in {"failed", "cancelled"} and st.button(
            show.primary_label(_("Go on with it"), "resume"), type="primary", key="resume"
        ):
            resume_run(state.store(), state.settings(), view.id)
            st.rerun()
        st.button(_("New comparison"), icon=":material/add:", on_click=forget_run, key="new")
    if view.summary is None:
        return
    if view.summary.partial:
        st.warning(
            _("Not every arm has answered every row, so nothing is claimed: these are counts so far."),
            icon=":material/hourglass_bottom:",
        )
    else:
        evidence.offer_evidence(view, view.summary)
    from pages.parts import comparison_result

    comparison_result.show_summary(view.summary)
    with st.expander(_("How the training went")):
        comparison_progress.show_losses(view.losses)


def forget_run() -> None:
    """Go back to the choice."""
    st.query_params.pop(RUN, None)


def show_page() -> None:
    """Show the run in the address, or the choice; earlier runs below."""
    show.page_header(
        _("Measure the options"),
        _(
            "Every option answers the same locked test rows, so that no option gets the easier ones. A small model on "
            "this machine is asked as it is and with examples, then truly fine-tuned and asked again."
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
            comparison.show_under_way()
            show_setup()
        comparison.show_runs(run_id)
    except FtdecideError as error:
        show.problem(error)
        if run_id:
            st.button(_("New comparison"), icon=":material/add:", on_click=forget_run, key="new")


show_page()
