"""Which cost scenario this tab works on: taken from the store, or made of the assessment's answers, or a demonstration.

Nothing is kept before the first change. Every change is saved at once as a new version; one that meets a newer version
is refused, told, and made again by hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ftdecide.assessment.types import read_assessment
from ftdecide.catalog.load import load_catalog
from ftdecide.costs.basis import FOLLOWED, Basis, begin, follow, take_over
from ftdecide.costs.edits import with_value
from ftdecide.costs.scenario import Scenario, read_scenario
from ftdecide.costs.templates import first_options, load_templates
from ftdecide.errors import ConflictError, FtdecideError
from ftdecide.store import assessments
from ftdecide.store.scenarios import find_scenario, load_scenario, save_scenario
from ftdecide.translation import _
from pages.parts import state

Document = dict[str, Any]
_DEMONSTRATION = "demonstration_costs"
_SEEN = "costs_seen"


@dataclass(frozen=True)
class OpenScenario:
    """The scenario on the screen; `assessment` is None for a demonstration, `id` is None until something is kept."""

    id: str | None
    version: int
    document: Document
    own: tuple[str, ...]
    basis: Basis
    assessment: state.Open | None

    @property
    def key(self) -> str:
        """A name for its widgets."""
        return f"costs:{self.assessment.id if self.assessment else 'demonstration'}"

    def origin(self, name: str) -> str:
        """Say where a followed number comes from: "answered" in the assessment, or "assumed"."""
        return "answered" if name in self.basis.answered and name not in self.own else "assumed"

    def scenario(self) -> Scenario:
        """Return the validated scenario.

        Raises:
            InputError: the document can no longer be read.
        """
        return read_scenario(self.document, "costs")


def open_scenario() -> OpenScenario:
    """Return the scenario that the address names, or that of the open assessment, or the demonstration.

    Raises:
        NotFoundError: the address names a scenario or an assessment that is not there.
        InputError: a stored document can no longer be read.
    """
    wanted = st.query_params.get("scenario")
    if wanted:
        try:
            state.show_assessment(load_scenario(state.store(), wanted).assessment_id)
        except FtdecideError:
            st.query_params.pop("scenario", None)
            raise
    opened = state.open_assessment()
    basis = take_over(opened.assessment if opened else None, load_templates().assumed, load_catalog())
    saved = find_scenario(state.store(), opened.id) if opened else None
    if opened is None:
        kept = state.recall(_DEMONSTRATION) or {"document": begin(basis, first_options(basis)), "own": ()}
        return OpenScenario(None, 0, kept["document"], tuple(kept["own"]), basis, None)
    state.remember(_SEEN, {"assessment": opened.id, "version": saved.version if saved else 0})
    if saved is None:
        st.query_params.pop("scenario", None)
        return OpenScenario(None, 0, begin(basis, first_options(basis)), (), basis, opened)
    st.query_params["scenario"] = saved.id
    document = follow(saved.document, saved.own, basis)
    return OpenScenario(saved.id, saved.version, document, saved.own, basis, opened)


def open_again() -> OpenScenario:
    """Return the scenario for a part that runs alone; when somebody else saved meanwhile, run the whole page instead.

    Raises:
        NotFoundError, InputError: as in `open_scenario`.
    """
    before = state.recall(_SEEN)
    scenario = open_scenario()
    if scenario.assessment is not None and before != state.recall(_SEEN):
        st.rerun()
    return scenario


def change(scenario: OpenScenario, make: Callable[[Document], Document], own: Mapping[str, bool] | None = None) -> None:
    """Save what `make` makes of the document; `own` says which fields stop (True) or begin (False) to follow.

    What cannot be read as a scenario is not saved.

    Raises:
        InputError: the changed document is no scenario.
    """
    now = _newest(scenario)
    seen = state.recall(_SEEN) or {}
    if now.assessment is not None and now.version != seen.get("version"):
        state.note_problem(scenario.key, _("These costs were changed elsewhere meanwhile"))
        return
    document = make(now.document)
    read_scenario(document, "costs")
    flags = own or {}
    marked = {name for name in {*now.own, *flags} if flags.get(name, True)}
    if scenario.assessment is None:
        state.remember(_DEMONSTRATION, {"document": document, "own": tuple(sorted(marked))})
        return
    try:
        saved = save_scenario(state.store(), scenario.assessment.id, document, own=marked, expected_version=now.version)
    except ConflictError as error:
        state.note_problem(scenario.key, str(error))
    else:
        state.note_problem(scenario.key, None)
        state.remember(_SEEN, {"assessment": scenario.assessment.id, "version": saved.version})


def _newest(scenario: OpenScenario) -> OpenScenario:
    """Return the scenario as it is now: a part of the page may have saved since this one was shown."""
    if scenario.assessment is None:
        kept = state.recall(_DEMONSTRATION)
        return replace(scenario, document=kept["document"], own=tuple(kept["own"])) if kept else scenario
    saved = find_scenario(state.store(), scenario.assessment.id)
    if saved is None:
        return scenario
    document = follow(saved.document, saved.own, scenario.basis)
    return replace(scenario, id=saved.id, version=saved.version, document=document, own=saved.own)


def set_value(scenario: OpenScenario, path: str, value: Any) -> None:
    """Save one value by its dotted path; a followed field then has a value of its own.

    Raises:
        InputError: the value does not fit.
    """
    name = path.rsplit(".", maxsplit=1)[-1]
    followed = name in FOLLOWED and not path.startswith("options.")
    change(scenario, lambda document: with_value(document, path, value), {name: True} if followed else None)


def follow_again(scenario: OpenScenario) -> None:
    """Let every number follow the assessment again."""
    change(scenario, lambda document: follow(document, (), scenario.basis), dict.fromkeys(FOLLOWED, False))


def keep(scenario: OpenScenario) -> bool:
    """Keep options and first day for those who follow the link on a later day; return whether that changed anything."""
    if scenario.assessment is None or (scenario.id and scenario.document.get("as_of")):
        return False
    day = {"as_of": state.today().isoformat()}
    change(scenario, lambda document: day | document, {"as_of": True})
    return True


def start_own(scenario: OpenScenario) -> None:
    """Start an assessment with the demonstration's scenario and open it."""
    title = _("Cost comparison of {day}").format(day=state.today())
    started = assessments.create(state.store(), {"schema_version": 1, "title": title}, title=title)
    save_scenario(state.store(), started.id, scenario.document, own=scenario.own, expected_version=0)
    state.remember(_DEMONSTRATION, None)
    state.show_assessment(started.id)


def start_with(document: Document, *, title: str, example: bool, origins: dict[str, str] | None = None) -> str:
    """Keep an assessment with a comparison of the options that suit it, and return the assessment's id."""
    basis = take_over(read_assessment(document), load_templates().assumed, load_catalog())
    started = assessments.create(state.store(), document, title=title, example=example, origins=origins)
    save_scenario(state.store(), started.id, begin(basis, first_options(basis)), own=(), expected_version=0)
    return started.id


def show_conflict(scenario: OpenScenario) -> None:
    """Say that the last change met a newer version; the newer one is on the screen."""
    problem = state.noted_problem(scenario.key)
    if problem:
        st.warning(
            _("{problem}. The newer ones are shown below; make your change again.").format(
                problem=problem.split(" (")[0]
            ),
            title=_("Your last change was not saved"),
            icon=":material/sync_problem:",
        )
        st.button(
            _("Understood"), key=f"{scenario.key}:understood", on_click=state.note_problem, args=(scenario.key, None)
        )
