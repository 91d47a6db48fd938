"""Hands examples to the signs: in small files all of them, in big ones a sample, or what a sign's sieve keeps."""

from collections.abc import Iterator
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ftdecide.dataset.batch import Batch
from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.sign import Sign
from ftdecide.dataset.signs.registry import SIGNS
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.turns import Turns, scatter
from ftdecide.translation import _

_WHOLE = 1 << 64


class Watch:
    """All signs, and the share of a file's examples that those without a sieve get to see."""

    def __init__(self, lines: int) -> None:
        rule = dataset_facts().sample
        self._signs: tuple[Sign, ...] = tuple(sign() for sign in SIGNS)
        self._is_big = lines > rule.above_examples
        self._share = rule.examples / lines if self._is_big else 1.0
        self._seen = 0
        self._looked_at = 0

    def add(self, batch: Batch, turns: Turns) -> None:
        """Look at a batch."""
        self._seen += len(batch.rows)
        sample = range(len(batch.rows)) if not self._is_big else self._draw(batch).tolist()
        self._looked_at += len(sample)
        general = [sign for sign in self._signs if sign.sieve is None]
        for place in sample:
            example = batch.example(place)
            for sign in general:
                sign.add(example.line, example)
        self._sift(batch, turns)

    def _draw(self, batch: Batch) -> NDArray[np.int64]:
        """Places drawn by the numbers of their lines alone, so that no order of reading changes the sample."""
        drawn = scatter(np.asarray(batch.lines, np.uint64)) < np.uint64(self._share * _WHOLE)
        return np.nonzero(drawn)[0]

    def _sift(self, batch: Batch, turns: Turns) -> None:
        """Hand on the rows whose texts a sieve does not let fall, and those that hold more than texts."""
        for sign in self._signs:
            if sign.sieve is not None:
                caught = np.unique(np.searchsorted(turns.raw_ends, sign.sieve.glance(turns.raw), side="right"))
                kept = [text for text in map(int, caught) if sign.sieve.search(turns.unique[text])]
                for place in sorted({*turns.rows_with(kept), *batch.special}):
                    example = batch.example(place)
                    sign.add(example.line, example)

    def merge(self, later: Self) -> None:
        """Take over what was seen in a later part of the file."""
        for sign, other in zip(self._signs, later._signs, strict=True):
            sign.merge(other)
        self._seen += later._seen
        self._looked_at += later._looked_at

    def finish(self) -> Iterator[Finding]:
        """Everything found; where a sample was looked at, the text says so."""
        for sign in self._signs:
            for finding in sign.finish():
                if self._is_big and sign.sieve is None:
                    told = _("{text} (in a random sample of {looked_at:,} of {seen:,} examples)").format(
                        text=finding.text, looked_at=self._looked_at, seen=self._seen
                    )
                    yield finding.model_copy(update={"text": told})
                else:
                    yield finding
