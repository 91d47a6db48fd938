"""How findings are told: `data/findings.yml` as models, and sentences made of it."""

import re
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.types import Problem
from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA
from ftdecide.translation import _

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

_HARMLESS_NAME = re.compile(r"[A-Za-z][A-Za-z_ -]{0,29}\d{0,3}")


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FindingWords(_Words):
    """How one kind of finding is told; see the head of `data/findings.yml`."""

    code: str
    severity: Severity
    one: str
    many: str
    line: str = ""
    means: str
    mend: str


class ParserHint(_Words):
    """A reason why Python's parser of JSON or CSV refuses a text: what to say of it, and how to mend it."""

    reason: str
    say: str
    hint: str


class Wording(_Words):
    """Everything in `data/findings.yml`."""

    findings: tuple[FindingWords, ...]
    parser_hints: tuple[ParserHint, ...]

    def explain(self, reason: str) -> ParserHint:
        """What to say of the parser's `reason`."""
        known = (hint for hint in self.parser_hints if hint.reason == reason)
        return next(known, ParserHint(reason=reason, say=reason, hint="mend the JSON there"))


@cache
def wording() -> Wording:
    """How findings are told."""
    return validate(Wording, read_document(DATA / "findings.yml"), "findings.yml")


@cache
def finding_words(code: str) -> FindingWords:
    """The wording of one kind of finding; an unknown code is a defect of this program."""
    return next(words for words in wording().findings if words.code == code)


def code_order(code: str) -> tuple[int, int]:
    """Where a kind of finding stands among the others: errors first, then as in `data/findings.yml`."""
    words = wording().findings
    place = next(place for place, known in enumerate(words) if known.code == code)
    return SEVERITIES.index(words[place].severity), place


def problem(line: int, code: str, **details: str | int) -> Problem:
    """A problem on one line, with its sentence filled in from the wording of its code."""
    return Problem(line, code, _(finding_words(code).line).format(**details))


def shown(name: str) -> str:
    """A name from the file as a message may show it: plain words only, as a stray cell may hold an address or a key."""
    if _HARMLESS_NAME.fullmatch(name):
        return repr(name)
    return _("a text of {n} characters").format(n=len(name))
