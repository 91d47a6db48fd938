"""A pilot of a few rows, and what it changes about the estimate; groups, budgets and prices said beforehand."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ftdecide.catalog import load_catalog
from ftdecide.errors import InputError
from ftdecide.experiment.groups import read_groups
from ftdecide.experiment.pilot import plan_pilot, read_pilot
from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.preflight import make_preflight, pilot_preflight
from ftdecide.experiment.rows import build_rows, overlap
from ftdecide.experiment.types import Answer, Row, Rows

OPENAI = {"id": "openai", "model": "gpt-4.1-mini"}


def tickets(**changes: object) -> Experiment:
    document: dict[str, object] = {"schema_version": 1, "data": {"sample": "support_tickets"}, "provider": OPENAI}
    return read_experiment({**document, **changes})


def answers(rows: Rows, texts: dict[str, list[bool]]) -> list[Answer]:
    """The first test rows' answers by arm, right or wrong, each of 20 tokens to a prompt of 500, in 2 seconds."""
    return [
        Answer(
            arm=arm,
            item=row.item,
            text=row.reference if right else "no idea",
            prompt_tokens=500,
            completion_tokens=20,
            latency_ms=2000,
        )
        for arm, rights in texts.items()
        for row, right in zip(rows.test, rights, strict=False)
    ]


def test_a_pilot_asks_the_first_rows_of_the_run_and_trains_nothing() -> None:
    plan = tickets(pilot_rows=10, repeats=3, baseline="fine_tuned", learning_curve=True)
    pilot = plan_pilot(plan)
    assert {arm.kind for arm in pilot.arms} == {"zero_shot", "few_shot", "classical"}
    assert (pilot.repeats, pilot.pilot_rows, pilot.learning_curve) == (1, 0, False)
    assert read_experiment(pilot.model_dump(mode="json")) == pilot
    assert build_rows(pilot).test == build_rows(plan).test[:10]


def test_a_pilot_measures_discordance_answers_and_time() -> None:
    plan = tickets(pilot_rows=9)
    rows = build_rows(plan)
    given = answers(rows, {"few_shot": [True] * 9, "zero_shot": [True] * 6 + [False] * 3, "classical": [True] * 9})
    pilot = read_pilot(plan, rows, given)
    assert pilot
    assert (pilot.rows, pilot.seconds_per_call, pilot.discordance) == (9, 2.0, 0.35)
    assert pilot.completion_tokens == {"few_shot": 20, "zero_shot": 20}
    assert read_pilot(plan, rows, []) is None


def test_the_estimate_rests_on_the_pilot_where_there_is_one() -> None:
    plan = tickets(pilot_rows=9)
    rows, catalog = build_rows(plan), load_catalog()
    given = answers(rows, {"few_shot": [True] * 9, "zero_shot": [True] * 6 + [False] * 3})
    before, after = make_preflight(plan, rows, catalog), pilot_preflight(plan, rows, catalog, given)
    assert (before.assumed_discordance, after.assumed_discordance) == (0.2, 0.35)
    assert before.smallest_visible_gap
    assert after.smallest_visible_gap
    assert after.smallest_visible_gap > before.smallest_visible_gap
    asked = {arm.arm: arm for arm in after.calls_by_arm}
    assert asked["zero_shot"].prompt_tokens == 500 * asked["zero_shot"].calls
    assert asked["zero_shot"].completion_tokens == 20 * asked["zero_shot"].calls
    guessed = {arm.arm: arm for arm in before.calls_by_arm}
    assert asked["fine_tuned"].completion_tokens == guessed["fine_tuned"].completion_tokens
    assert asked["fine_tuned"].prompt_tokens > guessed["fine_tuned"].prompt_tokens
    assert sum("pilot on 9 rows" in text for text in after.assumptions) == 2
    assert pilot_preflight(plan, rows, catalog, []) == before


def test_repeats_and_fewer_calls_at_once_take_longer_and_limits_a_minute_hold() -> None:
    once, often = (make_preflight(plan, build_rows(plan), load_catalog()) for plan in (tickets(), tickets(repeats=5)))
    assert often.calls == 5 * once.calls
    assert once.cost_usd.p50 is not None
    assert often.cost_usd.p50 is not None
    assert often.cost_usd.p50 > once.cost_usd.p50
    slow, fast = (
        make_preflight(plan, build_rows(plan), load_catalog()).minutes.p50
        for plan in (tickets(concurrency=1), tickets(concurrency=1024))
    )
    assert slow > often.minutes.p50 - 1
    assert fast >= sum(arm.prompt_tokens for arm in once.calls_by_arm) / 200_000


def test_a_learning_curve_is_priced_with_its_jobs() -> None:
    plain, curve = (
        make_preflight(plan, build_rows(plan), load_catalog()) for plan in (tickets(), tickets(learning_curve=True))
    )
    tokens = {arm.arm: arm.training_tokens for arm in curve.calls_by_arm}
    assert tokens["fine_tuned_25"] < tokens["fine_tuned_50"] < tokens["fine_tuned"]
    assert plain.cost_usd.p50 is not None
    assert curve.cost_usd.p50 is not None
    assert curve.cost_usd.p50 > plain.cost_usd.p50
    assert curve.minutes.p50 > plain.minutes.p50 + 39


