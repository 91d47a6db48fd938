"""A whole run with everything a plan may ask for, by a real worker process and a real server on the loopback."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from ftdecide.experiment.pilot import plan_pilot
from ftdecide.experiment.pilot_run import pilot_of
from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.run import start_run
from ftdecide.experiment.run_view import RunView, view_run
from ftdecide.experiment.work import open_work
from ftdecide.settings import Settings
from ftdecide.store.database import Store, open_store
from ftdecide.store.tunes import load_events, load_tunes
from tests.loopback import KEY, Loopback, serve_loopback

TEST_ROWS = 16
_COLOURS = ("red", "green", "blue")
_WORDS = ("apple", "river", "stone", "cloud", "table", "horse", "light", "paper")
_WORKER = (
    "from ftdecide.settings import load_settings; from ftdecide.jobs.worker import run_worker;"
    "from ftdecide.experiment.workflow import WORKFLOWS; run_worker(load_settings(), WORKFLOWS)"
)


@pytest.fixture
def server() -> Generator[Loopback]:
    with serve_loopback() as state:
        yield state


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture
def plan(server: Loopback, tmp_path: Path) -> Experiment:
    for part, count in (("train", 24), ("test", TEST_ROWS)):
        lines: list[str] = []
        for number in range(count):
            colour, word = _COLOURS[number % 3], _WORDS[number % 8]
            chat = [
                {"role": "user", "content": f"the {colour} {word} of {part} {number}"},
                {"role": "assistant", "content": colour},
            ]
            lines.append(json.dumps({"messages": chat, "group": f"{part} {number % 5}"}))
        (tmp_path / f"{part}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "documents").mkdir()
    for word in _WORDS:
        (tmp_path / "documents" / f"{word}.txt").write_text(f"Every {word} has a colour.", encoding="utf-8")
    document: dict[str, object] = {
        "schema_version": 1,
        "title": "Colours",
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "instructions": "Name the colour.",
        "provider": {"id": "compatible", "model": "base", "base_url": server.base_url},
        "arms": [
            {"kind": "few_shot", "examples": 3},
            {"kind": "few_shot", "examples": 3, "retrieval": True},
            {"kind": "stronger_base", "model": "larger"},
            {"kind": "fine_tuned"},
            {"kind": "classical"},
        ],
        "grader": {"kind": "label", "labels": list(_COLOURS)},
        "retrieval": {"documents": "documents", "method": "embeddings", "embedding_model": "vectors"},
        "learning_curve": True,
        "repeats": 2,
        "looks": 2,
        "pilot_rows": 4,
    }
    return read_experiment(document)


def run(store: Store, settings: Settings, experiment: Experiment, folder: Path) -> RunView:
    """Start a run and a worker, and wait until it has ended."""
    run_id = start_run(store, settings, experiment, folder=folder)
    environ = {**os.environ, "FTDECIDE_HOME": str(settings.home), "FTDECIDE_COMPATIBLE_API_KEY": KEY}
    process = subprocess.Popen([sys.executable, "-c", _WORKER], env=environ, start_new_session=True)
    try:
        while not (view := view_run(store, run_id)).ended:
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    return view


def test_a_run_with_everything_finds_passages_trains_nested_parts_and_averages_repeats(
    store: Store, settings: Settings, plan: Experiment, tmp_path: Path
) -> None:
    view = run(store, settings, plan, tmp_path)
    assert (view.state, view.message) == ("succeeded", None)
    assert view.done == view.total == TEST_ROWS * 7 * 2
    found = view.summary
    assert found
    assert {arm.name: (arm.n, arm.repeats) for arm in found.arms} == {
        "few_shot": (TEST_ROWS, 2),
        "few_shot_retrieval": (TEST_ROWS, 2),
        "stronger_base": (TEST_ROWS, 2),
        "fine_tuned": (TEST_ROWS, 2),
        "classical": (TEST_ROWS, 2),
        "fine_tuned_25": (TEST_ROWS, 2),
        "fine_tuned_50": (TEST_ROWS, 2),
    }
    assert found.groups == 5
    assert found.two_by_two
    assert found.two_by_two.contrasts[0].arm == "few_shot_retrieval"
    assert found.learning_curve
    assert [point.rows for point in found.learning_curve.points] == [6, 12, 24]
    assert [each.arm for each in found.contrasts] == ["few_shot_retrieval", "stronger_base", "fine_tuned", "classical"]


def test_the_passages_found_by_meaning_are_kept_and_each_job_of_the_curve_is_its_own(
    store: Store, settings: Settings, plan: Experiment, server: Loopback, tmp_path: Path
) -> None:
    view = run(store, settings, plan, tmp_path)
    rows = open_work(settings, view.id).rows
    assert not rows.unread
    assert all(len(row.passages) == 3 for row in rows.test)
    jobs = {tune.arm: tune.job_id for tune in load_tunes(store, view.id)}
    assert set(jobs) == {"fine_tuned", "fine_tuned_25", "fine_tuned_50"}
    assert len(set(jobs.values())) == len(server.jobs) == 3
    phases = [event.payload["phase"] for event in load_events(store, view.id, "phase")]
    assert phases[:2] == ["find:documents", "find:documents"]


def test_a_pilot_is_a_run_of_its_own_that_trains_nothing(
    store: Store, settings: Settings, plan: Experiment, server: Loopback, tmp_path: Path
) -> None:
    view = run(store, settings, plan_pilot(plan), tmp_path)
    pilot = pilot_of(store, view.id)
    assert pilot
    assert pilot.rows == 4
    assert set(pilot.completion_tokens) == {"few_shot", "few_shot_retrieval", "stronger_base"}
    assert not server.jobs
