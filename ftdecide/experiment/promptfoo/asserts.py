"""Graders as promptfoo's asserts, and asserts as graders: only rules that need no code."""

import json
from collections.abc import Sequence
from typing import cast

from ftdecide.experiment.answer_json import read_object
from ftdecide.experiment.grader_plan import GraderPlan, passes_at
from ftdecide.experiment.graders import read_label

Assert = dict[str, object]
_STRICT = frozenset({"fields", "json_schema"})


def is_strict(grader: GraderPlan) -> bool:
    """Say whether promptfoo's asserts judge as the grader does, but for spelling in capitals and blanks."""
    return grader.kind in _STRICT or (grader.kind == "label" and grader.field is not None)


def asserts_for(grader: GraderPlan, reference: str) -> list[Assert]:
    """Return what promptfoo is to check in an answer, by the rule of its own that comes nearest."""
    match grader.kind:
        case "contains":
            alternatives = [part.strip() for part in reference.split(grader.separator) if part.strip()]
            found: list[Assert] = [{"type": "icontains-any", "value": alternatives}]
        case "label":
            found = _label_asserts(grader, reference)
        case "fields":
            found = _field_asserts(grader, reference)
        case "regex":
            found = [{"type": "regex", "value": grader.pattern}]
        case "json_schema":
            found = [{"type": "contains-json", "value": grader.json_schema}]
        case "text":
            found = [{"type": "rouge-n", "value": reference, "threshold": passes_at(grader)}]
        case _:
            found = [{"type": "equals", "value": reference}]
    return found


def schema_for(name: str, value: object) -> dict[str, object]:
    """Return a JSON schema that holds for an object with this value under `name`; null may be left out."""
    required = [] if value is None else [name]
    return {"type": "object", "required": required, "properties": {name: {"enum": [value]}}}


def values_of(schema: object) -> dict[str, object] | None:
    """Return the one value that a schema allows under each of its properties, or None where it allows several."""
    properties = cast("dict[str, object]", schema).get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties:
        return None
    found: dict[str, object] = {}
    for name, rule in cast("dict[str, object]", properties).items():
        allowed = cast("dict[str, object]", rule) if isinstance(rule, dict) else {}
        one = allowed.get("enum", [allowed["const"]] if "const" in allowed else [])
        values = cast("list[object]", one) if isinstance(one, list) else []
        if len(values) != 1:
            return None
        found[name] = values[0]
    return found


def _label_asserts(grader: GraderPlan, reference: str) -> list[Assert]:
    label = read_label(grader, reference)
    if grader.field is not None:
        return [{"type": "contains-json", "value": schema_for(grader.field, label)}]
    return [{"type": "equals", "value": label or reference}]


def _field_asserts(grader: GraderPlan, reference: str) -> list[Assert]:
    record = read_object(reference) or {}
    names: Sequence[str] = grader.fields or tuple(record)
    return [{"type": "contains-json", "value": schema_for(name, record.get(name)), "metric": name} for name in names]


def json_text(value: object) -> str:
    """Return a value as it stands in a reference: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
