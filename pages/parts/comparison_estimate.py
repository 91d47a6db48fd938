"""What a comparison will take and can show, before anything is spent."""

from decimal import Decimal

import streamlit as st

from ftdecide.experiment.own_files import files_folder
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.preflight import Preflight
from ftdecide.experiment.run import preflight_run
from ftdecide.experiment.run_words import arm_words
from ftdecide.translation import _
from pages.parts import show, state

_CENT = Decimal("0.01")
_HOUR_MINUTES = 60
_ROLES = {"answer": _("answers"), "judge": _("judging"), "embed": _("looking up by meaning")}


@st.cache_data(max_entries=64, show_spinner=_("Counting tokens …"))
def estimate(plan: str) -> str:
    """Return the preflight of a plan; both as JSON."""
    _rows, preflight = preflight_run(Experiment.model_validate_json(plan), files_folder(state.settings()))
    return preflight.model_dump_json()


def show_estimate(preflight: Preflight, *, remote: bool) -> None:
    """Show what the run will take and what it can show."""
    gap = preflight.smallest_visible_gap
    tokens = preflight.training_tokens + sum(arm.prompt_tokens for arm in preflight.calls_by_arm)
    with st.container(horizontal=True):
        st.metric(_("Calls"), f"{preflight.calls:,}", border=True)
        st.metric(_("Tokens"), f"{tokens:,}", border=True, help=_("Prompts and training together."))
        st.metric(_("Time"), say_minutes(preflight), border=True, help=_("Likely, and what 19 in 20 runs stay within."))
        st.metric(_("Cost"), say_cost(preflight, remote=remote), border=True, help=_say_cost_help(remote=remote))
        st.metric(
            _("Smallest visible gap"),
            _("none") if gap is None else _("{points:.0f} points").format(points=gap * 100),
            border=True,
            help=_("The smallest true difference between two arms that such a run finds four times out of five."),
        )
    for warning in preflight.warnings:
        st.warning(show.plain(warning), icon=":material/warning:")
    with st.expander(_("What this rests on")):
        _show_calls(preflight)
        for line in preflight.cost_lines:
            usd = _("unknown") if line.p95_usd is None else f"{line.p50_usd or 0:.4f} - {line.p95_usd:.4f} USD"
            origin = show.origin(line.origin, line.source, line.as_of)
            st.markdown(f":small[{show.plain(line.item)}: {usd} {origin}]")
        st.markdown("\n".join(f"- {show.plain(text)}" for text in preflight.assumptions))


def say_minutes(preflight: Preflight) -> str:
    """Return the range of the time a run takes, in minutes or hours."""
    low, high = max(1, preflight.minutes.p50), max(2, preflight.minutes.p95)
    if low >= _HOUR_MINUTES:
        return _("{low:.1f} to {high:.1f} h").format(low=low / _HOUR_MINUTES, high=high / _HOUR_MINUTES)
    return _("{low:.0f} to {high:.0f} min").format(low=low, high=high)


def say_cost(preflight: Preflight, *, remote: bool) -> str:
    """Return the range of the cost in US dollars, "none" for what runs here."""
    if not remote:
        return _("none")
    cost = preflight.cost_usd
    if cost.p50 is None or cost.p95 is None:
        return _("not known")
    if cost.p95 < _CENT:
        return _("under 0.01 USD")
    return _("{low:.2f} to {high:.2f} USD").format(low=cost.p50, high=cost.p95)


def _say_cost_help(*, remote: bool) -> str:
    if remote:
        return _("Likely, and what 19 in 20 runs stay within: answers, training and keeping the tuned model ready.")
    return _("Everything runs on this machine, without network.")


def _show_calls(preflight: Preflight) -> None:
    """Show calls and tokens by what they are for."""
    answers = [
        {
            _("What for"): f"{arm_words(arm.arm).capitalize()}: {_ROLES.get(arm.role, arm.role)}",
            _("Calls"): arm.calls,
            _("Tokens in"): arm.prompt_tokens,
            _("Tokens out"): arm.completion_tokens,
            _("Training tokens"): arm.training_tokens,
        }
        for arm in preflight.calls_by_arm
    ]
    st.dataframe(answers, hide_index=True, alt=_("Calls and tokens of every option"))
