"""Numbers as people write them: grouped digits, decimal points and commas, signs, exponents and percent."""

import re
import unicodedata
from decimal import Decimal
from typing import Literal, NamedTuple

_MOST_DIGITS = 200
_TOKEN = re.compile(
    r"(?<!\w)(?P<sign>[-+\u2212])?(?P<currency>[$€£¥]\s?)?"
    r"(?P<body>\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,'\u2019]\d+)*)"
    r"(?P<exponent>[eE][-+]?\d{1,2}(?!\w))?"
    r"(?P<percent>\s?(?:%|(?:percent|per cent|prozent|pour cent|por ciento|por cento|per cento|procent)\b))?",
    re.IGNORECASE,
)


class Number(NamedTuple):
    """A number in a text: its value as it stands there, whether a percent sign follows, and the text itself."""

    value: Decimal
    percent: bool
    text: str


def read_numbers(text: str, decimal_mark: Literal[".", ","] | None = None) -> list[Number]:
    """Return every number in `text`, in order.

    The last of two different marks is the decimal one, and a mark that stands twice groups digits. A single mark with
    three digits after it could be either: `decimal_mark` settles it, and by default a comma groups and a point does
    not. Dates, versions and the like, which are no numbers, are left out; so are numbers inside words (CO2) and those
    of more than 200 digits. Words for numbers and for magnitudes (million) are not read.
    """
    # No-break and thin spaces, and full-width digits, become plain ones.
    plain = unicodedata.normalize("NFKC", text)
    found: list[Number] = []
    for token in _TOKEN.finditer(plain):
        digits = _plain_digits(token["body"], decimal_mark)
        if digits is not None and len(digits) <= _MOST_DIGITS:
            sign = "-" if token["sign"] in ("-", "\u2212") else ""
            value = Decimal(f"{sign}{digits}{token['exponent'] or ''}")
            found.append(Number(value, token["percent"] is not None, token[0].strip()))
    return found


def _plain_digits(body: str, decimal_mark: str | None) -> str | None:
    """Return the digits of a number with a decimal point at most, or None where it is none."""
    marks = [character for character in body if not character.isdigit()]
    kinds = set(marks)
    if not marks:
        return body
    last = marks[-1]
    whole, _mark, rest = body.rpartition(last)
    if last in ".," and (len(kinds) > 1 or (len(marks) == 1 and not _groups(whole, rest, last, decimal_mark))):
        grouped = whole if last not in whole else None
        fraction = rest
    else:
        grouped, fraction = body, ""
    if grouped is None or len(kinds - ({last} if fraction else set())) > 1 or not _well_grouped(grouped):
        return None
    plain = "".join(character for character in grouped if character.isdigit())
    return f"{plain}.{fraction}" if fraction else plain


def _groups(whole: str, rest: str, mark: str, decimal_mark: str | None) -> bool:
    """Say whether the only mark of a number groups its digits."""
    could_group = len(rest) == 3 and len(whole) <= 3 and not whole.startswith("0")
    return could_group and mark != (decimal_mark or ".")


def _well_grouped(digits: str) -> bool:
    first, *others = re.split(r"\D", digits)
    return not others or (1 <= len(first) <= 3 and all(len(other) == 3 for other in others))
