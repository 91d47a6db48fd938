"""Which comparison stands behind an assessment's answers, and what that is worth."""

from contextlib import suppress
from typing import Any

import streamlit as st

from ftdecide.errors import NotFoundError
from ftdecide.store import runs
from ftdecide.store.runs import SavedRun
from ftdecide.translation import plural
from pages.parts import show, state

_RUN = "run:"


def cited_run(opened: state.Open) -> dict[str, Any] | None:
    """Return the result of the run that the answers cite, or else of the newest finished one of this assessment."""
    cited = _cited_runs(opened)
    own = runs.all_runs(state.store(), assessment_id=opened.id)
    chosen = next((run for run in (*cited, *own) if run.result), None)
    if chosen is None:
        return None
    return {
        **(chosen.result or {}),
        "run_id": chosen.id,
        "demonstration": is_demonstration(chosen),
        "cited": chosen in cited,
    }


def is_demonstration(run: SavedRun) -> bool:
    """Say whether a run measured a shipped sample rather than somebody's own data."""
    return bool(run.plan.get("data", {}).get("sample"))


def warn_demonstration(opened: state.Open) -> None:
    """Say it when answers were measured on demonstration data, because the verdict counts them all the same."""
    shown = {run.id: run for run in _cited_runs(opened) if is_demonstration(run)}
    answers = sum(origin.removeprefix(_RUN) in shown for origin in opened.origins.values())
    if not answers:
        return
    titles = ", ".join(dict.fromkeys(show.plain(run.title) for run in shown.values()))
    text = plural(
        "{n} answer was measured on demonstration data ({{titles}}), not on your own. The verdict counts it as if it "
        "were yours: replace it before you rely on the verdict.",
        "{n} answers were measured on demonstration data ({{titles}}), not on your own. The verdict counts them as if "
        "they were yours: replace them before you rely on the verdict.",
        answers,
    )
    st.warning(text.format(titles=titles), icon=":material/labs:")


def _cited_runs(opened: state.Open) -> list[SavedRun]:
    """Return the runs that the answers cite, without those that this store does not hold."""
    found: list[SavedRun] = []
    for origin in dict.fromkeys(opened.origins.values()):
        with suppress(NotFoundError):
            found.append(runs.load_run(state.store(), origin.removeprefix(_RUN)))
    return found
