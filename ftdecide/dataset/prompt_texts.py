"""Reading a prompt, its examples and sample requests, pasted or uploaded, into the texts that a model is sent."""

import io
import re
from pathlib import Path
from typing import NamedTuple

from ftdecide.dataset.facts import encoding_facts
from ftdecide.dataset.lines import read_lines
from ftdecide.dataset.read import read_examples
from ftdecide.errors import InputError
from ftdecide.translation import _

_MEGABYTE = 1_000_000
_TABLES = (".csv", ".tsv")
_JSON_LINES = (".jsonl", ".ndjson", ".json")
_CHAT_LINE = re.compile(r'\s*\{\s*"(?:messages|prompt)"\s*:')
_RULE = re.compile(r"\n[ \t]*-{3,}[ \t]*\n")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class Sample(NamedTuple):
    """One example or request: what is asked and what is answered, "" where no answer is given apart from it."""

    question: str
    answer: str = ""


def read_prompt_text(raw: bytes, name: str) -> str:
    """Return an uploaded text as it would be sent: without byte order mark, every line ending in one sign.

    Raises:
        InputError: empty, larger than a prompt ever is, or not UTF-8 text; the message names file and line.
    """
    _refuse_huge(len(raw), name)
    parts: list[str] = []
    for line in read_lines(io.BytesIO(raw)):
        if line.problem:
            raise InputError(f"{name!r}, line {line.number}: {line.problem.text}")
        parts.append(line.text)
    text = plain_lines("".join(parts))
    if not text.strip():
        raise InputError(_("{name!r} is empty; choose a file with text in it").format(name=name))
    return text


def plain_lines(text: str) -> str:
    """Return a pasted text without byte order mark, every line ending in one sign."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def split_samples(text: str, name: str) -> tuple[Sample, ...]:
    """Return the samples in a text: JSON Lines or CSV by the ending of `name` or the first sign, else blocks of text.

    Of JSON without a name only lines with `messages` or `prompt` are taken for samples: a request may be JSON itself.
    Blocks are parted by a line of at least three dashes, or where there is none by blank lines. System messages are
    left out: they belong to the instructions, which are counted once.

    Raises:
        InputError: larger than such a file ever is, or a line of JSON or CSV that cannot be used.
    """
    text = plain_lines(text)
    _refuse_huge(len(text.encode()), name)
    suffix = Path(name).suffix.lower()
    if suffix in _TABLES + _JSON_LINES or (suffix == "" and _CHAT_LINE.match(text)):
        label = name if suffix else f"{name}.jsonl"
        examples = read_examples(io.BytesIO(text.encode()), label)
        return tuple(
            Sample(
                "\n".join(
                    message.content for message in example.question if message.role not in ("system", "developer")
                ),
                example.answer,
            )
            for example in examples
        )
    parted = (_RULE if _RULE.search(f"\n{text}\n") else _BLANK_LINES).split(f"\n{text}\n")
    return tuple(Sample(block.strip()) for block in parted if block.strip())


def _refuse_huge(size: int, name: str) -> None:
    limit = encoding_facts().maximum_upload_mb
    if size > limit * _MEGABYTE:
        told = _("{name!r} is larger than {limit} MB, which no prompt is; take a part of it")
        raise InputError(told.format(name=name, limit=limit))
