"""One line of JSON to one example."""

import json
from functools import cache
from typing import NoReturn, TypeGuard

import jiter

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.dataset.wording import problem, shown, wording
from ftdecide.translation import _

_Object = dict[str, object]
_CODE_UNITS = range(0xD800, 0xE000)


class _DuplicateKeyError(Exception):
    """A key stands twice in one object."""


class _UnusableError(Exception):
    """The line is JSON but no example; carries code and details of the problem."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def _unique(pairs: list[tuple[str, object]]) -> _Object:
    found: _Object = {}
    for name, value in pairs:
        if name in found:
            raise _DuplicateKeyError(name)
        found[name] = value
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_unique)


def parse_line(text: str, number: int) -> Example | Problem:
    """Make an example of the JSON object in `text`, or say what is wrong with it.

    Accepted are `messages` (as for chat models), or one of the pairs of columns in `data/dataset.yml`.
    """
    try:
        return _make(jiter.from_json(text.encode(), catch_duplicate_keys=True), number)
    except ValueError:
        return _parse_slowly(text, number)


def _parse_slowly(text: str, number: int) -> Example | Problem:
    """Parse what the fast parser refuses, with Python's own, which says why; half characters pass that one."""
    try:
        data = _decoder.decode(text.rstrip("\r\n"))
    except _DuplicateKeyError as error:
        return problem(number, "duplicate_key", key=shown(str(error)))
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
        return _example(data, number)
    except _UnusableError as error:
        return problem(number, error.code, **error.details)


def _malformed(text: str, number: int, reason: str, position: int) -> Problem:
    if text.lstrip()[:1] == "[" and number == 1:
        return problem(number, "json_list")
    told = wording().explain(reason)
    return problem(number, "malformed_json", column=position + 1, reason=_(told.say), hint=_(told.hint))


def _example(data: object, number: int) -> Example:
    if not _is_object(data):
        _refuse(data, number)
    messages = data.get("messages")
    turns = _messages(messages) if _is_list(messages) and messages else _pair(data)
    tools = data.get("tools") or data.get("functions")
    return Example(turns, number, json.dumps(tools, ensure_ascii=False) if tools else "")


def _refuse(data: object, number: int) -> NoReturn:
    if _is_list(data) and number == 1:
        raise _UnusableError("json_list")
    raise _UnusableError("not_an_object", found=_kind(data))


def _pair(data: _Object) -> tuple[Message, ...]:
    facts = dataset_facts()
    for question, answer in facts.question_and_answer_columns:
        if question in data and answer in data:
            system = data.get(facts.system_column)
            lead = (Message("system", _text(system, facts.system_column)),) if system is not None else ()
            asked, said = _text(data[question], question), _text(data[answer], answer)
            return (*lead, Message("user", asked), Message("assistant", said))
    found = ", ".join(shown(name) for name in list(data)[:5])
    raise _UnusableError("missing_messages", found=found or _("an empty object"))


def _text(value: object, part: str) -> str:
    if isinstance(value, str):
        return value
    raise _UnusableError("wrong_type", part=shown(part), found=_kind(value))


def _messages(items: list[object]) -> tuple[Message, ...]:
    return tuple([_message(item, place) for place, item in enumerate(items, 1)])


def _message(item: object, place: int) -> Message:
    if not _is_object(item):
        raise _UnusableError("wrong_message", message=place, found=_kind(item))
    role, content, known = item.get("role"), item.get("content"), _roles()
    if len(item) == 2 and isinstance(content, str) and isinstance(role, str) and role in known:
        return Message(role, content)  # nearly every message
    if role is None:
        raise _UnusableError("missing_role", message=place)
    if not isinstance(role, str) or role not in known:
        raise _UnusableError("unknown_role", message=place, role=shown(str(role)), known=", ".join(known))
    name, calls = item.get("name") or "", item.get("tool_calls") or item.get("function_call")
    text = "" if content is None and calls else _content(content, place)
    return Message(role, text, _text(name, "name"), json.dumps(calls, ensure_ascii=False) if calls else "")


@cache
def _roles() -> tuple[str, ...]:
    return dataset_facts().roles.value


def _content(content: object, place: int) -> str:
    """The text of a message whose content is a text or a list of parts of the kind text."""
    if isinstance(content, str):
        return content
    if content is None:
        raise _UnusableError("missing_content", message=place)
    if not _is_list(content):
        raise _UnusableError("wrong_type", part=_("the content of message {}").format(place), found=_kind(content))
    texts: list[str] = []
    for part in content:
        kind = part.get("type") if _is_object(part) else None
        if not _is_object(part) or kind != "text":
            raise _UnusableError("non_text_content", message=place, part=shown(str(kind or _kind(part))))
        texts.append(_text(part.get("text"), "text"))
    return "\n".join(texts)


def _holds_half_characters(example: Example) -> bool:
    return any(ord(sign) in _CODE_UNITS for turn in example.messages for part in turn for sign in part)


def _is_object(value: object) -> TypeGuard[_Object]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _kind(value: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, _("true or false")),  # before numbers, as Python takes true for 1
        (int, _("a number")),
        (float, _("a number")),
        (str, _("a text")),
        (list, _("a list")),
        (dict, _("an object")),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), _("nothing (null)"))
