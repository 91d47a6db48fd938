"""System messages: whether the examples begin alike."""

from collections.abc import Iterator
from typing import ClassVar

from ftdecide.dataset.rules import digest
from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.marks import Marks, tell
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import INSTRUCTING, Example


class SystemPrompts:
    """Counts each different beginning while there are not too many; having no system message is one of them."""

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._prompts: dict[bytes, Marks] | None = {}
        self._last_text: str | None = None
        self._last_marks = Marks()

    def add(self, line: int, example: Example) -> None:
        """Count the beginning of one example."""
        first = example.messages[0]
        text = first.content if first.role in INSTRUCTING else ""
        if text != self._last_text:
            self._last_text, self._last_marks = text, self._marks(text)
        self._last_marks.add(line)

    def _marks(self, text: str) -> Marks:
        if self._prompts is None:
            return Marks()
        found = self._prompts.setdefault(digest(text.strip()), Marks())
        if len(self._prompts) > thresholds().system_prompts.maximum_distinct:
            self._prompts = None
        return found

    def merge(self, later: "SystemPrompts") -> None:
        """Add the counts of another part of the file."""
        self._last_text = None
        if self._prompts is None or later._prompts is None:
            self._prompts = None
            return
        for key, found in later._prompts.items():
            self._prompts.setdefault(key, Marks()).merge(found)
        if len(self._prompts) > thresholds().system_prompts.maximum_distinct:
            self._prompts = None

    def finish(self) -> Iterator[Finding]:
        """Whether a few examples begin otherwise than the rest, or all of them variously."""
        rule = thresholds().system_prompts
        if self._prompts is None:
            yield tell("many_system_messages", rule.maximum_distinct, [])
            return
        if len(self._prompts) < 2:
            return
        found = sorted(self._prompts.values(), key=lambda marks: (-marks.count, marks.lines))
        total = sum(marks.count for marks in found)
        share = f"{found[0].count / total:.0%}"
        if found[0].count >= rule.usual_share * total:
            lines = [line for marks in found[1:] for line in marks.lines]
            yield tell("system_prompt_drift", total - found[0].count, lines, share=share)
        else:
            yield tell("several_system_messages", len(found), [], share=share)
