"""The durable run, with a real worker process and a real server on the loopback interface."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import cast

import psutil
import pytest

from ftdecide.errors import ConflictError, InputError, NotFoundError
from ftdecide.experiment import run, run_commands
from ftdecide.experiment.evidence import evidence_from
from ftdecide.experiment.general.questions import ASKED, general_rows
from ftdecide.experiment.plan import Experiment, read_experiment, sample_experiment
from ftdecide.experiment.run import cancel_run, list_runs, resume_run, retry_failed, start_run, tend_run
from ftdecide.experiment.run_view import RunView, view_json, view_run
from ftdecide.experiment.spending import dearest_call_usd, refuse_beyond_budget
from ftdecide.experiment.work import StopError, open_work
from ftdecide.jobs import port
from ftdecide.jobs.launch import ensure_worker, worker_alive
from ftdecide.settings import Settings, load_settings
from ftdecide.store.answers import SavedAnswer, load_answers
from ftdecide.store.calls import store_answers
from ftdecide.store.database import Store, open_store
from ftdecide.store.runs import load_run, move_run, run_state
from ftdecide.store.tunes import load_tunes
from tests.loopback import KEY, Loopback, refusal, serve_loopback

TEST_ROWS = 24
_WORKER = (
    "from ftdecide.settings import load_settings; from ftdecide.jobs.worker import run_worker;"
    "from ftdecide.experiment.workflow import WORKFLOWS; run_worker(load_settings(), WORKFLOWS)"
)
_COLOURS = ("red", "green", "blue")
_WORDS = ("apple", "river", "stone", "cloud", "table", "horse", "light", "paper")


@pytest.fixture
def server() -> Generator[Loopback]:
    with serve_loopback() as state:
        yield state


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """24 rows to learn from and 24 to measure on: the colour in the question is the label."""
    for part, count in (("train", 24), ("test", TEST_ROWS)):
        lines: list[str] = []
        for number in range(count):
            colour, word = _COLOURS[number % 3], _WORDS[number % 8]
            question = f"the {colour} {word} of {part} {number}"
            chat = [{"role": "user", "content": question}, {"role": "assistant", "content": colour}]
            lines.append(json.dumps({"messages": chat}))
        (tmp_path / f"{part}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def plan(
    server: Loopback, arms: tuple[str, ...] = ("zero_shot", "few_shot", "fine_tuned", "classical"), **more: object
):
    document = {
        "schema_version": 1,
        "title": "Colours",
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "instructions": "Name the colour.",
        "provider": {"id": "compatible", "model": "base", "base_url": server.base_url},
        "arms": [{"kind": kind} for kind in arms],
        "grader": {"kind": "label", "labels": list(_COLOURS)},
        **more,
    }
    return read_experiment(document)


@contextmanager
def worker(settings: Settings, key: str = KEY) -> Iterator[subprocess.Popen[str]]:
    """A real worker process, ready; killed at the end."""
    environ = {**os.environ, "FTDECIDE_HOME": str(settings.home), "FTDECIDE_COMPATIBLE_API_KEY": key}
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER], env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("worker ready")
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(store: Store, run_id: str, what: Callable[[RunView], bool], seconds: float = 60) -> RunView:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        view = view_run(store, run_id)
        if what(view):
            return view
        time.sleep(0.05)
    pytest.fail(f"waited in vain: {view_run(store, run_id)!r}")


def ended(view: RunView) -> bool:
    return view.ended


def begin(store: Store, settings: Settings, data: Path, experiment: Experiment) -> str:
    return start_run(store, settings, experiment, folder=data)


def test_a_run_goes_from_the_request_to_the_summary(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    run_id = begin(store, settings, data, plan(server))
    assert view_run(store, run_id).state == "queued"
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert (view.state, view.message) == ("succeeded", None)
    assert (view.done, view.total) == (4 * TEST_ROWS, 4 * TEST_ROWS)
    assert view.summary is not None
    assert not view.summary.partial
    scores = {arm.name: arm.score for arm in view.summary.arms}
    assert scores["zero_shot"] == 0
    assert scores["fine_tuned"] == 1
    assert [point.step for point in view.losses] == list(range(1, 11))
    assert evidence_from(view.summary)["benefits.fine_tuned_score"] == 1
    assert server.asked["create"] == 1
    assert server.most_at_once > 1
    assert [run.id for run in list_runs(store)] == [run_id]


def test_general_questions_are_asked_once_each_beside_the_test_set(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    arms, questions = ("zero_shot", "few_shot", "fine_tuned"), general_rows()
    run_id = begin(store, settings, data, plan(server, arms, general_questions=True))
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert (view.state, view.done, view.total) == ("succeeded", 3 * TEST_ROWS, 3 * TEST_ROWS)
    kept = Counter((each.arm, each.item) for each in load_answers(store, run_id) if each.arm not in arms)
    assert kept == Counter((f"{ASKED}{arm}", each.item) for arm in ("zero_shot", "fine_tuned") for each in questions)
    assert view.summary is not None
    assert [each.n for each in view.summary.forgetting] == [len(questions)]
    assert {each.n for each in view.summary.arms} == {TEST_ROWS}
    refusals = {each.name: each.guardrails[0] for each in view.summary.arms}
    assert refusals["zero_shot"].n == TEST_ROWS


def test_a_worker_killed_while_asking_repeats_no_stored_answer(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.answer_seconds = 0.15
    run_id = begin(store, settings, data, plan(server, ("zero_shot", "few_shot")))
    with worker(settings) as process:
        stored = wait_for(store, run_id, lambda view: view.done >= 10).done
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    stored = view_run(store, run_id).done
    asked = sum(server.asked.values())
    assert view_run(store, run_id).state == "running"
    server.answer_seconds = 0
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert view.state == "succeeded"
    assert view.done == 2 * TEST_ROWS
    assert sum(server.asked.values()) - asked <= 2 * TEST_ROWS - stored


@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_killed_at_random_moments_pays_no_job_twice_and_repeats_only_calls_under_way(
    server: Loopback, store: Store, settings: Settings, data: Path, seed: int
) -> None:
    die, kills, at_once = random.Random(seed), 2, 4  # noqa: S311 - a die, no secret
    server.answer_seconds, server.step_seconds = 0.1, 0.1
    run_id = begin(store, settings, data, plan(server, concurrency=at_once))
    for _kill in range(kills):
        with worker(settings) as process:
            time.sleep(die.uniform(0, 5))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    with worker(settings):
        view = wait_for(store, run_id, ended, 120)
    assert (view.state, view.done) == ("succeeded", 4 * TEST_ROWS)
    assert server.asked["create"] == 1
    assert len(server.jobs) == 1
    answers = load_answers(store, run_id)
    assert len({(answer.arm, answer.item, answer.repeat) for answer in answers}) == len(answers) == 4 * TEST_ROWS
    asked = sum(count for what, count in server.asked.items() if "|" in what)
    assert asked - 3 * TEST_ROWS <= kills * at_once


def test_a_worker_killed_while_training_creates_no_second_job(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.step_seconds = 0.3
    run_id = begin(store, settings, data, plan(server, ("zero_shot", "fine_tuned")))
    with worker(settings) as process:
        wait_for(store, run_id, lambda view: len(view.losses) >= 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert view.state == "succeeded"
    assert server.asked["create"] == 1
    assert len({point.step for point in view.losses}) == len(view.losses) == 10


def test_a_cancel_ends_the_job_and_leaves_a_partial_result_that_can_be_resumed(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.step_seconds = 30
    run_id = begin(store, settings, data, plan(server, ("zero_shot", "few_shot", "fine_tuned")))
    with worker(settings):
        wait_for(store, run_id, lambda view: view.phase == "train:fine_tuned")
        cancel_run(store, settings, run_id)
        view = wait_for(store, run_id, ended)
        assert view.state == "cancelled"
        assert server.asked["cancel"] == 1
        assert view.summary is not None
        assert view.summary.partial
        assert evidence_from(view.summary) == {}
        assert {arm.name: arm.n for arm in view.summary.arms} == {
            "zero_shot": TEST_ROWS,
            "few_shot": TEST_ROWS,
            "fine_tuned": 0,
        }
        answers = sum(server.asked.values())
        server.step_seconds = 0
        resume_run(store, settings, run_id)
        view = wait_for(store, run_id, ended)
    assert view.state == "succeeded"
    assert server.asked["create"] == 2
    assert sum(server.asked.values()) - answers == TEST_ROWS + 2


def test_a_cancel_while_asking_is_heard_between_calls(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.answer_seconds = 0.3
    run_id = begin(store, settings, data, plan(server, ("zero_shot",)))
    with worker(settings):
        wait_for(store, run_id, lambda view: view.done > 0)
        cancel_run(store, settings, run_id)
        view = wait_for(store, run_id, ended)
    assert view.state == "cancelled"
    assert 0 < view.done < TEST_ROWS


def test_a_run_that_waits_is_cancelled_at_once(server: Loopback, store: Store, settings: Settings, data: Path) -> None:
    run_id = begin(store, settings, data, plan(server))
    cancel_run(store, settings, run_id)
    assert run_state(store, run_id) == "cancelled"
    with worker(settings):
        time.sleep(2)
        assert run_state(store, run_id) == "cancelled"
        assert not server.asked
        resume_run(store, settings, run_id)
        assert wait_for(store, run_id, ended).state == "succeeded"


def test_a_wrong_key_fails_the_run_with_its_mend_and_a_resume_goes_on(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    run_id = begin(store, settings, data, plan(server, ("zero_shot", "classical")))
    with worker(settings, key="wrong"):
        view = wait_for(store, run_id, ended)
    assert view.state == "failed"
    assert "valid key" in (view.message or "")
    assert "wrong" not in (settings.home / "ftdecide.sqlite").read_bytes().decode(errors="replace").split()
    with worker(settings):
        resume_run(store, settings, run_id)
        assert wait_for(store, run_id, ended).state == "succeeded"


def test_the_minutes_allowed_end_the_run(server: Loopback, store: Store, settings: Settings, data: Path) -> None:
    server.answer_seconds = 1
    run_id = begin(store, settings, data, plan(server, ("zero_shot", "few_shot"), budget={"minutes": 0.02}))
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert view.state == "cancelled"
    assert "used up" in (view.message or "")


def test_rows_that_stay_refused_count_as_failed_and_nothing_is_dropped(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.bad.extend([refusal(400, "content_filter", "not this one")] * 3)
    run_id = begin(store, settings, data, plan(server, ("few_shot",)))
    with worker(settings):
        view = wait_for(store, run_id, ended)
        assert view.state == "succeeded"
        assert view.summary is not None
        assert (view.summary.arms[0].n, view.summary.arms[0].failed) == (TEST_ROWS, 3)


def test_rows_that_failed_are_asked_again_alone_and_the_result_is_made_anew(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.bad.extend([refusal(400, "context_length_exceeded", "too long")] * 3)
    run_id = begin(store, settings, data, plan(server, ("few_shot",)))
    with worker(settings):
        first = wait_for(store, run_id, ended)
        assert first.summary is not None
        assert first.summary.arms[0].failed == 3
        before = Counter(server.asked)
        assert retry_failed(store, settings, run_id) == 3
        again = wait_for(store, run_id, ended)
        assert again.summary is not None
        assert (again.summary.arms[0].failed, again.done) == (0, TEST_ROWS)
        assert sum((server.asked - before).values()) == 3
        assert retry_failed(store, settings, run_id) == 0
        assert run_state(store, run_id) == "succeeded", "nothing to retry leaves the run as it is"


def test_what_a_run_took_stands_beside_its_forecast(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.bad.extend([refusal(429, "rate_limit_exceeded", "slow down", retry_after="0")] * 2)
    run_id = begin(store, settings, data, plan(server, ("few_shot", "classical"), repeats=2))
    assert view_run(store, run_id).forecast is None
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert (view.done, view.total) == (4 * TEST_ROWS, 4 * TEST_ROWS)
    found = view.forecast
    assert found is not None
    assert (found.calls_expected, found.calls_made) == (2 * TEST_ROWS, 2 * TEST_ROWS + 2)
    assert found.prompt_tokens > 0
    assert 0 < found.minutes_taken < 5
    assert found.p50_usd is None, "nobody knows the prices of a compatible server"
    assert view_json(view)["forecast"] == found.model_dump(mode="json")


def test_a_limited_rate_shortens_nothing(server: Loopback, store: Store, settings: Settings, data: Path) -> None:
    server.bad.extend([refusal(429, "rate_limit_exceeded", "slow down", retry_after="0")] * 5)
    run_id = begin(store, settings, data, plan(server, ("few_shot",)))
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert view.summary is not None
    assert (view.summary.arms[0].n, view.summary.arms[0].failed) == (TEST_ROWS, 0)


def test_a_plan_that_cannot_run_is_refused_and_nothing_is_kept(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    (data / "test.jsonl").write_text("{broken", encoding="utf-8")
    with pytest.raises(InputError, match=r"test\.jsonl"):
        begin(store, settings, data, plan(server))
    assert list_runs(store) == []
    with pytest.raises(NotFoundError, match="nothing"):
        view_run(store, "nothing")


def test_files_may_change_while_a_run_waits(server: Loopback, store: Store, settings: Settings, data: Path) -> None:
    run_id = begin(store, settings, data, plan(server, ("zero_shot",)))
    (data / "test.jsonl").unlink()
    with worker(settings):
        assert wait_for(store, run_id, ended).state == "succeeded"


def test_the_second_of_two_tabs_that_take_up_a_lost_run_leaves_it_to_the_first(
    server: Loopback, store: Store, settings: Settings, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begin(store, settings, data, plan(server, ("zero_shot",)))
    move_run(store, run_id, "running", only_from={"queued"})
    port.cancel(settings, f"comparison-{run_id}-1")
    seen = load_run(store, run_id)
    resume_run(store, settings, run_id)
    move_run(store, run_id, "running", only_from={"queued"})
    monkeypatch.setattr(run, "load_run", lambda *_asked: seen)
    resume_run(store, settings, run_id)
    monkeypatch.undo()
    assert (run_state(store, run_id), load_run(store, run_id).attempt) == ("running", 2)


def test_a_run_that_is_being_cancelled_is_not_resumed(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.step_seconds = 30
    run_id = begin(store, settings, data, plan(server, ("fine_tuned",)))
    with worker(settings) as process:
        wait_for(store, run_id, lambda view: view.phase == "train:fine_tuned")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    cancel_run(store, settings, run_id)
    with pytest.raises(ConflictError):
        resume_run(store, settings, run_id)
    with worker(settings):
        assert wait_for(store, run_id, ended).state == "cancelled"
    assert server.asked["cancel"] == 1, "the job must not go on, and cost, without its run"
    assert [job["status"] for job in server.jobs.values()] == ["cancelled"]


def test_a_cancel_reaches_the_job_although_the_provider_fails_at_first(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.step_seconds = 30
    run_id = begin(store, settings, data, plan(server, ("zero_shot", "fine_tuned")))
    with worker(settings):
        wait_for(store, run_id, lambda view: view.phase == "train:fine_tuned" and view.losses == ())
        wait_for(store, run_id, lambda _view: bool(load_tunes(store, run_id)[0].state == "running"))
        server.bad.extend([refusal(503, "overloaded", "busy")] * 2)
        cancel_run(store, settings, run_id)
        assert wait_for(store, run_id, ended).state == "cancelled"
    assert [job["status"] for job in server.jobs.values()] == ["cancelled"]
    assert load_tunes(store, run_id)[0].state == "cancelled"


def test_a_job_that_was_done_before_the_cancel_came_is_kept_and_not_paid_twice(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.step_seconds = 30
    run_id = begin(store, settings, data, plan(server, ("fine_tuned",)))
    with worker(settings) as process:
        wait_for(store, run_id, lambda _view: [tune.state for tune in load_tunes(store, run_id)] == ["running"])
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    cancel_run(store, settings, run_id)
    server.step_seconds = 0
    with worker(settings):
        assert wait_for(store, run_id, ended).state == "cancelled"
        assert load_tunes(store, run_id)[0].model is not None
        resume_run(store, settings, run_id)
        assert wait_for(store, run_id, ended).state == "succeeded"
    assert server.asked["create"] == 1


def test_a_run_cancelled_before_it_began_stays_so_although_its_request_was_not_taken_back(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    run_id = begin(store, settings, data, plan(server))
    assert move_run(store, run_id, "cancelled", only_from={"queued"})
    job_id = f"comparison-{run_id}-1"
    with worker(settings):
        end = time.monotonic() + 60
        while port.status(settings, job_id) != "done":
            assert time.monotonic() < end
            time.sleep(0.1)
    assert not server.asked
    assert run_state(store, run_id) == "cancelled"


def test_answers_under_way_are_kept_when_one_call_ends_the_run(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    server.answer_seconds = 0.5
    server.bad.append(refusal(403, "forbidden", "not for you"))
    run_id = begin(store, settings, data, plan(server, ("zero_shot",)))
    with worker(settings):
        view = wait_for(store, run_id, ended)
    assert view.state == "failed"
    assert view.done == sum(server.asked.values()) > 0


def test_a_budget_holds_before_the_first_answer_and_after_it_was_used_up(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    experiment = plan(server, provider={"id": "openai", "model": "gpt-4.1-mini"}, budget={"usd": "0.01"})
    work = open_work(settings, begin(store, settings, data, experiment))
    dearest = {arm.name: dearest_call_usd(work, arm) for arm in experiment.arms}
    assert dearest["few_shot"] > dearest["zero_shot"] > 0
    assert dearest["classical"] == 0
    refuse_beyond_budget(work, dearest["few_shot"])
    spent = SavedAnswer(
        arm="zero_shot",
        item="one",
        configuration="c",
        text="red",
        prompt_tokens=1,
        completion_tokens=1,
        latency_ms=1.0,
        cost_usd=Decimal("0.0101"),
        error=None,
    )
    store_answers(store, work.run.id, [spent])
    with pytest.raises(StopError, match="budget"):
        refuse_beyond_budget(work, Decimal(0))


def test_a_run_whose_job_is_lost_does_not_wait_for_ever(
    server: Loopback, store: Store, settings: Settings, data: Path
) -> None:
    run_id = begin(store, settings, data, plan(server, ("zero_shot",)))
    assert move_run(store, run_id, "running", only_from={"queued"})
    tend_run(settings, load_run(store, run_id))
    assert run_state(store, run_id) == "running", "its job still waits for a worker"
    port.cancel(settings, f"comparison-{run_id}-1")
    tend_run(settings, load_run(store, run_id))
    assert "resume" in (view_run(store, run_id).message or "")
    assert run_state(store, run_id) == "failed"
    with worker(settings):
        resume_run(store, settings, run_id)
        assert wait_for(store, run_id, ended).state == "succeeded"


def test_one_worker_serves_a_home(settings: Settings) -> None:
    with worker(settings) as process:
        assert worker_alive(settings)
        second = subprocess.run(
            [sys.executable, "-c", _WORKER],
            env={**os.environ, "FTDECIDE_HOME": str(settings.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "UnavailableError" in second.stderr
        assert json.loads((settings.home / "worker.json").read_text())["pid"] == process.pid
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert not worker_alive(settings)
    ensure_worker(settings)
    assert not worker_alive(settings), "a worker that somebody else looks after is not started"


def test_compare_follows_a_run_to_its_end_and_answers_with_one_document(
    server: Loopback, settings: Settings, data: Path
) -> None:
    said: list[str] = []
    with worker(settings):
        result = run_commands.compare(settings, plan(server), data, approve=lambda _question: True, tell=said.append)
    assert result["state"] == "succeeded"
    for key in ("calls", "cost_usd", "minutes", "smallest_visible_gap", "run_id", "arms", "contrasts", "flips"):
        assert key in result
    json.dumps(result)
    assert said[0].startswith("preflight")
    document = run_commands.status(settings, str(result["run_id"]))
    assert document["progress"] == {"done": 4 * TEST_ROWS, "total": 4 * TEST_ROWS}
    json.dumps(document)


def test_compare_spends_nothing_without_a_yes(server: Loopback, settings: Settings, data: Path) -> None:
    with pytest.raises(InputError, match="--yes"):
        run_commands.compare(settings, plan(server), data, approve=lambda _question: False, tell=lambda _line: None)
    assert not server.asked
    assert load_tunes(open_store(settings), "any") == []
    assert list_runs(open_store(settings)) == []


@pytest.mark.model
def test_the_real_model_is_asked_tuned_and_asked_again_although_its_engine_is_killed(home: Path) -> None:
    settings = load_settings({"FTDECIDE_HOME": str(home), "FTDECIDE_WORKER": "auto"})
    experiment = sample_experiment("support_tickets", train_rows=8, test_rows=6)
    killed: list[int] = []

    def kill_engine_in_training(line: str) -> None:
        if "loss" in line and not killed:
            killed.append(json.loads((home / "local" / "engine.json").read_text())["pid"])
            os.kill(killed[0], signal.SIGKILL)

    try:
        result = run_commands.compare(
            settings, experiment, Path(), approve=lambda _question: True, tell=kill_engine_in_training
        )
    finally:
        started = psutil.Process().children(recursive=True)
        for process in started:
            process.kill()
        psutil.wait_procs(started)
    assert result["state"] == "succeeded", (settings.home / "worker.log").read_text()
    assert killed
    arms = {arm["name"]: arm for arm in cast("list[dict[str, object]]", result["arms"])}
    assert list(arms) == ["zero_shot", "few_shot", "fine_tuned", "classical"]
    assert all((arm["n"], arm["failed"]) == (6, 0) for arm in arms.values())
    assert all(cast("int", arms[name]["prompt_tokens"]) > 0 for name in ("zero_shot", "few_shot", "fine_tuned"))
    losses = view_run(open_store(settings), str(result["run_id"])).losses
    assert losses[-1].loss < losses[0].loss
    assert worker_alive(settings) is False
