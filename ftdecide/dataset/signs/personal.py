"""Personal data and keys: which kinds stand in a text. What matched never leaves this module."""

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar

import numpy as np

from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.facts import join_patterns, personal_data
from ftdecide.dataset.signs.glance import (
    Places,
    are_among,
    find_numbers,
    find_runs_roughly,
    find_signs,
    find_starts,
    find_words,
    keep_runs,
    lie_between,
)
from ftdecide.dataset.signs.marks import merge_each, tell_each
from ftdecide.dataset.signs.texts import TextMarks
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example

# Two translations of bytes tell in a microsecond per kilobyte that neither a long number nor a key can be there:
# every number has at least so many digits once separators are gone, every key so many signs without a space.
_DIGITS = b"0" * 9
_SAME_DIGIT = bytes.maketrans(b"123456789", b"000000000")
# Blanks at which no line is broken, as text processors and web pages put into numbers.
_FIXED_BLANKS = "\u00a0\u2009\u202f"
_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_SEPARATORS = b" ().-/"
_TOKEN = b"a" * 20
_KEY_SIGNS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")
_SAME_SIGN = bytes(ord("a") if sign in _KEY_SIGNS else ord(" ") for sign in range(256))
_KEY_FILE = b"-----BEGIN"  # without the blank behind it, which would slow the search: it stands everywhere
# The first nine digits of every number stand within so many bytes, even where each blank takes three of them.
_NUMBER_BYTES = 72
# What stands next to the sign of an address.
_MAILBOX_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"
_DOMAIN_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

# No address has more characters before its sign, or beyond (RFC 5321, 4.5.3.1).
_BEFORE_SIGN, _BEYOND_SIGN = 64, 256
# Every number stands in one of these, but for the two characters around it that its pattern may look at.
_NUMBER_SPAN = re.compile(r"[A-Z\d ().\-/+]{9,}")
_EMAIL = re.compile(r"([A-Za-z0-9._%+-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})(?![\w@])")


class PersonalSieve:
    """Tells in half a microsecond per kilobyte that a text holds neither address, long number nor key."""

    def glance(self, text: bytes, /) -> Places:
        """Places of addresses, of long numbers, and of what keys begin with before a long run without a blank."""
        raw = np.frombuffer(text, np.uint8)
        ats = find_signs(raw, b"@")
        ats = ats[are_among(raw, ats - 1, _MAILBOX_SIGNS) & are_among(raw, ats + 1, _DOMAIN_SIGNS)]
        numbers = find_numbers(text, len(_DIGITS), _FIXED_BLANKS.encode(), _NUMBER_BYTES)
        may_be_key = lie_between(raw, min(_KEY_SIGNS), max(_KEY_SIGNS))
        keys = find_starts(raw, find_runs_roughly(may_be_key, len(_TOKEN)), _key_clues())
        keys = keep_runs(may_be_key, keys, len(_TOKEN))
        return np.concatenate([ats, numbers, keys, find_words(text, _KEY_FILE)])

    def search(self, text: str, /) -> bool:
        """Whether anything stands in one text; texts joined by line ends hold what each of them does, and no more."""
        return bool(find_kinds(text))


class PersonalData:
    """Counts examples that hold e-mail addresses, phone, card and account numbers, or keys of services."""

    sieve: ClassVar[Sieve | None] = PersonalSieve()

    def __init__(self) -> None:
        self._found = TextMarks(CODES)

    def add(self, line: int, example: Example) -> None:
        """Look through all texts of one example."""
        self._found.add(line, example, find_kinds)

    def merge(self, later: "PersonalData") -> None:
        """Add the counts of another part of the file."""
        merge_each(self._found.marks, later._found.marks)

    def finish(self) -> Iterator[Finding]:
        """A finding for each kind found."""
        return tell_each(self._found.marks)


CODES = ("secret_key", "payment_card", "bank_account", "personal_email", "personal_phone")


