"""The parts of a decision as tables, lists and links: reasons, conditions, comparison, what is missing, what flips."""

from collections.abc import Sequence

import streamlit as st

from ftdecide.assessment.questions import ask_first, find_question
from ftdecide.assessment.wording import name_field
from ftdecide.decision.types import Decision, Flip, Reason, Verdict
from ftdecide.decision.wording import name_state, name_verdict, say_change, say_evidence_value, say_pays_from
from ftdecide.report.comparison import Comparison, say_caution
from ftdecide.report.figures import UNKNOWN, count, money, percent, points, span
from ftdecide.translation import _, plural
from pages.parts import show, state, verdict

SHOWN = 6
HARDLY = 0.05
GATES = {
    "pass": ("green", "check"),
    "warn": ("orange", "warning"),
    "block": ("red", "block"),
    "unknown": ("gray", "help"),
}


def show_reasons(decision: Decision) -> None:
    """Show what speaks for and against the verdict, with figures and sources."""
    st.subheader(_("Why"), anchor=False)
    st.caption(_("The number says how strongly a reason speaks for (+) or against (−) this verdict."))  # noqa: RUF001
    reasons = decision.reasons
    if any(gate.status == "block" for gate in decision.gates) and decision.verdict is Verdict.CHANGE_BASE_MODEL:
        st.caption(_("Fine-tuning is ruled out below, so what speaks for it counts for the verdict in its place."))
    if not reasons:
        st.markdown(_("Nothing has been answered yet that speaks for or against anything."))
    for reason in reasons:
        if abs(reason.weight) >= HARDLY:
            _show_reason(reason)
    if small := [reason for reason in reasons if abs(reason.weight) < HARDLY]:
        with st.expander(plural("{n} reason that hardly counts", "{n} reasons that hardly count", len(small))):
            for reason in small:
                _show_reason(reason)


def _show_reason(reason: Reason) -> None:
    colour = "green" if reason.weight > 0 else "red"
    weight = f"{reason.weight:+.2f}".replace("-", "\N{MINUS SIGN}")
    st.markdown(f":{colour}[**{weight}**] {reason.text} {show.reason_origin(reason)}")


def show_gates(decision: Decision) -> None:
    """Show the conditions that must hold before fine-tuning makes sense."""
    st.subheader(_("Conditions for fine-tuning"), anchor=False)
    for gate in decision.gates:
        colour, icon = GATES[gate.status]
        source = f" [{_('source')}]({gate.source})" if gate.source.startswith("http") else ""
        badge = f":{colour}-badge[:material/{icon}: {name_state(gate.status)}]"
        st.markdown(f"{badge} **{gate.title}.** {gate.text}{source}")


def show_comparison(found: Comparison) -> None:
    """Show what was measured: every option with its interval, and one against the other."""
    st.subheader(_("What was measured"), anchor=False)
    if caution := say_caution(found):
        st.warning(show.plain(caution), icon=":material/labs:")
    if found.partial:
        st.warning(_("The run has not finished; nothing is concluded from it."), icon=":material/hourglass:")
    rows = [
        {
            _("Option"): arm.name,
            _("Score"): percent(arm.score),
            _("95 % interval"): span(percent(arm.low), percent(arm.high)),
            _("Examples"): count(arm.n),
            _("Median time"): count(arm.latency_p50_ms, "ms"),
        }
        for arm in found.arms
    ]
    st.table(rows, border="horizontal")
    for pair in found.pairs:
        st.markdown(
            _(
                "{arm} against {baseline}: {difference} points ({interval}), {wins} won, {losses} lost: **{reading}**."
            ).format(
                arm=show.plain(pair.arm),
                baseline=show.plain(pair.baseline),
                difference=points(pair.difference),
                interval=span(points(pair.low), points(pair.high)),
                wins=count(pair.wins),
                losses=count(pair.losses),
                reading=pair.reading,
            )
        )


def show_missing(opened: state.Open, paths: Sequence[str]) -> None:
    """Lead to the unanswered questions, those that can move the verdict most first."""
    asked = [(path, found[0]) for path in ask_first(paths, opened.assessment) if (found := find_question(path))]
    if not asked:
        return
    st.subheader(_("What is missing"), anchor=False)
    st.caption(_("Most valuable first: these answers could move the verdict most."))
    st.markdown("\n".join(f"1. {name_field(path)} :gray[({_(block.title)})]" for path, block in asked[:SHOWN]))
    blocks = {block.block: block.title for _path, block in asked[:SHOWN]}
    with st.container(horizontal=True, gap="small"):
        for name, title in blocks.items():
            show.link_page(verdict.PAGE_OF_BLOCK[name], _(title), "edit", opened.id)


def show_flips(flips: Sequence[Flip]) -> None:
    """Show the single answers that change the verdict."""
    if not flips:
        return
    st.subheader(_("What would change it"), anchor=False)
    lines = [
        _("- {question} **{now}** → **{then}**: {verdict}").format(
            question=name_field(flip.field),
            now=show.plain(say_change(flip)[0]),
            then=show.plain(say_change(flip)[1]),
            verdict=verdict.name_badge(flip.verdict),
        )
        for flip in flips
    ]
    st.markdown("\n".join(lines[:SHOWN]))
    if lines[SHOWN:]:
        with st.expander(_("All answers that would change it")):
            st.markdown("\n".join(lines[SHOWN:]))


def show_evidence_value(decision: Decision) -> None:
    """Show whether more testing is worth its price, and from when fine-tuning pays."""
    value, pays_from = decision.evidence_value, decision.pays_from_usd
    if value is None and pays_from is None:
        return
    st.subheader(_("Is it worth testing on?") if value else _("When does it pay?"), anchor=False)
    if value is not None:
        st.markdown(say_evidence_value(value))
    if pays_from is not None:
        st.markdown(say_pays_from(pays_from))
    st.caption(
        _(
            "Worked out from paired results or published gains, traffic, effort and prices that you named; "
            "what tuning costs more is told without training runs (usually 1 to 50 USD)."
        )
    )


def show_options(decision: Decision) -> None:
    """Show what each option is likely to reach and to cost, as far as that is known."""
    st.subheader(_("Options until the horizon"), anchor=False)
    known = [option for option in decision.options if option.p_meets_target is not None or option.cost_usd is not None]
    rows = [
        {
            _("Option"): name_verdict(option.option),
            _("Reaches the target"): percent(option.p_meets_target),
            _("Cost, USD"): money(option.cost_usd.p50) if option.cost_usd else UNKNOWN,
            _("Net value, USD"): money(option.net_value_usd.p50) if option.net_value_usd else UNKNOWN,
        }
        for option in known
    ]
    if rows:
        st.caption(_("Middle values; the report shows their ranges. A dash means that too little is known."))
        st.table(rows, border="horizontal")
        st.markdown("\n".join(f"- :small[{name_verdict(option.option)}: {option.basis}]" for option in known))
    unknown = [name_verdict(option.option) for option in decision.options if option not in known]
    if unknown:
        text = _("Too little is known to say what these reach or cost: {options}. Scores, a target and traffic tell.")
        st.markdown(text.format(options=", ".join(unknown)))
