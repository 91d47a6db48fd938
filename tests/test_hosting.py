"""Deployments of a run: made for as long as it asks them, counted by the hour, and gone whatever happens."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest

from ftdecide.errors import InputError
from ftdecide.experiment.data_plan import ProviderPlan
from ftdecide.experiment.hosting import deploy, withdraw_left
from ftdecide.experiment.plan import Experiment, arm_named, read_experiment
from ftdecide.experiment.run import preflight_run
from ftdecide.experiment.spending import price_training
from ftdecide.experiment.work import StopError, open_work
from ftdecide.experiment.workflow import phases_of, run_comparison
from ftdecide.jobs import worker
from ftdecide.providers import connections
from ftdecide.settings import Settings
from ftdecide.store.answers import count_answers, spent_usd
from ftdecide.store.database import Store, open_store
from ftdecide.store.hosting import NewHosted, begin_hosting, end_hosting, hosting_usd, load_hosted
from ftdecide.store.runs import NewRun, create_run, load_run, move_run
from ftdecide.store.tunes import forget_lost_tunes, load_events, load_tunes
from tests.azure_server import Azure, serve_azure
from tests.loopback import Bad, serve_loopback

MODEL = "gpt-4.1-mini-2025-04-14"
PER_HOUR = Decimal("1.7")
_COLOURS = ("red", "green", "blue")


class KilledError(BaseException):
    """The worker is gone, in the middle of something."""


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[Azure]:
    """Azure on loopback, its variables set, and no waiting."""
    text = Path(connections.DATA / "connections.yml").read_text(encoding="utf-8")
    for slow, quick in (("poll_seconds: 15.0", "poll_seconds: 0.05"), ("poll_seconds: 10.0", "poll_seconds: 0.05")):
        text = text.replace(slow, quick)
    text = text.replace("first_wait_seconds: 1.0", "first_wait_seconds: 0.01")
    (tmp_path / "connections.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(connections, "_FILE", tmp_path / "connections.yml")
    connections.load_connections.cache_clear()
    with serve_loopback() as data, serve_azure(data) as state:
        for name, value in state.environ().items():
            monkeypatch.setenv(name, value)
        state.deploy("by-hand", "gpt-4.1-mini", "2025-04-14")
        yield state
    connections.load_connections.cache_clear()


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Rows whose label is the colour in the question."""
    for part in ("train", "test"):
        lines = [
            json.dumps(
                {
                    "messages": [
                        {"role": "user", "content": f"the {_COLOURS[number % 3]} thing of {part} {number}"},
                        {"role": "assistant", "content": _COLOURS[number % 3]},
                    ]
                }
            )
            for number in range(16)
        ]
        (tmp_path / f"{part}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def plan(**more: object) -> Experiment:
    document: dict[str, object] = {
        "schema_version": 1,
        "title": "Colours",
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "instructions": "Name the colour.",
        "provider": {"id": "azure", "model": MODEL},
        "arms": [{"kind": "zero_shot"}, {"kind": "fine_tuned"}],
        "grader": {"kind": "label", "labels": list(_COLOURS)},
    }
    return read_experiment({**document, **more})


def new_run(store: Store, folder: Path, experiment: Experiment) -> str:
    rows, preflight = preflight_run(experiment, folder)
    documents = {"preflight": preflight.model_dump(mode="json"), "rows": rows.model_dump(mode="json")}
    new = NewRun(title="Colours", plan=experiment.model_dump(mode="json"), total=32, **documents)
    return create_run(store, new).id


def play(settings: Settings, run_id: str, before: Callable[[str], None] = lambda _name: None) -> list[str]:
    """Run to the end in this process; `before` is told the name of each step."""
    done: list[str] = []

    def steps(name: str, work: Callable[[], object], /) -> object:
        before(name)
        done.append(name)
        return work()

    run_comparison(settings, steps, run_id)  # type: ignore[arg-type] - a plain stand-in for the durable engine
    return done


def ours(azure: Azure) -> list[str]:
    """Deployments that this program made."""
    return [name for name in azure.deployments if name.startswith("ftdecide-")]


def test_a_tuned_model_is_deployed_asked_and_withdrawn_and_its_hour_is_counted(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan())
    assert "deploy:fine_tuned" in play(settings, run_id)
    run = load_run(store, run_id)
    assert (run.state, run.message) == ("succeeded", None)
    assert {arm: count.failed for arm, count in count_answers(store, run_id).items()} == {
        "zero_shot": 0,
        "fine_tuned": 0,
    }
    hosted = load_hosted(store, run_id)
    assert len(hosted) == 1
    assert hosted[0].ended_at is not None
    assert hosted[0].usd_per_hour == PER_HOUR
    assert azure.asked[f"DELETE {hosted[0].name}"] == 1
    assert ours(azure) == []
    assert "by-hand" in azure.deployments
    assert hosting_usd(store, run_id) == PER_HOUR
    assert spent_usd(store, run_id) > PER_HOUR


@pytest.mark.parametrize("moment", ["deploy:fine_tuned", "answer:fine_tuned"])
def test_a_cancelled_run_leaves_no_deployment(
    azure: Azure, settings: Settings, store: Store, folder: Path, moment: str
) -> None:
    run_id = new_run(store, folder, plan())
    azure.looks = 2 if moment.startswith("answer") else 1000

    def cancel(name: str) -> None:
        if name == moment:
            move_run(store, run_id, "cancelling", only_from={"running"})

    play(settings, run_id, cancel)
    assert load_run(store, run_id).state == "cancelled"
    assert ours(azure) == []
    assert all(each.ended_at for each in load_hosted(store, run_id))


def test_what_a_cancelled_job_has_trained_is_charged_and_stays_so_when_the_run_is_taken_up(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    azure.data.step_seconds = 1000
    run_id = new_run(store, folder, plan(arms=[{"kind": "fine_tuned"}]))

    def cancel(name: str) -> None:
        if name == "train:fine_tuned":
            for job in azure.data.jobs.values():
                job["_begun"] -= 5500
            move_run(store, run_id, "cancelling", only_from={"running"})

    play(settings, run_id, cancel)
    work = open_work(settings, run_id)
    assert load_tunes(store, run_id)[0].state == "cancelled"
    whole = int((work.run.preflight or {})["calls_by_arm"][0]["training_tokens"])
    half = price_training(work.experiment, -(-whole // 2))
    assert half > 0
    assert abs(spent_usd(store, run_id) - half) < Decimal("1e-8")
    spent = spent_usd(store, run_id)
    forget_lost_tunes(store, run_id)
    assert load_tunes(store, run_id) == []
    assert spent_usd(store, run_id) == spent


def test_a_training_job_that_cannot_be_ended_is_told_of(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    azure.data.step_seconds = 1000
    run_id = new_run(store, folder, plan(arms=[{"kind": "fine_tuned"}]))

    def cancel(name: str) -> None:
        if name == "train:fine_tuned":
            move_run(store, run_id, "cancelling", only_from={"running"})
            azure.data.bad.append(Bad(403, '{"error": {"code": "denied", "message": "no"}}'))

    play(settings, run_id, cancel)
    assert "'fine_tuned' could not be ended and may still cost money" in (load_run(store, run_id).message or "")


def test_a_run_that_is_taken_up_deploys_nothing_that_has_no_more_to_say(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan())
    play(settings, run_id)
    move_run(store, run_id, "queued", only_from={"succeeded"}, attempt=2)
    play(settings, run_id)
    assert load_run(store, run_id).state == "succeeded"
    assert [each.name for each in load_hosted(store, run_id)] == [f"ftdecide-{run_id[:8]}-fine_tuned-1"]
    assert hosting_usd(store, run_id) == PER_HOUR


def test_a_judge_finds_no_deployment_and_is_stopped_before_an_hour_that_one_left_would_cost(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    place = {"id": "compatible", "base_url": azure.data.base_url, "model": "claude"}
    run_id = new_run(store, folder, plan(judge={"provider": place, "criterion": "Nicer?"}, budget={"usd": "4"}))
    there: list[str] = []
    play(settings, run_id, lambda name: there.extend(ours(azure)) if name == "finish" else None)
    assert (there, len(load_hosted(store, run_id))) == ([], 1)
    work = open_work(settings, run_id)
    move_run(store, run_id, "running", only_from={work.run.state})
    begin_hosting(store, run_id, hosted("d1"))
    with store.engine.begin() as connection:
        begun = datetime.now(UTC) - timedelta(minutes=119)
        connection.exec_driver_sql("UPDATE run_events SET at = ? WHERE key = 'hosting_begun:d1'", (str(begun),))
    judging = work.experiment.model_copy(update={"provider": ProviderPlan.model_validate(place)})
    with pytest.raises(StopError, match="another hour"):
        replace(work, experiment=judging).check()


def test_no_tuned_model_waits_deployed_for_the_training_of_another() -> None:
    arms = [{"kind": "fine_tuned"}, {"kind": "fine_tuned", "name": "longer", "epochs": 3}]
    phases = phases_of(plan(arms=arms))
    assert phases.index("deploy:fine_tuned") > phases.index("train:longer")
    assert phases.index("answer:fine_tuned") == phases.index("deploy:fine_tuned") + 1


def test_tidying_goes_on_after_a_failure(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_TIDY_SECONDS", 0)
    stop, tried = Event(), list[int]()

    def tidy(_settings: Settings) -> None:
        tried.append(1)
        if len(tried) == 2:
            stop.set()
        raise OSError("the store is locked")

    worker._tidy(tidy, settings, stop)  # pyright: ignore[reportPrivateUsage] - the loop of its thread
    assert len(tried) == 2


def test_a_deployment_that_fails_ends_the_run_says_why_and_is_removed(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan(arms=[{"kind": "fine_tuned"}]))
    azure.fail_with = "no capacity left"
    play(settings, run_id)
    run = load_run(store, run_id)
    assert run.state == "failed"
    assert "no capacity left" in (run.message or "")
    assert ours(azure) == []


def test_what_a_crash_left_is_removed_at_the_next_start_but_never_while_its_run_lives(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan())

    def die(name: str) -> None:
        if name == "answer:fine_tuned":
            raise KilledError

    with pytest.raises(KilledError):
        play(settings, run_id, die)
    assert len(ours(azure)) == 1
    withdraw_left(settings)
    assert len(ours(azure)) == 1, "the run goes on and needs it"
    move_run(store, run_id, "failed", only_from={"running"})
    withdraw_left(settings)
    assert ours(azure) == []
    assert all(each.ended_at for each in load_hosted(store, run_id))


def test_a_step_that_runs_twice_deploys_once(azure: Azure, settings: Settings, store: Store, folder: Path) -> None:
    run_id = new_run(store, folder, plan())

    def twice(name: str) -> None:
        if name == "answer:fine_tuned":
            work = open_work(settings, run_id)
            arm = arm_named(work.experiment, "fine_tuned")
            assert arm.kind == "fine_tuned"
            deploy(work, arm)
            assert len(ours(azure)) == 1

    play(settings, run_id, twice)
    assert len(load_hosted(store, run_id)) == 1


def test_a_deployment_that_cannot_be_deleted_is_told_of_and_tried_again(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan())

    def refuse(name: str) -> None:
        if name == "finish":
            azure.bad.extend([Bad(403, '{"error": {"code": "AuthorizationFailed", "message": "no"}}')])

    play(settings, run_id, refuse)
    run = load_run(store, run_id)
    assert run.state == "succeeded"
    assert "may cost money by the hour" in (run.message or "")
    problem = load_events(store, run_id, "problem")[0].payload["message"]
    assert "could not be deleted" in problem
    assert len(ours(azure)) == 1
    withdraw_left(settings)
    assert ours(azure) == []


def test_no_deployment_is_asked_for_that_the_budget_has_no_hour_for(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan(budget={"usd": "1.0"}))
    play(settings, run_id)
    run = load_run(store, run_id)
    assert run.state == "cancelled"
    assert "budget" in (run.message or "")
    assert not any(name.startswith("PUT") for name in azure.asked)
    assert hosting_usd(store, run_id) == 0


def test_a_run_stops_before_an_hour_that_its_budget_has_no_room_for(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan(budget={"usd": "2.0"}))
    move_run(store, run_id, "running", only_from={"queued"})
    begin_hosting(store, run_id, hosted("d1"))
    open_work(settings, run_id).check()
    with store.engine.begin() as connection:
        begun = datetime.now(UTC) - timedelta(minutes=59)
        connection.exec_driver_sql("UPDATE run_events SET at = ? WHERE kind = 'hosting_begun'", (str(begun),))
    with pytest.raises(StopError, match="another hour"):
        open_work(settings, run_id).check()


def hosted(name: str, usd: str | None = "1.70") -> NewHosted:
    rate = None if usd is None else Decimal(usd)
    return NewHosted(name=name, arm="fine_tuned", provider="azure", model=MODEL, tier="global", usd_per_hour=rate)


def test_every_hour_that_has_begun_counts_until_the_end(store: Store, azure: Azure, folder: Path) -> None:
    run_id = new_run(store, folder, plan())
    now = datetime.now(UTC)
    assert hosting_usd(store, run_id, now) == 0
    begin_hosting(store, run_id, hosted("d1"))
    begin_hosting(store, run_id, hosted("d1"))
    begin_hosting(store, run_id, hosted("free", None))
    counted = [hosting_usd(store, run_id, now + timedelta(hours=hours)) for hours in (0, 0.5, 1.5, 2.5)]
    assert counted == [PER_HOUR, PER_HOUR, 2 * PER_HOUR, 3 * PER_HOUR]
    end_hosting(store, run_id, "d1")
    assert hosting_usd(store, run_id, now + timedelta(hours=9)) == PER_HOUR


def test_nothing_is_paid_for_a_tuned_model_that_could_not_be_deployed(
    azure: Azure, settings: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = new_run(store, folder, plan())
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID")
    azure.deploy(MODEL, "gpt-4.1-mini", "2025-04-14")
    play(settings, run_id)
    run = load_run(store, run_id)
    assert run.state == "failed"
    assert "AZURE_SUBSCRIPTION_ID" in (run.message or "")
    assert azure.data.asked["create"] == 0
    assert count_answers(store, run_id)["zero_shot"].failed == 0, "the base model is asked by its name"


def test_a_provider_that_serves_tuned_models_elsewhere_is_refused_before_anything_is_spent(folder: Path) -> None:
    experiment = plan(provider={"id": "nebius", "model": "Qwen/Qwen3-32B"})
    with pytest.raises(InputError, match="rented machines only"):
        preflight_run(experiment, folder)


def test_a_worker_that_starts_removes_what_is_left(
    azure: Azure, settings: Settings, store: Store, folder: Path
) -> None:
    run_id = new_run(store, folder, plan())
    begin_hosting(store, run_id, hosted("ftdecide-left"))
    azure.deploy("ftdecide-left", MODEL, "1")
    move_run(store, run_id, "failed", only_from={"queued"})
    environ = {**os.environ, "FTDECIDE_HOME": str(settings.home), "FTDECIDE_WORKER": "external"}
    worker = subprocess.Popen([sys.executable, "-m", "ftdecide", "worker"], env=environ, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while ours(azure):
            assert worker.poll() is None
            assert time.monotonic() < until, "not removed in time"
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=30)
