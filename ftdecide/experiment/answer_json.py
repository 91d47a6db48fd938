"""Reading the JSON that a model wrote: one object or nothing, its values by path, and when two values are the same."""

import json
import re
from decimal import Decimal
from typing import NamedTuple, cast

from ftdecide.experiment.identity import normalise

_FENCE = re.compile(r"\A```[a-zA-Z]*\s*\n(.*?)\n?\s*```\Z", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")


class Json(NamedTuple):
    """A JSON value that was read; `value` may be None, which is JSON's null."""

    value: object


def read_json(text: str) -> Json | None:
    """Return the JSON value that is all of `text`, a Markdown code fence around it aside, or None.

    NaN and infinities are no JSON; neither is what is nested too deeply to be read.
    """
    bare = text.strip()
    fenced = _FENCE.match(bare)
    try:
        return Json(json.loads(fenced.group(1) if fenced else bare, parse_constant=_refuse))
    except (ValueError, RecursionError):
        return None


def read_object(text: str) -> dict[str, object] | None:
    """Return the JSON object that is all of `text`, a Markdown code fence around it aside, or None."""
    if not text.lstrip().startswith(("{", "`")):
        return None  # most answers are no JSON at all, and trying to read one takes long
    found = read_json(text)
    value = found.value if found else None
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def leaves(record: dict[str, object]) -> dict[str, object]:
    """Return every value that is neither object nor list by its dotted path, such as `lines[0].total`."""
    found: dict[str, object] = {}
    open_parts: list[tuple[str, object]] = [("", record)]
    while open_parts:
        path, part = open_parts.pop()
        if isinstance(part, dict):
            fields = cast("dict[str, object]", part)
            open_parts += [(f"{path}.{name}" if path else name, value) for name, value in fields.items()]
        elif isinstance(part, list):
            open_parts += [(f"{path}[{place}]", value) for place, value in enumerate(cast("list[object]", part))]
        else:
            found[path] = part
    return found


def same_value(one: object, other: object) -> bool:
    """Say whether two values are the same: numbers by value, also when written as text, and texts after normalising.

    A text with a leading zero, such as an article number, is no number.
    """
    if one is None or other is None:
        return one is other
    first, second = _number(one), _number(other)
    if first is not None and second is not None:
        return first == second
    return _text(one) == _text(other)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    text = str(value).strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _text(value: object) -> str:
    return normalise(str(value))


def _refuse(constant: str) -> object:
    raise ValueError(constant)
