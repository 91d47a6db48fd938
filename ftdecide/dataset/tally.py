"""Findings while they are being counted, and as they are told."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.types import Problem
from ftdecide.dataset.wording import Severity, code_order, finding_words
from ftdecide.translation import _, plural

Part = Literal["train", "test"]
LINES_SHOWN = 20


class Finding(BaseModel):
    """One kind of thing found: how often, on which lines (the first 20), what it means and how to mend it."""

    model_config = ConfigDict(frozen=True)

    code: str
    severity: Severity
    count: int
    lines: tuple[int, ...]
    text: str
    means: str
    mend: str
    part: Part = "train"


class _Count(NamedTuple):
    lines: list[int]
    number: list[int]
    first: str


class Tally:
    """Counts findings by code; keeps the first lines of each, so that memory does not grow with the file."""

    def __init__(self, part: Part = "train") -> None:
        self._part: Part = part
        self._counts: dict[str, _Count] = {}
        self._details: dict[str, dict[str, str]] = {}

    def add(self, code: str, line: int, first: str = "") -> None:
        """Count one line with this finding; `first` is what to say about the first of them."""
        found = self._counts.setdefault(code, _Count([], [0], first))
        found.number[0] += 1
        if len(found.lines) < LINES_SHOWN:
            found.lines.append(line)

    def add_lines(self, code: str, lines: Sequence[int]) -> None:
        """Count several lines with this finding, in their order."""
        if lines:
            found = self._counts.setdefault(code, _Count([], [0], ""))
            found.number[0] += len(lines)
            found.lines.extend(lines[: LINES_SHOWN - len(found.lines)])

    def merge(self, later: Self) -> None:
        """Take over what was counted in a later part of the file."""
        for code, count in later._counts.items():
            found = self._counts.setdefault(code, _Count([], [0], count.first))
            found.number[0] += count.number[0]
            found.lines.extend(count.lines[: LINES_SHOWN - len(found.lines)])
        self._details |= later._details

    def add_problem(self, problem: Problem) -> None:
        """Count a line that cannot be used."""
        self.add(problem.code, problem.line, problem.text)

    def set(self, code: str, count: int, **details: str | int) -> None:
        """Record a finding about the whole file, and what to fill into its wording."""
        self._counts[code] = _Count([], [count], "")
        self.fill(code, **details)

    def fill(self, code: str, **details: str | int) -> None:
        """Say what to fill into the wording of a finding, if it is found."""
        self._details[code] = {
            name: f"{value:,}" if isinstance(value, int) else value for name, value in details.items()
        }

    def findings(self) -> tuple[Finding, ...]:
        """All findings, errors first."""
        found = [self._finding(code, count) for code, count in self._counts.items()]
        return tuple(sorted(found, key=lambda finding: code_order(finding.code)))

    def _finding(self, code: str, count: _Count) -> Finding:
        words, details, number = finding_words(code), self._details.get(code, {}), count.number[0]
        text = plural(words.one, words.many, number).format(**details)
        if count.first:
            text = _("{text}. Line {line}: {first}").format(text=text, line=count.lines[0], first=count.first)
        return Finding(
            code=code,
            severity=words.severity,
            count=number,
            lines=tuple(count.lines),
            text=text,
            means=_(words.means),
            mend=_(words.mend).format(**details),
            part=self._part,
        )
