"""Plain chat rows, parsed by the fastest parser at hand; every other row is left to `jsonl`."""

from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from ftdecide.dataset.types import Example, Message

Bytes = NDArray[np.uint8]


class Turn(msgspec.Struct, gc=False, frozen=True, forbid_unknown_fields=True):
    """A message of role and content, as nearly all are."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str


class ChatRow(msgspec.Struct, gc=False, frozen=True, forbid_unknown_fields=True):
    """A row of such messages and nothing else."""

    messages: Annotated[tuple[Turn, ...], msgspec.Meta(min_length=1)]

    def example(self, line: int) -> Example:
        """The same row as an example."""
        return Example(tuple([Message(turn.role, turn.content) for turn in self.messages]), line)


_decode_lines = msgspec.json.Decoder(ChatRow).decode_lines
_QUOTE, _ESCAPE, _LINE_END, _RETURN, _OPEN, _CLOSE = map(ord, '"\\\n\r{}')
# "messages"; "role", its value, "content" and its value.
_ROW_QUOTES, _TURN_QUOTES = 2, 8


def parse_rows(raw: bytes) -> list[ChatRow] | None:
    """One row for each of some lines, or None where one of them is blank or anything but a plain chat row."""
    try:
        rows = _decode_lines(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    signs = np.frombuffer(raw, np.uint8)
    return rows if len(rows) == _count_lines(signs) and _names_no_key_twice(signs, rows) else None


def _count_lines(signs: Bytes) -> int:
    """How many lines there are, if every line but the last ends with a brace, and every one but the first begins so.

    No line end inside a row stands between such braces, as a row has none without a comma between them. Otherwise -1.
    """
    ends = np.flatnonzero(signs == _LINE_END)
    if len(ends) and ends[-1] == len(signs) - 1:
        ends = ends[:-1]
    before = signs[ends - 1]
    before = np.where(before == _RETURN, signs[ends - 2], before)
    is_plain = bool(np.all(before == _CLOSE) and np.all(signs[ends + 1] == _OPEN))
    return len(ends) + 1 if is_plain else -1


def _names_no_key_twice(signs: Bytes, rows: list[ChatRow]) -> bool:
    """Whether no key stands twice; the parser would keep the last of two without a word.

    A key more would bring quotation marks of its own: those around keys and texts are counted.
    """
    turns = sum([len(row.messages) for row in rows])
    return _count_quotes(signs) == _ROW_QUOTES * len(rows) + _TURN_QUOTES * turns


def _count_quotes(signs: Bytes) -> int:
    """How many quotation marks begin or end a string; those inside stand after an odd number of backslashes."""
    quotes = np.flatnonzero(signs == _QUOTE)
    found, after, back = len(quotes), quotes, 1
    while len(after := after[signs[after - back] == _ESCAPE]):
        found += len(after) if back % 2 == 0 else -len(after)
        back += 1
    return found
