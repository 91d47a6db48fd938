"""Tokens of every example, counted in batches."""

from collections import Counter
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.batch import Batch
from ftdecide.dataset.facts import EncodingName, dataset_facts
from ftdecide.dataset.tokens import encoder
from ftdecide.dataset.turns import Turns
from ftdecide.dataset.types import Example

_BINS = 24


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TokenCounts(_Part):
    """Tokens of a file: `total` with the chat format around the text, `assistant` the text that is learned.

    `p50`, `p95` and `max` are per example: half of them are no longer than `p50`, 95 in 100 no longer than `p95`.
    """

    total: int
    assistant: int
    p50: float
    p95: float
    max: int


class Bin(_Part):
    """How many examples have at least `low` and fewer than `high` tokens."""

    low: int
    high: int
    examples: int


class TokenMeter:
    """Counts the tokens of batches.

    The figures around the text and their source are `chat_format` in `data/dataset.yml`: some tokens for each message
    and each example, and the role's own. Both answers of a preference pair count.
    """

    def __init__(self, encoding: EncodingName, *, fast: bool) -> None:
        self._encoder = encoder(encoding)
        self._fast = fast
        self._format = dataset_facts().chat_format
        self._around: dict[str, int] = {}

    def count(self, batch: Batch, turns: Turns) -> tuple[NDArray[np.int64], int]:
        """Tokens of each row of a batch, and of what is learned in all of them."""
        counts = turns.spread(self._encoder.count_all(turns.unique, fast=self._fast, raw=turns.raw))
        learned = int(counts[turns.are_answers].sum())
        roles = [self._around_message(role) for role in turns.role_names]
        per_turn = counts + np.array(roles, np.int64)[turns.roles]
        lengths = turns.add_up(per_turn) + self._format.tokens_per_example
        for place in batch.special:
            more, taught = self._count_special(batch.example(place))
            lengths[place] += more
            learned += taught
        return lengths, learned

    def _count_special(self, example: Example) -> tuple[int, int]:
        """What a row holds beyond roles and contents: its tokens, and by how many more (or fewer) are learned."""
        count = self._count
        more = count(example.tools) if example.tools else 0
        taught = 0
        for message in example.messages:
            calls = count(message.calls) if message.calls else 0
            more += calls + (self._format.tokens_per_name + count(message.name) if message.name else 0)
            if message.is_learned:
                taught += calls
            elif message.role == "assistant":
                taught -= count(message.content)
        for message in example.rejected:
            more += count(message.content) + count(message.calls) + self._around_message(message.role)
        return more, taught

    def _count(self, text: str) -> int:
        return self._encoder.count_all([text], fast=self._fast)[0]

    def _around_message(self, role: str) -> int:
        """Tokens around a message: the format's and the role's; there are but a few roles."""
        if role not in self._around:
            self._around[role] = self._format.tokens_per_message + self._count(role)
        return self._around[role]


def count_tokens(lengths: Counter[int], assistant_tokens: int) -> TokenCounts:
    """Sum and percentiles (with linear interpolation) of tokens per example; `lengths` says how many have how many."""
    if not lengths:
        return TokenCounts(total=0, assistant=0, p50=0, p95=0, max=0)
    return TokenCounts(
        total=sum(tokens * examples for tokens, examples in lengths.items()),
        assistant=assistant_tokens,
        p50=_percentile(lengths, 50),
        p95=_percentile(lengths, 95),
        max=max(lengths),
    )


def _percentile(lengths: Counter[int], percent: int) -> float:
    ordered = sorted(lengths)
    below = list(accumulate(lengths[tokens] for tokens in ordered))
    place = (below[-1] - 1) * percent / 100
    low, high = (ordered[int(np.searchsorted(below, rank, side="right"))] for rank in (int(place), -int(-place // 1)))
    return round(low + (high - low) * (place - int(place)), 2)


def cut_total(lengths: Counter[int], limit: int | None) -> int:
    """Tokens of all examples when each is cut at `limit`."""
    return sum((tokens if limit is None else min(tokens, limit)) * examples for tokens, examples in lengths.items())


def distribution(lengths: Counter[int]) -> tuple[Bin, ...]:
    """Examples by length in equal steps from the shortest to the longest."""
    if not lengths:
        return ()
    low, high = min(lengths), max(lengths) + 1
    width = max(1, -(-(high - low) // _BINS))
    counts = [0] * (-(-(high - low) // width))
    for tokens, examples in lengths.items():
        counts[(tokens - low) // width] += examples
    return tuple(
        Bin(low=low + place * width, high=low + (place + 1) * width, examples=count)
        for place, count in enumerate(counts)
    )
