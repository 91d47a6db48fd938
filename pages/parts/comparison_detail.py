"""What lies behind the scores: groups, labels, and what no option should do."""

import streamlit as st

from ftdecide.experiment.arm_checks import LabelReport
from ftdecide.experiment.item_table import GroupScore, load_items, score_groups
from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import Summary
from ftdecide.store.runs import SavedRun, load_run
from ftdecide.translation import _, plural
from pages.parts import show, state

_GROUPS_SHOWN = 50
_RAILS = {
    "refusal": _("Refused to answer"),
    "format_break": _("Not in the form asked for"),
    "empty": _("Empty"),
    "invented": _("Invented what nobody knows"),
    "withheld": _("Said it is not known, though it is"),
}


@st.cache_data(max_entries=16, show_spinner=False)
def _groups(run_id: str, _version: str) -> list[dict[str, object]]:
    return [each.model_dump(mode="json") for each in score_groups(load_items(state.store(), run_id))]


def version_of(run: SavedRun) -> str:
    """Return what changes whenever the answers of an ended run may have changed."""
    return f"{run.attempt}:{run.finished_at}"


def show_groups(run_id: str, summary: Summary) -> None:
    """Show every option's score in every group that the rows name, the largest groups first."""
    if not summary.groups:
        return
    scores = [GroupScore.model_validate(each) for each in _groups(run_id, version_of(load_run(state.store(), run_id)))]
    names = list(dict.fromkeys(score.group for score in scores))
    st.subheader(_("Group by group"), anchor=False)
    by_place = {(score.group, score.arm): score for score in scores}
    lines = [
        {
            _("Group"): name,
            _("Rows"): max(score.n for score in scores if score.group == name),
            **{arm_words(arm.name).capitalize(): _say(by_place.get((name, arm.name))) for arm in summary.arms},
        }
        for name in names[:_GROUPS_SHOWN]
    ]
    st.dataframe(lines, hide_index=True, alt=_("Score of every option in every group"))
    text = plural("{n} group.", "{n} groups.", len(names))
    st.caption(
        f"{text} {_('In brackets the 95 % interval: groups are small, so differences within one are mostly luck.')}"
    )


def _say(score: GroupScore | None) -> str:
    if score is None:
        return ""
    if score.interval is None:
        return f"{100 * score.score:.0f} %"
    low, high = 100 * score.interval.low, 100 * score.interval.high
    return _("{score:.0f} % ({low:.0f} to {high:.0f})").format(score=100 * score.score, low=low, high=high)


def show_guardrails(summary: Summary) -> None:
    """Show how often each option did what none should do, beside the score, labels class by class, and forgetting."""
    arms = [arm for arm in summary.arms if arm.guardrails]
    kinds = [kind for kind in _RAILS if any(rail.n for each in arms for rail in each.guardrails if rail.kind == kind)]
    if not kinds:
        return
    st.subheader(_("What no option should do"), anchor=False)
    lines = [
        {
            _("Option"): arm_words(each.name).capitalize(),
            **{
                _RAILS[kind]: next(
                    (_say_count(rail.count, rail.n) for rail in each.guardrails if rail.kind == kind), ""
                )
                for kind in kinds
            },
        }
        for each in arms
    ]
    st.dataframe(
        lines, hide_index=True, alt=_("How often each option refused, broke the form, said nothing or invented")
    )
    st.caption(_("Rows that did so, of those that gave occasion. Failed calls are not counted here."))
    for each in summary.forgetting:
        st.markdown(show.plain(each.text))
    _show_labels(summary)


def show_forgetting(summary: Summary) -> None:
    """Show what tuning made a model forget, where general questions were asked."""
    if summary.forgetting:
        st.subheader(_("General knowledge after tuning"), anchor=False)
    for each in summary.forgetting:
        low, high = 100 * each.interval.low, 100 * each.interval.high
        text = _("Difference in points, with its 95 % interval: {difference:+.0f} ({low:+.0f} to {high:+.0f}).")
        st.markdown(show.plain(f"{each.text} {text.format(difference=100 * each.difference, low=low, high=high)}"))
        if each.lost:
            st.caption(show.plain(_("No longer right: {questions}").format(questions=" · ".join(each.lost))))


def _say_count(count: int, n: int) -> str:
    return f"{count} / {n}" if n else ""


def _show_labels(summary: Summary) -> None:
    reports = {each.name: each.labels for each in summary.arms if each.labels is not None}
    if not reports:
        return
    with st.expander(_("Label by label")):
        arm = st.selectbox(
            _("Option"), list(reports), format_func=lambda name: arm_words(name).capitalize(), key="label_arm"
        )
        _show_report(reports[arm])


def _show_report(report: LabelReport) -> None:
    st.caption(
        _("Accuracy {accuracy:.0f} %, macro-F1 {f1:.0f} % (the mean over labels, so rare ones count as much).").format(
            accuracy=100 * report.accuracy, f1=100 * report.macro_f1
        )
    )
    lines = [
        {
            _("Right label"): each.label,
            _("Rows"): each.support,
            _("Found"): f"{100 * each.recall:.0f} %",
            _("Right when answered"): f"{100 * each.precision:.0f} %",
            **{
                _("Answered {label}").format(label=name): counts
                for name, counts in zip(report.columns, row, strict=True)
            },
        }
        for each, row in zip(report.classes, report.confusion, strict=True)
    ]
    st.dataframe(lines, hide_index=True, alt=_("For every right label, which labels were answered how often"))
