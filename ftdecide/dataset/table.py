"""Rows of a CSV file with named columns to examples."""

import csv
import itertools
from collections.abc import Iterator
from typing import NamedTuple

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.lines import Line
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.dataset.wording import problem, shown, wording
from ftdecide.translation import _

_DELIMITERS = ",;\t"


class _Row(NamedTuple):
    """The cells of a row and the line on which it starts."""

    line: int
    cells: list[str]


class _Feed:
    """Hands lines to the CSV parser and remembers where the row began and ended and what was wrong with its bytes."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._start = self._end = 0
        self._problem: Problem | None = None

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._start, self._end = self._start or line.number, line.number
            self._problem = self._problem or line.problem
            yield line.text

    def read_rows(self, delimiter: str) -> Iterator[_Row | Problem]:
        """Yield every row that is not blank, or what is wrong with it, always by the line on which it starts."""
        rows = csv.reader(iter(self), delimiter=delimiter, strict=True)
        while True:
            self._start, self._problem = 0, None
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._tell_bytes() or self._tell_malformed(str(error))
                continue
            if found := self._tell_bytes():
                yield found
            elif len(cells) > 1 or "".join(cells).strip():
                yield _Row(self._start, cells)

    def _tell_bytes(self) -> Problem | None:
        found = self._problem
        if found is None or found.line == self._start:
            return found
        text = _("in line {line}, where the row goes on, {text}").format(line=found.line, text=found.text)
        return Problem(self._start, found.code, text)

    def _tell_malformed(self, reason: str) -> Problem:
        if reason.startswith("field larger than"):
            found = problem(self._start, "line_too_long", limit=dataset_facts().maximum_line_mb)
        else:
            found = problem(self._start, "malformed_csv", reason=_(wording().explain(reason).say))
        if self._end == self._start:
            return found
        # Nobody knows where such a row should have ended, so that sound ones may be among its lines.
        told = _("{text}; lines {start} to {end} were taken for this row, and not read")
        return found._replace(text=told.format(text=found.text, start=self._start, end=self._end))


def parse_table(lines: Iterator[Line]) -> Iterator[Example | Problem]:
    """Yield an example or a problem for every row; the first row names the columns.

    The separator (comma, semicolon or tabulator) is the one with which the first line names a known pair of columns.
    """
    first = next(lines, None)
    if first is None:
        return
    if first.problem and first.problem.code == "wide_encoding":
        yield first.problem
        return
    csv.field_size_limit(dataset_facts().maximum_line_mb * 1_000_000)
    rows = _Feed(itertools.chain([first], lines)).read_rows(_find_delimiter(first.text))
    head = next(rows, None)
    if not isinstance(head, _Row):
        yield problem(first.number, "unreadable_header", reason=head.text if head else _("it is empty"))
        return
    names = [name.strip().lower() for name in head.cells]
    places = _places(names)
    if places is None:
        found = ", ".join(shown(name) for name in names[:5])
        yield problem(head.line, "wrong_header", found=found)
        return
    for row in rows:
        yield row if isinstance(row, Problem) else _example(row, len(names), places)


def _find_delimiter(text: str) -> str:
    heads = {delimiter: _split(text, delimiter) for delimiter in _DELIMITERS}
    return next((delimiter for delimiter, names in heads.items() if _places(names)), None) or max(
        heads, key=lambda delimiter: len(heads[delimiter])
    )


def _split(text: str, delimiter: str) -> list[str]:
    """The names in the first line of a table; none where it cannot be read by itself."""
    try:
        rows = list(csv.reader([text], delimiter=delimiter))
    except csv.Error:
        return []
    return [name.strip().lower() for name in rows[0]] if rows else []


def _places(names: list[str]) -> tuple[int, int, int | None] | None:
    """Columns of question, answer and system message (or None), or None where the pair is missing or stands twice."""
    facts = dataset_facts()
    system = names.index(facts.system_column) if facts.system_column in names else None
    for question, answer in facts.question_and_answer_columns:
        if names.count(question) == 1 and names.count(answer) == 1:
            return names.index(question), names.index(answer), system
    return None


def _example(row: _Row, columns: int, places: tuple[int, int, int | None]) -> Example | Problem:
    line, cells = row
    if len(cells) != columns:
        return problem(line, "column_count", found=len(cells), expected=columns)
    question, answer, system = places
    lead = (Message("system", cells[system]),) if system is not None and cells[system] else ()
    return Example((*lead, Message("user", cells[question]), Message("assistant", cells[answer])), line)
