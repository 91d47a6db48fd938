"""What is asked of each example, and of each against those before it."""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.types import Example

_DIGEST_BYTES = 16
_ASKING = ("user", "tool", "function")


def digest(text: str) -> bytes:
    """16 bytes that stand for a text; even among a billion texts the chance that two share them is about 1 in 10^21."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def question_digest(example: Example) -> bytes:
    """What the user asks, whatever its case and spaces and whatever instructions stand before it."""
    asked = [message.content for message in example.question if message.role not in ("system", "developer")]
    return digest(_join(" ".join(text.casefold().split()) for text in asked))


def _join(texts: Iterable[str]) -> str:
    """One text of several, from which they could be told apart again."""
    return "".join([f"{len(text)}:{text}" for text in texts])


class ExampleRules:
    """Finds what is wrong with one example after another; remembers digests alone."""

    def __init__(self, test_questions: frozenset[bytes] = frozenset()) -> None:
        self._test_questions = test_questions
        self._first_answers: dict[bytes, bytes] = {}
        self._later_answers: set[bytes] = set()
        self._answers: Counter[bytes] | None = Counter()

    def find(self, example: Example) -> list[str]:
        """Codes of everything found; they are those of `data/findings.yml`."""
        codes = _find_alone(example)
        if self._test_questions and question_digest(example) in self._test_questions:
            codes.append("test_overlap")
        if example.answer:
            codes += self._find_repeated(example)
        return codes

    def _find_repeated(self, example: Example) -> list[str]:
        answer = digest(example.answer.strip())
        question = digest(_join([part for message in example.question for part in message]))
        self._count_answer(answer)
        first = self._first_answers.setdefault(question, answer)
        if first is answer:
            return []
        if first == answer or question + answer in self._later_answers:
            return ["exact_duplicate"]
        self._later_answers.add(question + answer)
        return ["conflicting_answers"]

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


def _find_alone(example: Example) -> list[str]:
    codes: list[str] = []
    answered = asked = False
    for message in example.messages:
        if message.calls:
            codes.append("tools_estimated")
        if message.role == "assistant":
            answered = True
            if not message.calls and (not message.content or message.content.isspace()):
                codes.append("empty_answer")
        elif message.role in _ASKING and message.content and not message.content.isspace():
            asked = True
    if not answered:
        codes.append("no_assistant")
    elif example.messages[-1].role != "assistant":
        codes.append("last_not_assistant")
    if not asked:
        codes.append("empty_question")
    if example.tools:
        codes.append("tools_estimated")
    return list(dict.fromkeys(codes)) if len(codes) > 1 else codes
