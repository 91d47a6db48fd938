"""Examples far longer or shorter than the others."""

import math
from collections.abc import Iterator
from typing import ClassVar

from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.marks import Marks, tell
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import INSTRUCTING, Example

# A step of the histogram is a sixteenth of an octave, about 4 per cent.
_STEPS_PER_OCTAVE = 16
# The median deviation of a normal distribution times this is its standard deviation.
_DEVIATION_PER_MAD = 1.4826


class LengthOutliers:
    """Counts characters of questions and answers in a histogram with logarithmic steps, each with its first lines.

    Robust: median and median absolute deviation (Hampel's identifier), so that the outliers cannot hide each other.
    """

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._steps: dict[int, Marks] = {}

    def add(self, line: int, example: Example) -> None:
        """Count one example; system messages do not count, as they are the same in most."""
        length = 1
        for message in example.messages:
            if message.role not in INSTRUCTING:
                length += len(message.content) + len(message.calls)
        step = int(math.log2(length) * _STEPS_PER_OCTAVE)
        found = self._steps.get(step)
        if found is None:
            found = self._steps[step] = Marks()
        found.add(line)

    def merge(self, later: "LengthOutliers") -> None:
        """Add the counts of another part of the file."""
        for step, found in later._steps.items():
            self._steps.setdefault(step, Marks()).merge(found)

    def finish(self) -> Iterator[Finding]:
        """Examples outside the limits on either side."""
        rule = thresholds().lengths
        counts = {step: self._steps[step].count for step in sorted(self._steps)}
        if sum(counts.values()) < rule.minimum_examples:
            return
        middle = _median(counts)
        deviations: dict[int, int] = {}
        for step, count in counts.items():
            deviations[abs(step - middle)] = deviations.get(abs(step - middle), 0) + count
        spread = _DEVIATION_PER_MAD * _median(dict(sorted(deviations.items())))
        reach = max(rule.deviations * spread, math.log2(rule.ratio) * _STEPS_PER_OCTAVE)
        for code, lowest, highest, limit in (
            ("unusually_long", middle + reach, math.inf, middle + reach),
            ("unusually_short", -math.inf, middle - reach, middle - reach),
        ):
            outside = [marks for step, marks in self._steps.items() if lowest < step < highest]
            if outside:
                lines = [line for marks in outside for line in marks.lines]
                total = sum(marks.count for marks in outside)
                yield tell(code, total, lines, limit=_characters(limit), median=_characters(middle))


def _median(counts: dict[int, int]) -> int:
    """The value in the middle, of counts by ascending value."""
    half, passed = sum(counts.values()) / 2, 0
    for value, count in counts.items():
        passed += count
        if passed >= half:
            return value
    return 0


def _characters(step: float) -> int:
    """The length at which a step ends, to two digits, as the histogram knows no better."""
    length = 2 ** ((step + 1) / _STEPS_PER_OCTAVE)
    return int(float(f"{length:.2g}"))
