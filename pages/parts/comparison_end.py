"""A comparison that has ended: what can be done with it, and everything that it found."""

import streamlit as st

from ftdecide.experiment.run import resume_run, retry_failed
from ftdecide.experiment.run_view import RunView
from ftdecide.translation import _, plural
from pages.parts import evidence, labelling, show, state
from pages.parts.comparison_list import OTHER, RUN


def show_end(view: RunView) -> None:
    """Show what an ended run found, and what can be done with it; or the screen on which people label its answers."""
    if labelling.show_labelling(view):
        return
    if view.message:
        (st.error if view.state == "failed" else st.info)(show.plain(view.message))
    with st.container(horizontal=True):
        _offer_resume(view)
        _offer_retry(view)
        offer_new()
    if view.summary is None:
        return
    if view.summary.partial:
        st.warning(
            _("Not every arm has answered every row, so nothing is claimed: these are counts so far."),
            icon=":material/hourglass_bottom:",
        )
    else:
        evidence.offer_evidence(view, view.summary)
    # Charts take a while to import, which a run under way need not wait for.
    from pages.parts import comparison_result

    comparison_result.show_result(view, view.summary)


def offer_new() -> None:
    """Offer to choose another comparison."""
    st.button(_("New comparison"), icon=":material/add:", on_click=_forget_run, key="new")


def _forget_run() -> None:
    for name in (RUN, OTHER):
        st.query_params.pop(name, None)


def _offer_resume(view: RunView) -> None:
    if view.state not in {"failed", "cancelled"}:
        return
    label = show.primary_label(_("Go on with it"), "resume")
    if st.button(label, type="primary", key="resume", help=_("Answers that are there are not asked again.")):
        resume_run(state.store(), state.settings(), view.id)
        st.rerun()


def _offer_retry(view: RunView) -> None:
    """Offer to ask again only what failed in a run that is otherwise done."""
    failed = sum(arm.failed for arm in view.arms)
    if view.state != "succeeded" or not failed:
        return
    label = plural("Ask {n} failed row again", "Ask {n} failed rows again", failed)
    if st.button(label, icon=":material/replay:", key="retry", help=_("All other answers stay as they are.")):
        if retry_failed(state.store(), state.settings(), view.id):
            st.rerun()
        st.info(_("What failed was kept back by a content filter, and asking again would not change it."))
