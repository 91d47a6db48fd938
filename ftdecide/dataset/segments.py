"""Big files in parts: where lines end, so that each part can be read by itself, and the lines of a part in chunks."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ftdecide.dataset.facts import dataset_facts

_BLOCK_BYTES = 1 << 20


class Segment(NamedTuple):
    """Bytes `start` to `end` (not included) of a file: whole lines, the first of which has the number `first`."""

    start: int
    end: int
    first: int


class Chunk(NamedTuple):
    """Some whole lines without their ends, the first of which has the number `first`.

    A line beyond the limit stands alone, cut, and `too_long` says so.
    """

    first: int
    lines: list[bytes]
    windows_ends: int = 0
    too_long: bool = False


def find_segments(stream: BinaryIO, size: int) -> tuple[list[Segment], int]:
    """Cut a file after line ends into parts of about `size` bytes; also the number of its lines."""
    found: list[Segment] = []
    stream.seek(0)
    start, first, place, lines = 0, 1, 0, 0
    while block := stream.read(_BLOCK_BYTES):
        last = block.rfind(b"\n") + 1
        ends = block.count(b"\n")
        if last and place + last - start >= size:
            found.append(Segment(start, place + last, first))
            start, first = place + last, 1 + lines + ends
        place += len(block)
        lines += ends
    if place > start:
        found.append(Segment(start, place, first))
    return found, lines + 1


def read_chunks(stream: BinaryIO, segment: Segment) -> Iterator[Chunk]:
    """Yield the lines of a segment, a few megabytes at a time; a byte order mark at the file's start is left out."""
    limit = dataset_facts().maximum_line_mb * 1_000_000
    stream.seek(segment.start)
    number, left, rest = segment.first, segment.end - segment.start, b""
    begun = segment.start == 0
    while left or rest:
        block = stream.read(min(_BLOCK_BYTES, left))
        left = left - len(block) if block else 0
        raw = rest + block
        if begun:
            raw, begun = raw.removeprefix(codecs.BOM_UTF8), False
        cut = raw.rfind(b"\n") + 1 if left else len(raw)
        if cut:
            rest = raw[cut:]
            yield from _split(raw[:cut], number, limit)
            number += raw.count(b"\n", 0, cut)
        elif len(raw) > limit:
            yield Chunk(number, [raw[:1000]], too_long=True)
            left -= _skip_line(stream, left)
            number, rest = number + 1, b""
        else:
            rest = raw


def _split(raw: bytes, first: int, limit: int) -> Iterator[Chunk]:
    lines = raw.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if len(raw) <= limit or max(map(len, lines)) <= limit:
        yield Chunk(first, lines, raw.count(b"\r\n") if b"\r" in raw else 0)
        return
    for number, line in enumerate(lines, first):
        yield Chunk(number, [line[:1000]], too_long=True) if len(line) > limit else Chunk(number, [line])


def _skip_line(stream: BinaryIO, left: int) -> int:
    """Read on to the next line; the number of bytes that were read of the `left` ones."""
    read = 0
    while read < left:
        piece = stream.readline(min(_BLOCK_BYTES, left - read))
        read += len(piece)
        if not piece or piece.endswith(b"\n"):
            break
    return read
