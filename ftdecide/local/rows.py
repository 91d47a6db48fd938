"""Reading and checking the chat rows of a training file, with the line of whatever is wrong."""

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ftdecide.errors import InputError


class ChatMessage(BaseModel):
    """One message of plain text."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str


class ChatRow(BaseModel):
    """One training example: all messages but the last are the prompt, the last is what the model should say."""

    model_config = ConfigDict(frozen=True)

    messages: tuple[ChatMessage, ...]


def read_rows(raw: bytes) -> tuple[ChatRow, ...]:
    """Parse a JSONL training file.

    Raises:
        InputError: naming the first wrong line and the mend.
    """
    return tuple(_row(line, number) for number, line in split_lines(raw))


def split_lines(raw: bytes) -> list[tuple[int, str]]:
    """Return the lines of a file that are not empty, each with its number.

    Raises:
        InputError: the file is no text, or holds no rows.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line}: not UTF-8 text; save the file as UTF-8") from error
    # Not splitlines(): JSON texts may hold other line separators than the newline.
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise InputError("the file holds no rows; write one JSON object with 'messages' a line")
    return lines


def _row(line: str, number: int) -> ChatRow:
    try:
        row = ChatRow.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise InputError(f"line {number}, column {error.colno}: {error.msg}; write one JSON object a line") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise InputError(
            f"line {number}: {place}: {first['msg'].lower()}; expected {{'messages': [{{'role': 'user', "
            "'content': '…'}, {'role': 'assistant', 'content': '…'}]}"
        ) from error
    except RecursionError as error:
        raise InputError(f"line {number}: nested too deeply; a chat row has two levels") from error
    roles = [message.role for message in row.messages]
    if not roles or roles[-1] != "assistant" or not row.messages[-1].content.strip():
        raise InputError(f"line {number}: the last message must be a non-empty answer with role 'assistant'; add it")
    if "user" not in roles:
        raise InputError(f"line {number}: no message with role 'user'; add the question")
    if "system" in roles[1:]:
        raise InputError(f"line {number}: a 'system' message may only come first; move it")
    return row
