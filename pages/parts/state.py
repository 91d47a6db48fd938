"""What one browser tab knows: which assessment is open, which version it saw, and what could not be saved yet.

The store is the truth; the id stands in the URL too. Session state holds plain values, which survive a reload of the
code: `assessment` (id), `seen` (last read or written), `pending` and `pending_origins` (answers that met a newer one).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from ftdecide.assessment.answers import flat_answers, with_answers
from ftdecide.assessment.types import Assessment, dump_assessment, read_assessment
from ftdecide.errors import ConflictError, FtdecideError, NotFoundError
from ftdecide.settings import Settings, load_settings
from ftdecide.store import assessments
from ftdecide.store.assessments import Saved
from ftdecide.store.database import Store, open_store
from ftdecide.translation import _


@dataclass(frozen=True)
class Open:
    """The assessment this tab works on, unsaved answers included; `origins` names measured fields' runs, "run:<id>"."""

    id: str
    version: int
    title: str
    example: bool
    assessment: Assessment
    origins: Mapping[str, str]


@st.cache_resource
def settings() -> Settings:
    """Where things live, read from the environment once."""
    return load_settings()


@st.cache_resource
def store() -> Store:
    """The one store of this process."""
    return open_store(settings())


def today() -> date:
    """The day on which decisions are taken unless the assessment names another."""
    return datetime.now(UTC).date()


def open_id() -> str | None:
    """Return the id in the URL, or else that of the assessment this tab had open."""
    return st.query_params.get("assessment") or st.session_state.get("assessment")


def open_assessment() -> Open | None:
    """Return the assessment named in the URL, or else the one this tab had open; None if there is none.

    Raises:
        NotFoundError: the id is unknown or was deleted; the tab forgets it.
        InputError: the stored document can no longer be read.
    """
    state = st.session_state
    assessment_id = open_id()
    if not assessment_id:
        return None
    try:
        saved = assessments.load(store(), assessment_id)
    except NotFoundError:
        show_assessment(None)
        raise
    if st.query_params.get("assessment") != assessment_id or state.get("assessment") != assessment_id:
        show_assessment(assessment_id)
    if not state.get("pending"):
        _see(saved)
    seen = state["seen"]
    assessment = read_assessment(with_answers(seen["document"], pending()))
    return Open(saved.id, seen["version"], saved.title, saved.example, assessment, seen["origins"])


def require_assessment() -> Open:
    """Return the open assessment; without one, say so, lead to the start page and end the run."""
    say, text = st.info, _("No assessment is open. Open or start one first; this page then works on it.")
    opened = None
    try:
        opened = open_assessment()
    except FtdecideError as error:
        say, text = st.error, str(error)
    if opened is None:
        say(text)
        st.page_link("pages/start_here.py", label=_("Go to the start page"), icon=":material/home:")
        st.stop()
    return opened


def show_assessment(assessment_id: str | None) -> None:
    """Make this the open assessment of the tab; None closes the one that is open."""
    if st.session_state.get("assessment") != assessment_id:
        st.session_state.update(assessment=assessment_id, seen={}, pending={}, pending_origins={}, problems={})
    if assessment_id:
        st.query_params["assessment"] = assessment_id
    else:
        st.query_params.pop("assessment", None)


def save_fields(opened: Open, fields: Mapping[str, Any], *, origin: str | None = None) -> bool:
    """Save answers by their dotted paths; None means "don't know"; `origin` says where they were measured.

    Returns False, and keeps the answers as pending, when a newer version was saved elsewhere in the meantime.

    Raises:
        InputError: an answer does not fit the assessment; nothing is saved then.
    """
    return save_answers(opened.id, fields, origin=origin)


def save_answers(assessment_id: str, fields: Mapping[str, Any], *, origin: str | None = None) -> bool:
    """As `save_fields`, for callbacks, which remember an id rather than an object."""
    seen = st.session_state["seen"]
    document = dump_assessment(read_assessment(with_answers(seen["document"], {**pending(), **fields})))
    waiting = dict(st.session_state.get("pending_origins") or {}) | dict.fromkeys(fields, origin)
    origins = {path: run for path, run in {**seen["origins"], **waiting}.items() if run}
    try:
        saved = assessments.save(store(), assessment_id, document, expected_version=seen["version"], origins=origins)
    except ConflictError:
        st.session_state.update(pending={**pending(), **fields}, pending_origins=waiting)
        return False
    drop_pending()
    _see(saved)
    return True


def pending() -> dict[str, Any]:
    """Answers typed in this tab that met a newer version, by field path."""
    return dict(st.session_state.get("pending") or {})


def keep_mine(assessment_id: str) -> None:
    """Put the pending answers, and nothing else of this tab, on top of the newer version."""
    _see(assessments.load(store(), assessment_id))
    save_answers(assessment_id, {})


def drop_pending() -> None:
    """Give up the answers that met a newer version."""
    st.session_state.update(pending={}, pending_origins={})


def differences(assessment_id: str) -> dict[str, tuple[Any, Any]]:
    """Field path -> (what this tab shows, what is stored now), where the two differ."""
    mine = flat_answers(with_answers(st.session_state["seen"]["document"], pending()))
    stored = flat_answers(assessments.load(store(), assessment_id).document)
    return {
        path: (mine.get(path), stored.get(path)) for path in {**mine, **stored} if mine.get(path) != stored.get(path)
    }


def _see(saved: Saved) -> None:
    st.session_state["seen"] = {"version": saved.version, "document": saved.document, "origins": saved.origins}


def seed_widget(key: str, value: object, *, owner: str = "") -> None:
    """Let a widget show `value`, without disturbing one that shows it already or whose content cannot be saved.

    Widgets that make up one answer together name it as their `owner`.
    """
    shown = key in st.session_state
    if shown and (noted_problem(owner or key) is not None or st.session_state[key] == value):
        return
    if not shown:
        note_problem(owner or key, None)
    st.session_state[key] = value


def widget_value(key: str) -> Any:
    """Return what a person put into a widget."""
    return st.session_state.get(key)


def note_problem(key: str, problem: str | None) -> None:
    """Remember why what a widget holds cannot be saved, or forget it."""
    problems = {name: text for name, text in (st.session_state.get("problems") or {}).items() if name != key}
    st.session_state["problems"] = {**problems, key: problem} if problem else problems


def noted_problem(key: str) -> str | None:
    """Return why what a widget holds could not be saved."""
    return (st.session_state.get("problems") or {}).get(key)


def remember(name: str, value: object) -> None:
    """Keep a plain value for this tab until it is closed."""
    st.session_state[name] = value


def recall(name: str) -> Any:
    """Return what `remember` kept, or None."""
    return st.session_state.get(name)
