"""Dividing examples into a part to learn from and a part to measure on."""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.rules import digest, question_digest
from ftdecide.dataset.types import Example
from ftdecide.errors import InputError


class Split(NamedTuple):
    """The two parts, each in the order of the file."""

    train: tuple[Example, ...]
    test: tuple[Example, ...]


def split_examples(examples: Sequence[Example], *, test_share: float, seed: int = 0) -> Split:
    """Divide `examples` so that about `test_share` of them (above 0, below 1) are kept for measuring.

    The same examples and seed always give the same parts, in whatever order the examples come. Examples that ask the
    same stay on one side, so that nothing measured was learned. Where answers are labels, each label is divided alike.

    Raises:
        InputError: the share is not between 0 and 1.
    """
    if not 0 < test_share < 1:
        raise InputError(f"test_share={test_share!r} should lie between 0 and 1; 0.3 keeps three in ten for measuring")
    groups: dict[bytes, list[int]] = defaultdict(list)
    for place, example in enumerate(examples):
        groups[question_digest(example)].append(place)
    test: set[int] = set()
    for stratum in _strata(examples, groups):
        test.update(_draw(stratum, groups, test_share, seed))
    return Split(
        tuple(example for place, example in enumerate(examples) if place not in test),
        tuple(example for place, example in enumerate(examples) if place in test),
    )


def _strata(examples: Sequence[Example], groups: dict[bytes, list[int]]) -> list[list[bytes]]:
    """Groups by label, or all in one stratum where answers are no labels."""
    rule = dataset_facts().few_distinct_answers
    by_answer: dict[bytes, list[bytes]] = defaultdict(list)
    for group, places in groups.items():
        by_answer[min(digest(examples[place].answer.strip()) for place in places)].append(group)
    are_labels = len(by_answer) <= rule.maximum_answers and len(examples) >= len(by_answer) * rule.examples_per_answer
    return [by_answer[answer] for answer in sorted(by_answer)] if are_labels else [list(groups)]


def _draw(stratum: list[bytes], groups: dict[bytes, list[int]], share: float, seed: int) -> list[int]:
    """Places of the groups drawn for the test part: whole groups, in an order that only the seed decides."""
    wanted = share * sum(len(groups[group]) for group in stratum)
    key = str(seed).encode()
    drawn: list[int] = []
    for group in sorted(stratum, key=lambda group: blake2b(group, key=key, digest_size=16).digest()):
        # A group is taken when that brings the part nearer to what is wanted.
        if len(drawn) + len(groups[group]) / 2 <= wanted:
            drawn.extend(groups[group])
    return drawn
