"""Figures as they are printed; what is not known is a dash."""

from ftdecide.translation import _

UNKNOWN = "\u2013"


def percent(share: float | None) -> str:
    """Return a share as a percentage: without decimals, except near 0 and 1."""
    if share is None:
        return UNKNOWN
    if 0 < share < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= share < 1 else f"{share * 100:.0f} %"


def points(share: float | None) -> str:
    """Return a difference of two shares in percentage points, with its sign."""
    return UNKNOWN if share is None else f"{share * 100:+.1f}"


def money(usd: float) -> str:
    """Return an amount in whole US dollars."""
    return f"{usd:,.0f}"


def short_money(usd: float) -> str:
    """Return an amount in US dollars in a few characters, as an axis has room for."""
    for size, unit in ((1e12, _("tn")), (1e9, _("bn")), (1e6, _("M")), (1e3, _("k"))):
        if abs(usd) >= size:
            return f"{usd / size:,.4g} {unit}"
    return f"{usd:.3g}"


def p_value(p: float | None) -> str:
    """Return a p-value with three decimals, never as zero."""
    if p is None:
        return UNKNOWN
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(number: float | None, unit: str = "") -> str:
    """Return a whole number with its unit."""
    return UNKNOWN if number is None else f"{number:,.0f} {unit}".strip()


def span(low: str, high: str) -> str:
    """Return a range between two printed figures."""
    return UNKNOWN if UNKNOWN in (low, high) else _("{low} to {high}").format(low=low, high=high)
