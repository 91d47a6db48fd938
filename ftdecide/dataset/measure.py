"""Tokens of every example, counted in batches."""

from array import array

from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.facts import EncodingName, dataset_facts
from ftdecide.dataset.tokens import encoder
from ftdecide.dataset.types import Example

_BATCH_CHARACTERS = 500_000
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
    """Counts the tokens of examples as they come; holds one number for each and one batch of texts.

    The figures around the text and their source are `chat_format` in `data/dataset.yml`: some tokens for each message
    and each example, and the role's own.
    """

    def __init__(self, encoding: EncodingName, *, big_file: bool = False) -> None:
        self._encoder = encoder(encoding)
        self._fast = big_file
        self._format = dataset_facts().chat_format
        self._lengths = array("Q")
        self._assistant_tokens = 0
        self._texts: list[str] = []
        self._owners: list[tuple[int, bool]] = []
        self._waiting = 0
        self._roles: dict[str, int] = {}

    def add(self, example: Example) -> None:
        """Count one more example."""
        owner, around = len(self._lengths), self._format.tokens_per_example
        for message in example.messages:
            around += self._around(message.role)
            if message.name:
                around += self._format.tokens_per_name + self._encoder.count(message.name)
            for text in (message.content, message.calls):
                if text:
                    self._wait(text, owner, learned=message.role == "assistant")
        if example.tools:
            self._wait(example.tools, owner, learned=False)
        self._lengths.append(around)
        if self._waiting > _BATCH_CHARACTERS:
            self._count_waiting()

    def lengths(self) -> "array[int]":
        """Tokens of each example, in their order."""
        self._count_waiting()
        return self._lengths

    @property
    def assistant_tokens(self) -> int:
        """Tokens of all answers by the assistant."""
        self._count_waiting()
        return self._assistant_tokens

    def _wait(self, text: str, owner: int, *, learned: bool) -> None:
        self._texts.append(text)
        self._owners.append((owner, learned))
        self._waiting += len(text)

    def _count_waiting(self) -> None:
        counts = self._encoder.count_all(self._texts, fast=self._fast)
        for (owner, learned), tokens in zip(self._owners, counts, strict=True):
            self._lengths[owner] += tokens
            if learned:
                self._assistant_tokens += tokens
        self._texts, self._owners, self._waiting = [], [], 0

    def _around(self, role: str) -> int:
        """Tokens around a message: the format's and the role's; there are but a few roles."""
        if role not in self._roles:
            self._roles[role] = self._format.tokens_per_message + self._encoder.count(role)
        return self._roles[role]


def count_tokens(lengths: "array[int]", assistant_tokens: int) -> TokenCounts:
    """Sum and percentiles (with linear interpolation) of tokens per example; zeros for a file without examples."""
    if not lengths:
        return TokenCounts(total=0, assistant=0, p50=0, p95=0, max=0)
    import numpy as np

    p50, p95 = np.percentile(np.asarray(lengths), [50, 95])
    return TokenCounts(
        total=sum(lengths),
        assistant=assistant_tokens,
        p50=round(float(p50), 2),
        p95=round(float(p95), 2),
        max=max(lengths),
    )


def distribution(lengths: "array[int]") -> tuple[Bin, ...]:
    """Examples by length in equal steps from the shortest to the longest."""
    if not lengths:
        return ()
    low, high = min(lengths), max(lengths) + 1
    width = max(1, -(-(high - low) // _BINS))
    counts = [0] * (-(-(high - low) // width))
    for tokens in lengths:
        counts[(tokens - low) // width] += 1
    return tuple(
        Bin(low=low + place * width, high=low + (place + 1) * width, examples=count)
        for place, count in enumerate(counts)
    )


def default_epochs(examples: int) -> int:
    """How often a provider goes over the data when nobody says; the rule and its source stand in `data/dataset.yml`."""
    rule = dataset_facts().default_epochs
    if not examples:
        return 0
    if examples * rule.target < rule.minimum_examples_seen:
        return min(rule.maximum, rule.minimum_examples_seen // examples)
    if examples * rule.target > rule.maximum_examples_seen:
        return max(rule.minimum, rule.maximum_examples_seen // examples)
    return rule.target
