"""How answers are marked: the kind of answer, and what that kind needs to know."""

import json
from typing import Any, get_args

import streamlit as st

from ftdecide.errors import InputError
from ftdecide.experiment.grader_plan import MEASURES, OWNERS, GraderKind
from ftdecide.translation import _
from pages.parts.comparison_data import Data

_KINDS: dict[str, str] = {
    "label": _("One of a few labels"),
    "exact": _("The same text, but for capitals and blanks"),
    "contains": _("Contains the right text"),
    "number": _("The right number"),
    "fields": _("JSON, field by field"),
    "json_schema": _("JSON that keeps to a schema"),
    "regex": _("A pattern is found"),
    "text": _("How alike two texts are"),
}
_MEASURES = {
    "share": _("Share of fields that are right"),
    "f1": _("F1 of the fields"),
    "chrf": _("chrF: alike by characters"),
    "rouge_l": _("ROUGE-L: alike by words in order"),
}
_WHOLE = _("The whole answer")
Grader = dict[str, Any]


def choose_grader(data: Data) -> Grader:
    """Let a person choose how answers are marked; a demonstration comes with its own way.

    Raises:
        InputError: a schema that was typed is no JSON.
    """
    if data.sample:
        return data.grader
    kinds = [kind for kind in get_args(GraderKind) if kind in _KINDS]
    chosen = st.selectbox(
        _("When is an answer right?"),
        kinds,
        index=kinds.index(data.grader["kind"]),
        format_func=_KINDS.__getitem__,
        key=f"run_grader:{data.key}",
        help=_("Guessed from the answers in your file."),
    )
    kind = str(chosen or data.grader["kind"])
    known = {key: value for key, value in data.grader.items() if kind in OWNERS.get(key, (kind,))}
    return {**known, "kind": kind, "metric": None, **_details(data, kind)}


def _details(data: Data, kind: str) -> Grader:
    found: Grader = {}
    key = f"{data.key}:{kind}"
    if kind in OWNERS["field"] and data.fields:
        names = [_WHOLE, *data.fields]
        usual = data.grader.get("field")
        field = st.selectbox(
            _("Under which name in the JSON"),
            names,
            names.index(usual) if usual in names else 0,
            key=f"run_field:{key}",
        )
        found["field"] = None if field == _WHOLE else field
    if kind == "label":
        found["labels"] = () if found.get("field") else data.labels
    if kind == "fields" and data.fields:
        found["fields"] = tuple(
            st.multiselect(
                _("Which fields count (none: all)"),
                data.fields,
                list(data.grader.get("fields", ())),
                key=f"run_fields:{key}",
            )
        )
    if kind == "number":
        found["tolerance"] = str(
            st.number_input(_("How far off is still right"), 0.0, None, 0.0, format="%g", key=f"run_off:{key}")
        )
    if kind == "regex":
        found["pattern"] = st.text_input(_("Pattern (RE2)"), key=f"run_pattern:{key}") or None
    if kind == "json_schema":
        found["json_schema"] = _schema(st.text_area(_("JSON schema"), "{}", key=f"run_schema:{key}"))
    if kind in MEASURES:
        measure = st.selectbox(
            _("Measured as"), MEASURES[kind], format_func=_MEASURES.__getitem__, key=f"run_measure:{key}"
        )
        found["measure"] = measure
    return found


def _schema(text: str) -> dict[str, Any]:
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise InputError(_("the JSON schema cannot be read ({why}); mend it").format(why=error)) from error
    if not isinstance(schema, dict):
        raise InputError(
            _("the JSON schema should be an object, such as {example}").format(example='{"type": "object"}')
        )
    return schema
