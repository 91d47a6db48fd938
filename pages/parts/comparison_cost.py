"""What a comparison cost, beside what it was expected to: money, time, calls and tokens."""

from decimal import Decimal

import streamlit as st

from ftdecide.experiment.run_view import RunView
from ftdecide.experiment.types import Summary
from ftdecide.providers.connections import LOCAL
from ftdecide.translation import _

_CENT = Decimal("0.01")


def show_cost(view: RunView, summary: Summary) -> None:
    """Show forecast and actual side by side."""
    found = view.forecast
    if found is None:
        return
    st.subheader(_("What it took"), anchor=False)
    lines: list[tuple[str, str, str]] = []
    if view.experiment.provider.id != LOCAL or found.spent_usd:
        forecast = _("not known") if found.p95_usd is None else _span(_usd(found.p50_usd), _usd(found.p95_usd))
        lines.append((_("US dollars"), forecast, _usd(found.spent_usd)))
    minutes = _span(f"{found.p50_minutes:.1f}", f"{found.p95_minutes:.1f}")
    lines += [
        (_("Minutes"), minutes, f"{found.minutes_taken:.1f}"),
        (_("Calls"), f"{found.calls_expected:,}", f"{found.calls_made:,}"),
        (_("Tokens in"), f"{found.prompt_tokens_expected:,}", f"{found.prompt_tokens:,}"),
        (_("Tokens out"), f"{found.completion_tokens_expected:,}", f"{found.completion_tokens:,}"),
    ]
    heads = ("", _("Forecast"), _("Actual"))
    st.dataframe(
        [dict(zip(heads, line, strict=True)) for line in lines], hide_index=True, alt=_("Forecast beside what it took")
    )
    text = _("Calls and money count failed ones and earlier tries too. Time leaves out pauses between two tries.")
    if view.preflight.tokens_exact:
        st.caption(text)
    else:
        st.caption(f"{text} {_('The forecast of tokens was an estimate for {model}.').format(model=summary.model)}")


def _span(low: str, high: str) -> str:
    return _("{low} to {high}").format(low=low, high=high)


def _usd(amount: Decimal | None) -> str:
    if amount is None:
        return _("not known")
    return f"{amount:.2f}" if amount >= _CENT or not amount else f"{amount:.4f}"
