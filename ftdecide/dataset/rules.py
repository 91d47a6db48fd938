"""What is asked of each example, and of each against those before it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.types import Example, Message

_DIGEST_BYTES = 16


def digest(parts: Iterable[str]) -> bytes:
    """16 bytes that stand for these texts; two different lists share them once in 10^19 even among a billion."""
    made = blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        made.update(len(raw).to_bytes(8, "little"))
        made.update(raw)
    return made.digest()


def question_digest(example: Example) -> bytes:
    """What the user asks, whatever its case and spaces and whatever instructions stand before it."""
    asked = [message.content for message in example.question if message.role not in ("system", "developer")]
    return digest(" ".join(text.casefold().split()) for text in asked)


class ExampleRules:
    """Finds what is wrong with one example after another; remembers digests alone."""

    def __init__(self, test_questions: frozenset[bytes] = frozenset()) -> None:
        self._test_questions = test_questions
        self._seen: set[bytes] = set()
        self._first_answers: dict[bytes, bytes] = {}
        self._answers: Counter[bytes] | None = Counter()

    def find(self, example: Example) -> Iterator[str]:
        """Yield the code of everything found; codes are those of `data/findings.yml`."""
        yield from _find_alone(example.messages)
        if example.tools or any(message.calls for message in example.messages):
            yield "tools_estimated"
        if self._test_questions and question_digest(example) in self._test_questions:
            yield "test_overlap"
        answer = example.answer.strip()
        if answer:
            yield from self._find_repeated(example, digest([answer]))

    def _find_repeated(self, example: Example, answer: bytes) -> Iterator[str]:
        question = digest(part for message in example.question for part in message)
        first = self._first_answers.setdefault(question, answer)
        whole = blake2b(question + answer, digest_size=_DIGEST_BYTES).digest()
        if whole in self._seen:
            yield "exact_duplicate"
        elif first != answer:
            yield "conflicting_answers"
        self._seen.add(whole)
        self._count_answer(answer)

    def _count_answer(self, answer: bytes) -> None:
        if self._answers is not None:
            self._answers[answer] += 1
            if len(self._answers) > dataset_facts().few_distinct_answers.maximum_answers:
                self._answers = None

    def answer_counts(self) -> tuple[int, ...]:
        """How often each different answer stands, most frequent first; empty where answers are not labels."""
        rule = dataset_facts().few_distinct_answers
        counts = self._answers or Counter[bytes]()
        if not counts or counts.total() < rule.examples_per_answer * len(counts):
            return ()
        return tuple(sorted(counts.values(), reverse=True))


def _find_alone(messages: tuple[Message, ...]) -> Iterator[str]:
    answers = [message for message in messages if message.role == "assistant"]
    if not answers:
        yield "no_assistant"
    elif messages[-1].role != "assistant":
        yield "last_not_assistant"
    if any(not message.content.strip() and not message.calls for message in answers):
        yield "empty_answer"
    asked = [message.content for message in messages if message.role in ("user", "tool", "function")]
    if not any(text.strip() for text in asked):
        yield "empty_question"
