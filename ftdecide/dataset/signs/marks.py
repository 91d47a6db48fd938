"""Counting where something was found, and telling it."""

from collections.abc import Iterator

from ftdecide.dataset.tally import LINES_SHOWN, Finding
from ftdecide.dataset.wording import finding_words
from ftdecide.translation import _, plural


class Marks:
    """How many lines something was found on, and the first of them; does not grow with the file."""

    __slots__ = ("count", "lines")

    def __init__(self) -> None:
        self.count = 0
        self.lines: list[int] = []

    def add(self, line: int) -> None:
        """Count one more line; lines come in the order of the file."""
        self.count += 1
        if len(self.lines) < LINES_SHOWN:
            self.lines.append(line)

    def merge(self, other: "Marks") -> None:
        """Count what another part of the file holds."""
        self.count += other.count
        self.lines = sorted(self.lines + other.lines)[:LINES_SHOWN]


def tell(code: str, count: int, lines: list[int], **details: str | int) -> Finding:
    """The finding `code` of `data/findings.yml`, with its sentence filled in; of `lines` the first are told."""
    words = finding_words(code)
    filled = {name: f"{value:,}" if isinstance(value, int) else value for name, value in details.items()}
    return Finding(
        code=code,
        severity=words.severity,
        count=count,
        lines=tuple(sorted(lines)[:LINES_SHOWN]),
        text=plural(words.one, words.many, count).format(**filled),
        means=_(words.means),
        mend=_(words.mend).format(**filled),
    )


def tell_each(marks: dict[str, Marks]) -> Iterator[Finding]:
    """A finding for every code with a count."""
    for code, found in marks.items():
        if found.count:
            yield tell(code, found.count, found.lines)


def merge_each(marks: dict[str, Marks], others: dict[str, Marks]) -> None:
    """Merge counts of the same codes."""
    for code, found in others.items():
        marks.setdefault(code, Marks()).merge(found)
