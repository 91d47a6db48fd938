"""From a question to a widget, and from what the widget holds to an answer that is saved at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.questions import Question, Section
from ftdecide.errors import FtdecideError, InputError
from ftdecide.translation import _
from pages.parts import show, state

UNKNOWN = ""
_MOST_PILLS = 5
_BOX_WIDTH = 165
_NUMBER_FORMAT = {"count": "%d", "number": "%g", "share": "%g", "amount": "%g"}


def show_section(
    opened: state.Open,
    section: Section,
    suggestions: Mapping[str, Mapping[str, str]],
    after: Mapping[str, Callable[[state.Open], None]],
) -> None:
    """Show the questions of one heading.

    `suggestions` names values and labels for fields whose options are data; `after` shows more below a question.
    """
    st.subheader(_(section.title), anchor=False)
    if section.lead:
        st.markdown(_(section.lead))
    answers = flat_answers(opened.assessment.model_dump())
    for question in section.questions:
        _show_question(opened, question, answers.get(question.field), suggestions.get(question.field, {}))
        if question.field in after:
            after[question.field](opened)


def _show_question(opened: state.Open, question: Question, answer: Any, suggested: Mapping[str, str]) -> None:
    key = f"{opened.id}:{question.field}"
    with st.container(gap="xsmall"):
        if question.kind in _NUMBER_FORMAT:
            _show_number(opened.id, question, key, answer)
        else:
            _show_words(opened.id, question, key, answer, suggested)
        if problem := state.noted_problem(key):
            st.error(problem, icon=":material/error:")
        if question.field in state.pending():
            st.markdown(f":orange-badge[:material/sync_problem: {_('Not saved yet: see below')}]")
        measured_in = opened.origins.get(question.field)
        if measured_in:
            st.markdown(f":small[{show.origin('measured', _link_origin(measured_in, opened.id))}]")
        st.caption(_(question.why))


def _link_origin(origin: str, assessment_id: str) -> str:
    kind, _colon, name = origin.partition(":")
    if kind == "data":
        return _("in [this data set]({place})").format(place=f"/data?audit={name}&assessment={assessment_id}")
    return _("in [this comparison]({place})").format(place=f"/comparison?run={name}&assessment={assessment_id}")


def _show_words(assessment_id: str, question: Question, key: str, answer: Any, suggested: Mapping[str, str]) -> None:
    labels = {option.value: _(option.label) for option in question.options}
    if question.kind == "flag":
        labels = {"true": _("Yes"), "false": _("No")}
        answer = None if answer is None else str(answer).lower()
    common = {
        "key": key,
        "help": _help(question),
        "on_change": save_widget,
        "args": (assessment_id, question.field, question.kind, key),
    }
    asked = _(question.ask)
    if question.kind == "several":
        state.seed_widget(key, list(answer or ()))
        st.pills(asked, list(labels), selection_mode="multi", format_func=labels.__getitem__, **common)
    elif question.kind in ("choice", "flag"):
        _show_choice(asked, labels, answer, common)
    elif question.kind in ("provider", "model"):
        _show_suggestions(asked, suggested, answer, common)
    elif question.kind == "date":
        state.seed_widget(key, answer)
        st.date_input(asked, value=None, format="YYYY-MM-DD", width=340, **common)
    elif question.kind == "long_text":
        state.seed_widget(key, answer or UNKNOWN)
        st.text_area(asked, placeholder=_("Not written yet"), height=96, max_chars=4000, **common)
    else:
        state.seed_widget(key, answer or UNKNOWN)
        st.text_input(asked, placeholder=_("Don't know"), max_chars=200, **common)


def _show_choice(asked: str, labels: Mapping[str, str], answer: Any, common: Mapping[str, Any]) -> None:
    options = {UNKNOWN: _("Don't know"), **labels}
    state.seed_widget(common["key"], answer if answer in options else UNKNOWN)
    if len(labels) <= _MOST_PILLS:
        st.pills(asked, list(options), required=True, format_func=options.__getitem__, **common)
    else:
        st.selectbox(asked, list(options), format_func=options.__getitem__, **common)


def _show_suggestions(asked: str, suggested: Mapping[str, str], answer: Any, common: Mapping[str, Any]) -> None:
    options = {UNKNOWN: _("Don't know"), **suggested}
    if answer and answer not in options:
        options[answer] = _("{name} (not in the list)").format(name=answer)
    state.seed_widget(common["key"], answer or UNKNOWN)
    st.selectbox(
        asked,
        list(options),
        format_func=lambda value: options.get(str(value), str(value)),
        accept_new_options=True,
        **common,
    )


def _show_number(assessment_id: str, question: Question, key: str, answer: Any) -> None:
    """Show one box, or for an amount two: a number, or the ends of a range."""
    unit = "%" if question.kind == "share" else _(question.unit)
    st.markdown(f":small[{_(question.ask)}] :gray[:small[({unit})]]", help=_help(question))
    if question.kind != "amount":
        state.seed_widget(key, _to_box(question, answer))
        _number_box(assessment_id, question, key, _(question.ask))
        return
    low, high = (answer["low"], answer["high"]) if isinstance(answer, Mapping) else (answer, None)
    with st.container(horizontal=True):
        state.seed_widget(f"{key}:low", _to_box(question, low), owner=key)
        _number_box(assessment_id, question, key, _(question.ask), ":low")
        state.seed_widget(f"{key}:high", _to_box(question, high), owner=key)
        _number_box(assessment_id, question, key, _("{ask} Upper end").format(ask=_(question.ask)), ":high")


def _number_box(assessment_id: str, question: Question, key: str, label: str, end: str = "") -> None:
    whole = question.kind == "count"
    most = 100 if question.kind == "share" else question.at_most
    st.number_input(
        label,
        label_visibility="collapsed",
        min_value=question.at_least if whole else float(question.at_least),
        max_value=most if most is None or whole else float(most),
        value=None,
        step=1 if whole else 1.0,
        format=_NUMBER_FORMAT[question.kind],
        placeholder=_("up to") if end == ":high" else _("Don't know"),
        key=f"{key}{end}",
        on_change=save_widget,
        args=(assessment_id, question.field, question.kind, key),
        width=_BOX_WIDTH,
    )


def _to_box(question: Question, answer: float | None) -> float | int | None:
    if answer is None or question.kind == "count":
        return answer
    return round(answer * 100, 4) if question.kind == "share" else float(answer)


def save_widget(assessment_id: str, field: str, kind: str, key: str) -> None:
    """Save what a person just put into a widget; what cannot be saved stays there, with the reason beside it."""
    try:
        state.save_answers(assessment_id, {field: _answer(kind, key)})
    except FtdecideError as error:
        state.note_problem(key, str(error))
    else:
        state.note_problem(key, None)


def _answer(kind: str, key: str) -> Any:
    if kind == "amount":
        return _range(state.widget_value(f"{key}:low"), state.widget_value(f"{key}:high"))
    value = state.widget_value(key)
    if value is None or value in (UNKNOWN, []):
        return None
    if kind == "flag":
        return value == "true"
    if kind == "share":
        return round(value / 100, 6)
    if isinstance(value, date):
        return value.isoformat()
    return value.strip() or None if isinstance(value, str) else value


def _range(low: float | None, high: float | None) -> Any:
    if high is None:
        return low
    if low is None:
        raise InputError(_("Only the upper end is given; give the lower end too, or one number in the first box"))
    if low > high:
        raise InputError(
            _("The lower end {low:,g} is above the upper end {high:,g}; swap them").format(low=low, high=high)
        )
    return low if low == high else {"low": low, "high": high}


def _help(question: Question) -> str:
    lines: Sequence[str] = [
        f"- **{_(option.label)}**: {_(option.explain)}" for option in question.options if option.explain
    ]
    return "\n".join([_(question.good), "", *lines]).strip()
