"""What a comparison found: scores with intervals, differences in words, and the rows that flipped."""

import plotly.graph_objects as go
import streamlit as st

from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import ArmResult, Contrast, Flip, Summary
from ftdecide.translation import _, plural
from pages.parts import show

_READINGS = {
    "better": ("green", "trending_up", "Better"),
    "same": ("blue", "drag_handle", "Practically the same"),
    "worse": ("red", "trending_down", "Worse"),
    "not_enough_data": ("orange", "help", "Not enough data"),
}
_ROW_PIXELS, _FRAME_PIXELS = 44, 80
_SECOND_MS = 1000
_LEAST_SHOWN = 0.001


def show_summary(summary: Summary) -> None:
    """Show the whole result, the most important first."""
    for warning in summary.warnings:
        st.warning(show.plain(warning), icon=":material/warning:")
    show_best(summary)
    show_scores(summary)
    show_table(summary)
    show_contrasts(summary)
    show_flips(summary)


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
            "The interval is Wilson's at 95 %: the true score lies in it in 19 of 20 such runs. Failed rows count as "
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


def show_contrasts(summary: Summary) -> None:
    """Say what the differences mean, row by row against the same baseline."""
    against_best = summary.tuned_against_best
    contrasts = [each for each in summary.contrasts if each.n]
    if not contrasts and against_best is None:
        return
    st.subheader(_("Differences"), anchor=False)
    for contrast in contrasts:
        _show_contrast(contrast)
    declared = {(each.arm, each.baseline) for each in contrasts}
    if against_best and against_best.n and (against_best.arm, against_best.baseline) not in declared:
        st.markdown(_("Chosen after looking, so it describes and proves nothing:"))
        _show_contrast(against_best)


def _show_contrast(contrast: Contrast) -> None:
    colour, icon, words = _READINGS[contrast.reading]
    title = _("{arm} against {baseline}").format(
        arm=arm_words(contrast.arm).capitalize(), baseline=arm_words(contrast.baseline)
    )
    counts = _("{wins} rows won, {losses} lost, {ties} alike").format(
        wins=contrast.wins, losses=contrast.losses, ties=contrast.ties
    )
    p_value = "" if contrast.p_value is None else _(", p-value {p}").format(p=_chance(contrast.p_value))
    said = contrast.text[:1].upper() + contrast.text[1:]
    with st.container(border=True):
        st.markdown(f":{colour}-badge[:material/{icon}: {_(words)}] **{title}**  \n{show.plain(said)}.")
        st.caption(f"{counts}{p_value}")


def _chance(p_value: float) -> str:
    return _("under {least}").format(least=_LEAST_SHOWN) if p_value < _LEAST_SHOWN else f"{p_value:.2g}"


def show_flips(summary: Summary) -> None:
    """List the rows that one arm got right and its rival did not, with both answers."""
    pairs = list(dict.fromkeys((flip.arm, flip.baseline) for flip in summary.flips))
    if not pairs:
        return
    st.subheader(_("Rows that flipped"), anchor=False)
    chosen = st.selectbox(
        _("Which pair"),
        pairs,
        index=next((place for place, pair in enumerate(pairs) if pair[0] == "fine_tuned"), 0),
        format_func=lambda pair: _("{arm} against {baseline}").format(
            arm=arm_words(pair[0]).capitalize(), baseline=arm_words(pair[1])
        ),
        key="flip_pair",
    )
    flips = [flip for flip in summary.flips if (flip.arm, flip.baseline) == chosen]
    st.dataframe(
        [_flip_row(flip) for flip in sorted(flips, key=lambda flip: (flip.won, flip.line))],
        hide_index=True,
        row_height=60,
        alt=plural("{n} row that flipped, with both answers", "{n} rows that flipped, with both answers", len(flips)),
    )


def _flip_row(flip: Flip) -> dict[str, object]:
    return {
        _("Outcome"): _("won") if flip.won else _("lost"),
        _("Right answer"): flip.reference,
        arm_words(flip.arm).capitalize(): flip.answer,
        arm_words(flip.baseline).capitalize(): flip.baseline_answer,
        _("Question"): flip.prompt,
        _("Test line"): flip.line,
    }
