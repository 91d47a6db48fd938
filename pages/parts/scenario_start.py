"""Starting a cost comparison of one's own: with the demonstration's numbers, or with those of a sample data set."""

from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from ftdecide.costs.span import AmountDocument
from ftdecide.dataset.prompt_texts import Sample as Row
from ftdecide.dataset.prompt_texts import split_samples
from ftdecide.dataset.prompt_tokens import TokenRange, count_prompt
from ftdecide.dataset.samples import Sample, list_samples
from ftdecide.translation import _
from pages.parts import scenario_state, show, state
from pages.parts.scenario_state import OpenScenario


def show_start(scenario: OpenScenario) -> None:
    """Say that this is a demonstration, and offer the two ways to a comparison of one's own."""
    st.markdown(
        f":blue-badge[:material/visibility: {_('Demonstration')}] "
        + _("An invented support inbox. Change anything; it stays in this tab until you start your own.")
    )
    with st.container(horizontal=True):
        st.button(
            show.primary_label(_("Start my own comparison"), "add_circle"),
            type="primary",
            key="start_own_costs",
            help=_("Starts an assessment with these options, saved and with a link of its own."),
            on_click=scenario_state.start_own,
            args=(scenario,),
        )
        st.menu_button(
            _("Start from a sample data set"),
            list_samples(),
            format_func=lambda sample: _(sample.title),
            key="start_sample_costs",
            icon=":material/dataset:",
            help=_("Counts the tokens of the sample's instructions, requests and answers for you."),
            on_click=_start_sample,
        )


def _start_sample() -> None:
    sample = state.widget_value("start_sample_costs")
    if isinstance(sample, Sample):
        state.show_assessment(start_from(sample))


def start_from(sample: Sample) -> str:
    """Keep an assessment with what a sample tells and a comparison of its options; return the assessment's id."""
    return scenario_state.start_with(describe_sample(sample), title=sample.title, example=True)


@lru_cache(maxsize=16)
def sample_traffic(title: str) -> Mapping[str, AmountDocument] | None:
    """Return what the sample of this title tells about the tokens of a request; None where there is no such sample."""
    sample = next((each for each in list_samples() if each.title == title), None)
    return None if sample is None else _tokens_of(sample, _rows_of(sample))


def describe_sample(sample: Sample) -> dict[str, object]:
    """Return an assessment document with what a sample tells: its task, its tokens, and how many examples it has."""
    rows = _rows_of(sample)
    return {
        "schema_version": 1,
        "title": sample.title,
        "use_case": {"task": sample.task},
        "traffic": _tokens_of(sample, rows),
        "costs": {"training_examples": len(rows)},
    }


def _rows_of(sample: Sample) -> tuple[Row, ...]:
    return split_samples(sample.train_path.read_text(encoding="utf-8"), sample.train_path.name)


def _tokens_of(sample: Sample, rows: tuple[Row, ...]) -> dict[str, AmountDocument]:
    counted = count_prompt(None, sample.instructions, (), rows)
    tokens = {"prompt_tokens": counted.prompt, "input_tokens": counted.request, "output_tokens": counted.answer}
    return {name: _amount(found) for name, found in tokens.items() if found is not None}


def _amount(found: TokenRange) -> AmountDocument:
    return found.middle if found.low == found.high else {"low": found.low, "high": found.high}
