"""The shapes a training row may have as JSON, each made an example: chat, pairs of columns, preference pairs."""

import json
from functools import cache
from itertools import takewhile
from typing import NoReturn, TypeGuard

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.types import Example, Message
from ftdecide.dataset.wording import shown
from ftdecide.translation import _

JsonObject = dict[str, object]


class UnusableError(Exception):
    """The line is JSON but no example; carries code and details of the problem."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def make_example(data: object, number: int) -> Example:
    """Make an example of a parsed line.

    Accepted are `messages` (as for chat models), preference pairs as OpenAI and TRL write them, or one of the pairs of
    columns in `data/dataset.yml`.

    Raises:
        UnusableError: it has none of these shapes.
    """
    if not _is_object(data):
        _refuse(data, number)
    tools = data.get("tools") or data.get("functions")
    if "preferred_output" in data or "non_preferred_output" in data:
        asked = data.get("input")
        if not _is_object(asked):
            raise UnusableError("missing_messages", found=_names(data))
        tools = tools or asked.get("tools")
        lead = _turns(asked.get("messages"), "input", "user")
        return _preference(data, lead, ("preferred_output", "non_preferred_output"), tools, number)
    if "chosen" in data or "rejected" in data:
        lead = _turns(data["prompt"], "prompt", "user") if "prompt" in data else ()
        return _preference(data, lead, ("chosen", "rejected"), tools, number)
    messages = data.get("messages")
    turns = _messages(messages) if _is_list(messages) and messages else _pair(data)
    return Example(turns, number, _json(tools))


def _refuse(data: object, number: int) -> NoReturn:
    if _is_list(data) and number == 1:
        raise UnusableError("json_list")
    raise UnusableError("not_an_object", found=kind_of(data))


def _names(data: JsonObject) -> str:
    return ", ".join(shown(name) for name in list(data)[:5]) or _("an empty object")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _preference(
    data: JsonObject, lead: tuple[Message, ...], names: tuple[str, str], tools: object, number: int
) -> Example:
    """A pair of answers; without a prompt of its own the prompt is what both begin with."""
    for name in names:
        if not data.get(name):
            raise UnusableError("missing_preference", part=shown(name))
    preferred, rejected = (_turns(data[name], name, "assistant") for name in names)
    if not lead:
        shared = len([*takewhile(lambda pair: pair[0] == pair[1], zip(preferred[:-1], rejected[:-1], strict=False))])
        lead, preferred, rejected = preferred[:shared], preferred[shared:], rejected[shared:]
    return Example((*lead, *preferred), number, _json(tools), rejected)


def _pair(data: JsonObject) -> tuple[Message, ...]:
    facts = dataset_facts()
    for question, answer in facts.question_and_answer_columns:
        if question in data and answer in data:
            system = data.get(facts.system_column)
            lead = (Message("system", _text(system, facts.system_column)),) if system is not None else ()
            return (*lead, *_turns(data[question], question, "user"), *_turns(data[answer], answer, "assistant"))
    raise UnusableError("missing_messages", found=_names(data))


def _turns(value: object, part: str, role: str) -> tuple[Message, ...]:
    """The messages of one part of a row, which is a text by `role` or a list of messages."""
    if _is_list(value) and value:
        return _messages(value)
    return (Message(role, _text(value, part)),)


def _text(value: object, part: str) -> str:
    if isinstance(value, str):
        return value
    raise UnusableError("wrong_type", part=shown(part), found=kind_of(value))


def _messages(items: list[object]) -> tuple[Message, ...]:
    return tuple([_message(item, place) for place, item in enumerate(items, 1)])


def _message(item: object, place: int) -> Message:
    if not _is_object(item):
        raise UnusableError("wrong_message", message=place, found=kind_of(item))
    role, content, known = item.get("role"), item.get("content"), _roles()
    if len(item) == 2 and isinstance(content, str) and isinstance(role, str) and role in known:
        return Message(role, content)  # nearly every message
    if role is None:
        raise UnusableError("missing_role", message=place)
    if not isinstance(role, str) or role not in known:
        raise UnusableError("unknown_role", message=place, role=shown(str(role)), known=", ".join(known))
    name, calls = item.get("name") or "", item.get("tool_calls") or item.get("function_call")
    said = content if content is not None else item.get("refusal")
    text = "" if said is None and calls else _content(said, place)
    return Message(role, text, _text(name, "name"), _json(calls), _weight(item, role, place))


@cache
def _roles() -> tuple[str, ...]:
    return dataset_facts().roles.value


def _weight(item: JsonObject, role: str, place: int) -> int:
    weight = item.get("weight")
    if weight is None:
        return 1
    if role != "assistant" or isinstance(weight, bool) or weight not in (0, 1):
        raise UnusableError("wrong_weight", message=place)
    return 1 if weight else 0


def _content(content: object, place: int) -> str:
    """The text of a message whose content is a text or a list of parts of the kind text."""
    if isinstance(content, str):
        return content
    if content is None:
        raise UnusableError("missing_content", message=place)
    if not _is_list(content):
        raise UnusableError("wrong_type", part=_("the content of message {}").format(place), found=kind_of(content))
    texts: list[str] = []
    for part in content:
        kind = part.get("type") if _is_object(part) else None
        if not _is_object(part) or kind != "text":
            raise UnusableError("non_text_content", message=place, part=shown(str(kind or kind_of(part))))
        texts.append(_text(part.get("text"), "text"))
    return "\n".join(texts)


def _is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, _("true or false")),  # before numbers, as Python takes true for 1
        (int, _("a number")),
        (float, _("a number")),
        (str, _("a text")),
        (list, _("a list")),
        (dict, _("an object")),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), _("nothing (null)"))