def test_a_stronger_model_has_its_own_price_even_if_it_cannot_be_tuned() -> None:
    arms = [{"kind": "zero_shot"}, {"kind": "stronger_base", "model": "gpt-5", "examples": 2}]
    plan = tickets(arms=arms)
    found = make_preflight(plan, build_rows(plan), load_catalog())
    small, large = found.cost_lines
    assert small.p50_usd is not None
    assert large.p50_usd is not None
    assert large.p50_usd > 2 * small.p50_usd
    assert large.item.startswith("stronger_base")
    assert [arm.model for arm in found.calls_by_arm] == ["gpt-4.1-mini", "gpt-5"]
    unknown = tickets(arms=[arms[0], {"kind": "stronger_base", "model": "no-such-model"}])
    assert make_preflight(unknown, build_rows(unknown), load_catalog()).cost_usd.p50 is None


def test_embeddings_are_counted_and_priced() -> None:
    plan = read_experiment(
        {
            "schema_version": 1,
            "data": {"sample": "company_policies"},
            "provider": OPENAI,
            "retrieval": {"method": "embeddings", "embedding_model": "text-embedding-3-small"},
        }
    )
    found = make_preflight(plan, build_rows(plan), load_catalog())
    (embed,) = found.other_calls
    assert (embed.role, embed.model) == ("embed", "text-embedding-3-small")
    assert found.calls == sum(arm.calls for arm in found.calls_by_arm) + embed.calls
    line = found.cost_lines[-1]
    assert line.p50_usd == Decimal("0.02") * embed.prompt_tokens / 1_000_000 or (line.p50_usd or 0) > 0
    plain, looking = (next(a for a in found.calls_by_arm if a.arm == n) for n in ("zero_shot", "zero_shot_retrieval"))
    assert looking.prompt_tokens > 2 * plain.prompt_tokens


def test_examples_that_do_not_fit_the_budget_are_said_beforehand() -> None:
    plan = tickets(prompt_budget_tokens=60)
    found = make_preflight(plan, build_rows(plan), load_catalog())
    assert any("of 8 examples fit into the prompt budget of 60 tokens" in text for text in found.warnings)
    few = next(arm for arm in found.calls_by_arm if arm.arm == "few_shot")
    assert few.examples < 8
    assert few.added_tokens <= 60


def write(path: Path, rows: list[tuple[str, str, object]]) -> None:
    lines = [
        {
            "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
            **({} if group is None else {"group": group}),
        }
        for question, answer, group in rows
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")


def files(**changes: object) -> Experiment:
    return read_experiment(
        {
            "schema_version": 1,
            "title": "Groups",
            "data": {"train": "train.jsonl", "test": "test.jsonl"},
            "arms": [{"kind": "zero_shot"}],
            "grader": {"kind": "exact"},
            **changes,
        }
    )


def test_rows_name_their_group_and_a_group_in_both_parts_is_said(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [("one", "1", "acme"), ("two", "2", None)])
    write(tmp_path / "test.jsonl", [("three", "3", "acme"), ("four", "4", 17), ("five", "5", " ")])
    plan = files()
    rows = build_rows(plan, tmp_path)
    assert {row.prompt: row.group for row in (*rows.train, *rows.test)} == {
        "one": "acme",
        "two": "",
        "three": "acme",
        "four": "17",
        "five": "",
    }
    found = make_preflight(plan, rows, load_catalog())
    assert any("rows in both parts, 'acme'" in text for text in found.warnings)


def test_a_table_s_column_names_the_groups(tmp_path: Path) -> None:
    text = 'prompt;completion;group\n"one\nline";1;acme\ntwo;2;\n\nthree;3;"b;c"\n'
    (tmp_path / "test.csv").write_text(text, encoding="utf-8")
    assert read_groups(tmp_path / "test.csv") == {2: "acme", 6: "b;c"}
    (tmp_path / "test.csv").write_text("prompt,completion\none,1\n", encoding="utf-8")
    assert read_groups(tmp_path / "test.csv") == {}


def test_a_group_that_is_no_text_names_its_line(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [("one", "1", ["acme"])])
    write(tmp_path / "test.jsonl", [("two", "2", None)])
    with pytest.raises(InputError, match=r"train\.jsonl', line 1: the group should be a text"):
        build_rows(files(), tmp_path)


def test_overlap_is_what_the_data_check_takes_for_one_question() -> None:
    def row(prompt: str, line: int) -> Row:
        return Row(item=f"x-{line}", prompt=prompt, reference="y", line=line)

    train = [row("Caf\u00e9  open?", 1), row("else", 2)]
    test = [row("nothing", 1), row("cafe\u0301 OPEN?", 2), row("Caf\u00e9 open?", 3)]
    assert overlap(train, test) == ((1, 2),)
