"""promptfoo's files: what is written for a run can be read back, and what cannot be used is refused by name."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.errors import InputError
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders import reference_problem
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.promptfoo.read import is_promptfoo, read_promptfoo
from ftdecide.experiment.promptfoo.template import plain_value
from ftdecide.experiment.promptfoo.write import literal, write_promptfoo
from ftdecide.experiment.rows import build_rows
from ftdecide.experiment.types import Rows

JAVASCRIPT = {"type": "javascript", "value": "output.length < 9"}


def sample(name: str) -> tuple[Experiment, Rows]:
    plan = {"schema_version": 1, "data": {"sample": name, "train_rows": 20, "test_rows": 15}}
    if name == "company_policies":
        plan["arms"] = [{"kind": "zero_shot"}, {"kind": "few_shot", "retrieval": True}]
    experiment = Experiment.model_validate(plan)
    return experiment, build_rows(experiment)


def file_of(*tests: object, **more: object) -> bytes:
    return yaml.safe_dump({"tests": list(tests), **more}).encode()


def one(kind: str, value: object, **values: str) -> dict[str, object]:
    return {"vars": values or {"question": "2+2?"}, "assert": [{"type": kind, "value": value}]}


@pytest.mark.parametrize("name", ["support_tickets", "invoice_lines", "company_policies"])
def test_a_written_comparison_reads_back_with_the_same_questions_and_answers(name: str) -> None:
    experiment, rows = sample(name)
    found = read_promptfoo(write_promptfoo(experiment, rows, {"fine_tuned": "ft:mine"}).encode(), "out.yaml")
    assert [test.question for test in found.tests] == [row.prompt for row in rows.test]
    if name == "company_policies":
        assert found.grader.kind == "contains"
        parts = [[part.strip() for part in row.reference.split("|")] for row in rows.test]
        assert [
            [part.strip() for part in test.reference.split(found.grader.separator)] for test in found.tests
        ] == parts
    else:
        assert found.grader.kind == "fields"
        assert [json.loads(test.reference) for test in found.tests] == [json.loads(row.reference) for row in rows.test]


def test_every_arm_that_asks_a_model_is_a_prompt_with_its_own_provider() -> None:
    experiment, rows = sample("support_tickets")
    document = yaml.safe_load(write_promptfoo(experiment, rows, {"fine_tuned": "ft:mine"}))
    assert [prompt["id"] for prompt in document["prompts"]] == ["zero_shot", "few_shot", "fine_tuned"]
    assert [provider["id"] for provider in document["providers"]][-1] == "openai:chat:ft:mine"
    assert all(provider["prompts"] == [provider["label"]] for provider in document["providers"])
    few = json.loads(document["prompts"][1]["raw"])
    assert few[-1] == {"role": "user", "content": "{{ question }}"}
    assert [turn["role"] for turn in few[1:3]] == ["user", "assistant"]
    assert "API" not in str(document["providers"][0]["config"].get("apiKey", "")), "no key, only its variable's name"


def test_an_arm_without_a_tuned_model_is_left_out() -> None:
    experiment, rows = sample("support_tickets")
    document = yaml.safe_load(write_promptfoo(experiment, rows, {}))
    assert [prompt["id"] for prompt in document["prompts"]] == ["zero_shot", "few_shot"]


def test_retrieved_passages_are_in_the_variable_of_their_arm() -> None:
    experiment, rows = sample("company_policies")
    document = yaml.safe_load(write_promptfoo(experiment, rows, {}))
    values = document["tests"][0]["vars"]
    assert values["question_few_shot_retrieval"].endswith(f"Question: {rows.test[0].prompt}")
    assert json.loads(document["prompts"][1]["raw"])[-1]["content"] == "{{ question_few_shot_retrieval }}"


@given(st.text(alphabet=st.sampled_from("ab {}%#\n'\"-endrawfile:"), max_size=40) | st.just("{% endraw %}{{ x }}"))
def test_any_text_stays_as_it_is_through_writing_and_reading(text: str) -> None:
    assert plain_value(literal(text), "here") == text


@pytest.mark.parametrize(
    ("kind", "value", "grader", "reference"),
    [
        ("equals", "4", "exact", "4"),
        ("equals", 4, "exact", "4"),
        ("contains", "four", "contains", "four"),
        ("icontains-any", ["four", "4"], "contains", "four | 4"),
        ("contains", "a|b", "contains", "a|b"),
        ("is-json", {"type": "object", "properties": {"n": {"const": 4}}}, "fields", '{"n": 4}'),
        ("equals", {"n": 4}, "fields", '{"n": 4}'),
        ("regex", r"(?i)\b(four|4\.0)\b", "contains", "four | 4.0"),
        ("is-json", None, "json_schema", "{}"),
    ],
)
def test_asserts_become_a_grader_and_a_right_answer(kind: str, value: object, grader: str, reference: str) -> None:
    found = read_promptfoo(file_of(one(kind, value)), "t.yaml")
    assert (found.grader.kind, found.tests[0].reference) == (grader, reference)
    assert found.tests[0].question == "2+2?"
    assert reference_problem(found.grader, found.tests[0].reference) is None


def test_a_contained_text_with_the_usual_separator_in_it_gets_another_one() -> None:
    found = read_promptfoo(file_of(one("contains-any", ["a|b", "c"])), "t.yaml")
    assert found.grader == GraderPlan(kind="contains", separator="¦")


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"vars": {"q": "x"}, "assert": [JAVASCRIPT]}, "test 1: an assert of type 'javascript' runs code"),
        (one("llm-rubric", "be kind"), "'llm-rubric' cannot be used"),
        (one("not-contains", "x"), "'not-contains' cannot be used"),
        (one("equals", "file://secret.txt"), "runs code"),
        ({"vars": {"q": "file:///etc/passwd"}, "assert": [{"type": "equals", "value": "x"}]}, "read from elsewhere"),
        ({"vars": {"q": ["a", "b"]}, "assert": [{"type": "equals", "value": "x"}]}, "one test for each"),
        ({"vars": {"q": "{{ other }}"}, "assert": [{"type": "equals", "value": "x"}]}, "template"),
        ({"vars": {"q": "x"}}, "one assert about the answer is needed, found 0"),
        ({"assert": [{"type": "equals", "value": "x"}]}, "no vars"),
        (one("regex", "(a"), "more than plain texts"),
        (one("regex", "[0-9]+"), "more than plain texts"),
        (one("is-json", {"type": "object", "properties": {"n": {"type": "number"}}}), "leaves values open"),
        ("file://other.yaml", "choose that file"),
        ({**one("equals", "x"), "options": {"transform": "output.trim()"}}, "options.transform is code"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(test: object, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_promptfoo(file_of(test), "t.yaml")
    assert said in str(error.value)
    assert "t.yaml" in str(error.value)


def test_different_kinds_of_asserts_in_a_file_are_refused_with_both_places() -> None:
    with pytest.raises(InputError, match=r"test 1 and 't.yaml', test 3 are judged in different ways"):
        read_promptfoo(file_of(one("equals", "x"), one("equals", "y"), one("contains", "x")), "t.yaml")


def test_defaults_count_for_every_test() -> None:
    raw = file_of(
        one("equals", "x", topic="t"), defaultTest={"vars": {"question": "why?"}, "assert": [{"type": "latency"}]}
    )
    assert read_promptfoo(raw, "t.yaml").tests[0].question == "question: why?\ntopic: t"


def test_json_and_csv_are_read_like_yaml() -> None:
    listed = json.dumps([one("contains", "four")]).encode()
    assert read_promptfoo(listed, "t.json").tests[0].reference == "four"
    table = b'question,__expected,__description\n"a, b?",contains:four,x\nc?,contains: 5: V,y\n'
    found = read_promptfoo(table, "t.csv")
    assert [(test.question, test.reference) for test in found.tests] == [("a, b?", "four"), ("c?", "5: V")]
    plain = b"question,__expected\nc?,Note: five\n"
    assert read_promptfoo(plain, "t.csv").tests[0].reference == "Note: five"
    with pytest.raises(InputError, match="line 2: an assert of type 'javascript' runs code"):
        read_promptfoo(b"question,__expected\nx,javascript:output.length\n", "t.csv")


def test_a_promptfoo_file_is_told_from_training_data() -> None:
    assert is_promptfoo("t.yaml", b"")
    assert is_promptfoo("t.json", b'[{"vars": {}}]')
    assert is_promptfoo("t.csv", b"question,__expected\n")
    assert not is_promptfoo("t.csv", b"prompt,completion\n")
    assert not is_promptfoo("t.jsonl", b'{"messages": []}')
    assert not is_promptfoo("t.json", b'{"messages": []}\n{"messages": []}')
