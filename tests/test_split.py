import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.dataset.rules import question_digest
from ftdecide.dataset.split import split_examples
from ftdecide.dataset.types import Example, Message
from ftdecide.errors import InputError


def example(question: str, answer: str, line: int) -> Example:
    return Example((Message("user", question), Message("assistant", answer)), line)


short = st.text("ab \n", max_size=4)
data_sets = st.lists(st.tuples(short, short), max_size=60).map(
    lambda pairs: [example(question, answer, line) for line, (question, answer) in enumerate(pairs, 1)]
)
shares = st.floats(0.05, 0.95)
seeds = st.integers(0, 5)


@given(data_sets, shares, seeds)
def test_the_parts_are_disjoint_complete_and_in_order(examples: list[Example], share: float, seed: int) -> None:
    parts = split_examples(examples, test_share=share, seed=seed)
    assert sorted(item.line for item in parts.train + parts.test) == [item.line for item in examples]
    for part in parts:
        assert [item.line for item in part] == sorted(item.line for item in part)


@given(data_sets, shares, seeds)
def test_examples_that_ask_the_same_stay_on_one_side(examples: list[Example], share: float, seed: int) -> None:
    parts = split_examples(examples, test_share=share, seed=seed)
    assert not {question_digest(item) for item in parts.train} & {question_digest(item) for item in parts.test}


@given(data_sets, shares, seeds, st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(
    examples: list[Example], share: float, seed: int, order: random.Random
) -> None:
    shuffled = order.sample(examples, len(examples))
    first, second = (split_examples(items, test_share=share, seed=seed) for items in (examples, shuffled))
    assert set(first.test) == set(second.test)


@given(st.lists(st.integers(5, 40), min_size=1, max_size=6), st.floats(0.1, 0.9), seeds)
def test_every_label_is_divided_alike(sizes: list[int], share: float, seed: int) -> None:
    examples = [
        example(f"{label}-{place}", f"label {label}", label * 1000 + place)
        for label, size in enumerate(sizes)
        for place in range(size)
    ]
    parts = split_examples(examples, test_share=share, seed=seed)
    kept = Counter(item.answer for item in parts.test)
    for label, size in enumerate(sizes):
        assert abs(kept[f"label {label}"] - share * size) <= 1


def test_another_seed_draws_another_part() -> None:
    examples = [example(f"question {line}", f"answer {line}", line) for line in range(200)]
    first, second = (split_examples(examples, test_share=0.3, seed=seed) for seed in (1, 2))
    assert len(first.test) == len(second.test) == 60
    assert first != second


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        split_examples([], test_share=share)
