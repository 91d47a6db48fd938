"""A comparison while it runs: what it does, how far it is, how the loss falls."""

from collections.abc import Sequence

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.experiment.run import cancel_run, tend_run
from ftdecide.experiment.run_view import LossPoint, RunView, view_run
from ftdecide.experiment.run_words import arm_words, phase_words, state_words, time_words
from ftdecide.jobs.launch import worker_alive
from ftdecide.store.runs import load_run
from ftdecide.translation import _
from pages.parts import show, state


@st.fragment(run_every=2.0)
def show_progress(run_id: str) -> None:
    """Show a run that has not ended, every two seconds anew; when it ends the whole page is shown again."""
    view = view_run(state.store(), run_id)
    if view.ended:
        st.rerun(scope="app")
    _tend(view)
    left = "" if view.eta_seconds is None else time_words(view.eta_seconds)
    phase = phase_words(view.phase) if view.state == "running" and view.phase else ""
    words = " · ".join(filter(None, (f"**{state_words(view.state)}**", phase, left)))
    st.progress(view.done / view.total if view.total else 0.0, text=words)
    with st.container(horizontal=True):
        for arm in view.arms:
            failed = _("{n} failed").format(n=arm.failed) if arm.failed else None
            st.metric(
                arm_words(arm.name).capitalize(),
                f"{arm.done} / {arm.total}",
                delta=failed,
                delta_color="inverse",
                delta_arrow="off",
                border=True,
            )
    show_losses(view.losses)
    st.caption(_("You may close this page: the run goes on, and its address shows it again, in any browser."))
    if view.state != "cancelling" and st.button(_("Cancel the run"), icon=":material/stop:", key="cancel"):
        cancel_run(state.store(), state.settings(), run_id)
        st.rerun()


def _tend(view: RunView) -> None:
    """Replace a worker that was killed; say so when somebody else would have to."""
    try:
        tend_run(state.settings(), load_run(state.store(), view.id))
    except FtdecideError as error:
        show.problem(error)
    if not worker_alive(state.settings()):
        st.warning(
            _("No worker is running, so nothing happens. Start one: python -m ftdecide worker"),
            icon=":material/warning:",
        )


def show_losses(losses: Sequence[LossPoint]) -> None:
    """Show how the loss fell while a model was tuned: lower means that it fits the training rows better."""
    if not losses:
        return
    import plotly.graph_objects as go

    figure = go.Figure()
    for arm in dict.fromkeys(point.arm for point in losses):
        mine = [point for point in losses if point.arm == arm]
        figure.add_scatter(
            x=[point.step for point in mine],
            y=[point.loss for point in mine],
            mode="lines+markers",
            name=arm_words(arm),
        )
    last = losses[-1]
    steps = last.total_steps or last.step
    figure.update_layout(
        height=240,
        margin={"l": 0, "r": 0, "t": 10, "b": 40},
        xaxis={"title": _("Training step"), "range": [0, steps + 0.5], "fixedrange": True},
        yaxis={"title": _("Loss"), "rangemode": "tozero", "fixedrange": True},
        showlegend=False,
    )
    st.caption(_("Training loss: how badly the model predicts the training answers. It should fall, then level off."))
    st.plotly_chart(
        figure,
        key="losses",
        config={"displayModeBar": False},
        alt=_("Training loss from {first:.2f} at step {one} to {last:.2f} at step {step} of {steps}.").format(
            first=losses[0].loss, one=losses[0].step, last=last.loss, step=last.step, steps=steps
        ),
    )
