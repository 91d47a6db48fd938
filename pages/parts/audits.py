"""An audit at a glance: the verdict, examples and tokens, what a run costs, how long examples are."""

import streamlit as st

from ftdecide.costs.telling import say_usd
from ftdecide.dataset.checks import Audit
from ftdecide.translation import _
from pages.parts import show
from pages.parts.audit_cost import RunCost
from pages.parts.audit_run import Kept
from pages.parts.audit_target import Target, name_target
from pages.parts.audit_verdict import Verdict


def show_verdict(verdict: Verdict) -> None:
    """Show the verdict: a word, the sentence and what helps most."""
    text = f"**{show.plain(verdict.text)}**" + (f"  \n{show.plain(verdict.hint)}" if verdict.hint else "")
    match verdict.kind:
        case "usable":
            st.success(text, icon=":material/check_circle:")
        case "with_care":
            st.warning(text, icon=":material/warning:")
        case "not_usable":
            st.error(text, icon=":material/block:")


def show_figures(result: Audit, cost: RunCost, target: Target) -> None:
    """Show how many examples and tokens there are, and what one run costs, each with what it rests on."""
    epochs = result.default_epochs
    with st.container(horizontal=True):
        st.metric(_("Training examples"), f"{result.examples:,}", border=True)
        if result.test_examples is not None:
            st.metric(_("Test examples"), f"{result.test_examples:,}", border=True)
        st.metric(_("Tokens in one pass"), f"{result.training_tokens_per_epoch:,}", border=True)
        st.metric(_("Usual passes (epochs)"), epochs, border=True)
        price = f"{say_usd(cost.line.usd)} USD" if cost.line else cost.short
        st.metric(_("One training run"), price, border=True)
    lines = [
        _("A token is a piece of a word, the unit in which providers bill.")
        + " "
        + _say_encoding(result, target).format(encoding=result.encoding, model=show.plain(target.model))
        + " "
        + _("The few tokens around each message are an estimate.")
    ]
    if result.tokens.total > result.training_tokens_per_epoch:
        lines.append(
            _("All examples hold {total:,} tokens; what is longer than {limit:,} in one of them is cut off.").format(
                total=result.tokens.total, limit=result.maximum_example_tokens or 0
            )
        )
    lines.append(_say_cost(cost, target))
    text = "  \n".join(line for line in lines if line)
    st.markdown(f":small[{text}]")


def _say_cost(cost: RunCost, target: Target) -> str:
    if cost.line is None:
        return cost.why
    line = cost.line
    quantity, price = f"{line.quantity.normalize():,f}", f"{line.unit_price_usd.normalize():,f}"
    sum_ = _("One run on {target}: {quantity} {unit} at {price} USD.").format(
        target=show.plain(name_target(target)), quantity=quantity, unit=line.unit, price=price
    )
    return f"{sum_} {show.origin(line.origin, line.source, line.as_of)}"


def _say_encoding(result: Audit, target: Target) -> str:
    if not target.model:
        return _("No model is named, so they are counted as OpenAI's newer models cut them ({encoding}).")
    if result.encoding_is_exact:
        return _("They are counted exactly as {model} cuts them ({encoding}).")
    return _("How {model} cuts them is not known here; {encoding} gives an estimate.")


def show_lengths(result: Audit) -> None:
    """Show how long examples are, once a person asks for it."""
    if not result.examples:
        return
    box = st.expander(
        _("How long the examples are"), icon=":material/bar_chart:", key="data_lengths", on_change="rerun"
    )
    if not box.open:
        return
    tokens = result.tokens
    rows = {
        _("Half of the examples are no longer than"): tokens.p50,
        _("95 in 100 are no longer than"): tokens.p95,
        _("The longest example"): tokens.max,
        _("All examples"): tokens.total,
        _("Of these in the answers, which are learned"): tokens.assistant,
    }
    left, right = box.columns([2, 3])
    left.table({_("Tokens"): {name: f"{count:,.0f}" for name, count in rows.items()}})
    right.bar_chart(
        {
            _("Tokens in an example"): [part.low for part in result.distribution],
            _("Examples"): [part.examples for part in result.distribution],
        },
        x=_("Tokens in an example"),
        y=_("Examples"),
        height=230,
        alt=_("How many examples have how many tokens; most lie near {p50:,.0f}.").format(p50=tokens.p50),
    )


def show_without_file(kept: Kept) -> None:
    """Say that what follows was found earlier, in a file that is no longer here."""
    named = show.plain(kept.train) + (f" ({_('test part')}: {show.plain(kept.test)})" if kept.test else "")
    st.info(
        _(
            "This is what was found in {name} on {day}. The file itself is not kept: choose it again to look at its "
            "lines, to get a cleaned file, or to check it for another model."
        ).format(name=f"**{named}**", day=kept.day),
        icon=":material/history:",
    )
