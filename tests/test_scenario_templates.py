"""What a new scenario begins with, and how it is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.assessment.types import read_assessment
from ftdecide.catalog.load import load_catalog
from ftdecide.costs.basis import Basis, begin, follow, take_over
from ftdecide.costs.edits import add_option, duplicate_option, remove_option, value_at, with_value
from ftdecide.costs.scenario import read_scenario
from ftdecide.costs.templates import fill_template, first_options, load_templates

TEMPLATES = load_templates()
ANSWERED = {
    "schema_version": 1,
    "as_of": "2026-11-22",
    "traffic": {"requests_per_month": {"low": 30000, "high": 50000}, "prompt_tokens": 1000, "horizon_months": 18},
    "costs": {"provider": "openai", "base_model": "gpt-4.1-mini", "training_examples": 400},
}


def basis(document: dict[str, object] | None = None) -> Basis:
    assessment = None if document is None else read_assessment(document)
    return take_over(assessment, TEMPLATES.assumed, load_catalog())


@pytest.mark.parametrize("template", TEMPLATES.templates, ids=lambda template: template.id)
@pytest.mark.parametrize("document", [None, ANSWERED], ids=["assumed", "answered"])
def test_every_template_becomes_an_option_that_a_scenario_accepts(template, document) -> None:
    found = basis(document)
    scenario = read_scenario(begin(found, [fill_template(template, found)]), "filled")
    assert scenario.options[0].name == template.title
    assert (scenario.options[0].training is not None) == template.fine_tuned


def test_a_new_scenario_has_the_answers_of_its_assessment_and_assumes_the_rest() -> None:
    found = basis(ANSWERED)
    document = begin(found, first_options(found))
    assert document["traffic"]["requests_per_month"] == {"low": 30000, "high": 50000}
    assert document["horizon_months"] == 18
    assert document["as_of"] == "2026-11-22"
    assert document["traffic"]["input_tokens"] == TEMPLATES.assumed["input_tokens"]
    assert found.answered == {"requests_per_month", "prompt_tokens", "horizon_months", "training_examples", "as_of"}


def test_a_hosted_fine_tune_is_of_the_model_that_the_assessment_names() -> None:
    tuned = next(template for template in TEMPLATES.templates if template.id == "hosted_fine_tune")
    option = fill_template(tuned, basis(ANSWERED))
    assert (option["provider"], option["model"]) == ("openai", "gpt-4.1-mini-2025-04-14")
    assert fill_template(tuned, basis())["provider"] == tuned.provider


def test_examples_at_hand_are_not_paid_for_again() -> None:
    tuned = next(template for template in TEMPLATES.templates if template.id == "hosted_fine_tune")
    assert "labels" not in fill_template(tuned, basis(ANSWERED))["effort"]
    assert fill_template(tuned, basis())["effort"]["labels"] == TEMPLATES.assumed["training_examples"]


def test_missing_knowledge_puts_looking_up_documents_among_the_first_options() -> None:
    wanting = basis({"schema_version": 1, "use_case": {"goals": ["knowledge"]}})
    assert any("retrieval" in option for option in first_options(wanting))
    assert not any("retrieval" in option for option in first_options(basis()))


def test_traffic_follows_the_assessment_until_it_has_a_number_of_its_own() -> None:
    document = begin(basis(), first_options(basis()))
    changed = with_value(document, "traffic.input_tokens", 77)
    now = follow(changed, ("input_tokens",), basis(ANSWERED))
    assert now["traffic"]["input_tokens"] == 77
    assert now["traffic"]["requests_per_month"] == {"low": 30000, "high": 50000}
    assert now["options"] == document["options"]


def test_copies_and_additions_get_names_of_their_own() -> None:
    document = begin(basis(), first_options(basis()))
    twice = add_option(duplicate_option(document, 0), document["options"][0])
    names = [option.name for option in read_scenario(twice, "twice").options]
    assert names[:2] == ["Examples in the prompt", "Copy of Examples in the prompt"]
    assert names[-1] == "Examples in the prompt 2"
    assert remove_option(twice, 1)["options"][0] == document["options"][0]


PATHS = st.sampled_from(["horizon_months", "traffic.monthly_growth", "options.1.training.epochs", "options.0.tier"])


@given(PATHS, st.integers(1, 60))
def test_what_is_put_in_is_found_there_and_taken_out_again(path: str, value: int) -> None:
    document = begin(basis(), first_options(basis()))
    before = value_at(document, path)
    changed = with_value(document, path, value)
    assert value_at(changed, path) == value
    assert value_at(with_value(changed, path, None), path) is None
    assert with_value(changed, path, before) == document or before is None


def test_tuning_with_looked_up_documents_holds_the_work_of_both() -> None:
    found = basis(ANSWERED)
    hours = {
        template.id: read_scenario(begin(found, [fill_template(template, found)]), "filled").options[0].effort.hours
        for template in TEMPLATES.templates
    }
    tuned, searched, both = (hours[name] for name in ("hosted_fine_tune", "rag", "fine_tune_plus_rag"))
    assert (both.low, both.high) == (tuned.low + searched.low, tuned.high + searched.high)
