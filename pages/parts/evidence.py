"""Which comparison stands behind an assessment's answers, and what that is worth."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.wording import name_field, say_answer
from ftdecide.errors import NotFoundError
from ftdecide.experiment.evidence import evidence_from
from ftdecide.experiment.run_view import RunView
from ftdecide.experiment.types import Summary
from ftdecide.store import runs
from ftdecide.store.runs import SavedRun
from ftdecide.translation import _, plural
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


def offer_evidence(view: RunView, summary: Summary) -> None:
    """Offer to write what was measured into the open assessment."""
    opened = state.open_assessment()
    if opened is None:
        st.caption(_("With an assessment open, this result can be taken over as its evidence."))
        return
    title = show.plain(opened.title)
    if f"{_RUN}{view.id}" in opened.origins.values():
        st.success(
            _("The assessment “{title}” cites this comparison.").format(title=title), icon=":material/check_circle:"
        )
        show.link_page("pages/read_decision.py", _("Read the decision"), "gavel", opened.id)
        return
    found = evidence_from(summary)
    label = _("Use as evidence in “{title}”").format(title=title)
    replaced = _replaced_answers(opened, found)
    cautions: list[str] = []
    if view.experiment.data.sample:
        label = _("{label}, as a demonstration").format(label=label)
        cautions.append(_say_demonstration())
    if replaced:
        cautions.append(plural("It replaces {n} answer of yours.", "It replaces {n} answers of yours.", len(replaced)))
    if cautions:
        st.warning(" ".join(cautions), icon=":material/labs:" if view.experiment.data.sample else ":material/warning:")
    if replaced:
        with st.expander(_("Which answers it replaces")):
            st.markdown("\n".join(f"- {line}" for line in replaced))
    if st.button(show.primary_label(label, "input"), type="primary", key="evidence"):
        state.save_fields(opened, found, origin=f"{_RUN}{view.id}")
        st.rerun()


def _say_demonstration() -> str:
    return _(
        "These rows are demonstration data. Taken over, they stand in your assessment as if they were yours: good for "
        "trying the method out, not for a real decision. Keep your own assessment safe by duplicating it first."
    )


def _replaced_answers(opened: state.Open, found: Mapping[str, object]) -> list[str]:
    """Name the answers that a person gave and that the result would replace."""
    answers = flat_answers(opened.assessment.model_dump(mode="json"))
    return [
        f"{name_field(path)} {show.plain(say_answer(path, answers[path]))} → {show.plain(say_answer(path, value))}"
        for path, value in found.items()
        if path in answers and path not in opened.origins and answers[path] != value
    ]


def _cited_runs(opened: state.Open) -> list[SavedRun]:
    """Return the runs that the answers cite, without those that this store does not hold."""
    found: list[SavedRun] = []
    for origin in dict.fromkeys(opened.origins.values()):
        with suppress(NotFoundError):
            found.append(runs.load_run(state.store(), origin.removeprefix(_RUN)))
    return found
