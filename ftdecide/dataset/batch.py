"""Some rows of a file, taken together: what each says, in which order, and what else it carries."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.fast import ChatRow, parse_rows
from ftdecide.dataset.jsonl import parse_line
from ftdecide.dataset.lines import decode_line
from ftdecide.dataset.segments import Chunk
from ftdecide.dataset.types import Example, Problem
from ftdecide.dataset.wording import problem

Row = ChatRow | Example


class Batch(NamedTuple):
    """Rows with the lines on which they start, and the problems between them, both in the order of the file.

    `special` are the places of those rows that hold more than roles and contents; `windows_ends` is the number of lines
    that end as on Windows.
    """

    rows: Sequence[Row]
    lines: Sequence[int]
    special: Sequence[int]
    problems: Sequence[Problem] = ()
    windows_ends: int = 0

    def example(self, place: int) -> Example:
        """The row at `place` as an example."""
        row = self.rows[place]
        return row if isinstance(row, Example) else row.example(self.lines[place])


def parse_chunk(chunk: Chunk) -> Batch:
    """Make rows of the lines of a chunk of JSON Lines; blank lines are left out."""
    if chunk.too_long:
        limit = dataset_facts().maximum_line_mb
        return Batch((), (), (), [problem(chunk.first, "line_too_long", limit=limit)])
    raw = chunk.raw
    windows_ends = raw.count(b"\r\n") if b"\r" in raw else 0
    if rows := parse_rows(raw):
        return Batch(rows, range(chunk.first, chunk.first + len(rows)), (), (), windows_ends)
    return gather(_parse_each(chunk))._replace(windows_ends=windows_ends)


def _parse_each(chunk: Chunk) -> Iterator[tuple[int, Row] | Problem]:
    for number, raw in enumerate(chunk.lines, chunk.first):
        if rows := parse_rows(raw):
            yield number, rows[0]
        elif raw and not raw.isspace():
            line = decode_line(raw, number)
            if line.problem or not line.text.isspace():
                found = line.problem or parse_line(line.text, number)
                yield found if isinstance(found, Problem) else (number, found)


def gather(items: Iterator[tuple[int, Row] | Problem]) -> Batch:
    """Put rows with their lines, and problems, into one batch."""
    rows: list[Row] = []
    lines: list[int] = []
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, Problem):
            problems.append(item)
        else:
            lines.append(item[0])
            rows.append(item[1])
    special = [place for place, row in enumerate(rows) if isinstance(row, Example) and not row.is_plain]
    return Batch(rows, lines, special, problems)
