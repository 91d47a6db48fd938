"""Where two JSON documents differ, down to the digits in which their numbers are written."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel, ConfigDict


class Difference(BaseModel):
    """A field that is not as it should be; null where one side lacks it or says null."""

    model_config = ConfigDict(frozen=True)

    path: str
    stored: object
    recomputed: object


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it is written: two ways to write one number are different texts."""

    written: str


@dataclass(frozen=True, slots=True)
class _Missing:
    """Stands for a field that one side does not have."""


def find_differences(stored: str, recomputed: str) -> list[Difference]:
    """Return every field in which two texts of JSON differ, in the order of the first; their layout does not count.

    Raises:
        json.JSONDecodeError: one of them is not JSON.
    """
    return list(_compare(_read(stored), _read(recomputed), ""))


def _read(text: str) -> object:
    return json.loads(text, parse_float=_Number, parse_int=_Number)


def _compare(stored: object, recomputed: object, path: str) -> Iterator[Difference]:
    kinds = type(stored), type(recomputed)
    if kinds == (dict, dict):
        one, other = cast("Mapping[str, object]", stored), cast("Mapping[str, object]", recomputed)
        for key in dict.fromkeys((*one, *other)):
            yield from _compare(one.get(key, _Missing()), other.get(key, _Missing()), f"{path}.{key}".lstrip("."))
    elif kinds == (list, list):
        ones, others = cast("list[object]", stored), cast("list[object]", recomputed)
        for index in range(max(len(ones), len(others))):
            yield from _compare(_item(ones, index), _item(others, index), f"{path}[{index}]")
    elif kinds[0] is not kinds[1] or stored != recomputed:
        yield Difference(path=path, stored=_plain(stored), recomputed=_plain(recomputed))


def _item(items: list[object], index: int) -> object:
    return items[index] if index < len(items) else _Missing()


def _plain(value: object) -> object:
    """Return a value as ordinary JSON again."""
    match value:
        case _Number(written):
            number = cast("int | float", json.loads(written))
            return number if math.isfinite(number) else written
        case _Missing():
            return None
        case dict():
            return {key: _plain(item) for key, item in cast("Mapping[str, object]", value).items()}
        case list():
            return [_plain(item) for item in cast("list[object]", value)]
        case _:
            return value
