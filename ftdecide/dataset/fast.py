"""Plain chat rows, parsed by the fastest parser at hand; every other row is left to `jsonl`."""

from typing import Annotated, Literal

import msgspec
import numpy as np

from ftdecide.dataset.types import Example, Message


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
_QUOTE, _ESCAPE = ord('"'), ord("\\")
# "messages"; "role", its value, "content" and its value.
_ROW_QUOTES, _TURN_QUOTES = 2, 8


def parse_rows(raw: bytes, lines: int) -> list[ChatRow] | None:
    """All rows of some lines, or None where one of them is blank or anything but a plain chat row."""
    try:
        rows = _decode_lines(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return rows if len(rows) == lines and _names_no_key_twice(raw, rows) else None


def _names_no_key_twice(raw: bytes, rows: list[ChatRow]) -> bool:
    """Whether no key stands twice; the parser would keep the last of two without a word.

    A key more would bring quotation marks of its own: those around keys and texts are counted.
    """
    turns = sum([len(row.messages) for row in rows])
    return _count_quotes(raw) == _ROW_QUOTES * len(rows) + _TURN_QUOTES * turns


def _count_quotes(raw: bytes) -> int:
    """How many quotation marks begin or end a string; those inside stand after an odd number of backslashes."""
    signs = np.frombuffer(raw, np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    found, after, back = len(quotes), quotes, 1
    while len(after := after[signs[after - back] == _ESCAPE]):
        found += len(after) if back % 2 == 0 else -len(after)
        back += 1
    return found
