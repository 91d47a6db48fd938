"""Answers that stop too early: in the middle of a sentence, of JSON or of a block of code."""

import re
from collections.abc import Iterator
from typing import ClassVar

import jiter

from ftdecide.dataset.sign import Sieve
from ftdecide.dataset.signs.marks import Marks, tell
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example

_FENCE = "```"
# What ends a sentence, in any script, and what may follow it.
_FINAL_MARK = re.compile(r"[.!?:…。！？।؟][\s\"'”’»)\]}*_`]*$")  # noqa: RUF001 - marks of other scripts
# An item of a list, a line of a table, a heading or indented code is no sentence.
_NO_SENTENCE = re.compile(r"\s*(?:[-*+•|#>]|\d{1,3}[.)]\s|    |\t)")
_CONTINUES = re.compile(r"[\w,;–—-]$")  # noqa: RUF001 - dashes


class CutAnswers:
    """Counts answers that end as the others do not."""

    sieve: ClassVar[Sieve | None] = None

    def __init__(self) -> None:
        self._ended = 0
        self._cut = Marks()
        self._parsed = 0
        self._unparsed = Marks()
        self._open = Marks()

    def add(self, line: int, example: Example) -> None:
        """Look at the end of the last answer of one example."""
        last = example.messages[-1]
        if last.role != "assistant" or not (answer := last.content.rstrip()):
            return
        if _FENCE in answer:
            if answer.count(_FENCE) % 2:
                self._open.add(line)
            return
        if answer.lstrip()[0] in "{[":
            self._add_json(line, answer)
        elif len(answer) >= thresholds().answer_endings.sentence_characters:
            self._add_sentence(line, answer)

    def _add_json(self, line: int, answer: str) -> None:
        try:
            jiter.from_json(answer.encode("utf-8", "surrogatepass"))
        except ValueError:
            self._unparsed.add(line)
        else:
            self._parsed += 1

    def _add_sentence(self, line: int, answer: str) -> None:
        if answer[-1] == "." or _FINAL_MARK.search(answer[-12:]):
            self._ended += 1
        elif _CONTINUES.search(answer[-1]) and not _is_closing_line(answer):
            self._cut.add(line)

    def merge(self, later: "CutAnswers") -> None:
        """Add the counts of another part of the file."""
        self._ended += later._ended
        self._parsed += later._parsed
        self._cut.merge(later._cut)
        self._unparsed.merge(later._unparsed)
        self._open.merge(later._open)

    def finish(self) -> Iterator[Finding]:
        """Cut answers, where most are whole; blocks of code have to be closed in any case."""
        rules = thresholds()
        for code, whole, broken, rule in (
            ("truncated_answer", self._ended, self._cut, rules.answer_endings),
            ("broken_json_answer", self._parsed, self._unparsed, rules.json_answers),
        ):
            total = whole + broken.count
            if broken.count and total >= rule.minimum_examples and whole >= rule.usual_share * total:
                yield tell(code, broken.count, broken.lines, share=f"{whole / total:.0%}")
        if self._open.count:
            yield tell("open_code_block", self._open.count, self._open.lines)


def _is_closing_line(answer: str) -> bool:
    """Whether the last line is a signature, an item of a list or the like, which need no final mark."""
    start = answer.rfind("\n") + 1
    if not start:
        return False
    line = answer[start:]
    return len(line) < thresholds().answer_endings.closing_line_characters or _NO_SENTENCE.match(line) is not None
