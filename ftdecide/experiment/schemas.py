# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# jsonschema ships no types; what comes from it is narrowed here and goes no further.
"""JSON schemas that people write: checked before a run, and never reaching for the network or hanging on a pattern."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, cast

from ftdecide.experiment.patterns import group_count, occurs

_MOST_CHARACTERS = 100_000


class _Problem(Protocol):
    json_path: str
    message: str


class _Validator(Protocol):
    def iter_errors(self, instance: object) -> Iterator[_Problem]: ...

    def descend(self, instance: object, schema: object, path: object = None) -> Iterator[_Problem]: ...

    def is_type(self, instance: object, type: str) -> bool: ...  # noqa: A002 - jsonschema's name


def refuse_schema(schema: Mapping[str, object]) -> None:
    """Check a schema of JSON Schema 2020-12 before anything is judged by it.

    Raises:
        ValueError: it is too long or no schema, a reference of it leads outside or nowhere, or a pattern of it cannot
            be used; the message says how to mend it.
    """
    import jsonschema

    if len(json.dumps(schema)) > _MOST_CHARACTERS:
        raise ValueError(f"the schema has more than {_MOST_CHARACTERS:,} characters; shorten it")
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ValueError(f"no valid JSON schema at {error.json_path}: {error.message[:200]}; mend it there") from None
    except RecursionError:
        raise ValueError("the schema is nested too deeply; flatten it") from None
    for keyword, value in _keywords(schema):
        if keyword in ("$ref", "$dynamicRef") and not _leads_somewhere(schema, value):
            raise ValueError(f"the schema's reference {value!r} leads nowhere inside it; put what it means under $defs")
        if keyword == "pattern" and isinstance(value, str):
            group_count(value)
        if keyword == "patternProperties" and isinstance(value, dict):
            for pattern in cast("Mapping[str, object]", value):
                group_count(pattern)


def schema_problem(schema: Mapping[str, object], value: object) -> str | None:
    """Return the first way in which `value` breaks the checked `schema`, by its place in the document, or None."""
    try:
        problem = next(_validator(json.dumps(schema)).iter_errors(value), None)
    except (RecursionError, ArithmeticError):
        return "$: too deeply nested or too large to check"
    return None if problem is None else f"{problem.json_path[:200]}: {problem.message[:200]}"


def _keywords(schema: object) -> Iterator[tuple[str, object]]:
    open_parts: list[object] = [schema]
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, dict):
            pairs = cast("Mapping[str, object]", part)
            yield from pairs.items()
            # What `const`, `enum`, `default` and `examples` hold are values and no schemas.
            open_parts += [each for key, each in pairs.items() if key not in ("const", "enum", "default", "examples")]
        elif isinstance(part, list):
            open_parts += cast("Sequence[object]", part)


def _leads_somewhere(schema: Mapping[str, object], reference: object) -> bool:
    """Say whether a reference is the root, or a path from it that is there."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        return False
    place: object = schema
    for step in reference[2:].split("/") if len(reference) > 1 else []:
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, dict) or key not in place:
            return False
        place = cast("Mapping[str, object]", place)[key]
    return isinstance(place, dict | bool)


@lru_cache(maxsize=32)
def _validator(schema: str) -> _Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    keywords = {"pattern": _check_pattern, "patternProperties": _check_pattern_properties}
    kind = extend(Draft202012Validator, keywords)
    # An empty registry: a reference that leads outside fails instead of being fetched.
    return cast("_Validator", kind(json.loads(schema), registry=Registry()))


def _check_pattern(validator: _Validator, pattern: str, instance: object, _schema: object) -> Iterator[object]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not occurs(pattern, cast("str", instance)):
        yield ValidationError(f"{str(instance)[:80]!r} does not match {pattern!r}")


def _check_pattern_properties(
    validator: _Validator, patterns: Mapping[str, object], instance: object, _schema: object
) -> Iterator[object]:
    if validator.is_type(instance, "object"):
        for pattern, below in patterns.items():
            for name, value in cast("Mapping[str, object]", instance).items():
                if occurs(pattern, name):
                    yield from validator.descend(value, below, path=name)
