"""What a comparison found: scores with intervals, differences in words, and the way to all the rest."""

import plotly.graph_objects as go
import streamlit as st

from ftdecide.experiment.run_view import RunView
from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import ArmResult, Summary
from ftdecide.translation import _
from pages.parts import (
    comparison_cost,
    comparison_detail,
    comparison_export,
    comparison_flips,
    comparison_list,
    comparison_progress,
    comparison_tradeoff,
    comparison_words,
    labelling,
    show,
)

_ROW_PIXELS, _FRAME_PIXELS = 44, 80
_SECOND_MS = 1000


def show_result(view: RunView, summary: Summary) -> None:
    """Show the whole result, the most important first."""
    for warning in summary.warnings:
        st.warning(show.plain(warning), icon=":material/warning:")
    show_best(summary)
    show_scores(summary)
    show_table(summary)
    comparison_words.show_contrasts(summary)
    comparison_words.show_two_by_two(summary)
    comparison_tradeoff.show_tradeoff(summary)
    comparison_flips.show_flips(summary)
    comparison_detail.show_groups(view.id, summary)
    comparison_detail.show_guardrails(summary)
    comparison_detail.show_forgetting(summary)
    comparison_words.show_curve(summary)
    labelling.show_judgements(view)
    comparison_cost.show_cost(view, summary)
    comparison_list.offer_comparison(view.id, summary)
    st.subheader(_("Take it along"), anchor=False)
    comparison_export.offer_files(view.id, view.title)
    with st.expander(_("How the training went")):
        comparison_progress.show_losses(view.losses)


def show_best(summary: Summary) -> None:
    """Say in a sentence which option did best on these rows; a finished run alone has one."""
    scored = [arm for arm in summary.arms if arm.score is not None]
    if summary.partial or not scored:
        return
    best = max(arm.score or 0 for arm in scored)
    names = _(" and ").join(arm_words(arm.name) for arm in scored if arm.score == best)
    said = _("Best on these {n} rows: **{names}**, {score:.0f} %.").format(
        n=summary.test_rows, names=show.plain(names), score=100 * best
    )
    st.markdown(f"{said} {_('Whether such a lead is more than luck stands under “Differences”.')}")


def show_scores(summary: Summary) -> None:
    """Show every arm's score as a point with its interval."""
    arms = [arm for arm in reversed(summary.arms) if arm.score is not None and arm.interval is not None]
    if not arms:
        st.info(_("No arm has answered a row yet, so there is nothing to show."), icon=":material/info:")
        return
    measure = (
        _("Rows answered right") if summary.metric == "passed" else _("Share of each record that is right, on average")
    )
    st.subheader(measure, anchor=False)
    scores = [100 * (arm.score or 0) for arm in arms]
    ends = [(100 * arm.interval.low, 100 * arm.interval.high) for arm in arms if arm.interval]
    figure = go.Figure(
        go.Scatter(
            x=scores,
            y=[arm_words(arm.name).capitalize() for arm in arms],
            mode="markers+text",
            marker={"size": 13, "symbol": "diamond"},
            text=[f"{score:.0f} %" for score in scores],
            textposition="top center",
            cliponaxis=False,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - score for score, (_low, high) in zip(scores, ends, strict=True)],
                "arrayminus": [score - low for score, (low, _high) in zip(scores, ends, strict=True)],
                "thickness": 2,
                "width": 7,
            },
        )
    )
    figure.update_layout(
        height=_ROW_PIXELS * len(arms) + _FRAME_PIXELS,
        margin={"l": 0, "r": 20, "t": 24, "b": 40},
        xaxis={"title": _("percent, with 95 % interval"), "range": [-4, 104], "fixedrange": True, "nticks": 6},
        yaxis={"automargin": True, "fixedrange": True},
    )
    said = "; ".join(f"{arm_words(arm.name)} {100 * (arm.score or 0):.0f} %" for arm in reversed(arms))
    st.plotly_chart(figure, key="scores", config={"displayModeBar": False}, alt=f"{measure}: {said}.")


def show_table(summary: Summary) -> None:
    """Show the figures behind the chart."""
    st.dataframe(
        [_table_row(arm, paid=any(each.cost_usd for each in summary.arms)) for arm in summary.arms],
        hide_index=True,
        alt=_("Score, interval, rows, tokens and time of every arm"),
    )
    st.caption(
        _(
            "The true score lies within the 95 % interval in at least 19 of 20 such runs. Failed rows count as "
            "wrong, and so do answers that cannot be read in the form asked for. Tokens are averages a row, of the "
            "prompt and of the answer. Time to an answer includes waiting while others are answered at the same moment."
        )
    )


def _table_row(arm: ArmResult, *, paid: bool) -> dict[str, object]:
    interval = (
        _("{low:.0f} to {high:.0f} %").format(low=100 * arm.interval.low, high=100 * arm.interval.high)
        if arm.interval
        else ""
    )
    answered = arm.n - arm.failed
    latency = arm.latency_ms
    return {
        _("Option"): arm_words(arm.name).capitalize(),
        _("Score"): "" if arm.score is None else f"{100 * arm.score:.1f} %",
        _("95 % interval"): interval,
        _("Rows"): arm.n,
        _("Failed"): arm.failed,
        _("Unreadable"): arm.format_breaks,
        _("Tokens in / out"): f"{arm.prompt_tokens / answered:.0f} / {arm.completion_tokens / answered:.0f}"
        if answered
        else "",
        _("Median time"): _time(latency.p50) if latency else "",
        _("95 % within"): _time(latency.p95) if latency else "",
        **({_("Cost in USD"): f"{arm.cost_usd:.4f}"} if paid else {}),
    }


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < _SECOND_MS else f"{milliseconds / _SECOND_MS:.1f} s"
