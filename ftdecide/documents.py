"""Reading JSON and YAML documents that people write, with errors that say where they are wrong."""

import difflib
import json
import sys
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ftdecide.errors import InputError
from ftdecide.yaml12 import load_yaml

Model = TypeVar("Model", bound=BaseModel)

MAX_DOCUMENT_BYTES = 20_000_000
_MOST_DIGITS = 400


def read_document(path: str | Path) -> object:
    """Read one JSON or YAML document from a file, or from standard input for "-".

    Raises:
        InputError: no such file, too large, not UTF-8, or neither JSON nor YAML; the message names file and line.
    """
    return parse_document(read_raw(path), document_name(path))


def read_raw(path: str | Path) -> bytes:
    """Read the bytes of a document, no more than one may have; raises like `read_document`."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise InputError(f"{document_name(path)!r} cannot be read ({error.strerror}); check the path") from error


def document_name(path: str | Path) -> str:
    """Return what to call a document in messages."""
    return "standard input" if str(path) == "-" else str(path)


def parse_document(raw: bytes, name: str) -> object:
    """Parse the bytes of one JSON or YAML document called `name` in messages.

    Raises:
        InputError: as in `read_document`.
    """
    if len(raw) > MAX_DOCUMENT_BYTES:
        limit_mb = MAX_DOCUMENT_BYTES // 1_000_000
        raise InputError(f"{name!r} is larger than {limit_mb} MB; a document of this kind never is")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name!r}, line {line}: not UTF-8 text; save the file as UTF-8") from error
    if not text.strip():
        raise InputError(f"{name!r} is empty; expected a JSON or YAML document")
    document = _parse_json(text, name) if text.lstrip()[0] in "{[" else _parse_yaml(text, name)
    if "\\u" in text.lower():
        _refuse_half_characters(document, name)
    return document


def _refuse_half_characters(document: object, name: str) -> None:
    """Refuse half of a surrogate pair, which an escape can write but no file can hold."""
    try:
        json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        half = str(error.object)[error.start]
        raise InputError(f"{name!r}: \\u{ord(half):04x} is half a character; write the whole character") from error


def _parse_json(text: str, name: str) -> object:
    try:
        return json.loads(
            text, parse_constant=_refuse_constant, parse_int=_whole_number, object_pairs_hook=_each_key_once
        )
    except json.JSONDecodeError as error:
        if not Path(name).suffix.lower().startswith(".y"):
            place = f"line {error.lineno}, column {error.colno}"
            raise InputError(f"{name!r}, {place}: {error.msg}; mend the JSON there") from error
        return _parse_yaml(text, name)
    except RecursionError as error:
        raise InputError(f"{name!r}: nested too deeply; a document of this kind has a few levels") from error
    except ValueError as error:
        raise InputError(f"{name!r}: {error}; mend it there") from error


def _parse_yaml(text: str, name: str) -> object:
    try:
        return load_yaml(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError(f"{name!r}{place}: {error.problem}; mend the YAML there") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{name!r}: cannot be parsed ({error}); check that it is JSON or YAML") from error


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not a number")


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {name!r} stands twice in one object")
        found[name] = value
    return found


def _whole_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(digits):,} digits")
    return int(digits)


def validate(model: type[Model], data: object, name: str) -> Model:
    """Make a `model` of `data`, or say in one line which field of `name` is wrong and how to mend it.

    Raises:
        InputError: naming the first wrong field by its dotted path, and how many more there are.
    """
    if not isinstance(data, dict):
        raise InputError(f"{name!r}: expected an object with named fields, found {_kind(data)}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        first = min(problems, key=lambda problem: len(problem["loc"]))
        path = _dotted(first["loc"])
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InputError(f"{name!r}, {path}: {_say(first, model)}{more}") from error


def _dotted(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location if not str(part).startswith("~")]
    return "".join(parts).lstrip(".") or "document"


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case list():
            return "a list"
        case str():
            return "a text"
        case _:
            return "a number"


_SHOULD_BE = {
    "model_type": "should be an object with named fields",
    "model_attributes_type": "should be an object with named fields",
    "tuple_type": "should be a list",
    "string_type": "should be a text",
    "float_type": "should be a number",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "int_parsing_size": "is too large to be meant",
    "bool_type": "should be true or false",
    "date_from_datetime_parsing": "should be a day such as 2026-11-22",
}
"""How the kinds of mistakes are told whose messages speak of Python."""


def _say(problem: ErrorDetails, model: type[BaseModel]) -> str:
    if problem["type"] == "extra_forbidden":
        key = str(problem["loc"][-1])
        close = difflib.get_close_matches(key, _known_keys(model), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "remove it"
        return f"unknown key; {hint}"
    if problem["type"] == "missing":
        return "missing; add it"
    told = _SHOULD_BE.get(problem["type"], problem["msg"])
    message = told.removeprefix("Value error, ").replace("Input should", "should")
    found = json.dumps(problem["input"], default=str, ensure_ascii=False)
    shown = found if len(found) <= 60 else found[:57] + "..."
    return f"{message[0].lower()}{message[1:]}, found {shown}"


def _known_keys(model: type[BaseModel]) -> list[str]:
    """Names of all fields anywhere below `model`, from its schema."""
    keys: list[str] = []
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        keys.extend(part.get("properties", {}))
    return keys
