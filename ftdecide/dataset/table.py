"""Rows of a CSV file with named columns to examples."""

import csv
from collections.abc import Iterator

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.lines import Line
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.dataset.wording import problem, shown, wording
from ftdecide.translation import _

_DELIMITERS = ",;\t"


class _Feed:
    """Hands lines to the CSV parser and remembers where the row began and what was wrong with its bytes."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.start = 0
        self.problem: Problem | None = None

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.start = self.start or line.number
            self.problem = self.problem or line.problem
            yield line.text

    def begin_row(self) -> None:
        self.start, self.problem = 0, None


def parse_table(lines: Iterator[Line]) -> Iterator[Example | Problem]:
    """Yield an example or a problem for every row; the first row names the columns.

    The separator (comma, semicolon or tabulator) is the one with which the first row names a known pair of columns.
    """
    head = next((line for line in lines if line.problem or line.text.strip()), None)
    if head is None:
        return
    if head.problem:
        yield head.problem
        return
    csv.field_size_limit(dataset_facts().maximum_line_mb * 1_000_000)
    try:
        delimiter, names = _read_head(head.text)
    except csv.Error as error:
        yield _malformed(head.number, error)
        return
    places = _places(names)
    if places is None:
        found = ", ".join(shown(name) for name in names[:5])
        yield problem(head.number, "wrong_header", found=found)
        return
    feed = _Feed(lines)
    rows = csv.reader(iter(feed), delimiter=delimiter, strict=True)
    while True:
        feed.begin_row()
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield feed.problem or _malformed(feed.start, error)
            continue
        if feed.problem:
            yield feed.problem
        elif row:
            yield _example(row, len(names), places, feed.start)


def _malformed(line: int, error: csv.Error) -> Problem:
    return problem(line, "malformed_csv", reason=_(wording().explain(str(error)).say))


def _read_head(text: str) -> tuple[str, list[str]]:
    heads = [(delimiter, _split(text, delimiter)) for delimiter in _DELIMITERS]
    named = [head for head in heads if _places(head[1])]
    return named[0] if named else max(heads, key=lambda head: len(head[1]))


def _split(text: str, delimiter: str) -> list[str]:
    rows = list(csv.reader([text], delimiter=delimiter))
    return [name.strip().lower() for name in rows[0]] if rows else []


def _places(names: list[str]) -> tuple[int, int, int | None] | None:
    """Columns of question, answer and system message (or None), or None where the pair is missing or stands twice."""
    facts = dataset_facts()
    system = names.index(facts.system_column) if facts.system_column in names else None
    for question, answer in facts.question_and_answer_columns:
        if names.count(question) == 1 and names.count(answer) == 1:
            return names.index(question), names.index(answer), system
    return None


def _example(row: list[str], columns: int, places: tuple[int, int, int | None], line: int) -> Example | Problem:
    if len(row) != columns:
        return problem(line, "column_count", found=len(row), expected=columns)
    question, answer, system = places
    lead = (Message("system", row[system]),) if system is not None and row[system] else ()
    return Example((*lead, Message("user", row[question]), Message("assistant", row[answer])), line)
