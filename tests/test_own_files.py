"""Files that people bring along: kept by their content, divided fairly, and looked at before anything is asked."""

import json
from pathlib import Path

import pytest

from ftdecide.errors import InputError
from ftdecide.experiment.file_facts import look_at
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.knowledge import read_documents
from ftdecide.experiment.own_files import files_folder, keep_documents, keep_rows, set_aside
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.rows import build_rows
from ftdecide.settings import Settings


def lines(*pairs: tuple[str, str], group: str = "") -> bytes:
    rows = [
        {"prompt": question, "completion": answer, **({"group": group} if group else {})} for question, answer in pairs
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def colours(count: int) -> bytes:
    return lines(*[(f"thing {n}", ("red", "blue")[n % 2]) for n in range(count)])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\temp\\x.jsonl", ".hidden", "a" * 500 + ".jsonl", "  ", "ü b.csv"]
)
def test_a_kept_file_never_leaves_its_folder(settings: Settings, name: str) -> None:
    kept = keep_rows(settings, name, b"content").path
    folder = files_folder(settings).resolve()
    assert (folder / kept).resolve().is_relative_to(folder)
    assert len(Path(kept).parts) == 2
    assert not Path(kept).name.startswith(".")
    assert (folder / kept).read_bytes() == b"content"


def test_the_same_content_is_kept_once(settings: Settings) -> None:
    assert keep_rows(settings, "a.jsonl", b"{}") == keep_rows(settings, "a.jsonl", b"{}")


def test_promptfoo_tests_become_rows_with_their_grader(settings: Settings) -> None:
    raw = b"question,__expected\nWhy?,icontains:because\n"
    kept = keep_rows(settings, "tests.csv", raw)
    assert kept.grader == GraderPlan(kind="contains")
    assert kept.grader is not None
    train = keep_rows(settings, "train.jsonl", lines(("How?", "so"))).path
    plan = {
        "schema_version": 1,
        "title": "x",
        "data": {"train": train, "test": kept.path},
        "arms": [{"kind": "zero_shot"}],
        "grader": kept.grader.model_dump(mode="json"),
    }
    (row,) = build_rows(Experiment.model_validate(plan), files_folder(settings)).test
    assert (row.prompt, row.reference) == ("Why?", "because")


def test_parts_set_aside_are_disjoint_complete_and_the_same_every_time(settings: Settings) -> None:
    kept = keep_rows(settings, "all.jsonl", colours(40)).path
    train, test = set_aside(settings, kept, test_share=0.25, seed=1)
    assert (train, test) == set_aside(settings, kept, test_share=0.25, seed=1)
    learnt, measured = (look_at(settings, part).rows for part in (train, test))
    assert learnt + measured == 40
    assert 8 <= measured <= 12


def test_rows_of_one_group_stay_on_one_side(settings: Settings) -> None:
    raw = b"\n".join(lines(*[(f"{name}{n}", "x") for n in range(5)], group=name) for name in "abcdefgh")
    kept = keep_rows(settings, "all.jsonl", raw).path
    parts = set_aside(settings, kept, test_share=0.3, seed=3)
    found = [{json.loads(line)["group"] for line in (files_folder(settings) / part).open()} for part in parts]
    assert not found[0] & found[1]
    assert found[0] | found[1] == set("abcdefgh")


def test_a_file_of_one_row_has_nothing_to_set_aside(settings: Settings) -> None:
    with pytest.raises(InputError, match="too few rows"):
        set_aside(settings, keep_rows(settings, "one.jsonl", colours(1)).path, test_share=0.3, seed=0)


@pytest.mark.parametrize(
    ("answers", "grader"),
    [
        (["red", "blue"] * 20, GraderPlan(kind="label", labels=("blue", "red"))),
        (['{"q": "a"}', '{"q": "b"}'] * 20, GraderPlan(kind="label", field="q")),
        ([f'{{"q": "{n}", "r": {n}}}' for n in range(40)], GraderPlan(kind="fields")),
        ([f"{n}.5" for n in range(40)], GraderPlan(kind="number")),
        ([f"a short answer {n}" for n in range(40)], GraderPlan(kind="contains")),
        ([f"a long answer {n} " * 30 for n in range(40)], GraderPlan(kind="text")),
    ],
)
def test_the_first_guess_at_a_grader_follows_the_answers(
    settings: Settings, answers: list[str], grader: GraderPlan
) -> None:
    raw = lines(*[(f"question {n}", answer) for n, answer in enumerate(answers)])
    assert look_at(settings, keep_rows(settings, "x.jsonl", raw).path).grader == grader


def test_documents_are_one_list_or_a_folder_of_texts(settings: Settings) -> None:
    folder = files_folder(settings)
    texts = keep_documents(settings, [("a.md", b"# A\nalpha"), ("b.txt", b"beta")])
    assert {document.text for document in read_documents(folder / texts)} == {"alpha", "beta"}
    listed = keep_documents(settings, [("d.jsonl", b'{"id": "1", "title": "T", "text": "gamma"}')])
    assert read_documents(folder / listed)[0].text == "gamma"
    with pytest.raises(InputError, match="choose it alone"):
        keep_documents(settings, [("d.jsonl", b"{}"), ("a.md", b"")])
