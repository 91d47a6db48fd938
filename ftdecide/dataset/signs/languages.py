"""Which languages the examples are written in, guessed offline from scripts and frequent words."""

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar, NamedTuple

from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.facts import languages
from ftdecide.dataset.signs.marks import Marks, tell
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example
from ftdecide.translation import _

# Letters beyond Latin ones begin here.
_LATIN_END = "\u024f"
# What may touch a frequent word; replacing a few signs is far cheaper than cutting at all that are no letters.
_WORD_ENDS = (",", ".", "?", "!", ":", '"', "(", ")")
_WIDE_WORD_ENDS = ("¿", "¡", "“", "”", "«", "»", "„")


class MixedLanguages:
    """Counts examples by language; those in which none is recognised, such as codes and numbers, do not count."""

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._languages: dict[str, Marks] = {}

    def add(self, line: int, example: Example) -> None:
        """Guess the language of the end of the question, and where that tells nothing, of the start of the answer."""
        characters = thresholds().languages.characters
        asked = next((message.content for message in reversed(example.question) if message.role == "user"), "")
        language = guess_language(asked[-characters:]) or guess_language(example.answer[:characters])
        if language:
            self._languages.setdefault(language, Marks()).add(line)

    def merge(self, later: "MixedLanguages") -> None:
        """Add the counts of another part of the file."""
        for language, found in later._languages.items():
            self._languages.setdefault(language, Marks()).merge(found)

    def finish(self) -> Iterator[Finding]:
        """The languages besides the most frequent one, if they are more than stray sentences."""
        rule = thresholds().languages
        total = sum(marks.count for marks in self._languages.values())
        named = sorted(self._languages.items(), key=lambda item: (-item[1].count, item[0]))
        others = [marks for _name, marks in named[1:]]
        count = sum(marks.count for marks in others)
        if count >= max(rule.minimum_examples, rule.minimum_share * total):
            told = ", ".join(f"{_(name)} {_share(marks.count / total)}" for name, marks in named[: rule.named])
            lines = [line for marks in others for line in marks.lines]
            yield tell("mixed_languages", count, lines, languages=told)


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else _("under 1%")


def guess_language(text: str) -> str:
    """The language of a short text, or "" where nothing speaks clearly for one."""
    if not text.isascii() and max(text) > _LATIN_END and (language := _by_script(text)):
        return language
    profiles, rule = _profiles(), thresholds().languages
    hits = profiles.known.intersection(_words(text))
    if len(hits) < rule.minimum_hits:
        return ""
    scores: dict[str, int] = {}
    for word in hits:
        for language in profiles.spoken_in[word]:
            scores[language] = scores.get(language, 0) + 1
    best = max(scores, key=scores.__getitem__)
    second = max((score for language, score in scores.items() if language != best), default=0)
    return best if scores[best] >= max(rule.minimum_hits, second + rule.minimum_lead) else ""


def _words(text: str) -> list[str]:
    text = text.lower()
    for sign in _WORD_ENDS:
        text = text.replace(sign, " ")
    if not text.isascii():
        for sign in _WIDE_WORD_ENDS:
            text = text.replace(sign, " ")
        text = text.replace("’", "'")  # noqa: RUF001 - the sign of word processors
    return text.split()


class _Profiles(NamedTuple):
    known: frozenset[str]
    spoken_in: dict[str, tuple[str, ...]]


@cache
def _profiles() -> _Profiles:
    spoken: dict[str, tuple[str, ...]] = {}
    for language in languages().words:
        for word in dict.fromkeys(language.words.split()):
            spoken[word] = (*spoken.get(word, ()), language.name)
    return _Profiles(frozenset(spoken), spoken)


@cache
def _scripts() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((rule.name, re.compile(f"[{_class(rule.ranges)}]")) for rule in languages().scripts)


def _class(ranges: tuple[str, ...]) -> str:
    return "".join("-".join(f"\\u{end}" for end in span.split("-")) for span in ranges)


def _by_script(text: str) -> str:
    """The first language whose signs make up a fifth of the letters; foreign names and symbols are fewer."""
    letters = sum(sign.isalpha() for sign in text)
    for name, pattern in _scripts():
        if len(pattern.findall(text)) * 5 > letters:
            return name
    return ""
