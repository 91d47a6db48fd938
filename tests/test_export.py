"""A run for other programs: JSON, CSV and promptfoo, made of what the store holds."""

import csv
import io
import json
from decimal import Decimal

import yaml

from ftdecide.experiment.export import export_csv, export_json, export_promptfoo
from ftdecide.experiment.item_table import ItemLine, list_items, load_items, score_groups
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.run import start_run
from ftdecide.experiment.types import Answer, Row, Rows
from ftdecide.settings import Settings
from ftdecide.store.answers import SavedAnswer
from ftdecide.store.calls import store_answers
from ftdecide.store.database import Store

PLAN = {"schema_version": 1, "data": {"sample": "support_tickets", "train_rows": 16, "test_rows": 15}}


def answered_run(store: Store, settings: Settings, text: str) -> str:
    run_id = start_run(store, settings, Experiment.model_validate(PLAN))
    for error in (None, "no luck"):
        answer = SavedAnswer(
            arm="zero_shot" if error is None else "few_shot",
            item=load_first_item(store, run_id),
            configuration="c",
            text="" if error else text,
            prompt_tokens=3,
            completion_tokens=2,
            latency_ms=5,
            cost_usd="0.01",  # pyright: ignore[reportArgumentType] - pydantic reads amounts from text
            error=error,
        )
        store_answers(store, run_id, [answer])
    return run_id


def load_first_item(store: Store, run_id: str) -> str:
    from ftdecide.store.runs import load_rows

    return Rows.model_validate(load_rows(store, run_id)).test[0].item


def test_a_table_has_a_line_an_answer_and_no_formula(store: Store, settings: Settings) -> None:
    run_id = answered_run(store, settings, '=cmd|"/c calc"!A0')
    found = list(csv.DictReader(io.StringIO(export_csv(store, run_id))))
    assert list(found[0]) == list(ItemLine.model_fields)
    assert [(line["arm"], line["error"]) for line in found] == [("zero_shot", ""), ("few_shot", "no luck")]
    assert found[0]["answer"] == '\'=cmd|"/c calc"!A0'
    assert {line["passed"] for line in found} == {"False"}
    assert Decimal(found[0]["cost_usd"]) == Decimal("0.01")


def test_the_json_holds_plan_estimate_and_every_answer(store: Store, settings: Settings) -> None:
    run_id = answered_run(store, settings, "{}")
    found = json.loads(json.dumps(export_json(store, run_id)))
    assert found["run_id"] == run_id
    assert Experiment.model_validate(found["plan"]) == Experiment.model_validate(PLAN)
    assert found["preflight"]["test_rows"] == 15
    assert [item["arm"] for item in found["items"]] == ["zero_shot", "few_shot"]
    assert found["result"] is None
    assert found["spent_usd"] == 0.02


def test_the_promptfoo_file_has_the_arms_that_can_be_asked(store: Store, settings: Settings) -> None:
    found = yaml.safe_load(export_promptfoo(store, answered_run(store, settings, "{}")))
    assert [prompt["id"] for prompt in found["prompts"]] == ["zero_shot", "few_shot"]
    assert len(found["tests"]) == 15


def test_a_right_answer_is_graded_as_such_in_the_table(store: Store, settings: Settings) -> None:
    run_id = answered_run(store, settings, "{}")
    assert [item.reason for item in load_items(store, run_id)] == ["format", "failed"]


def test_groups_are_scored_by_their_rows_with_repeats_averaged_first() -> None:
    experiment = Experiment.model_validate(PLAN | {"repeats": 2})
    rows = Rows(
        train=(),
        test=tuple(
            Row(item=f"test-{n}", prompt=f"q{n}", reference='{"queue": "BIL-2"}', line=n, group="a" if n < 3 else "")
            for n in range(1, 5)
        ),
        train_hash="",
        test_hash="",
    )
    right, wrong = '{"queue": "BIL-2"}', '{"queue": "ACC-1"}'
    answers = [
        Answer(arm="zero_shot", item=f"test-{n}", repeat=repeat, text=right if (n, repeat) == (1, 0) else wrong)
        for n in range(1, 5)
        for repeat in range(2)
    ]
    (only,) = score_groups(list_items(experiment, rows, answers))
    assert (only.group, only.arm, only.n, only.score) == ("a", "zero_shot", 2, 0.25)
    assert only.interval is not None
    assert only.interval.low <= 0.25 <= only.interval.high
