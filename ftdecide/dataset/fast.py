"""Plain chat rows, parsed by the fastest parser at hand; every other row is left to `jsonl`."""

from typing import Annotated, Literal

import msgspec

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


_decode = msgspec.json.Decoder(ChatRow).decode
_KEYS = (b'"role"', b'"content"')
# A key may be spelled with escapes of its letters.
_ESCAPE, _ESCAPED_LETTERS = b"\\u00", (b"\\u006", b"\\u007")


def parse_rows(lines: list[bytes]) -> list[ChatRow] | None:
    """All rows of some lines, or None where one of them is anything but a plain chat row."""
    try:
        rows = [_decode(line) for line in lines]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return rows if _names_no_key_twice(b"\n".join(lines), rows) else None


def parse_row(line: bytes) -> ChatRow | None:
    """The row of one line, or None where it is anything but a plain chat row."""
    rows = parse_rows([line])
    return rows[0] if rows else None


def _names_no_key_twice(raw: bytes, rows: list[ChatRow]) -> bool:
    """Whether each key stands as often as it must; the parser would keep the last of two without a word.

    A second list of messages would bring roles of its own, as the parser refuses an empty one.

    A text may hold something that looks like a key, so that False says nothing yet.
    """
    turns = sum([len(row.messages) for row in rows])
    escapes = _ESCAPE in raw and any(mark in raw for mark in _ESCAPED_LETTERS)
    return not escapes and all(raw.count(key) == turns for key in _KEYS)
