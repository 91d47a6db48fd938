"""Fields and answers in people's words."""

from collections.abc import Mapping
from contextlib import suppress
from typing import cast

from ftdecide.assessment.questions import Question, find_question
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_provider
from ftdecide.errors import NotFoundError
from ftdecide.translation import _


def name_field(field: str) -> str:
    """Return the question that asks for `field`, or the field itself if none does."""
    found = find_question(field)
    return _(found[1].ask) if found else field


def say_answer(field: str, value: object) -> str:
    """Return an answer as a person would give it: labels for codes, percent for shares, "from … to …" for ranges."""
    if value is None or value in ((), []):
        return _("Don't know")
    found = find_question(field)
    return _say(found[1], value) if found else str(value)


def _say(question: Question, value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | tuple):
        return ", ".join(_label(question, item) for item in cast("list[object]", value))
    if isinstance(value, Mapping):
        bounds = cast("Mapping[str, float]", value)
        span = _("{low} to {high}").format(low=_number(bounds["low"]), high=_number(bounds["high"]))
        return f"{span} {_(question.unit)}".strip()
    return _say_number(question, value) if isinstance(value, int | float) else _label(question, value)


def _say_number(question: Question, value: float) -> str:
    if question.kind == "share":
        return _("{percent} %").format(percent=_number(round(value * 100, 4)))
    return f"{_number(value)} {_(question.unit)}".strip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def _label(question: Question, value: object) -> str:
    if question.kind == "provider":
        with suppress(NotFoundError):
            return find_provider(load_catalog(), str(value)).name
    return next((_(option.label) for option in question.options if option.value == value), str(value))
