"""Examples that are nearly the same as an earlier one."""

from array import array
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import numpy as np

from ftdecide.dataset.rules import digest
from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.alike import find_copies
from ftdecide.dataset.signs.marks import tell
from ftdecide.dataset.signs.shingles import Bytes, Hashes, draw_numbers, sign_texts
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import INSTRUCTING, Example

_BATCH_CHARACTERS = 250_000
# A sample may grow by so much before it is cut again.
_SLACK = 1.25


class Copy(NamedTuple):
    """A line that nearly repeats an earlier one."""

    line: int
    earlier: int


class _Texts(NamedTuple):
    """Some examples: their lines, lots (lowest first into the sample), digests and signatures."""

    lines: Hashes
    lots: Hashes
    digests: Hashes
    signatures: Bytes

    def chosen(self, which: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "_Texts":
        return _Texts(self.lines[which], self.lots[which], self.digests[which], self.signatures[which])


class NearDuplicates:
    """Keeps a signature of 128 bytes for each example, of at most 200,000; of more files a random sample.

    Which examples are in the sample depends on their lines alone, so that parts of a file can be joined. Examples that
    are the same to the letter are left to another finding.
    """

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._rule = thresholds().near_duplicates
        self._examples = 0
        self._stored = 0
        # Lots at or above this are in no sample any more.
        self._limit = 2**64 - 1
        self._texts: list[_Texts] = []
        self._waiting: list[str] = []
        self._waiting_lines = array("Q")
        self._waiting_characters = 0

    def add(self, line: int, example: Example) -> None:
        """Remember one example; system messages are not compared."""
        said = [message.content or message.calls for message in example.messages if message.role not in INSTRUCTING]
        text = "\n".join(map(str.strip, said))
        self._examples += 1
        self._waiting.append(text)
        self._waiting_lines.append(line)
        self._waiting_characters += len(text)
        if self._waiting_characters > _BATCH_CHARACTERS:
            self._sign_waiting()

    def merge(self, later: "NearDuplicates") -> None:
        """Take over the examples of another part of the file."""
        self._sign_waiting()
        later._sign_waiting()
        self._examples += later._examples
        self._texts += later._texts
        self._stored += later._stored
        self._limit = min(self._limit, later._limit)
        self._cut()

    def finish(self) -> Iterator[Finding]:
        """How many examples nearly repeat an earlier one; where a sample was compared, that is said."""
        copies = self.copies()
        if not copies:
            return
        lines = [copy.line for copy in copies]
        if self._examples <= self._rule.examples_compared:
            yield tell("near_duplicate", len(lines), lines)
        else:
            sampled = min(self._stored, self._rule.examples_sampled)
            yield tell("near_duplicate_sampled", len(lines), lines, sampled=sampled, examples=self._examples)

    def copies(self) -> list[Copy]:
        """Every line found and the earlier one it nearly repeats, which itself is no copy, in the order of the file."""
        self._sign_waiting()
        self._cut(exactly=True)
        if not self._texts:
            return []
        texts = _join(self._texts)
        _unique, first = np.unique(texts.digests, return_index=True)
        first.sort()
        found, lines = find_copies(texts.signatures[first], self._rule), texts.lines[first]
        return [Copy(int(lines[place]), int(lines[found[place]])) for place in np.flatnonzero(found >= 0)]

    def _sign_waiting(self) -> None:
        texts, lines = self._waiting, np.array(self._waiting_lines, dtype=np.uint64)
        self._waiting, self._waiting_lines, self._waiting_characters = [], array("Q"), 0
        lots = draw_numbers(lines)
        if self._limit < 2**64 - 1:
            kept = np.flatnonzero(lots < np.uint64(self._limit))
            texts, lines, lots = [texts[place] for place in kept], lines[kept], lots[kept]
        if not texts:
            return
        digests = np.frombuffer(b"".join([digest(text)[:8] for text in texts]), dtype="<u8").astype(np.uint64)
        self._texts.append(_Texts(lines, lots, digests, sign_texts(texts)))
        self._stored += len(texts)
        self._cut()

    def _cut(self, *, exactly: bool = False) -> None:
        """Keep the lowest lots alone, once there are more examples than are compared."""
        wanted = self._rule.examples_sampled
        over = self._stored > (wanted if exactly else wanted * _SLACK)
        if self._examples <= self._rule.examples_compared or not over:
            return
        lots = np.concatenate([texts.lots for texts in self._texts])
        self._limit = int(np.partition(lots, wanted)[wanted])
        self._texts = [texts.chosen(texts.lots < np.uint64(self._limit)) for texts in self._texts]
        self._stored = sum(texts.lines.size for texts in self._texts)


def _join(parts: list[_Texts]) -> _Texts:
    """All parts in one, in the order of the file."""
    lines = np.concatenate([part.lines for part in parts])
    order = np.argsort(lines, kind="stable")
    return _Texts(
        lines[order],
        np.concatenate([part.lots for part in parts])[order],
        np.concatenate([part.digests for part in parts])[order],
        np.concatenate([part.signatures for part in parts])[order],
    )
