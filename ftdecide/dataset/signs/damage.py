"""Text damaged by conversions: garbled and lost characters, control characters, undecoded HTML."""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import ClassVar

import numpy as np

from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.glance import Places, are_among, find_signs, find_starts, find_unprinted
from ftdecide.dataset.signs.marks import merge_each, tell_each
from ftdecide.dataset.signs.texts import TextMarks
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example

CODES = ("garbled_characters", "replacement_character", "control_characters", "html_entities")

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
# What the second byte of a UTF-8 pair looks like when it is read as Windows-1252 or Latin-1.
_TAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # noqa: RUF001 - these very signs
# A capital before them may be Portuguese or Vietnamese text in capitals, ended by a quotation mark or a dash.
_GARBLED = re.compile(
    f"(?<![A-ZÀ-Þ])[ÂÃ][{_TAIL}]|[ÂÃ][{_TAIL}](?=[A-Za-z])|â€[{_TAIL}]|ðŸ[{_TAIL}]|ï»¿|ï¿½|(?:[ÐÑ][{_TAIL}]){{3}}"
)
_CLUES = ("Ã", "Â", "â€", "ðŸ", "ï»¿", "ï¿½", "Ð", "Ñ")
# What garbled and lost characters begin with in UTF-8.
_BEGINNINGS = tuple(clue.encode() for clue in (*_CLUES, "\ufffd"))
_FIRST_BYTES = bytes({begin[0] for begin in _BEGINNINGS})
_ENTITY_SIGNS = b"#ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,6}|([a-zA-Z]{2,8}\d{0,2}));")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


class DamageSieve:
    """Tells in a microsecond per kilobyte that plain text is sound."""

    def glance(self, text: bytes, /) -> Places:
        """Places of control characters, beginnings of HTML codes, and letters that garbled text is made of."""
        raw = np.frombuffer(text, np.uint8)
        places = find_unprinted(raw)
        controls = places[are_among(raw, places, _CONTROLS)]
        garbled = find_starts(raw, places[are_among(raw, places, _FIRST_BYTES)], _BEGINNINGS)
        signs = find_signs(raw, b"&")
        return np.concatenate([controls, garbled, signs[are_among(raw, signs + 1, _ENTITY_SIGNS)]])

    def search(self, text: str, /) -> bool:
        """Whether a closer look is worth it; HTML elsewhere in the text does not excuse HTML codes here."""
        return bool(_find_lost(text)) or ("&" in text and _holds_entity(text))


class EncodingDamage:
    """Counts examples with garbled characters, lost ones, control characters or HTML codes."""

    sieve: ClassVar[Sieve | None] = DamageSieve()

    def __init__(self) -> None:
        self._found = TextMarks(CODES)

    def add(self, line: int, example: Example) -> None:
        """Look through all texts of one example."""
        self._found.add(line, example, find_damage)

    def merge(self, later: "EncodingDamage") -> None:
        """Add the counts of another part of the file."""
        merge_each(self._found.marks, later._found.marks)

    def finish(self) -> Iterator[Finding]:
        """A finding for each kind found."""
        return tell_each(self._found.marks)


def find_damage(text: str) -> tuple[str, ...]:
    """Codes of the kinds of damage in `text`; HTML codes are none where the text is HTML."""
    found = _find_lost(text)
    if "&" in text and _holds_entity(text) and not _MARKUP.search(text):
        found.append("html_entities")
    return tuple(found)


def _find_lost(text: str) -> list[str]:
    found: list[str] = []
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) != len(text):
        if any(clue in text for clue in _CLUES) and _GARBLED.search(text):
            found.append("garbled_characters")
        if b"\xef\xbf\xbd" in raw:
            found.append("replacement_character")
    if len(raw.translate(None, _CONTROLS)) != len(raw):
        found.append("control_characters")
    return found


def _holds_entity(text: str) -> bool:
    return any(match[1] is None or match[1] in name2codepoint for match in _ENTITY.finditer(text))
