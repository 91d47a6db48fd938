"""What was found in one part of a file: kept small, and put together with that of other parts."""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, Self

import numpy as np

from ftdecide.dataset.batch import Batch
from ftdecide.dataset.facts import EncodingName
from ftdecide.dataset.measure import TokenMeter
from ftdecide.dataset.repeats import Repeats
from ftdecide.dataset.rules import find_alone
from ftdecide.dataset.tally import Tally
from ftdecide.dataset.turns import Turns
from ftdecide.dataset.watch import Watch


class Plan(NamedTuple):
    """How a file is looked at: the same in every part.

    `limit` is the model's longest example in tokens (None: not known); `lines` those of the whole file; `fast` whether
    it is so large that the fast counter pays.
    """

    encoding: EncodingName
    limit: int | None
    lines: int
    fast: bool
    test_questions: frozenset[bytes] = frozenset()


class Part:
    """Everything remembered of a part of a file."""

    def __init__(self, plan: Plan) -> None:
        self.tally = Tally()
        self.examples = 0
        self.lengths: Counter[int] = Counter()
        self.learned_tokens = 0
        self.preference_pairs = 0
        self.windows_ends = 0
        self.repeats = Repeats()
        self.answered = LineRuns()
        self.watch = Watch(plan.lines)

    def merge(self, later: Self) -> None:
        """Take over what was found in a later part of the file."""
        self.tally.merge(later.tally)
        self.examples += later.examples
        self.lengths.update(later.lengths)
        self.learned_tokens += later.learned_tokens
        self.preference_pairs += later.preference_pairs
        self.windows_ends += later.windows_ends
        self.repeats.merge(later.repeats)
        self.answered.merge(later.answered)
        self.watch.merge(later.watch)


def read_part(batches: Iterable[Batch], plan: Plan) -> Part:
    """Look at all batches of a part, one after another."""
    part, meter = Part(plan), TokenMeter(plan.encoding, fast=plan.fast)
    for batch in batches:
        for found in batch.problems:
            part.tally.add_problem(found)
        part.windows_ends += batch.windows_ends
        if batch.rows:
            _add(part, batch, plan, meter)
    return part


def _add(part: Part, batch: Batch, plan: Plan, meter: TokenMeter) -> None:
    turns, lines = Turns(batch), batch.lines
    part.examples += len(batch.rows)
    lengths, learned = meter.count(batch, turns)
    part.learned_tokens += learned
    values, counts = np.unique(lengths, return_counts=True)
    part.lengths.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
    for hit in find_alone(batch, turns, plan.test_questions):
        part.tally.add_lines(hit.code, [lines[place] for place in hit.places])
        part.preference_pairs += len(hit.places) if hit.code == "preference_pairs" else 0
    if plan.limit is not None and values[-1] > plan.limit:
        too_long: list[int] = np.nonzero(lengths > plan.limit)[0].tolist()
        part.tally.add_lines("too_long", [lines[place] for place in too_long])
    answered = part.repeats.add(batch, turns)
    part.answered.add(lines if len(answered) == len(lines) else [lines[place] for place in answered])
    part.watch.add(batch, turns)


class LineRuns:
    """Numbers of lines in ascending order, kept as runs of neighbours, which they nearly always are."""

    def __init__(self) -> None:
        self._firsts = array("q")
        self._sizes = array("q")

    def add(self, lines: Sequence[int]) -> None:
        """Add lines that come after all that are there."""
        if not lines:
            return
        if lines[-1] - lines[0] == len(lines) - 1:
            self._add_run(lines[0], len(lines))
        else:
            for line in lines:
                self._add_run(line, 1)

    def _add_run(self, first: int, size: int) -> None:
        if self._firsts and self._firsts[-1] + self._sizes[-1] == first:
            self._sizes[-1] += size
        else:
            self._firsts.append(first)
            self._sizes.append(size)

    def merge(self, later: Self) -> None:
        """Add the lines of a later part."""
        for first, size in zip(later._firsts, later._sizes, strict=True):
            self._add_run(first, size)

    def look_up(self, places: Sequence[int]) -> list[int]:
        """The lines at some places among all that were added."""
        ends = list(accumulate(self._sizes))
        runs = [bisect_right(ends, place) for place in places]
        return [
            self._firsts[run] + place - (ends[run] - self._sizes[run]) for run, place in zip(runs, places, strict=True)
        ]
