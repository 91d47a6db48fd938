"""One line of JSON to one example."""

import json
import re

import jiter

from ftdecide.dataset.shapes import JsonObject, UnusableError, make_example
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.dataset.wording import problem, shown, wording
from ftdecide.translation import _

_CODE_UNITS = range(0xD800, 0xE000)
# A text, which is passed over, or one of the constants.
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)')


class _DuplicateKeyError(Exception):
    """A key stands twice in one object."""


class _NoNumberError(Exception):
    """NaN or an infinity stands where a value should, which Python writes and JSON does not know."""


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    found: JsonObject = {}
    for name, value in pairs:
        if name in found:
            raise _DuplicateKeyError(name)
        found[name] = value
    return found


def _refuse_constant(name: str) -> object:
    raise _NoNumberError(name)


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def parse_line(text: str, number: int) -> Example | Problem:
    """Make an example of the JSON object in `text`, or say what is wrong with it; its shapes are those of `shapes`."""
    try:
        return _make(jiter.from_json(text.encode(), catch_duplicate_keys=True, allow_inf_nan=False), number)
    except ValueError:
        return _parse_slowly(text, number)


def _parse_slowly(text: str, number: int) -> Example | Problem:
    """Parse what the fast parser refuses, with Python's own, which says why; half characters pass that one."""
    try:
        data = _decoder.decode(text.rstrip("\r\n"))
    except _DuplicateKeyError as error:
        return problem(number, "duplicate_key", key=shown(str(error)))
    except _NoNumberError as error:
        found = (match for match in _CONSTANT.finditer(text) if match[1] == str(error))
        return _malformed(text, number, "Not a number", next(found).start())
    except json.JSONDecodeError as error:
        return _malformed(text, number, error.msg, error.pos)
    except RecursionError:
        return _malformed(text, number, "Nested too deeply", 0)
    except ValueError:  # a whole number of thousands of digits
        return _malformed(text, number, "A number is too long", 0)
    found = _make(data, number)
    whole = isinstance(found, Problem) or not _holds_half_characters(found)
    return found if whole else problem(number, "broken_character")


def _make(data: object, number: int) -> Example | Problem:
    try:
        return make_example(data, number)
    except UnusableError as error:
        return problem(number, error.code, **error.details)


def _malformed(text: str, number: int, reason: str, position: int) -> Problem:
    if text.lstrip()[:1] == "[" and number == 1:
        return problem(number, "json_list")
    told = wording().explain(reason)
    return problem(number, "malformed_json", column=position + 1, reason=_(told.say), hint=_(told.hint))


def _holds_half_characters(example: Example) -> bool:
    turns: tuple[Message, ...] = example.messages + example.rejected
    texts = [part for turn in turns for part in (turn.role, turn.content, turn.name, turn.calls)]
    return any(ord(sign) in _CODE_UNITS for text in (*texts, example.tools) for sign in text)
