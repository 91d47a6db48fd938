"""Answers that should not be learned: refusals, quotations of instructions, chat markup, echoes and placeholders."""

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar

from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.facts import PhraseRule, phrases
from ftdecide.dataset.signs.marks import Marks, merge_each, tell_each
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import INSTRUCTING, Example


class Refusals:
    """Counts answers that refuse to help, or speak as an AI."""

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._marks = {"refusal_answer": Marks()}

    def add(self, line: int, example: Example) -> None:
        """Look at the answers of one example."""
        if any(message.role == "assistant" and is_refusal(message.content) for message in example.messages):
            self._marks["refusal_answer"].add(line)

    def merge(self, later: "Refusals") -> None:
        """Add the counts of another part of the file."""
        merge_each(self._marks, later._marks)

    def finish(self) -> Iterator[Finding]:
        """How many answers refuse."""
        return tell_each(self._marks)


class ChatMarkup:
    """Counts answers with markers of a chat format in them."""

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._marks = {"chat_markup": Marks()}

    def add(self, line: int, example: Example) -> None:
        """Look at the answers of one example."""
        if any(message.role == "assistant" and holds_chat_markup(message.content) for message in example.messages):
            self._marks["chat_markup"].add(line)

    def merge(self, later: "ChatMarkup") -> None:
        """Add the counts of another part of the file."""
        merge_each(self._marks, later._marks)

    def finish(self) -> Iterator[Finding]:
        """How many answers hold markers."""
        return tell_each(self._marks)


class EmptyWords:
    """Counts answers that say nothing of their own: echoes of the question or the system message, placeholders."""

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._marks = {
            code: Marks() for code in ("answer_repeats_question", "leaked_instructions", "placeholder_answer")
        }

    def add(self, line: int, example: Example) -> None:
        """Look at the last answer of one example."""
        first, last = example.messages[0], example.messages[-1]
        if last.role != "assistant" or not (answer := last.content.strip()):
            return
        asked = example.question[-1:]
        if asked and asked[0].role == "user" and asked[0].content.strip() == answer:
            self._marks["answer_repeats_question"].add(line)
        characters = thresholds().leaked_instructions.characters
        if first.role in INSTRUCTING and len(answer) >= characters:
            start = first.content.strip()[:characters]
            if len(start) == characters and start in answer:
                self._marks["leaked_instructions"].add(line)
        if answer.lower() in phrases().placeholders:
            self._marks["placeholder_answer"].add(line)

    def merge(self, later: "EmptyWords") -> None:
        """Add the counts of another part of the file."""
        merge_each(self._marks, later._marks)

    def finish(self) -> Iterator[Finding]:
        """A finding for each kind found."""
        return tell_each(self._marks)


def is_refusal(text: str) -> bool:
    """Whether an answer begins by refusing to help, or by saying that it comes from an AI."""
    head = text[: thresholds().refusals.characters].lower().replace("’", "'")  # noqa: RUF001 - the sign of word processors
    return _matches(head, "refusals")


def holds_chat_markup(text: str) -> bool:
    """Whether a text holds markers of a chat format or the turns of a transcript."""
    return _matches(text, "chat_markup")


def _matches(text: str, name: str) -> bool:
    clues, pattern = _finder(name)
    for clue in clues:
        if clue in text:
            return pattern.search(text) is not None
    return False


@cache
def _finder(name: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    rule: PhraseRule = phrases().refusals if name == "refusals" else phrases().chat_markup
    return rule.clues, rule.finder()
