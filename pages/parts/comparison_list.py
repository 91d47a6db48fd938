"""The comparisons there are: the one under way, earlier ones, and two of them side by side."""

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.experiment.run import list_runs, tend_run
from ftdecide.experiment.run_words import arm_words, state_words
from ftdecide.experiment.types import ArmResult, Summary
from ftdecide.store.runs import ENDED, SavedRun
from ftdecide.translation import _, plural
from pages.parts import show, state

RUN, OTHER = "run", "with"
_ICONS = {"succeeded": "check_circle", "failed": "error", "cancelled": "stop_circle"}
_RUNS_LISTED = 10


def show_under_way() -> None:
    """Lead back to a run that has not ended: whoever left the page looks for it first."""
    for run in list_runs(state.store()):
        if run.state not in ENDED:
            st.info(_("A comparison is under way. You can watch it, or start a further one."), icon=":material/info:")
            _tend(run)
            _show_run(run)
            st.space("small")
            return


def _tend(run: SavedRun) -> None:
    """Replace a worker that was killed, also while nobody watches the run itself."""
    try:
        tend_run(state.settings(), run)
    except FtdecideError as error:
        show.problem(error)


def show_runs(current: str | None) -> None:
    """List the newest runs, each with a way to it; the choice names those under way elsewhere."""
    runs = [run for run in list_runs(state.store()) if run.id != current and (current or run.state in ENDED)]
    if not runs:
        return
    st.subheader(_("Earlier comparisons"), anchor=False)
    for run in runs[:_RUNS_LISTED]:
        _show_run(run)
    if len(runs) > _RUNS_LISTED:
        st.caption(
            plural(
                "{n} older comparison is not shown.", "{n} older comparisons are not shown.", len(runs) - _RUNS_LISTED
            )
        )


def _show_run(run: SavedRun) -> None:
    st.button(
        _say_run(run),
        icon=f":material/{_ICONS.get(run.state, 'hourglass_top')}:",
        type="tertiary",
        key=f"run:{run.id}",
        on_click=open_run,
        args=(run.id,),
    )


def _say_run(run: SavedRun) -> str:
    rows = plural("{n} answer", "{n} answers", run.total)
    return f"{state_words(run.state)} · {run.created_at:%Y-%m-%d %H:%M} UTC · {show.plain(run.title)} · {rows}"


def open_run(run_id: str) -> None:
    """Put a run into the address, where the page finds it."""
    st.query_params[RUN] = run_id
    st.query_params.pop(OTHER, None)


def offer_comparison(run_id: str, summary: Summary) -> None:
    """Offer to put another run's result beside this one; the other's id stands in the address too."""
    others = {run.id: run for run in list_runs(state.store()) if run.id != run_id and run.result}
    if not others:
        return
    asked = st.query_params.get(OTHER)
    names = list(others)
    chosen = st.selectbox(
        _("Put another comparison beside this one"),
        names,
        index=names.index(asked) if asked in others else None,
        format_func=lambda name: f"{others[name].title} · {others[name].created_at:%Y-%m-%d %H:%M} UTC",
        key=f"beside:{run_id}",
        placeholder=_("choose one"),
    )
    if chosen is None:
        st.query_params.pop(OTHER, None)
        return
    st.query_params[OTHER] = chosen
    show_beside(summary, Summary.model_validate(others[chosen].result))


def show_beside(one: Summary, other: Summary) -> None:
    """Show the scores of two runs side by side, and say whether they may be compared."""
    if one.test_hash == other.test_hash and one.metric == other.metric and one.grader == other.grader:
        st.success(
            _("Both measured the same test rows in the same way, so their scores can be compared."),
            icon=":material/check:",
        )
    else:
        text = _("They measured different test rows, or marked them differently: their scores cannot be compared.")
        st.warning(text, icon=":material/warning:")
    arms = {arm.name: arm for arm in one.arms}, {arm.name: arm for arm in other.arms}
    heads = _("This one"), _("The other")
    lines = [
        {_("Option"): arm_words(name).capitalize()}
        | {head: _say_score(side.get(name)) for head, side in zip(heads, arms, strict=True)}
        for name in dict.fromkeys([*arms[0], *arms[1]])
    ]
    models = {_("Option"): _("Model"), heads[0]: one.model, heads[1]: other.model}
    rows = {_("Option"): _("Test rows"), heads[0]: str(one.test_rows), heads[1]: str(other.test_rows)}
    st.dataframe([*lines, models, rows], hide_index=True, alt=_("Scores of both comparisons, option by option"))


def _say_score(arm: ArmResult | None) -> str:
    if arm is None or arm.score is None:
        return _("not asked")
    if arm.interval is None:
        return f"{100 * arm.score:.1f} %"
    return _("{score:.1f} % ({low:.0f} to {high:.0f})").format(
        score=100 * arm.score, low=100 * arm.interval.low, high=100 * arm.interval.high
    )
