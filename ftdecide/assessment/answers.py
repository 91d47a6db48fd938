"""Answers by their dotted paths, as questions, origins and conflicts name them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

Document = dict[str, Any]


def flat_answers(document: Mapping[str, Any], prefix: str = "") -> Document:
    """Return what a document answers, by dotted path; a range is one answer, null and empty lists are none."""
    flat: Document = {}
    for name, value in document.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and "low" not in value:
            flat |= flat_answers(cast("Mapping[str, Any]", value), f"{path}.")
        elif value not in (None, [], ()):
            flat[path] = value
    return flat


def with_answers(document: Mapping[str, Any], answers: Mapping[str, Any]) -> Document:
    """Return a copy of `document` with the given answers; None takes an answer away."""
    changed: Document = deepcopy(dict(document)) or {"schema_version": 1}
    for path, value in answers.items():
        *parents, leaf = path.split(".")
        part = changed
        for parent in parents:
            part = part.setdefault(parent, {})
        if value is None:
            part.pop(leaf, None)
        else:
            part[leaf] = value
    return changed
