"""The one function through which every text passes that a person reads."""

import gettext
from pathlib import Path

_LOCALES = Path(__file__).parent / "locale"
_catalogue = gettext.translation("ftdecide", localedir=_LOCALES, fallback=True)


def _(text: str) -> str:
    """Return `text` in the reader's language, or as it is where no translation exists."""
    return _catalogue.gettext(text) if text else ""


def plural(one: str, many: str, n: int) -> str:
    """Return the form of a text that fits `n` things, with `{n}` filled in."""
    return _catalogue.ngettext(one, many, n).format(n=n)
