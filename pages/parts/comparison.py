"""A comparison before it runs: everything a person chooses becomes one plan."""

from typing import Any

import streamlit as st

from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.translation import _
from pages.parts import (
    comparison_arms,
    comparison_data,
    comparison_grader,
    comparison_judge,
    comparison_limits,
    comparison_provider,
)
from pages.parts.comparison_data import Data

# Enough rows to show a large gap, few enough for a first look.
QUICK_TRAIN_ROWS, QUICK_TEST_ROWS, LEAST_ROWS = 48, 24, 15


def choose_experiment() -> tuple[Experiment | None, comparison_provider.Chosen]:
    """Let a person choose data, options, marks and limits; no plan while something is missing.

    Raises:
        InputError: what was chosen does not fit together.
    """
    st.subheader(_("Data"), anchor=False)
    data = comparison_data.choose_data()
    if data is None:
        st.info(_("Choose a file to learn from."), icon=":material/info:")
        return None, comparison_provider.Chosen({"id": ""}, complete=False, ready=False)
    caps = _choose_rows(data)
    grader = comparison_grader.choose_grader(data)
    st.subheader(_("Options"), anchor=False)
    chosen = comparison_provider.choose_provider()
    arms, curve = comparison_arms.choose_arms(data, remote=chosen.remote, labels=grader["kind"] == "label")
    limits = comparison_limits.choose_limits(arms)
    if not arms:
        st.info(_("Choose at least one thing to compare."), icon=":material/info:")
    judge = comparison_judge.choose_judge()
    chosen = chosen._replace(
        complete=chosen.complete and judge.complete,
        ready=chosen.ready and judge.ready,
        judged=judge.plan is not None,
    )
    if not arms or not chosen.complete:
        return None, chosen
    looks_up = any(arm.get("retrieval") for arm in arms)
    return read_experiment(
        {
            "schema_version": 1,
            **data.plan,
            "data": {**data.plan["data"], **caps},
            **({} if data.sample else {"grader": grader}),
            **({"retrieval": {"documents": data.documents or None}} if looks_up else {}),
            **limits,
            "provider": chosen.plan,
            "arms": arms,
            "learning_curve": curve,
            "judge": judge.plan,
        },
        _("this comparison"),
    ), chosen


def _choose_rows(data: Data) -> dict[str, Any]:
    """Let a person choose how many rows take part; which ones is settled by their own text."""
    most = {"train_rows": data.train_rows, "test_rows": data.test_rows}
    if max(most.values()) <= LEAST_ROWS:
        return {}
    words = [_("A quick look"), _("All rows")]
    size = st.segmented_control(
        _("How much"),
        words,
        default=words[0 if data.sample else 1],
        required=True,
        key="run_size" if data.sample else "run_size_own",
    )
    full = size == words[1]
    left, right = st.columns(2)
    labels = {"train_rows": _("Rows to learn from"), "test_rows": _("Rows to measure on")}
    quick = {"train_rows": QUICK_TRAIN_ROWS, "test_rows": QUICK_TEST_ROWS}
    caps: dict[str, Any] = {}
    for box, (name, rows) in zip((left, right), most.items(), strict=True):
        if rows <= LEAST_ROWS:
            continue
        usual = rows if full else min(quick[name], rows)
        caps[name] = box.slider(labels[name], LEAST_ROWS, rows, usual, key=f"run_{name}:{data.key}:{full}")
    return caps
