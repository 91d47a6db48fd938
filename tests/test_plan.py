"""The plan of a comparison: what it refuses, which rows it takes, what each arm is told, what it will take."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ftdecide.catalog import load_catalog
from ftdecide.dataset.samples import list_samples
from ftdecide.errors import InputError, NotFoundError
from ftdecide.experiment.classical import answer_classically, train_classifier
from ftdecide.experiment.graders import grade
from ftdecide.experiment.messages import configuration_hash, examples_for, messages_for, training_lines
from ftdecide.experiment.plan import (
    Experiment,
    arm_named,
    baseline_name,
    contrast_names,
    read_experiment,
    sample_experiment,
    write_schema,
)
from ftdecide.experiment.preflight import Preflight, make_preflight, preflight_json
from ftdecide.experiment.rows import build_rows
from ftdecide.experiment.speed import run_figures
from ftdecide.experiment.types import Row, Rows
from ftdecide.settings import DATA

SAMPLES = [sample.name for sample in list_samples()]


def document(**changes: object) -> dict[str, object]:
    return {
        "schema_version": 1,
        "title": "Queues",
        "data": {"sample": "support_tickets"},
        "instructions": "Long and careful instructions.",
        "short_instructions": "Short.",
        "arms": [{"kind": "zero_shot"}, {"kind": "few_shot"}, {"kind": "fine_tuned"}, {"kind": "classical"}],
        "grader": {"kind": "label", "field": "queue"},
        **changes,
    }


def write_rows(path: Path, pairs: list[tuple[str, str]]) -> None:
    lines = [
        json.dumps({"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]})
        for question, answer in pairs
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def files_plan(**changes: object) -> Experiment:
    arms = [{"kind": "zero_shot"}, {"kind": "few_shot", "examples": 4}, {"kind": "fine_tuned"}]
    data = {"train": "train.jsonl", "test": "test.jsonl"}
    return read_experiment(document(data=data, grader={"kind": "label"}, arms=arms, **changes))


def test_the_shipped_schema_is_the_one_of_the_model() -> None:
    shipped = (DATA / "schemas" / "experiment.schema.json").read_text(encoding="utf-8")
    assert shipped == write_schema()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_makes_a_plan_that_reads_back_as_it_was(name: str) -> None:
    plan = sample_experiment(name, train_rows=40, test_rows=20)
    assert read_experiment(json.loads(plan.model_dump_json())) == plan
    rows = build_rows(plan)
    assert (len(rows.train), len(rows.test)) == (40, 20)
    assert ("classical" in [arm.kind for arm in plan.arms]) == (plan.grader.kind == "label")
    assert all(grade(plan.grader, row.reference, row.reference).passed for row in (*rows.train, *rows.test))


@pytest.mark.parametrize(
    ("changes", "place", "mend"),
    [
        ({"sed": 1}, "sed", "did you mean 'seed'"),
        ({"arms": []}, "document", "1 to 12 arms"),
        ({"arms": [{"kind": "magic"}]}, "arms[0]", "zero_shot"),
        ({"arms": [{"kind": "zero_shot", "examples": 3}]}, "arms[0].zero_shot.examples", "unknown key"),
        ({"arms": [{"kind": "zero_shot"}, {"kind": "zero_shot"}]}, "document", "give each arm its own name"),
        ({"baseline": "rag"}, "document", "there is no arm 'rag'"),
        ({"contrasts": ["few_shot"]}, "document", "cannot be set against itself"),
        ({"data": {"sample": "a", "train": "b"}}, "data", "either a sample"),
        ({"data": {"train": "b"}}, "data", "either a sample"),
        ({"grader": {"kind": "exact"}}, "document", "classical arm needs answers that are labels"),
        ({"margin": 0}, "margin", "greater than 0"),
        ({"budget": {"usd": -1}}, "budget.usd", "greater than or equal"),
        ({"schema_version": 2}, "schema_version", "1"),
    ],
)
def test_a_plan_that_cannot_be_used_names_the_place_and_the_mend(
    changes: dict[str, object], place: str, mend: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_experiment(document(**changes), "plan.json")
    assert f"'plan.json', {place}:" in str(caught.value)
    assert mend in str(caught.value)


def test_the_baseline_is_the_best_known_prompt_arm_unless_declared() -> None:
    plan = read_experiment(document())
    assert (baseline_name(plan), contrast_names(plan)) == ("few_shot", ("zero_shot", "fine_tuned", "classical"))
    declared = read_experiment(document(baseline="classical", contrasts=["fine_tuned"]))
    assert (baseline_name(declared), contrast_names(declared)) == ("classical", ("fine_tuned",))


def test_an_unknown_sample_is_named() -> None:
    with pytest.raises(NotFoundError, match="nothing_like_it"):
        sample_experiment("nothing_like_it")


def test_a_question_in_both_files_is_refused_with_both_lines(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", [("Where is my parcel?", "A"), ("The  RENTER left", "B")])
    write_rows(tmp_path / "test.jsonl", [("Something else", "A"), ("Another", "B"), ("the renter\tleft", "B")])
    with pytest.raises(InputError, match=r"1 question.* line 2 \(test line 3\)"):
        build_rows(files_plan(), tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}, "one question"),
        ({"messages": [{"role": "user", "content": " "}, {"role": "assistant", "content": "b"}]}, "question is empty"),
    ],
)
def test_a_row_that_is_no_question_with_an_answer_names_its_line(tmp_path: Path, line: object, said: str) -> None:
    write_rows(tmp_path / "train.jsonl", [("one", "A"), ("two", "B")])
    write_rows(tmp_path / "test.jsonl", [("three", "A")])
    with (tmp_path / "test.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    with pytest.raises(InputError, match=r"(?s)line 2.*"):
        build_rows(files_plan(), tmp_path)


def test_a_reference_that_the_grader_cannot_read_names_its_line(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", [("one", "A")])
    write_rows(tmp_path / "test.jsonl", [("two", "A"), ("three", "C")])
    plan = files_plan().model_copy(update={"grader": {"kind": "label", "labels": ["A", "B"]}})
    with pytest.raises(InputError, match=r"test\.jsonl', line 2: the label 'C'"):
        build_rows(read_experiment(plan.model_dump(warnings=False)), tmp_path)


@hypothesis_settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 60))
def test_a_larger_cap_begins_with_the_smaller_one_s_rows(seed: int, one: int, other: int) -> None:
    small, large = sorted((one, other))
    chosen = [
        build_rows(sample_experiment("support_tickets", test_rows=cap).model_copy(update={"seed": seed})).test
        for cap in (small, large)
    ]
    assert chosen[0] == chosen[1][:small]
    assert [len(rows) for rows in chosen] == [small, large]


@pytest.fixture(scope="module")
def tickets() -> tuple[Experiment, Rows]:
    plan = sample_experiment("support_tickets")
    return plan, build_rows(plan)


def test_examples_come_from_the_training_rows_and_cover_the_labels(tickets: tuple[Experiment, Rows]) -> None:
    plan, rows = tickets
    examples = examples_for(plan, arm_named(plan, "few_shot"), rows.train)
    assert set(examples) <= set(rows.train)
    assert len({example.reference for example in examples}) == len(examples) == 8
    assert examples == examples_for(plan, arm_named(plan, "few_shot"), tuple(reversed(rows.train)))


def test_all_prompts_of_an_arm_share_one_beginning(tickets: tuple[Experiment, Rows]) -> None:
    plan, rows = tickets
    arm = arm_named(plan, "few_shot")
    examples = examples_for(plan, arm, rows.train)
    chats = [messages_for(plan, arm, row, examples) for row in rows.test]
    assert all(chat[:-1] == chats[0][:-1] for chat in chats)
    assert [message["role"] for message in chats[0]] == ["system", *["user", "assistant"] * 8, "user"]


def test_a_tuned_arm_is_asked_exactly_as_it_was_trained(tickets: tuple[Experiment, Rows]) -> None:
    plan, rows = tickets
    arm = arm_named(plan, "fine_tuned")
    lines = [json.loads(line) for line in training_lines(plan, arm, rows.train)]
    assert len(lines) == len(rows.train)
    for line, row in zip(lines, rows.train, strict=True):
        assert line["messages"] == [*messages_for(plan, arm, row), {"role": "assistant", "content": row.reference}]
    assert lines[0]["messages"][0]["content"] == plan.short_instructions


def test_a_file_s_own_system_text_is_used_where_the_plan_has_none() -> None:
    plan = read_experiment(document(instructions="", short_instructions=None))
    row = Row(item="test-1", prompt="Hello", reference="A", line=1, system="Be brief.")
    assert messages_for(plan, plan.arms[0], row)[0] == {"role": "system", "content": "Be brief."}
    assert len(messages_for(plan, plan.arms[0], row.model_copy(update={"system": ""}))) == 1


def test_the_configuration_changes_with_what_shapes_answers_and_with_nothing_else(
    tickets: tuple[Experiment, Rows],
) -> None:
    plan, rows = tickets

    def hashes(changed: Experiment, among: Rows = rows) -> dict[str, str]:
        return {arm.name: configuration_hash(changed, arm, among) for arm in changed.arms}

    before = hashes(plan)
    assert len(set(before.values())) == 4
    assert hashes(plan.model_copy(update={"title": "x", "margin": 0.2})) == before
    fewer = hashes(plan, build_rows(sample_experiment("support_tickets", train_rows=50)))
    assert {name for name in before if fewer[name] != before[name]} == {"few_shot", "fine_tuned", "classical"}
    longer = hashes(plan.model_copy(update={"instructions": "Other."}))
    assert {name for name in before if longer[name] != before[name]} == {"zero_shot", "few_shot"}


def test_the_classical_arm_learns_and_says_the_same_every_time(tickets: tuple[Experiment, Rows]) -> None:
    plan, rows = tickets
    arm = arm_named(plan, "classical")
    first, second = (answer_classically(plan, arm, rows) for _turn in range(2))
    assert [answer.text for answer in first] == [answer.text for answer in second]
    right = sum(
        grade(plan.grader, row.reference, answer.text).passed for row, answer in zip(rows.test, first, strict=True)
    )
    assert right > 3 * len(rows.test) / 8
    assert all(answer.latency_ms > 0 and answer.error is None for answer in first)


@hypothesis_settings(max_examples=40, deadline=None)
@given(st.text())
def test_a_classifier_answers_any_text_with_a_label_it_has_seen(question: str) -> None:
    assert CLASSIFIER(question) in {"A", "B"}


CLASSIFIER = train_classifier(
    [
        Row(item=f"train-{n}", prompt=text, reference=label, line=n)
        for n, (text, label) in enumerate([("red apple", "A"), ("green apple", "A"), ("old house", "B"), ("?", "B")])
    ]
)


def test_a_single_label_is_always_the_answer() -> None:
    assert train_classifier([Row(item="train-1", prompt="x", reference="A", line=1)])("y") == "A"


def preflight(provider: dict[str, object] | None = None, **caps: int) -> Preflight:
    plan = sample_experiment("support_tickets", **caps)
    if provider:
        plan = read_experiment({**plan.model_dump(mode="json"), "provider": provider})
    return make_preflight(plan, build_rows(plan), load_catalog())


def test_a_local_run_costs_nothing_and_says_what_its_time_rests_on() -> None:
    found = preflight()
    assert (found.cost_usd.p50, found.cost_usd.p95) == (0, 0)
    assert found.calls == 3 * found.test_rows
    assert 0 < found.minutes.p50 < found.minutes.p95
    assert not found.tokens_exact
    assert any("measured" in text for text in found.assumptions)
    assert found.smallest_visible_gap == pytest.approx(0.126, abs=0.002)


def test_this_machine_s_own_speed_takes_the_place_of_the_shipped_one() -> None:
    plan = sample_experiment("support_tickets")
    shipped = run_figures().local
    fast = shipped.model_copy(update={"training_tokens_per_second": 1e6, "source": "measured by an earlier run here"})
    found = make_preflight(plan, build_rows(plan), load_catalog(), measured=fast)
    assert found.minutes.p50 < preflight().minutes.p50
    assert any("earlier run here" in text for text in found.assumptions)


def test_a_paid_run_is_priced_line_by_line_from_quoted_prices() -> None:
    found = preflight({"id": "openai", "model": "gpt-4.1-mini"})
    assert found.tokens_exact
    amounts = [line.p50_usd for line in found.cost_lines if line.p50_usd is not None]
    assert found.cost_usd.p50 == sum(amounts, Decimal(0)) > 0
    assert found.cost_usd.p95 is not None
    assert found.cost_usd.p95 > found.cost_usd.p50
    assert all(line.origin == "quoted" and line.source for line in found.cost_lines)
    assert {line.item.split(":")[0] for line in found.cost_lines} == {"zero_shot", "few_shot", "fine_tuned"}


def test_an_unknown_price_is_said_to_be_unknown_and_never_taken_for_nothing() -> None:
    found = preflight({"id": "openai", "model": "made-up-model"})
    assert (found.cost_usd.p50, found.cost_usd.p95) == (None, None)
    assert any("set a budget" in text for text in found.warnings)


def test_a_budget_that_will_not_do_is_said_before_the_run() -> None:
    plan = read_experiment(
        {
            **sample_experiment("support_tickets").model_dump(mode="json"),
            "provider": {"id": "openai", "model": "gpt-4.1-mini"},
            "budget": {"usd": "0.01", "minutes": 1},
        }
    )
    found = make_preflight(plan, build_rows(plan), load_catalog())
    assert len([text for text in found.warnings if "would stop there" in text]) == 2


def test_more_rows_never_cost_less() -> None:
    few, many = (preflight({"id": "openai", "model": "gpt-4.1-mini"}, test_rows=rows) for rows in (20, 90))
    assert few.cost_usd.p50 is not None
    assert many.cost_usd.p50 is not None
    assert few.cost_usd.p50 < many.cost_usd.p50
    assert few.minutes.p50 < many.minutes.p50


def test_few_rows_are_warned_of_before_anything_is_spent() -> None:
    assert preflight(test_rows=14).smallest_visible_gap is None
    assert any("nothing can be inferred" in text for text in preflight(test_rows=14).warnings)
    assert any("very large differences" in text for text in preflight(test_rows=29).warnings)
    assert preflight(test_rows=30).warnings == ()


def test_the_estimate_is_json_with_plain_numbers() -> None:
    found = json.loads(json.dumps(preflight_json(preflight())))
    assert {"calls", "cost_usd", "minutes", "smallest_visible_gap"} <= found.keys()
    assert found["cost_usd"] == {"p50": 0.0, "p95": 0.0}
    assert isinstance(found["minutes"], float)


def test_a_plan_for_a_sample_needs_no_more_than_its_name_and_may_say_otherwise() -> None:
    short = {"schema_version": 1, "data": {"sample": "support_tickets", "train_rows": 40}}
    assert read_experiment(short) == sample_experiment("support_tickets", train_rows=40)
    assert read_experiment({**short, "title": "Mine"}).title == "Mine"
    with pytest.raises(InputError, match="title: missing"):
        read_experiment({"schema_version": 1, "data": {"train": "a.jsonl", "test": "b.jsonl"}})
