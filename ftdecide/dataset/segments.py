"""Big files in parts: where lines end, so that each part can be read by itself, and the lines of a part in chunks."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from ftdecide.dataset.facts import dataset_facts

_BLOCK_BYTES = 1 << 20
_CUT_BYTES = 1000


class Segment(NamedTuple):
    """Bytes `start` to `end` (not included) of a file: whole lines, the first of which has the number `first`."""

    start: int
    end: int
    first: int


class Chunk(NamedTuple):
    """Some whole lines, the first of which has the number `first`.

    A line beyond the limit stands alone, cut, and `too_long` says so.
    """

    first: int
    raw: bytes
    too_long: bool = False

    @property
    def lines(self) -> list[bytes]:
        """The lines without their ends."""
        lines = self.raw.split(b"\n")
        return lines if lines[-1] else lines[:-1]


def count_byte(raw: bytes, byte: bytes) -> int:
    """How often a byte stands in many; several times as fast as their own `count` where it stands often."""
    return int(np.count_nonzero(np.frombuffer(raw, np.uint8) == byte[0]))


def find_segments(stream: BinaryIO, size: int) -> tuple[list[Segment], int]:
    """Cut a file after line ends into parts of about `size` bytes; also the number of its lines."""
    found: list[Segment] = []
    stream.seek(0)
    start, first, place, lines = 0, 1, 0, 0
    while block := stream.read(_BLOCK_BYTES):
        last = block.rfind(b"\n") + 1
        ends = count_byte(block, b"\n")
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
            lines, rest = raw[:cut], raw[cut:]
            yield from _split(lines, number, limit)
            number += count_byte(lines, b"\n")
        elif len(raw) > limit:
            yield Chunk(number, raw[:_CUT_BYTES], too_long=True)
            left -= _skip_line(stream, left)
            number, rest = number + 1, b""
        else:
            rest = raw


def _split(raw: bytes, first: int, limit: int) -> Iterator[Chunk]:
    if len(raw) <= limit:
        yield Chunk(first, raw)
        return
    for number, line in enumerate(raw.removesuffix(b"\n").split(b"\n"), first):
        yield Chunk(number, line[:_CUT_BYTES], too_long=True) if len(line) > limit else Chunk(number, line)


def _skip_line(stream: BinaryIO, left: int) -> int:
    """Read on to the next line; the number of bytes that were read of the `left` ones."""
    read = 0
    while read < left:
        piece = stream.readline(min(_BLOCK_BYTES, left - read))
        read += len(piece)
        if not piece or piece.endswith(b"\n"):
            break
    return read
