"""The questionnaire asks for every field of the assessment once, and only when it matters."""

import json
from collections.abc import Iterator

import pytest

from ftdecide.assessment.answers import flat_answers, with_answers
from ftdecide.assessment.completeness import completeness
from ftdecide.assessment.questions import Question, ask_first, load_questions, relevant
from ftdecide.assessment.types import Assessment, read_assessment
from ftdecide.assessment.wording import say_answer
from ftdecide.settings import DATA

SCHEMA = json.loads((DATA / "schemas" / "assessment.schema.json").read_text())
QUESTIONS = {question.field: question for block in load_questions() for question in block.questions}


def _fields(schema: dict, prefix: str = "") -> Iterator[tuple[str, dict]]:
    for name, part in schema["properties"].items():
        resolved = SCHEMA["$defs"][part["$ref"].split("/")[-1]] if "$ref" in part else part
        if "properties" in resolved:
            yield from _fields(resolved, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", resolved


FIELDS = {name: part for name, part in _fields(SCHEMA) if name != "schema_version"}


def test_every_field_of_the_schema_is_asked_for_exactly_once():
    asked = [question.field for block in load_questions() for question in block.questions]
    assert sorted(asked) == sorted(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_options_are_those_of_the_schema(field: str):
    part = FIELDS[field]
    allowed = part.get("enum") or part.get("items", {}).get("enum") or []
    offered = [option.value for option in QUESTIONS[field].options]
    assert sorted(offered) == sorted(value for value in allowed if value is not None)


def _kinds(part: dict) -> set[str]:
    if "oneOf" in part:
        return {"amount"}
    if "enum" in part:
        return {"choice"}
    types = set([part["type"]] if isinstance(part["type"], str) else part["type"]) - {"null"}
    if part.get("format") == "date":
        return {"date"}
    return {
        "string": {"text", "long_text", "provider", "model"},
        "boolean": {"flag"},
        "integer": {"count"},
        "array": {"several"},
        "number": {"share"} if part.get("maximum") == 1 else {"number"},
    }[types.pop()]


@pytest.mark.parametrize("field", FIELDS)
def test_kind_and_bounds_are_those_of_the_schema(field: str):
    question, part = QUESTIONS[field], FIELDS[field]
    assert question.kind in _kinds(part)
    if question.kind in ("count", "number"):
        assert question.at_least == part.get("minimum", 0)
        assert question.at_most == part.get("maximum")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.field)
def test_every_question_is_asked_in_plain_words(question: Question):
    assert question.ask.endswith("?")
    assert question.why.endswith(".")
    assert question.good
    assert (question.kind in ("count", "number", "amount")) == bool(question.unit)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.field)
def test_conditions_name_fields_and_values_that_exist(question: Question):
    for case in question.shown_when or ():
        for field, wanted in case.items():
            allowed = {option.value for option in QUESTIONS[field].options} | {"known"}
            if QUESTIONS[field].kind == "flag":
                allowed |= {True, False}
            assert set(wanted) <= allowed


def _shown(document: dict) -> set[str]:
    assessment = read_assessment({"schema_version": 1, **document})
    return {q.field for block in load_questions() for section in relevant(block, assessment) for q in section.questions}


def test_details_of_retrieval_are_asked_only_when_facts_matter():
    assert "alternatives.rag.effort" not in _shown({})
    assert "alternatives.rag.effort" in _shown({"use_case": {"knowledge": {"source": "private"}}})
    assert "alternatives.rag.effort" in _shown({"use_case": {"goals": ["knowledge"]}})


def test_the_label_scheme_is_asked_only_when_there_are_labels():
    assert "use_case.label_scheme" not in _shown({"use_case": {"task": "translation"}})
    assert "use_case.label_scheme" in _shown({"use_case": {"task": "classification"}})


def test_paired_counts_are_asked_only_when_a_tuned_model_was_scored():
    assert "benefits.paired_wins" not in _shown({})
    assert "benefits.paired_wins" in _shown({"benefits": {"fine_tuned_score": 0}})


def test_an_answer_is_never_hidden():
    assert "alternatives.rag.score" in _shown({"alternatives": {"rag": {"score": 0.5}}})
    assert "alternatives.classical_model.examples_in_prompt" in _shown(
        {"alternatives": {"classical_model": {"examples_in_prompt": 0}}}
    )


def test_an_empty_assessment_has_no_answers_and_a_full_block_counts_as_complete():
    empty = completeness(Assessment(schema_version=1))
    assert [progress.block for progress in empty] == ["use_case", "alternatives", "costs", "benefits"]
    assert all(progress.answered == 0 and progress.relevant > 0 for progress in empty)
    benefits = {
        "prompt_tokens_removed_share": 0.5,
        "smaller_model_planned": False,
        "domains": 1,
        "fine_tuned_score": 0.9,
    }
    counts = {"paired_wins": 9, "paired_losses": 3, "paired_ties": 80}
    full = completeness(read_assessment({"schema_version": 1, "benefits": benefits | counts}))[3]
    assert (full.answered, full.share) == (full.relevant, 1.0)


def test_answers_by_path_build_the_document_and_are_read_back():
    answers = {"use_case.knowledge.source": "private", "traffic.input_tokens": {"low": 1, "high": 2}, "title": "A"}
    document = with_answers({}, answers)
    assert flat_answers(document) == {"schema_version": 1, **answers}
    assert flat_answers(with_answers(document, {"title": None, "costs.budget_usd": None})) == {
        "schema_version": 1,
        **{path: value for path, value in answers.items() if path != "title"},
    }


def test_a_missing_answer_leads_to_the_question_that_is_shown_now() -> None:
    empty = read_assessment({"schema_version": 1})
    assert ask_first(["benefits.paired_wins", "benefits.paired_losses"], empty) == ("benefits.fine_tuned_score",)
    assert ask_first(["alternatives.few_shot.score"], empty) == ("alternatives.few_shot.effort",)
    assert ask_first(["nowhere"], empty) == ()
    untried = read_assessment({"schema_version": 1, "alternatives": {"few_shot": {"effort": "none"}}})
    assert ask_first(["alternatives.few_shot.score"], untried) == ("alternatives.few_shot.score",)
    translation = {"task": "translation", "output_format": "free_text"}
    irrelevant = read_assessment({"schema_version": 1, "use_case": translation})
    assert ask_first(["alternatives.classical_model.score"], irrelevant) == ()


def test_a_provider_is_called_by_its_name() -> None:
    assert say_answer("costs.provider", "azure") == "Azure OpenAI"
    assert say_answer("costs.provider", "our own cluster") == "our own cluster"
