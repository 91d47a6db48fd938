"""A comparison while it runs: what it does, how far it is, how the loss falls."""

from collections.abc import Sequence

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.experiment.looks import plan_looks
from ftdecide.experiment.run import cancel_run, tend_run
from ftdecide.experiment.run_view import LossPoint, RunView, view_run
from ftdecide.experiment.run_words import arm_words, phase_words, state_words, time_words
from ftdecide.experiment.summary import summarise_look
from ftdecide.experiment.types import Answer, Rows, Summary
from ftdecide.jobs.launch import worker_alive
from ftdecide.providers.connections import LOCAL
from ftdecide.store.answers import load_answers
from ftdecide.store.runs import load_rows, load_run
from ftdecide.translation import _, plural
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
        if view.experiment.provider.id != LOCAL or view.spent_usd:
            _show_money(view)
    _show_look(view)
    show_losses(view.losses)
    st.caption(_("You may close this page: the run goes on, and its address shows it again, in any browser."))
    if view.state != "cancelling" and st.button(_("Cancel the run"), icon=":material/stop:", key="cancel"):
        cancel_run(state.store(), state.settings(), run_id)
        st.rerun()


def _show_money(view: RunView) -> None:
    limit, spent = view.experiment.budget.usd, f"{view.spent_usd:.4f}"
    text = _("{spent} USD") if limit is None else _("{spent} of {limit} USD")
    st.metric(_("Spent so far"), text.format(spent=spent, limit=f"{limit or 0:.2f}"), border=True)


def _show_look(view: RunView) -> None:
    """Say when results are shown next; those of a planned look that was reached stand here, on its rows alone."""
    counts = plan_looks(view.experiment.looks, view.preflight.test_rows)
    shown = _seen_at(view) if len(counts) > 1 else None
    reached = shown.test_rows if shown else 0
    following = next((count for count in counts if count > reached), view.preflight.test_rows)
    if shown is not None:
        scores = ", ".join(
            f"{arm_words(arm.name)} {100 * arm.score:.0f} %" for arm in shown.arms if arm.score is not None
        )
        st.markdown(_("**Planned look after {n} rows:** {scores}.").format(n=reached, scores=show.plain(scores)))
        for contrast in shown.contrasts:
            title = _("{arm} against {baseline}").format(
                arm=arm_words(contrast.arm).capitalize(), baseline=arm_words(contrast.baseline)
            )
            st.markdown(f"- {show.plain(title)}: {show.plain(contrast.text)}")
    text = plural(
        "Results stay hidden until every option has answered {n} row: earlier, luck looks like a lead.",
        "Results stay hidden until every option has answered {n} rows: earlier, luck looks like a lead.",
        following,
    )
    st.caption(f":material/visibility_off: {text}")


def _seen_at(view: RunView) -> Summary | None:
    rows = Rows.model_validate(load_rows(state.store(), view.id))
    stored = load_answers(state.store(), view.id)
    answers = [Answer.model_validate(each.model_dump(include=set(Answer.model_fields))) for each in stored]
    return summarise_look(view.experiment, rows, answers)


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
