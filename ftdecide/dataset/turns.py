"""The turns of a batch in columns, so that what is asked of every turn is asked of all at once."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ftdecide.dataset.batch import Batch

_GAP = "\n\n"
# The two highest bits of a byte in UTF-8 that is not the first of its character.
_CONTINUES, _CONTINUED = 0b1100_0000, 0b1000_0000
_BLANK, _LAST_ASCII = ord(" "), 0x7F
_ASKING = ("user", "tool", "function")
# Odd numbers with many bits, as in the generator SplitMix64, whose last steps `scatter` takes.
_STEP, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)

Hashes = NDArray[np.uint64]


def scatter(numbers: Hashes) -> Hashes:
    """Numbers that look random, each made of one of `numbers` alone; different ones stay different."""
    numbers = numbers + _STEP
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _SECOND
    return numbers ^ (numbers >> np.uint64(31))


def hash_texts(texts: Sequence[str]) -> Hashes:
    """64 bits for each text, the same within one process and those that share its `PYTHONHASHSEED`."""
    return np.fromiter(map(hash, texts), np.int64, len(texts)).view(np.uint64)


class Turns:
    """The turns of all rows of a batch, one after another.

    `starts` is where each row's begin; `roles` their roles as places in `role_names`; `unique` their different
    texts once each.
    """

    def __init__(self, batch: Batch) -> None:
        turns = [turn for row in batch.rows for turn in row.messages]
        sizes = np.fromiter([len(row.messages) for row in batch.rows], np.int64, len(batch.rows))
        ends = np.cumsum(sizes)
        self._batch = batch
        self.sizes = sizes
        self.starts: NDArray[np.int64] = ends - sizes
        self.last: NDArray[np.int64] = ends - 1
        self.texts = [turn.content for turn in turns]
        names = [turn.role for turn in turns]
        self.role_names = tuple(dict.fromkeys(names))
        places = {name: place for place, name in enumerate(self.role_names)}
        self.roles = np.fromiter(map(places.__getitem__, names), np.int64, len(names))
        self.unique = list(dict.fromkeys(self.texts))
        place_of = dict(zip(self.unique, range(len(self.unique)), strict=True))
        self._places = np.fromiter(map(place_of.__getitem__, self.texts), np.int64, len(self.texts))

    def spread(self, values: Sequence[int]) -> NDArray[np.int64]:
        """The value of each turn, given that of each different text."""
        return np.asarray(values, np.int64)[self._places]

    def add_up(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sum for each row of what is given for each turn."""
        return np.add.reduceat(values, self.starts) if len(values) else np.zeros(0, np.int64)

    def any_of(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether any turn of a row is flagged."""
        return self.add_up(flags.astype(np.int64)) > 0

    @cached_property
    def raw(self) -> bytes:
        """The different texts as UTF-8, with a blank line after each."""
        return _GAP.join([*self.unique, ""]).encode("utf-8", "surrogatepass")

    @cached_property
    def raw_ends(self) -> NDArray[np.int64]:
        """Where each of them ends in `raw`, blank line included."""
        ends = np.cumsum(np.fromiter(map(len, self.unique), np.int64, len(self.unique)) + len(_GAP))
        if self.raw.isascii():
            return ends
        # So far in characters; each byte that continues one moves all later ends by one.
        more = np.flatnonzero(np.frombuffer(self.raw, np.uint8) & _CONTINUES == _CONTINUED)
        return ends + np.searchsorted(more - np.arange(len(more)), ends, side="right")

    def rows_with(self, texts: Sequence[int]) -> list[int]:
        """Places of the rows that hold any of the texts at some places in `unique`."""
        if not texts:
            return []
        rows = np.repeat(np.arange(len(self.sizes)), self.sizes)
        found: list[int] = np.unique(rows[np.isin(self._places, texts)]).tolist()
        return found

    @cached_property
    def are_answers(self) -> NDArray[np.bool_]:
        """Which turns are the assistant's."""
        return self._have_role("assistant")

    @cached_property
    def are_questions(self) -> NDArray[np.bool_]:
        """Which turns ask for an answer."""
        return self._have_role(*_ASKING)

    def _have_role(self, *wanted: str) -> NDArray[np.bool_]:
        return np.array([name in wanted for name in self.role_names], np.bool_)[self.roles]

    @cached_property
    def are_blank(self) -> NDArray[np.bool_]:
        """Which turns hold no text but blanks."""
        blank = np.zeros(len(self.unique), np.bool_)
        firsts = np.frombuffer(self.raw, np.uint8)[np.append(0, self.raw_ends[:-1])] if self.unique else blank
        for place in np.flatnonzero((firsts <= _BLANK) | (firsts > _LAST_ASCII)).tolist():
            blank[place] = not self.unique[place].strip()
        return blank[self._places]

    @cached_property
    def hashes(self) -> Hashes:
        """64 bits for each turn, made of its role, all it says, and its place in the row."""
        said = hash_texts(self.texts)
        for place in self._batch.special:
            for turn, message in enumerate(self._batch.example(place).messages, int(self.starts[place])):
                if not message.is_plain:
                    said[turn] = np.uint64(hash(message) & 0xFFFF_FFFF_FFFF_FFFF)
        return scatter(said ^ self.order_hashes)

    @cached_property
    def order_hashes(self) -> Hashes:
        """64 bits for each turn, made of its role and its place in the row."""
        place = np.arange(len(self.roles)) - np.repeat(self.starts, self.sizes)
        roles = hash_texts(self.role_names)[self.roles]
        return scatter(roles + scatter(place.view(np.uint64)))

    def sum_hashes(self, hashes: Hashes) -> Hashes:
        """64 bits for each row, made of those of its turns."""
        return scatter(self.add_up(hashes.view(np.int64)).view(np.uint64))
