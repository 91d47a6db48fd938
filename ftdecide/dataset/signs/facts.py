"""What the signs look for: phrases, languages and patterns of personal data, read from `data/`."""

import re
from datetime import date
from functools import cache
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

_Model = TypeVar("_Model", bound=BaseModel)


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Document(_Fact):
    schema_version: Literal[1]
    source: str
    as_of: date


class PhraseRule(_Fact):
    """Patterns, and clues without which none of them can match."""

    clues: tuple[str, ...]
    patterns: tuple[str, ...]

    def finder(self) -> re.Pattern[str]:
        """One pattern of all."""
        return join_patterns(self.patterns)


class Phrases(_Document):
    """Everything in `data/audit_phrases.yml`."""

    refusals: PhraseRule
    chat_markup: PhraseRule
    placeholders: frozenset[str]


class EmailRule(_Fact):
    """Addresses that are nobody's."""

    example_domains: tuple[str, ...]
    example_domains_source: str
    role_mailboxes: frozenset[str]
    role_mailboxes_source: str


class PhoneRule(_Fact):
    """What phone numbers look like."""

    minimum_digits: int
    maximum_digits: int
    patterns: tuple[str, ...]
    source: str
    fictional: str
    fictional_source: str


class CardRule(_Fact):
    """What payment card numbers look like before their check digit is tried."""

    pattern: str
    networks: str
    source: str


class IbanRule(_Fact):
    """What international bank account numbers look like, and their length by country."""

    pattern: str
    source: str
    lengths: dict[str, int]


class KeyRule(_Fact):
    """One kind of key: a clue to look for first, and the pattern."""

    clue: str
    pattern: str
    source: str


class PersonalData(_Fact):
    """Everything in `data/personal_data.yml`."""

    schema_version: Literal[1]
    as_of: date
    email: EmailRule
    phone: PhoneRule
    card: CardRule
    iban: IbanRule
    keys: tuple[KeyRule, ...]


class ScriptRule(_Fact):
    """A language known by its script: ranges of code points in hexadecimal digits."""

    name: str
    ranges: tuple[str, ...]


class WordRule(_Fact):
    """A language known by its frequent words."""

    name: str
    words: str


class Languages(_Document):
    """Everything in `data/languages.yml`."""

    scripts: tuple[ScriptRule, ...]
    words: tuple[WordRule, ...]


def join_patterns(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One compiled pattern that matches where any of them does; a leading `(?m)` holds for all."""
    flags = re.MULTILINE if any(pattern.startswith("(?m)") for pattern in patterns) else 0
    return re.compile("|".join(f"(?:{pattern.removeprefix('(?m)')})" for pattern in patterns), flags)


def _read(model: type[_Model], name: str) -> _Model:
    return validate(model, read_document(DATA / name), name)


@cache
def phrases() -> Phrases:
    """Words of refusals, chat markup and placeholders."""
    return _read(Phrases, "audit_phrases.yml")


@cache
def personal_data() -> PersonalData:
    """Patterns of personal data and keys."""
    return _read(PersonalData, "personal_data.yml")


@cache
def languages() -> Languages:
    """Languages by script and words."""
    return _read(Languages, "languages.yml")
