"""A cleaned copy of a training file: lines are left out for reasons that are listed, and never changed."""

import heapq
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ftdecide.dataset.cuts import Cut, copy_lines, open_new
from ftdecide.dataset.read import Source, stream_examples
from ftdecide.dataset.rules import digest, question_digest
from ftdecide.dataset.signs.near_duplicates import NearDuplicates
from ftdecide.dataset.source import open_source, source_name
from ftdecide.dataset.types import Example, Problem
from ftdecide.dataset.wording import finding_words
from ftdecide.errors import InputError
from ftdecide.translation import _, plural

CHOSEN = "chosen"
"""The reason of a line that a person named."""

NOTHING_READ = frozenset({"empty_file", "wide_encoding", "json_list", "unreadable_header", "wrong_header"})
"""Codes with which nothing of a file can be read, so that there is nothing to clean."""


@dataclass(frozen=True)
class Choices:
    """What to leave out: `lines` are those that a person named, by the line on which the example starts.

    Near duplicates are found as in the audit: all of them up to 200,000 examples, beyond that those of a sample.
    """

    unreadable: bool = True
    empty_answers: bool = True
    test_overlap: bool = True
    exact_duplicates: bool = True
    near_duplicates: bool = False
    lines: frozenset[int] = frozenset()


class Removed(NamedTuple):
    """A line left out, the code of the finding (or `chosen`), and the reason in words."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True)
class Cleaned:
    """How many examples were kept, how many rows left out, and the lines of these by reason, in ascending order."""

    kept: int
    removed: int
    lines: dict[str, Sequence[int]]

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were left out, by reason."""
        return {code: len(lines) for code, lines in self.lines.items()}

    def list_removed(self) -> Iterator[Removed]:
        """Every line left out, in the order of the file; a row of several lines is named by its first."""
        told = {code: _tell(code) for code in self.lines}
        for line, code in heapq.merge(*([(line, code) for line in lines] for code, lines in self.lines.items())):
            yield Removed(line, code, told[code])


def clean(
    source: Source, choices: Choices, out: BinaryIO | Path, *, test: Source | None = None, name: str = ""
) -> Cleaned:
    """Copy the lines of `source` to `out`, byte for byte, without those that `choices` leave out.

    The file is read twice, line by line; some 20 bytes are remembered of each example.

    Args:
        source: path, "-" or binary stream of the training part.
        choices: what to leave out.
        out: an open binary stream, or the path of a file that is not there yet.
        test: path or stream of the test part, against which overlap is looked for.
        name: what the training part is called, for streams: its ending tells the format.

    Raises:
        InputError: a file cannot be opened, nothing of it can be read, or `out` is there already.
    """
    name = name or source_name(source)
    questions = _read_questions(test) if test is not None and choices.test_overlap else frozenset[bytes]()
    with open_source(source) as opened:
        sorting = _Sorting(choices, questions)
        start = opened.stream.tell()
        for item in stream_examples(opened.stream, name):
            sorting.add(item, name)
        lines = sorting.finish()
        opened.stream.seek(start)
        with open_new(out) as target:
            copy_lines(opened.stream, target, sorting.find_cuts(lines))
    removed = sum(map(len, lines.values()))
    return Cleaned(kept=sorting.rows - removed, removed=removed, lines=lines)


class _Sorting:
    """Decides row by row, and at the end about those that repeat others."""

    def __init__(self, choices: Choices, test_questions: frozenset[bytes]) -> None:
        self._choices = choices
        self._test_questions = test_questions
        self._lines: dict[str, array[int]] = {}
        self._near = NearDuplicates()
        self._starts, self._kept, self._hashes = array("Q"), array("Q"), array("Q")

    @property
    def rows(self) -> int:
        return len(self._starts)

    def add(self, item: Example | Problem, name: str) -> None:
        self._starts.append(item.line)
        code = self._judge(item, name)
        if code:
            self._remove(code, [item.line])
        elif isinstance(item, Example):
            if self._choices.exact_duplicates and item.taught:
                self._kept.append(item.line)
                self._hashes.append(_hash(item))
            if self._choices.near_duplicates:
                self._near.add(item.line, item)

    def _judge(self, item: Example | Problem, name: str) -> str:
        """Why a row is left out by itself, or nothing."""
        if isinstance(item, Problem) and item.code in NOTHING_READ:
            raise InputError(f"{name!r} cannot be cleaned: {item.text}")
        if item.line in self._choices.lines:
            return CHOSEN
        if isinstance(item, Problem):
            is_error = finding_words(item.code).severity == "error"
            return item.code if self._choices.unreadable and is_error else ""
        if self._choices.empty_answers and _says_nothing(item):
            return "empty_answer"
        if self._test_questions and question_digest(item) in self._test_questions:
            return "test_overlap"
        return ""

    def _remove(self, code: str, lines: Iterable[int]) -> None:
        self._lines.setdefault(code, array("Q")).extend(lines)

    def finish(self) -> dict[str, Sequence[int]]:
        """All lines to leave out, by reason."""
        import numpy as np

        hashes, kept = np.asarray(self._hashes, dtype=np.uint64), np.asarray(self._kept, dtype=np.uint64)
        _unique, first = np.unique(hashes, return_index=True)
        repeated: list[int] = np.delete(kept, first).tolist()
        if repeated:
            self._remove("exact_duplicate", repeated)
        near = [copy.line for copy in self._near.copies()]
        if near:
            self._remove("near_duplicate", sorted(set(near) - set(repeated)))
        return {code: lines for code, lines in self._lines.items() if lines}

    def find_cuts(self, lines: dict[str, Sequence[int]]) -> Iterator[Cut]:
        """What to leave out, each row up to the start of the next."""
        place = 0
        for line in heapq.merge(*lines.values()):
            while self._starts[place] != line:
                place += 1
            following = self._starts[place + 1] if place + 1 < len(self._starts) else None
            yield Cut(line, following)


def _hash(example: Example) -> int:
    """What stands for question and answer; among ten million rows the chance that two share it is 1 in 400,000."""
    asked = [str(part) for message in example.question for part in message]
    whole = "".join(f"{len(part)}:{part}" for part in (*asked, example.terms, example.taught))
    return int.from_bytes(digest(whole)[:8], "big")


def _says_nothing(example: Example) -> bool:
    said = (message for message in example.messages if message.role == "assistant")
    return any(not message.calls and not message.content.strip() for message in said)


def _read_questions(source: Source) -> frozenset[bytes]:
    return frozenset(question_digest(item) for item in stream_examples(source) if isinstance(item, Example))


def _tell(code: str) -> str:
    if code == CHOSEN:
        return _("chosen by hand")
    words = finding_words(code)
    return plural(words.one, words.many, 1)
