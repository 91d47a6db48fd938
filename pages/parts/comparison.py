"""A comparison before it runs: the choice and the estimate; and the list of those that ran."""

from collections.abc import Sequence

import streamlit as st

from ftdecide.dataset.samples import Sample, list_samples
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.plan import Experiment, sample_experiment
from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.run import list_runs, preflight_run
from ftdecide.experiment.run_words import arm_words, state_words
from ftdecide.store.runs import ENDED, SavedRun
from ftdecide.translation import _, plural
from pages.parts import show, state

# Enough rows to show a large gap, few enough for a first look.
QUICK_TRAIN_ROWS, QUICK_TEST_ROWS, LEAST_ROWS = 48, 24, 15
# Its answers are labels, so every kind of arm can take part.
FIRST_SAMPLE = "support_tickets"
_ICONS = {"succeeded": "check_circle", "failed": "error", "cancelled": "stop_circle"}
_RUNS_LISTED = 10


def choose_experiment() -> Experiment | None:
    """Let a person choose sample, rows and arms; None while no arm is chosen."""
    samples = {sample.name: sample for sample in list_samples()}
    names = sorted(samples, key=lambda name: name != FIRST_SAMPLE)
    name = st.selectbox(_("Data"), names, format_func=lambda key: samples[key].title, key="run_sample")
    show_demonstration(samples[name])
    most_train, most_test = _sizes(name)
    full = st.segmented_control(
        _("How much"), [_("A quick look"), _("All rows")], default=_("A quick look"), required=True, key="run_size"
    ) == _("All rows")
    left, right = st.columns(2)
    train_rows = left.slider(
        _("Rows to learn from"),
        LEAST_ROWS,
        most_train,
        most_train if full else min(QUICK_TRAIN_ROWS, most_train),
        key=f"run_train:{name}:{full}",
    )
    test_rows = right.slider(
        _("Rows to measure on"),
        LEAST_ROWS,
        most_test,
        most_test if full else min(QUICK_TEST_ROWS, most_test),
        key=f"run_test:{name}:{full}",
    )
    whole = sample_experiment(name, train_rows=train_rows, test_rows=test_rows)
    arms = _choose_arms(whole.arms)
    return whole.model_copy(update={"arms": arms}) if arms else None


def show_demonstration(sample: Sample) -> None:
    """Say what a sample is, and that it is no one's real data."""
    st.markdown(f":violet-badge[:material/labs: {_('Demonstration data')}] {sample.summary}")


def _choose_arms(arms: Sequence[ArmPlan]) -> tuple[ArmPlan, ...]:
    names = [arm.name for arm in arms]
    chosen = st.pills(
        _("What to compare"),
        names,
        selection_mode="multi",
        default=names,
        format_func=lambda name: arm_words(name).capitalize(),
        key="run_arms:" + ",".join(names),
        help=_(
            "Zero-shot asks the base model with instructions only, few-shot adds examples to the prompt, fine-tuned is "
            "trained on the rows, and the classical classifier counts words and uses no language model."
        ),
    )
    return tuple(arm for arm in arms if arm.name in (chosen or ()))


@st.cache_data(max_entries=16, show_spinner=False)
def _sizes(sample: str) -> tuple[int, int]:
    rows, _preflight = preflight_run(sample_experiment(sample))
    return len(rows.train), len(rows.test)


@st.cache_data(max_entries=64, show_spinner=_("Counting tokens …"))
def estimate(plan: str) -> str:
    """Return the preflight of a plan; both as JSON."""
    _rows, preflight = preflight_run(Experiment.model_validate_json(plan))
    return preflight.model_dump_json()


def show_estimate(preflight: Preflight) -> None:
    """Show what the run will take and what it can show."""
    gap = preflight.smallest_visible_gap
    tokens = preflight.training_tokens + sum(arm.prompt_tokens for arm in preflight.calls_by_arm)
    with st.container(horizontal=True):
        st.metric(_("Calls"), f"{preflight.calls:,}", border=True)
        st.metric(_("Tokens"), f"{tokens:,}", border=True, help=_("Prompts and training together."))
        minutes = preflight.minutes
        st.metric(
            _("Time"),
            _("{low:.0f} to {high:.0f} min").format(low=max(1, minutes.p50), high=max(2, minutes.p95)),
            border=True,
        )
        st.metric(_("Cost"), _("none"), border=True, help=_("Everything runs on this machine, without network."))
        st.metric(
            _("Smallest visible gap"),
            _("none") if gap is None else _("{points:.0f} points").format(points=gap * 100),
            border=True,
            help=_("The smallest true difference between two arms that such a run finds four times out of five."),
        )
    for warning in preflight.warnings:
        st.warning(warning, icon=":material/warning:")
    with st.expander(_("What this rests on")):
        st.markdown("\n".join(f"- {show.plain(text)}" for text in preflight.assumptions))


def show_under_way() -> None:
    """Lead back to a run that has not ended: whoever left the page looks for it first."""
    for run in list_runs(state.store()):
        if run.state not in ENDED:
            st.info(_("A comparison is under way. You can watch it, or start a further one."), icon=":material/info:")
            _show_run(run)
            st.space("small")
            return


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
    rows = plural("{n} answer", "{n} answers", run.total)
    st.button(
        f"{state_words(run.state)} · {run.created_at:%Y-%m-%d %H:%M} UTC · {show.plain(run.title)} · {rows}",
        icon=f":material/{_ICONS.get(run.state, 'hourglass_top')}:",
        type="tertiary",
        key=f"run:{run.id}",
        on_click=open_run,
        args=(run.id,),
    )


def open_run(run_id: str) -> None:
    """Put a run into the address, where the page finds it."""
    st.query_params["run"] = run_id
