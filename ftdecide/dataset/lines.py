"""The lines of a file as text, one at a time, with what is wrong with their bytes."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.types import Problem
from ftdecide.dataset.wording import problem
from ftdecide.translation import _

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class Line(NamedTuple):
    """One line without its byte order mark; `problem` says what is wrong with its bytes, if anything is."""

    number: int
    text: str
    problem: Problem | None = None


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Yield every line of `stream`, counted from 1, holding one line in memory at a time.

    A line that cannot be decoded comes with its problem and with signs of replacement in its text; one that is too long
    comes with its problem and no text. Wide encodings end the reading at once.
    """
    limit = dataset_facts().maximum_line_mb * 1_000_000
    number = 0
    while raw := stream.readline(limit + 1):
        number += 1
        too_long = len(raw) > limit
        if number == 1:
            for mark, encoding in _WIDE_MARKS:
                if raw.startswith(mark):
                    yield Line(1, "", problem(1, "wide_encoding", encoding=encoding))
                    return
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if too_long:
            _skip_to_next_line(stream, raw, limit)
            yield Line(number, "", problem(number, "line_too_long", limit=limit // 1_000_000))
            continue
        yield decode_line(raw, number)


def _skip_to_next_line(stream: BinaryIO, raw: bytes, limit: int) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(limit)


def decode_line(raw: bytes, number: int) -> Line:
    """One line of bytes as text, with what is wrong with them."""
    if b"\0" in raw:
        found = problem(number, "nul_byte", byte=raw.index(0) + 1)
        return Line(number, raw.decode("utf-8", "replace"), found)
    try:
        return Line(number, raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        value = raw[error.start]
        found = problem(
            number, "wrong_encoding", byte=error.start + 1, value=f"0x{value:02X}", hint=_suspicion(raw, error.start)
        )
        return Line(number, raw.decode("utf-8", "replace"), found)


def _suspicion(raw: bytes, start: int) -> str:
    """What the bytes from `start` look like, as a mend."""
    if raw[start : start + 1].decode("cp1252", "ignore").isalpha():
        return _("the file looks like Windows-1252 or Latin-1: save it as UTF-8")
    return _("save the file as UTF-8")
