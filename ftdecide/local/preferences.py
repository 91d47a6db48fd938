"""Reading and checking the rows of a preference file, in the form that OpenAI's interface gives to DPO."""

import json

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ftdecide.errors import InputError
from ftdecide.local.rows import ChatMessage, split_lines


class PreferenceInput(BaseModel):
    """The conversation before the answer; tools cannot be trained here."""

    model_config = ConfigDict(frozen=True)

    messages: tuple[ChatMessage, ...] = Field(min_length=1)
    tools: list[JsonValue] = Field(default=[], max_length=0)


class PreferenceRow(BaseModel):
    """One conversation with an answer that is wanted and one that is not."""

    model_config = ConfigDict(frozen=True)

    input: PreferenceInput
    preferred_output: tuple[ChatMessage, ...] = Field(min_length=1, max_length=1)
    non_preferred_output: tuple[ChatMessage, ...] = Field(min_length=1, max_length=1)


def holds_preferences(raw: bytes) -> bool:
    """Say whether a training file is meant to hold preferences; what it holds is checked by `read_preferences`."""
    first = raw.lstrip().partition(b"\n")[0]
    return b'"preferred_output"' in first


def read_preferences(raw: bytes) -> tuple[PreferenceRow, ...]:
    """Parse a JSONL preference file.

    Raises:
        InputError: naming the first wrong line and the mend.
    """
    return tuple(_row(line, number) for number, line in split_lines(raw))


def _row(line: str, number: int) -> PreferenceRow:
    try:
        row = PreferenceRow.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise InputError(f"line {number}, column {error.colno}: {error.msg}; write one JSON object a line") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise InputError(
            f"line {number}: {place}: {first['msg'].lower()}; expected {{'input': {{'messages': […]}}, "
            "'preferred_output': [one answer], 'non_preferred_output': [one answer]}"
        ) from error
    except RecursionError as error:
        raise InputError(f"line {number}: nested too deeply; a preference row has three levels") from error
    answers = (*row.preferred_output, *row.non_preferred_output)
    if any(answer.role != "assistant" or not answer.content.strip() for answer in answers):
        raise InputError(f"line {number}: both outputs must be a non-empty answer with role 'assistant'; add it")
    if row.input.messages[-1].role != "user":
        raise InputError(f"line {number}: the last message of 'input' must have the role 'user'; add the question")
    if row.preferred_output == row.non_preferred_output:
        raise InputError(f"line {number}: both outputs are the same, which prefers nothing; change one")
    return row
