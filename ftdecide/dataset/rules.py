"""What is asked of each example by itself."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ftdecide.dataset.batch import Batch
from ftdecide.dataset.turns import Turns
from ftdecide.dataset.types import INSTRUCTING, RESULTS, Example, Message

_DIGEST_BYTES = 16
_ALTERNATING = ("user", "assistant")


class Hit(NamedTuple):
    """One code of `data/findings.yml` and the places in a batch where it holds, in order."""

    code: str
    places: list[int]


def digest(text: str) -> bytes:
    """16 bytes that stand for a text; even among a billion texts the chance that two share them is about 1 in 10^21."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def question_digest(example: Example) -> bytes:
    """What the user asks, whatever its case and spaces and whatever instructions stand before it.

    Where nothing is asked, the whole example stands for itself: texts to go on with are not all one question.
    """
    asked = [_fold(message.content) for message in example.question if message.role not in INSTRUCTING]
    return digest(_join(asked if any(asked) else [_fold(message.content) for message in example.messages]))


def _fold(text: str) -> str:
    """A text without its case and spaces; signs that may be written in two ways in one of them."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


def _join(texts: Iterable[str]) -> str:
    """One text of several, from which they could be told apart again."""
    return "".join([f"{len(text)}:{text}" for text in texts])


def find_alone(batch: Batch, turns: Turns, test_questions: frozenset[bytes]) -> Iterator[Hit]:
    """Find what is wrong with each example by itself, or against the test part's questions; each code once."""
    found: dict[str, list[int]] = {}
    for code, places in _find_all(batch, turns, test_questions):
        found.setdefault(code, []).extend(places)
    yield from (Hit(code, sorted(places)) for code, places in found.items())


def _find_all(batch: Batch, turns: Turns, test_questions: frozenset[bytes]) -> Iterator[Hit]:
    yield from _find_in_order(batch, turns)
    has_text = ~turns.are_blank
    for place in batch.special:
        _count_calls_as_text(batch.example(place), int(turns.starts[place]), has_text)
    empty = turns.any_of(turns.are_answers & ~has_text)
    asked = turns.any_of(turns.are_questions & has_text)
    yield Hit("empty_answer", np.nonzero(empty)[0].tolist())
    yield Hit("empty_question", np.nonzero(~asked)[0].tolist())
    yield from _find_special(batch)
    if test_questions:
        examples = enumerate(map(batch.example, range(len(batch.rows))))
        yield Hit("test_overlap", [place for place, row in examples if question_digest(row) in test_questions])


def _find_in_order(batch: Batch, turns: Turns) -> Iterator[Hit]:
    """Judge each different order of roles once."""
    orders = turns.sum_hashes(turns.order_hashes)
    _different, firsts, which = np.unique(orders, return_index=True, return_inverse=True)
    for number, first in enumerate(firsts.tolist()):
        roles = tuple([message.role for message in batch.example(first).messages])
        codes = judge_order(roles)
        if codes:
            places: list[int] = np.nonzero(which == number)[0].tolist()
            yield from (Hit(code, places) for code in codes)


@lru_cache(maxsize=1024)
def judge_order(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of what is wrong with the order in which people speak."""
    codes: list[str] = []
    if "assistant" not in roles:
        codes.append("no_assistant")
    elif roles[-1] != "assistant":
        codes.append("last_not_assistant")
    instructing = [role in INSTRUCTING for role in roles]
    if any(instructing[sum(instructing) :]):
        codes.append("late_instructions")
    if any(first == second and first in _ALTERNATING for first, second in pairwise(roles)):
        codes.append("same_role_twice")
    return tuple(codes)


def _count_calls_as_text(example: Example, start: int, has_text: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
    for turn, message in enumerate(example.messages, start):
        if message.calls:
            has_text[turn] = True


def _find_special(batch: Batch) -> Iterator[Hit]:
    found: dict[str, list[int]] = {}
    for place in batch.special:
        for code in _judge_special(batch.example(place)):
            found.setdefault(code, []).append(place)
    yield from (Hit(code, places) for code, places in found.items())


def _judge_special(example: Example) -> Iterator[str]:
    messages = example.messages
    if example.tools or any(message.calls for message in messages):
        yield "tools_estimated"
    if _results_without_call(messages):
        yield "result_without_call"
    if any(first.calls and second.role not in RESULTS for first, second in pairwise(messages)):
        yield "call_without_result"
    answers = [message for message in messages if message.role == "assistant"]
    if answers and not any(message.is_learned for message in answers):
        yield "nothing_learned"
    if example.rejected:
        yield "preference_pairs"
        if messages[-1].role == "assistant" != example.rejected[-1].role:
            yield "last_not_assistant"
        if all(map(_say_the_same, messages[-len(example.rejected) :], example.rejected)):
            yield "same_preference"
        if not _said(example.rejected[-1]):
            yield "empty_rejected_answer"


def _said(message: Message) -> str:
    return f"{message.content}{message.calls}".strip()


def _say_the_same(first: Message, second: Message) -> bool:
    return first.role == second.role and _said(first) == _said(second)


def _results_without_call(messages: tuple[Message, ...]) -> bool:
    called = False
    for message in messages:
        if message.role in RESULTS and not called:
            return True
        if message.role not in RESULTS:
            called = bool(message.calls)
    return False