def find_kinds(text: str) -> tuple[str, ...]:
    """Codes of the kinds of personal data that stand in `text`, the gravest first."""
    found: list[str] = []
    text = plain_blanks(text)
    raw = text.encode("utf-8", "surrogatepass")
    if _may_hold_key(raw) and _holds_key(text):
        found.append("secret_key")
    if _may_hold_number(raw):
        found += _find_numbers(text)
    if "@" in text and any(map(_is_personal, _find_addresses(text))):
        found.append("personal_email")
    return tuple(found)


def plain_blanks(text: str) -> str:
    """The text with a plain blank in place of each other one that stands in numbers."""
    for blank in _FIXED_BLANKS if not text.isascii() else "":
        text = text.replace(blank, " ")
    return text


def _find_addresses(text: str) -> Iterator[re.Match[str]]:
    sign = text.find("@")
    while sign >= 0:
        yield from _EMAIL.finditer(text, max(0, sign - _BEFORE_SIGN), sign + _BEYOND_SIGN)
        sign = text.find("@", sign + 1)


def _may_hold_number(raw: bytes) -> bool:
    return _DIGITS in raw.translate(_SAME_DIGIT, _SEPARATORS)


def _may_hold_key(raw: bytes) -> bool:
    if _TOKEN not in raw.translate(_SAME_SIGN) and _KEY_FILE not in raw:
        return False
    return any(clue in raw for clue in _key_clues())


@cache
def _key_clues() -> tuple[bytes, ...]:
    return tuple(rule.clue.encode() for rule in personal_data().keys)


def _holds_key(text: str) -> bool:
    return any(rule.clue in text and _patterns(rule.pattern).search(text) for rule in personal_data().keys)


@cache
def _patterns(*patterns: str) -> re.Pattern[str]:
    return join_patterns(patterns)


def _is_personal(match: re.Match[str]) -> bool:
    rule = personal_data().email
    mailbox, domain = match[1].lower(), match[2].lower()
    if mailbox in rule.role_mailboxes:
        return False
    return not any(domain == example or domain.endswith(f".{example}") for example in rule.example_domains)


def _find_numbers(text: str) -> list[str]:
    """Kinds of numbers; the digits of an account or card are not taken for another kind as well."""
    found: list[str] = []
    facts = personal_data()
    text = _number_spans(text)
    accounts = _patterns(facts.iban.pattern)
    is_account = any(_is_account(match[0]) for match in accounts.finditer(text))
    rest = accounts.sub("\n", text)
    cards = [match[0] for match in _patterns(facts.card.pattern).finditer(rest) if _is_card(match[0])]
    for card in cards:
        rest = rest.replace(card, "\n")
    if cards:
        found.append("payment_card")
    if is_account:
        found.append("bank_account")
    if any(_is_phone(match[0]) for match in _patterns(*facts.phone.patterns).finditer(rest)):
        found.append("personal_phone")
    return found


def _number_spans(text: str) -> str:
    """The parts of a text in which digits enough stand near one another, each on a line."""
    spans = [text[max(0, span.start() - 1) : span.end() + 2] for span in _NUMBER_SPAN.finditer(text)]
    return "\n".join([span for span in spans if len(span.translate(_NO_DIGITS)) <= len(span) - len(_DIGITS)])


def _is_card(text: str) -> bool:
    digits = [int(sign) for sign in text if sign.isdigit()]
    if not _patterns(personal_data().card.networks).match("".join(map(str, digits))):
        return False
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]  # Luhn, ISO/IEC 7812-1 annex B
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_account(text: str) -> bool:
    number = text.replace(" ", "")
    length = personal_data().iban.lengths.get(number[:2])
    if length is None or len(number) < length:
        return False
    number = number[:length]  # a word in capitals may follow after a space
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1  # ISO 13616


def _is_phone(text: str) -> bool:
    rule = personal_data().phone
    digits = "".join(sign for sign in text if sign.isdigit())
    in_range = rule.minimum_digits <= len(digits) <= rule.maximum_digits
    return in_range and not _patterns(rule.fictional).fullmatch(digits)
