"""What a judge is told, and how its verdict is read; it never learns which arm an answer is from."""

import hashlib
import json
import re
from collections.abc import Sequence

from ftdecide.experiment.judge.facts import JudgePrompt
from ftdecide.experiment.judge.pairs import AnswerPair, Side
from ftdecide.providers.base import Message

_LAST_LINE = re.compile(r"verdict: (a|b|tie)", re.IGNORECASE)
_FENCE_DIGITS = 16


def judge_messages(prompt: JudgePrompt, criterion: str, pair: AnswerPair, first: Side) -> list[Message]:
    """Return the chat that asks for a verdict, with the answer of `first` as answer A."""
    second: Side = "baseline" if first == "arm" else "arm"
    texts = {
        "criterion": criterion.strip(),
        "question": pair.row.prompt,
        "reference": pair.row.reference,
        "first": pair.text_of(first),
        "second": pair.text_of(second),
    }
    texts["fence"] = _fence(list(texts.values()))
    return [
        {"role": "system", "content": _fill(prompt.instructions, texts)},
        {"role": "user", "content": _fill(prompt.question, texts)},
    ]


def mend_messages(prompt: JudgePrompt, asked: Sequence[Message], said: str) -> list[Message]:
    """Return the chat that asks once more for the last line alone."""
    return [*asked, {"role": "assistant", "content": said}, {"role": "user", "content": prompt.mend}]


def read_verdict(text: str, first: Side) -> float | None:
    """Return the verdict in favour of the arm: 1, 0 or -1; None if the last line that is not empty is no verdict."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = _LAST_LINE.fullmatch(lines[-1]) if lines else None
    if found is None:
        return None
    word = found.group(1).lower()
    if word == "tie":
        return 0.0
    return 1.0 if (word == "a") == (first == "arm") else -1.0


def _fence(texts: Sequence[str]) -> str:
    """Return a mark that no text holds, so that none can pretend to end and to speak for this program."""
    number = 0
    while True:
        named = json.dumps([number, *texts]).encode()
        fence = f"=== {hashlib.sha256(named).hexdigest()[:_FENCE_DIGITS]} ==="
        if not any(fence in text for text in texts):
            return fence
        number += 1


def _fill(template: str, texts: dict[str, str]) -> str:
    """Fill all blanks at once, so that a text that looks like a blank stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda blank: texts[blank.group(1)], template)
