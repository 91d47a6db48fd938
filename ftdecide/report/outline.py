"""A printed report as a first page and a row of blocks, which every paged format sets in its own way."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.report.chart import Chart
from ftdecide.report.printable import Words

Tone = Literal["", "good", "bad", "care", "soft"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Part):
    """A piece of a line in one look; `url` makes it a link."""

    text: Words
    url: Words | None = None
    strong: bool = False
    tone: Tone = ""


Line = tuple[Span, ...]


class Heading(_Part):
    """A heading; level 1 begins a section."""

    kind: Literal["heading"] = "heading"
    level: Literal[1, 2]
    text: Words


class Text(_Part):
    """A paragraph."""

    kind: Literal["text"] = "text"
    line: Line


class Bullets(_Part):
    """A list."""

    kind: Literal["bullets"] = "bullets"
    items: tuple[Line, ...]
    numbered: bool = False


class Column(_Part):
    """A column of a table: its share of the width, and whether figures stand in it."""

    title: Words
    share: float
    right: bool = False


class Table(_Part):
    """A table; without a head its columns have no titles."""

    kind: Literal["table"] = "table"
    columns: tuple[Column, ...]
    rows: tuple[tuple[Line, ...], ...]
    head: bool = True


class Picture(_Part):
    """A small figure."""

    kind: Literal["picture"] = "picture"
    chart: Chart


Block = Heading | Text | Bullets | Table | Picture


class Cover(_Part):
    """What a manager reads in a minute: the answer, how sure it is, what to do next, and why."""

    question: Words
    title: Words
    verdict: Words
    meaning: Words
    sureness: Words
    cautions: tuple[Words, ...]
    next_step: tuple[Words, Words]
    lists: tuple[tuple[Words, tuple[Words, ...]], ...]
    chances: Chart


class Outline(_Part):
    """The whole report; `foot` stands below every page with its number and the words `page` around that."""

    language: str = "en"
    title: Words
    foot: Words
    day: str
    cover: Cover
    blocks: tuple[Block, ...]
    page: tuple[Words, Words]


def plain_lines(*texts: str) -> tuple[Line, ...]:
    """Return each text as a line without any look of its own."""
    return tuple((Span(text=text),) for text in texts)


def note(text: str) -> Text:
    """Return a remark that steps back behind what it explains."""
    return Text(line=(Span(text=text, tone="soft"),))


def tabulate(
    titles: Sequence[str], shares: Sequence[float], rows: Sequence[Sequence[str]], *, figures: bool = True
) -> Table:
    """Return a table of plain texts; but for the first column they are figures unless said otherwise."""
    columns = tuple(
        Column(title=title, share=share, right=figures and index > 0)
        for index, (title, share) in enumerate(zip(titles, shares, strict=True))
    )
    return Table(columns=columns, rows=tuple(plain_lines(*row) for row in rows))
