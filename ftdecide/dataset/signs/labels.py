"""Answers that are labels: how many, how even, and which are too rare."""

from collections.abc import Iterator
from typing import ClassVar

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.rules import digest
from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.marks import Marks, tell
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example

# Longer than any label is.
_LABEL_CHARACTERS = 400


class LabelBalance:
    """Counts each different answer while there are few; a file without labels costs next to nothing.

    How many there are and how even is told with the repeats of the whole file; here are those too rare to learn.
    """

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._labels: dict[str | bytes, Marks] | None = {}
        self._maximum = dataset_facts().few_distinct_answers.maximum_answers

    def add(self, line: int, example: Example) -> None:
        """Count the answer of one example."""
        if self._labels is None or not (answer := example.answer.strip()):
            return
        label = answer if len(answer) <= _LABEL_CHARACTERS else digest(answer)
        found = self._labels.get(label)
        if found is None:
            found = self._labels[label] = Marks()
            if len(self._labels) > self._maximum:
                self._labels = None
        found.add(line)

    def merge(self, later: "LabelBalance") -> None:
        """Add the counts of another part of the file."""
        if self._labels is None or later._labels is None:
            self._labels = None
            return
        for label, found in later._labels.items():
            self._labels.setdefault(label, Marks()).merge(found)
        if len(self._labels) > self._maximum:
            self._labels = None

    def finish(self) -> Iterator[Finding]:
        """Labels that are too rare; they are counted, never named."""
        found = sorted((self._labels or {}).values(), key=lambda marks: -marks.count)
        total = sum(marks.count for marks in found)
        if not found or total < dataset_facts().few_distinct_answers.examples_per_answer * len(found):
            return
        minimum = thresholds().label_balance.examples_per_label
        rare = [marks for marks in found if marks.count < minimum]
        if rare:
            lines = [line for marks in rare for line in marks.lines]
            yield tell("rare_label", len(rare), lines, minimum=minimum, rarest=found[-1].count)
