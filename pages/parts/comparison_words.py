"""What the differences between options mean, in words: contrast by contrast, documents or tuning, more data."""

import streamlit as st

from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import Contrast, Summary
from ftdecide.translation import _
from pages.parts import show

_READINGS = {
    "better": ("green", "trending_up", "Better"),
    "same": ("blue", "drag_handle", "Practically the same"),
    "worse": ("red", "trending_down", "Worse"),
    "not_enough_data": ("orange", "help", "Not enough data"),
}
_UNFINISHED = ("gray", "hourglass", "Not finished")
_LEAST_SHOWN = 0.001


def show_contrasts(summary: Summary) -> None:
    """Say what the differences mean, row by row against the same baseline."""
    against_best = summary.tuned_against_best
    contrasts = [each for each in summary.contrasts if each.n]
    if not contrasts and against_best is None:
        return
    st.subheader(_("Differences"), anchor=False)
    st.caption(_("The p-value says how often luck alone would give a difference at least as large."))
    for contrast in contrasts:
        _show_contrast(contrast, partial=summary.partial)
    declared = {(each.arm, each.baseline) for each in contrasts}
    if against_best and against_best.n and (against_best.arm, against_best.baseline) not in declared:
        st.markdown(_("Chosen after looking, so it describes and proves nothing:"))
        _show_contrast(against_best, partial=summary.partial)


def _show_contrast(contrast: Contrast, *, partial: bool) -> None:
    colour, icon, words = _UNFINISHED if partial else _READINGS[contrast.reading]
    title = _("{arm} against {baseline}").format(
        arm=arm_words(contrast.arm).capitalize(), baseline=arm_words(contrast.baseline)
    )
    counts = _("{wins} rows won, {losses} lost, {ties} alike").format(
        wins=contrast.wins, losses=contrast.losses, ties=contrast.ties
    )
    told = contrast.p_value is not None and not partial
    p_value = _(", p-value {p}").format(p=_chance(contrast.p_value)) if told and contrast.p_value is not None else ""
    said = contrast.text[:1].upper() + contrast.text[1:]
    with st.container(border=True):
        st.markdown(f":{colour}-badge[:material/{icon}: {_(words)}] **{title}**  \n{show.plain(said)}.")
        st.caption(f"{counts}{p_value}")


def _chance(p_value: float) -> str:
    return _("under {least}").format(least=_LEAST_SHOWN) if p_value < _LEAST_SHOWN else f"{p_value:.2g}"


def show_two_by_two(summary: Summary) -> None:
    """Say what documents and tuning each do, where both were tried."""
    if summary.two_by_two and summary.two_by_two.text and not summary.partial:
        st.markdown(f"**{_('Documents or tuning?')}** {show.plain(summary.two_by_two.text)}")


def show_curve(summary: Summary) -> None:
    """Show whether more training rows would help, with every point and its interval."""
    curve = summary.learning_curve
    if curve is None:
        return
    st.subheader(_("Would more data help?"), anchor=False)
    st.markdown(show.plain(curve.text[:1].upper() + curve.text[1:]) + ".")
    points = [
        {
            _("Rows learnt from"): point.rows,
            _("Score"): f"{100 * point.score:.0f} %",
            _("95 % interval"): f"{100 * point.interval.low:.0f} - {100 * point.interval.high:.0f} %",
        }
        for point in curve.points
    ]
    st.dataframe(points, hide_index=True, alt=_("Score after learning from a part of the rows"))
