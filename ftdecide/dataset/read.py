"""Reading training files: JSON Lines and CSV, one example at a time, and what is wrong with which line."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from ftdecide.dataset.jsonl import parse_line
from ftdecide.dataset.lines import Line, read_lines
from ftdecide.dataset.source import Source, source_name
from ftdecide.dataset.table import parse_table
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.dataset.wording import problem
from ftdecide.errors import InputError

__all__ = ["Example", "Message", "Problem", "Source", "read_examples", "stream_examples"]

_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_TABLE_SUFFIXES = (".csv", ".tsv")


def stream_examples(source: Source, name: str = "") -> Iterator[Example | Problem]:
    """Yield every example of a file, and a problem for every line that is none; one line is in memory at a time.

    The ending of `name` (or of the path) tells JSON Lines from CSV; without a known ending the first sign does.

    Raises:
        InputError: the file cannot be opened or read.
    """
    name = name or source_name(source)
    try:
        if not isinstance(source, str | Path):
            yield from _parse(read_lines(source), name)
        elif str(source) == "-":
            yield from _parse(read_lines(sys.stdin.buffer), name)
        else:
            with Path(source).open("rb") as stream:
                yield from _parse(read_lines(stream), name)
    except OSError as error:
        raise InputError(f"{name!r} cannot be read ({error.strerror or error}); check the path") from error


def read_examples(source: Source, name: str = "") -> list[Example]:
    """Read all examples of a file without a fault.

    Raises:
        InputError: naming the first line that cannot be used and how to mend it.
    """
    name = name or source_name(source)
    examples: list[Example] = []
    for item in stream_examples(source, name):
        if isinstance(item, Problem):
            raise InputError(f"{name!r}, line {item.line}: {item.text}")
        examples.append(item)
    return examples


def _parse(lines: Iterator[Line], name: str) -> Iterator[Example | Problem]:
    filled = (line for line in lines if line.problem or (line.text and not line.text.isspace()))
    first = next(filled, None)
    if first is None:
        yield problem(1, "empty_file")
        return
    if is_table(name, first.text):
        # Blank lines may stand inside a quoted cell, so that only those before the first row are left out.
        yield from parse_table(itertools.chain([first], lines))
        return
    for line in itertools.chain([first], filled):
        yield line.problem or parse_line(line.text, line.number)


def tell_kind(stream: BinaryIO, name: str) -> Literal["jsonl", "table", "unreadable"]:
    """What a file is by its name and its first line with anything on it."""
    stream.seek(0)
    for line in read_lines(stream):
        if line.problem and line.problem.code == "wide_encoding":
            return "unreadable"
        if line.problem or line.text.strip():
            return "table" if is_table(name, line.text) else "jsonl"
    return "unreadable"


def is_table(name: str, text: str) -> bool:
    """Whether a file is a table: by the ending of its name, else by the first of its text."""
    suffix = Path(name).suffix.lower()
    if suffix in _JSON_SUFFIXES + _TABLE_SUFFIXES:
        return suffix in _TABLE_SUFFIXES
    return text.lstrip()[:1] not in ("{", "[")
