"""Texts in promptfoo's files: templates are not filled in, so only what says itself is taken."""

import json
import re
from decimal import Decimal
from typing import cast

from ftdecide.errors import InputError
from ftdecide.translation import _

_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_QUOTED = re.compile(r'\{\{\s*("(?:[^"\\]|\\.)*")\s*\}\}')
_TEMPLATE = re.compile(r"\{[{%#]")
_LOADED = re.compile(r"\A(file|package|huggingface):", re.IGNORECASE)


def plain_value(value: object, where: str) -> str:
    """Return the text of a variable or an expected value; marks of literal text are taken off.

    Raises:
        InputError: it is a list, is read from elsewhere, or is a template.
    """
    if isinstance(value, list):
        text = _("{where}: a list of values stands for several tests; write one test for each")
        raise InputError(text.format(where=where))
    if isinstance(value, dict):
        return json.dumps(cast("object", value), ensure_ascii=False)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float | Decimal):
        return str(value)
    return _literal(str(value), where)


def _literal(text: str, where: str) -> str:
    if _LOADED.match(text):
        raise InputError(
            _("{where}: {text!r} is read from elsewhere; write the text itself").format(where=where, text=text)
        )
    found: list[str] = []
    place = 0
    for raw in _RAW.finditer(text):
        found += [_outside(text[place : raw.start()], where), raw.group(1)]
        place = raw.end()
    return "".join([*found, _outside(text[place:], where)])


def _outside(text: str, where: str) -> str:
    filled = _QUOTED.split(text)
    for place, part in enumerate(filled):
        if place % 2:
            filled[place] = str(json.loads(part))
        elif _TEMPLATE.search(part):
            message = _("{where}: {text!r} is a template, and templates are not filled in here; write the text itself")
            raise InputError(message.format(where=where, text=part))
    return "".join(filled)
