"""Examples that repeat or contradict earlier ones, and answers that repeat: found in 16 bytes for each example."""

from collections import Counter
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ftdecide.dataset.batch import Batch
from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.turns import Hashes, Turns, hash_texts, scatter

Places = NDArray[np.int64]
_BLOCK = 1 << 20


class Repeated(NamedTuple):
    """Places, counted over all examples with an answer, where a question stands again."""

    word_for_word: list[int]
    answered_differently: list[int]


class Repeats:
    """Remembers 64 bits for each question and 64 for each question with its answer.

    Among ten million examples the chance that any two different ones share them is about 1 in 400,000.
    """

    def __init__(self) -> None:
        self._questions: list[Hashes] = []
        self._pairs: list[Hashes] = []
        self._answers: Counter[int] | None = Counter()

    def add(self, batch: Batch, turns: Turns) -> list[int]:
        """Remember the examples of a batch that have an answer; their places in it."""
        texts = self._answer_texts(batch, turns)
        are_answered = np.fromiter(map(bool, texts), np.bool_, len(texts))
        answers = hash_texts([text.strip() for text in texts])[are_answered]
        are_last = _are_last_answers(turns)
        questions = _hash_questions(batch, turns, are_last)[are_answered]
        # Where nothing is asked, no answer contradicts another.
        ask_nothing = ~turns.any_of(~turns.are_blank & ~are_last)[are_answered]
        questions[ask_nothing] ^= answers[ask_nothing]
        self._questions.append(questions)
        self._pairs.append(scatter(questions ^ scatter(answers)))
        self._count_answers(answers)
        return np.nonzero(are_answered)[0].tolist()

    @staticmethod
    def _answer_texts(batch: Batch, turns: Turns) -> list[str]:
        """The answer of each row, empty where the assistant does not have the last word."""
        said = turns.texts
        flags: list[bool] = turns.are_answers[turns.last].tolist()
        lasts: list[int] = turns.last.tolist()
        texts = [said[last] if answers else "" for last, answers in zip(lasts, flags, strict=True)]
        for place in batch.special:
            # Of a preference pair both answers count, so that the same pair the other way round is a contradiction.
            texts[place] = batch.example(place).taught
        return texts

    def _count_answers(self, answers: Hashes) -> None:
        if self._answers is not None:
            values, counts = np.unique(answers, return_counts=True)
            self._answers.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            self._forget_many()

    def _forget_many(self) -> None:
        if self._answers is not None and len(self._answers) > dataset_facts().few_distinct_answers.maximum_answers:
            self._answers = None

    def merge(self, later: Self) -> None:
        """Take over what was remembered of a later part of the file."""
        self._questions += later._questions
        self._pairs += later._pairs
        if self._answers is None or later._answers is None:
            self._answers = None
        else:
            self._answers.update(later._answers)
            self._forget_many()

    def find(self) -> Repeated:
        """Find what repeats; forgets all it remembers, so that memory is spent once."""
        repeated = _later_ones(_take(self._questions))
        again = _later_ones(_take(self._pairs))
        return Repeated(again.tolist(), np.setdiff1d(repeated, again, assume_unique=True).tolist())

    def answer_counts(self) -> tuple[int, ...]:
        """How often each different answer stands, most frequent first; empty where answers are not labels."""
        rule = dataset_facts().few_distinct_answers
        counts = self._answers or Counter[int]()
        if not counts or counts.total() < rule.examples_per_answer * len(counts):
            return ()
        return tuple(sorted(counts.values(), reverse=True))


def _are_last_answers(turns: Turns) -> NDArray[np.bool_]:
    """Which turns are an assistant's and the last of their row."""
    found = np.zeros(len(turns.texts), np.bool_)
    found[turns.last[turns.are_answers[turns.last]]] = True
    return found


def _hash_questions(batch: Batch, turns: Turns, are_last: NDArray[np.bool_]) -> Hashes:
    """64 bits for each row, made of all its turns but the answer, and of the terms on which that is given."""
    asked = turns.hashes.copy()
    asked[are_last] = 0
    questions = turns.sum_hashes(asked)
    if batch.special:
        terms = [batch.example(place).terms for place in batch.special]
        questions[list(batch.special)] ^= hash_texts(terms)
    return questions


def _take(parts: list[Hashes]) -> Hashes:
    whole = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    parts.clear()
    return whole


def _later_ones(hashes: Hashes) -> Places:
    """Places, in order, where a number stands that stood before."""
    ordered = np.sort(hashes)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(twice):
        return np.zeros(0, np.int64)
    # Block by block, as the search takes as much memory as what it looks at.
    blocks = range(0, len(hashes), _BLOCK)
    places = np.concatenate([_standing_in(twice, hashes[start : start + _BLOCK]) + start for start in blocks])
    _values, firsts = np.unique(hashes[places], return_index=True)
    return np.delete(places, firsts)


def _standing_in(known: Hashes, hashes: Hashes) -> Places:
    nearest = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return np.nonzero(known[nearest] == hashes)[0]
