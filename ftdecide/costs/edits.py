"""Changes to a scenario document, each returning a new document; nothing is validated here but by `read_scenario`."""

from collections.abc import Mapping
from typing import Any, cast

from ftdecide.translation import _

Document = dict[str, Any]


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path such as "options.2.training.epochs", or None where nothing does."""
    node: Any = document
    for part in path.split("."):
        if isinstance(node, list):
            items = cast("list[Any]", node)
            node = items[int(part)] if int(part) < len(items) else None
        elif isinstance(node, Mapping):
            node = cast("Mapping[str, Any]", node).get(part)
        else:
            return None
    return node


def with_value(document: Document, path: str, value: Any) -> Document:
    """Return the document with `value` at a dotted path; None takes it out, and parts that become empty with it."""
    head, _dot, rest = path.partition(".")
    old = document.get(head)
    if isinstance(old, list):
        place, _dot, inner = rest.partition(".")
        items = cast("list[Document]", old)
        changed = [with_value(item, inner, value) if index == int(place) else item for index, item in enumerate(items)]
        return {**document, head: changed}
    if rest:
        value = with_value(cast("Document", old) if isinstance(old, dict) else {}, rest, value) or None
    if value is None:
        return {name: part for name, part in document.items() if name != head}
    return {**document, head: value}


def add_option(document: Document, option: Document) -> Document:
    """Return the document with one more option, under a name that no other has."""
    return insert_option(document, len(document["options"]), option)


def duplicate_option(document: Document, place: int) -> Document:
    """Return the document with a copy of an option right behind it."""
    options = list(document["options"])
    name = free_name(document, _("Copy of {name}").format(name=options[place]["name"]))
    options.insert(place + 1, {**options[place], "name": name})
    return {**document, "options": options}


def remove_option(document: Document, place: int) -> Document:
    """Return the document without an option."""
    return {**document, "options": [option for index, option in enumerate(document["options"]) if index != place]}


def insert_option(document: Document, place: int, option: Document) -> Document:
    """Return the document with an option at a place, under a name that no other has."""
    named = {**option, "name": free_name(document, option["name"])}
    return {**document, "options": [*document["options"][:place], named, *document["options"][place:]]}


def free_name(document: Document, name: str) -> str:
    """Return the name, with a number behind it where an option has it already."""
    taken = {option["name"] for option in document["options"]}
    number = 2
    free = name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free
