"""Put costs side by side: several ways to serve the same requests, until their models stop."""

from datetime import date

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import (
    prompt_tokens,
    scenario_inputs,
    scenario_options,
    scenario_results,
    scenario_share,
    scenario_start,
    scenario_state,
    show,
    state,
)
from pages.parts.scenario_state import OpenScenario


def open_scenario() -> OpenScenario:
    """Return the scenario to work on; one that is not there is told, and the demonstration takes its place."""
    try:
        return scenario_state.open_scenario()
    except FtdecideError as error:
        show.problem(error)
        state.show_assessment(None)
        return scenario_state.open_scenario()


def show_place(scenario: OpenScenario) -> None:
    """Say whose costs these are, and offer the one thing to do with them."""
    opened = scenario.assessment
    if opened is None:
        scenario_start.show_start(scenario)
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        kept = _("Every change is saved at once.") if scenario.id else _("Saved with the first change.")
        # Not a caption: that would fade the badge too.
        badge = show.example_badge(opened.title, example=opened.example)
        st.markdown(f":small[:gray[{show.plain(opened.title)}]]{badge} :small[:gray[· {kept}]]", width="content")
        scenario_share.show_share(scenario)


def day_of(scenario: OpenScenario) -> date:
    """Return the day as of which everything is read."""
    return scenario.scenario().as_of or state.today()


def show_prompt(scenario: OpenScenario) -> None:
    """Offer to count the team's own prompt, for the model of the first option."""
    panel = st.expander(
        _("Count your own prompt"), icon=":material/data_object:", key=f"{scenario.key}:prompt", on_change="rerun"
    )
    if panel.open:
        first = scenario.scenario().options[0]
        with panel:
            prompt_tokens.show_prompt_tokens(
                scenario.assessment, scenario.scenario().traffic, first.provider, first.model
            )


def main() -> None:
    """Show the page."""
    show.page_header(
        _("Put costs side by side"),
        _(
            "What each way to serve the same requests costs: training, answers, machines and people, until the model "
            "behind it is switched off."
        ),
    )
    scenario = open_scenario()
    show_place(scenario)
    scenario_state.show_conflict(scenario)
    if scenario.basis.problem:
        st.info(
            _("{problem}. Another model stands in for it below.").format(problem=show.plain(scenario.basis.problem)),
            icon=":material/help:",
        )
    customer = True if scenario.assessment and scenario.assessment.assessment.costs.tunable == "yes" else None
    try:
        day = day_of(scenario)
    except FtdecideError as error:
        show.problem(error)
        return
    scenario_inputs.show_traffic(scenario)
    show_prompt(scenario)
    scenario_options.show_options(scenario, day, customer=customer)
    scenario_results.show_results(customer=customer)


main()
