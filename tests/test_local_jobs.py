"""Tuning jobs of the local engine by the official clients: checkpoints, pause and resume, preferences, stops, Azure."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, AzureOpenAI, OpenAI
from openai.types import FileDeleted, FileObject, Model
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint

from ftdecide.errors import InputError
from ftdecide.local.defaults import load_defaults
from ftdecide.local.endpoint import Endpoint, endpoint_file
from ftdecide.local.jobs import Hyperparameters, Job, find_job, list_events, new_job_id, save_job
from ftdecide.local.launch import ensure_running, stop
from ftdecide.local.model import BaseLanguageModel
from ftdecide.local.preferences import read_preferences
from ftdecide.local.supervision import Supervisor
from ftdecide.settings import Settings
from tests.tiny_engine import BASE, tiny_engine

MOST_SECONDS = 240
FINAL = ("succeeded", "failed", "cancelled")


def _row(number: int) -> dict[str, object]:
    question, answer = f"ticket {number}", "refund" if number % 2 else "delivery"
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def _preference(number: int) -> dict[str, object]:
    return {
        "input": {"messages": [{"role": "user", "content": f"ticket {number}"}], "tools": []},
        "preferred_output": [{"role": "assistant", "content": "refund"}],
        "non_preferred_output": [{"role": "assistant", "content": "I would rather not say."}],
    }


def _lines(rows: list[dict[str, object]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


ROWS = _lines([_row(number) for number in range(8)])
PREFERENCES = _lines([_preference(number) for number in range(8)])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with tiny_engine(tmp_path_factory.mktemp("jobs")) as settings:
        yield settings


@pytest.fixture
def endpoint(engine: Settings) -> Endpoint:
    return ensure_running(engine)


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[OpenAI]:
    with OpenAI(base_url=endpoint.base_url, api_key=endpoint.token, max_retries=0, timeout=60) as made:
        yield made


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + MOST_SECONDS
    while not ready():
        assert time.monotonic() < until, "not ready in time"
        time.sleep(0.05)


def _tune(client: OpenAI, content: bytes = ROWS, *, epochs: int, **more: object) -> FineTuningJob:
    file = client.files.create(file=("train.jsonl", content), purpose="fine-tune")
    chosen = {"n_epochs": epochs, "batch_size": 2}
    if "method" not in more:
        more["hyperparameters"] = chosen
    return client.fine_tuning.jobs.create(**{"model": BASE, "training_file": file.id, "seed": 1, **more})  # type: ignore[arg-type]


def _finished(client: OpenAI, job: FineTuningJob) -> FineTuningJob:
    _wait(lambda: client.fine_tuning.jobs.retrieve(job.id).status in FINAL)
    return client.fine_tuning.jobs.retrieve(job.id)


def _steps(client: OpenAI, job: FineTuningJob) -> list[int]:
    """The steps told so far, in order."""
    events = client.fine_tuning.jobs.list_events(job.id, limit=100)
    return sorted(event.data["step"] for event in events if event.type == "metrics")  # type: ignore[index]


def _kept(engine: Settings, job: FineTuningJob) -> Job:
    return find_job(endpoint_file(engine).parent / "jobs", job.id)


def _ask(client: OpenAI, model: str) -> str:
    ask = [{"role": "user", "content": "ticket 1"}]
    return (
        client.chat.completions.create(model=model, messages=ask, max_tokens=8).choices[0].message.content  # type: ignore[arg-type, return-value]
        or ""
    )


def test_each_of_the_last_epochs_leaves_a_checkpoint_that_answers(client: OpenAI) -> None:
    job = _finished(client, _tune(client, epochs=4))
    assert job.status == "succeeded"
    assert job.fine_tuned_model
    kept = list(client.fine_tuning.jobs.checkpoints.list(job.id))
    assert [one.step_number for one in kept] == [16, 12, 8]
    assert all(one.fine_tuning_job_id == job.id and one.metrics.train_loss for one in kept)
    assert [one.step_number for one in client.fine_tuning.jobs.checkpoints.list(job.id, limit=1)] == [16, 12, 8]
    models = {model.id for model in client.models.list()}
    assert {job.fine_tuned_model, *(one.fine_tuned_model_checkpoint for one in kept)} <= models
    assert _ask(client, kept[0].fine_tuned_model_checkpoint) == _ask(client, job.fine_tuned_model)
    assert _ask(client, kept[2].fine_tuned_model_checkpoint)
    for wrong in (f"{job.fine_tuned_model}:ckpt-step-4", f"{job.fine_tuned_model}:ckpt-step-../adapter", "ft:x:../.."):
        with pytest.raises(openai.NotFoundError):
            _ask(client, wrong)


def test_a_paused_job_stays_where_it_is_and_goes_on_from_there(client: OpenAI, engine: Settings) -> None:
    job = _tune(client, epochs=30)
    _wait(lambda: len(_steps(client, job)) >= 3)
    assert client.fine_tuning.jobs.pause(job.id).status == "paused"  # type: ignore[comparison-overlap]
    before = _steps(client, job)
    assert len(before) < 120
    with pytest.raises(openai.BadRequestError, match="paused"):
        client.fine_tuning.jobs.pause(job.id)
    other = _finished(client, _tune(client, epochs=1))
    assert other.status == "succeeded", "others go on meanwhile"
    assert client.fine_tuning.jobs.retrieve(job.id).status == "paused"  # type: ignore[comparison-overlap]
    assert _steps(client, job) == before

    assert client.fine_tuning.jobs.resume(job.id).status in ("queued", "running")
    with pytest.raises(openai.BadRequestError, match="only a paused job"):
        client.fine_tuning.jobs.resume(job.id)
    assert _finished(client, job).status == "succeeded"
    written = (endpoint_file(engine).parent / "jobs" / job.id / "events.jsonl").read_text()
    assert all(written.count(f'-step-{step}"') == 1 for step in range(1, 121)), "no step was trained twice"
    assert _kept(engine, job).attempts == 1
    messages = [event.message for event in client.fine_tuning.jobs.list_events(job.id, limit=100)]
    assert {"Fine-tuning job paused", "Fine-tuning job resumed"} <= set(messages)


def test_a_paused_job_can_be_cancelled_and_a_cancelled_one_not_resumed(client: OpenAI) -> None:
    job = _tune(client, epochs=500)
    client.fine_tuning.jobs.pause(job.id)
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="cancelled"):
        client.fine_tuning.jobs.resume(job.id)


def test_engines_that_are_stopped_on_purpose_cost_a_job_no_attempt(client: OpenAI, engine: Settings) -> None:
    job = _tune(client, epochs=200)
    folder = endpoint_file(engine).parent / "jobs" / job.id
    for stops in range(2):
        steps = len(list_events(folder))
        _wait(lambda steps=steps: len(list_events(folder)) > steps + 6)  # type: ignore[misc]
        stop(engine)
        assert _kept(engine, job).attempts == 0, f"after {stops + 1} stops"
        endpoint = ensure_running(engine)
    _wait(lambda: _kept(engine, job).starts == 3)
    assert _kept(engine, job).attempts == 1
    OpenAI(base_url=endpoint.base_url, api_key=endpoint.token).fine_tuning.jobs.cancel(job.id)
    written = (folder / "events.jsonl").read_text()
    assert written.count('-step-1"') == 1, "what was trained before the stop was kept"


def test_an_engine_that_is_too_busy_to_answer_is_waited_for(engine: Settings, endpoint: Endpoint) -> None:
    os.kill(endpoint.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(ensure_running, engine) for _n in range(2)]
            time.sleep(7)  # longer than an engine is given to answer one question
            assert not any(one.done() for one in waiting)
            os.kill(endpoint.pid, signal.SIGCONT)
            assert {one.result(timeout=MOST_SECONDS) for one in waiting} == {endpoint}
    finally:
        os.kill(endpoint.pid, signal.SIGCONT)


def test_preferences_teach_a_model_to_prefer(client: OpenAI) -> None:
    method = {
        "type": "dpo",
        "dpo": {"hyperparameters": {"n_epochs": 4, "batch_size": 4, "beta": 0.5, "learning_rate_multiplier": 50}},
    }
    job = _finished(client, _tune(client, PREFERENCES, epochs=4, method=method))
    assert (job.status, job.error) == ("succeeded", None)
    assert job.method is not None
    assert job.method.dpo is not None
    assert job.method.dpo.hyperparameters is not None
    assert job.method.dpo.hyperparameters.beta == 0.5
    events = [event for event in client.fine_tuning.jobs.list_events(job.id) if event.type == "metrics"]
    losses = [event.data["train_loss"] for event in reversed(events)]  # type: ignore[index]
    assert len(losses) == 8
    assert losses[0] == pytest.approx(0.693, abs=0.01), "at first nothing is preferred: the loss is ln 2"
    assert losses[-1] < 0.9 * losses[0]
    assert job.fine_tuned_model
    _ask(client, job.fine_tuned_model)


@pytest.mark.parametrize(
    ("content", "method", "reason"),
    [
        (ROWS, "dpo", "holds conversations"),
        (PREFERENCES, "supervised", "holds preferences"),
        (ROWS, "reinforcement", "method.type"),
    ],
)
def test_a_method_that_does_not_fit_its_file_is_refused(
    client: OpenAI, content: bytes, method: str, reason: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=reason) as refused:
        _tune(client, content, epochs=1, method={"type": method})
    assert refused.value.param == "method.type"


def _changed(**changes: object) -> bytes:
    return _lines([_preference(1), {**_preference(2), **changes}])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (_changed(preferred_output=[]), "line 2: preferred_output"),
        (_changed(non_preferred_output=[{"role": "user", "content": "x"}]), "line 2: both outputs must be"),
        (_changed(non_preferred_output=_preference(2)["preferred_output"]), "line 2: both outputs are the same"),
        (_changed(input={"messages": [{"role": "assistant", "content": "x"}]}), "line 2: the last message of 'input'"),
        (_changed(input={"messages": [{"role": "user", "content": "x"}], "tools": [{}]}), "line 2: input.tools"),
        (PREFERENCES + b"\n{", "line 9, column"),
    ],
)
def test_a_preference_file_that_cannot_be_used_names_the_line(raw: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_preferences(raw)


def test_a_preference_file_is_checked_when_it_is_uploaded(client: OpenAI) -> None:
    wrong = _changed(non_preferred_output=_preference(2)["preferred_output"])
    with pytest.raises(openai.BadRequestError, match="line 2: both outputs are the same"):
        client.files.create(file=("bad.jsonl", wrong), purpose="fine-tune")


def test_the_azure_client_tunes_at_azures_addresses(client: OpenAI, endpoint: Endpoint) -> None:
    root = endpoint.base_url.removesuffix("/v1")
    with AzureOpenAI(azure_endpoint=root, api_key=endpoint.token, api_version="2024-10-21", max_retries=0) as azure:
        job = _finished(azure, _tune(azure, epochs=1, extra_body={"trainingType": 1}))
        assert job.status == "succeeded"
        assert job.fine_tuned_model
        assert [one.step_number for one in azure.fine_tuning.jobs.checkpoints.list(job.id)] == [4]
        assert _ask(azure, job.fine_tuned_model) == _ask(client, job.fine_tuned_model)
        assert azure.files.content(job.training_file).read() == ROWS
        assert client.fine_tuning.jobs.retrieve(job.id) == job
        assert azure.files.delete(job.training_file).deleted


def test_the_asynchronous_client_goes_all_the_way(endpoint: Endpoint) -> None:
    async def go() -> None:
        async with AsyncOpenAI(base_url=endpoint.base_url, api_key=endpoint.token, max_retries=0) as client:
            file = await client.files.create(file=("train.jsonl", ROWS), purpose="fine-tune")
            file = await client.files.wait_for_processing(file.id)
            job = await client.fine_tuning.jobs.create(model=BASE, training_file=file.id)
            while job.status not in FINAL:
                await asyncio.sleep(0.1)
                job = await client.fine_tuning.jobs.retrieve(job.id)
            assert job.fine_tuned_model
            events = [event async for event in client.fine_tuning.jobs.list_events(job.id)]
            assert sum(event.type == "metrics" for event in events) == job.hyperparameters.n_epochs * 4  # type: ignore[operator]
            kept = [one async for one in client.fine_tuning.jobs.checkpoints.list(job.id)]
            assert len(kept) == job.hyperparameters.n_epochs
            stream = await client.chat.completions.create(
                model=kept[0].fine_tuned_model_checkpoint,
                messages=[{"role": "user", "content": "ticket 1"}],
                max_tokens=4,
                stream=True,
            )
            assert [chunk async for chunk in stream]

    asyncio.run(go())


def test_every_answer_has_the_form_that_the_clients_own_types_demand(client: OpenAI) -> None:
    raw = client.files.with_raw_response
    file = _conforms(FileObject, raw.create(file=("t.jsonl", ROWS), purpose="fine-tune").http_response.json())
    _conforms(FileObject, raw.retrieve(file["id"]).http_response.json())
    assert file["id"] in {one.id for one in client.files.list(purpose="fine-tune")}
    assert list(client.files.list(purpose="batch")) == []
    jobs = client.fine_tuning.jobs.with_raw_response
    job = jobs.create(model=BASE, training_file=file["id"], metadata={"a": "b"}).http_response.json()
    _conforms(FineTuningJob, job)
    _wait(lambda: client.fine_tuning.jobs.retrieve(job["id"]).status in FINAL)
    _conforms(FineTuningJob, jobs.retrieve(job["id"]).http_response.json())
    page = jobs.list(limit=1).http_response.json()
    assert (len(page["data"]), page["object"], page["data"][0]["id"]) == (1, "list", job["id"])
    for one in jobs.list_events(job["id"]).http_response.json()["data"]:
        _conforms(FineTuningJobEvent, one)
    checkpoints = client.fine_tuning.jobs.checkpoints.with_raw_response.list(job["id"]).http_response.json()
    assert len(checkpoints["data"]) == 3
    for one in checkpoints["data"]:
        _conforms(FineTuningJobCheckpoint, one)
    for one in client.models.with_raw_response.list().http_response.json()["data"]:
        _conforms(Model, one)
    _conforms(FileDeleted, raw.delete(file["id"]).http_response.json())


def _conforms(kind: type[openai.BaseModel], body: dict[str, str]) -> dict[str, str]:
    made = kind.model_validate(body, strict=True)
    assert not made.model_extra, "nothing that the type does not know"
    return body


def test_nothing_outside_the_folder_can_be_named(client: OpenAI, tmp_path: Path) -> None:
    for name in ("../engine.json", "..%2Fengine.json", "file-../..", str(tmp_path)):
        with pytest.raises(openai.APIStatusError) as refused:
            client.files.content(name)
        assert refused.value.status_code in (400, 404)
    for name in ("..", "ftjob-..", "ftjob-x%2F.."):
        with pytest.raises((openai.APIStatusError, ValueError)):
            client.fine_tuning.jobs.retrieve(name)


def test_a_training_process_that_cannot_be_started_costs_no_attempt_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(
        id=new_job_id(),
        created_at=1,
        base=BaseLanguageModel(id="none", source="none", offline=True),
        suffix="",
        training_file="none",
        hyperparameters=Hyperparameters(n_epochs=1, batch_size=1, learning_rate_multiplier=1),
        seed=1,
    )
    save_job(tmp_path, job)
    tried: list[str] = []

    def refuse(name: str, arguments: list[str], log: Path) -> None:
        tried.append(name)
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("ftdecide.local.supervision.start_module", refuse)
    monkeypatch.setattr("ftdecide.local.supervision._LATER_SECONDS", 0.01)
    supervisor = Supervisor(tmp_path, load_defaults().training)
    supervisor.start()
    try:
        _wait(lambda: len(tried) > load_defaults().training.attempts)
    finally:
        supervisor.close()
    kept = find_job(tmp_path, job.id)
    assert (kept.status, kept.attempts) == ("queued", 0)
