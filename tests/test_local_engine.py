"""The local engine as clients meet it: a real server, the official client, a real small model, real processes."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from ftdecide.errors import InputError, UnavailableError
from ftdecide.local.endpoint import endpoint_file
from ftdecide.local.jobs import Event, add_event, list_events
from ftdecide.local.launch import ensure_running
from ftdecide.local.rows import read_rows
from ftdecide.local.trainers import rows_at_once
from ftdecide.settings import Settings

BASE = "smollm2-135m-instruct"
FINAL = ("succeeded", "failed", "cancelled")
MOST_SECONDS = 240


def _rows(count: int) -> bytes:
    queues = ("delivery", "refund")
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"ticket {i}: about my {queues[i % 2]}"},
                {"role": "assistant", "content": f"queue={queues[i % 2]}"},
            ]
        }
        for i in range(count)
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + MOST_SECONDS
    while not ready():
        assert time.monotonic() < until, "not ready in time"
        time.sleep(0.1)


@pytest.fixture
def client(engine_settings: Settings) -> Iterator[OpenAI]:
    endpoint = ensure_running(engine_settings)
    with OpenAI(base_url=endpoint.base_url, api_key=endpoint.token, max_retries=0, timeout=120) as made:
        yield made


def _tune(client: OpenAI, *, epochs: int, batch: int, token: str) -> FineTuningJob:
    file = client.files.create(file=("train.jsonl", _rows(8)), purpose="fine-tune")
    return client.fine_tuning.jobs.create(
        model=BASE,
        training_file=file.id,
        hyperparameters={"n_epochs": epochs, "batch_size": batch},
        metadata={"client_token": token},
        suffix="queues",
        seed=7,
    )


def _ask(client: OpenAI, text: str, model: str = BASE) -> str:
    answer = client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": "Answer in a few words."}, {"role": "user", "content": text}],
        max_tokens=12,
        temperature=0,
    )
    return answer.choices[0].message.content or ""


@pytest.mark.model
def test_a_file_becomes_a_tuned_model_that_answers_beside_its_base(client: OpenAI) -> None:
    before = _ask(client, "ticket 3: about my refund")
    job = _tune(client, epochs=1, batch=4, token="first")
    _wait(lambda: client.fine_tuning.jobs.retrieve(job.id).status in FINAL)
    job = client.fine_tuning.jobs.retrieve(job.id)
    assert (job.status, job.error) == ("succeeded", None)
    assert job.fine_tuned_model == f"ft:{BASE}:ftdecide:queues:{job.id}"
    assert job.trained_tokens
    metrics = [event for event in client.fine_tuning.jobs.list_events(job.id) if event.type == "metrics"]
    assert [event.data["step"] for event in metrics] == [2, 1]  # type: ignore[index] - the newest first
    assert {"total_steps", "train_loss", "learning_rate", "tokens", "seconds"} <= set(metrics[0].data)  # type: ignore[arg-type]
    assert {model.id for model in client.models.list()} >= {BASE, job.fine_tuned_model}
    assert _ask(client, "ticket 3: about my refund", job.fine_tuned_model)
    assert _ask(client, "ticket 3: about my refund") == before
    with ThreadPoolExecutor(8) as pool:
        models = [BASE, job.fine_tuned_model] * 4
        mixed = list(pool.map(lambda model: _ask(client, "ticket 3: about my refund", model), models))
    assert mixed[0::2] == [before] * 4
    assert len(set(mixed[1::2])) == 1


@pytest.mark.model
def test_answers_in_a_batch_equal_answers_one_at_a_time(client: OpenAI) -> None:
    questions = [f"What is {i} plus {i}?" + " Please be brief." * (i % 3) for i in range(10)]
    alone = [_ask(client, question) for question in questions]
    with ThreadPoolExecutor(len(questions)) as pool:
        together = list(pool.map(lambda question: _ask(client, question), questions))
    assert together == alone


@pytest.mark.model
def test_a_seed_makes_a_drawn_answer_repeatable_and_usage_adds_up(client: OpenAI) -> None:
    answers = [
        client.chat.completions.create(
            model=BASE, messages=[{"role": "user", "content": "Name a fruit."}], temperature=1, seed=5, max_tokens=8
        )
        for _ in range(2)
    ]
    assert answers[0].choices[0].message.content == answers[1].choices[0].message.content
    usage = answers[0].usage
    assert usage is not None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens <= 8


@pytest.mark.model
def test_a_stop_text_and_the_token_limit_end_an_answer(client: OpenAI) -> None:
    ask = [{"role": "user", "content": "Count from one to twenty in words."}]
    cut = client.chat.completions.create(model=BASE, messages=ask, max_tokens=5).choices[0]  # type: ignore[arg-type]
    assert cut.finish_reason == "length"
    text = cut.message.content or ""
    end = text[-3:]
    stopped = client.chat.completions.create(model=BASE, messages=ask, max_tokens=20, stop=end).choices[0]  # type: ignore[arg-type]
    assert stopped.finish_reason == "stop"
    assert stopped.message.content == text[: text.index(end)]


@pytest.mark.model
def test_a_job_can_be_cancelled_and_found_again_by_its_metadata(client: OpenAI) -> None:
    job = _tune(client, epochs=50, batch=1, token="cancelled-one")
    _wait(lambda: client.fine_tuning.jobs.retrieve(job.id).status == "running")
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    found = list(client.fine_tuning.jobs.list(metadata={"client_token": "cancelled-one"}))
    assert [(one.id, one.status) for one in found] == [(job.id, "cancelled")]
    with pytest.raises(openai.BadRequestError, match="already cancelled"):
        client.fine_tuning.jobs.cancel(job.id)


@pytest.mark.model
def test_training_outlives_its_server_and_resumes_when_both_were_killed(
    engine_settings: Settings, client: OpenAI
) -> None:
    job = _tune(client, epochs=2, batch=1, token="survivor")
    folder = endpoint_file(engine_settings).parent / "jobs" / job.id

    def steps() -> list[Event]:
        return [event for event in list_events(folder) if event.type == "metrics"]

    def trainer() -> int:
        return json.loads((folder / "process.json").read_text())["pid"]

    _wait(lambda: len(steps()) >= 2)
    first_server, first_trainer = ensure_running(engine_settings), trainer()
    os.kill(first_server.pid, signal.SIGKILL)
    second_server = ensure_running(engine_settings)
    assert second_server.pid != first_server.pid
    assert client.fine_tuning.jobs.retrieve(job.id).status == "running", "address and token must have stayed"
    assert trainer() == first_trainer, "a training process that lives is taken over"

    os.kill(second_server.pid, signal.SIGKILL)
    os.kill(first_trainer, signal.SIGKILL)
    assert len(steps()) < 16, "killed in mid-training"
    ensure_running(engine_settings)
    _wait(lambda: client.fine_tuning.jobs.retrieve(job.id).status in FINAL)
    assert client.fine_tuning.jobs.retrieve(job.id).status == "succeeded"
    numbers = [(event.data or {})["step"] for event in steps()]
    assert sorted(numbers) == list(range(1, 17)), "each step counts once"  # type: ignore[type-var]
    assert (folder / "events.jsonl").read_text().count('-step-1"') == 1, "what a checkpoint holds is not trained again"
    messages = [event.message for event in client.fine_tuning.jobs.list_events(job.id, limit=100)]
    assert "Fine-tuning job resumed" in messages


@pytest.mark.model
def test_whatever_is_wrong_is_said_in_the_shape_that_clients_know(engine_settings: Settings, client: OpenAI) -> None:
    stranger = OpenAI(base_url=str(client.base_url), api_key="guessed", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as denied:
        stranger.models.list()
    assert denied.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as unknown:
        _ask(client, "hello", "gpt-9")
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError, match="line 2") as wrong_line:
        client.files.create(file=("bad.jsonl", _rows(1) + b'\n{"messages": []}\n'), purpose="fine-tune")
    assert wrong_line.value.param == "file"
    with pytest.raises(openai.BadRequestError) as unsupported:
        client.chat.completions.create(model=BASE, messages=[{"role": "user", "content": "hi"}], n=2)
    assert unsupported.value.code == "unsupported_parameter"
    with pytest.raises(openai.BadRequestError, match="context"):
        _ask(client, "long " * 9000)
    for missing in (client.fine_tuning.jobs.retrieve, client.files.retrieve, client.models.retrieve):
        with pytest.raises(openai.NotFoundError):
            missing("nothing-has-this-id")
    assert endpoint_file(engine_settings).stat().st_mode & 0o077 == 0, "the token is its owner's alone"


@pytest.mark.model
def test_files_come_back_as_they_were_sent(client: OpenAI) -> None:
    file = client.files.create(file=("train.jsonl", _rows(3)), purpose="fine-tune")
    assert client.files.retrieve(file.id).bytes == len(_rows(3))
    assert client.files.content(file.id).read() == _rows(3)
    assert file.id in {one.id for one in client.files.list()}
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.content(file.id)


@pytest.mark.model
def test_many_callers_get_one_engine(engine_settings: Settings) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _n: ensure_running(engine_settings), range(4)))) == 1


def test_without_torch_the_message_says_what_to_install(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UnavailableError, match=r"needs torch.*pip install -r requirements-local.txt"):
        ensure_running(settings)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "no rows"),
        (_rows(2) + b"\n{", "line 3, column"),
        (b'\n{"messages": [{"role": "user", "content": "a"}]}', "line 2: the last message"),
        (b'{"messages": [{"role": "assistant", "content": "a"}]}', "line 1: no message with role 'user'"),
        (b'{"messages": [{"role": "user", "content": 3}]}', "line 1: messages.0.content"),
        (b'{"messages": "x"}', "line 1: messages"),
        (b"\xff\xfe", "line 1: not UTF-8"),
    ],
)
def test_a_training_file_that_cannot_be_used_names_the_line(raw: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_rows(raw)


def test_a_line_separator_inside_a_text_is_no_new_row() -> None:
    row = {"messages": [{"role": "user", "content": "a\u2028b"}, {"role": "assistant", "content": "c"}]}
    assert len(read_rows(json.dumps(row, ensure_ascii=False).encode())) == 1


def test_events_survive_half_a_line_and_a_step_that_ran_twice(tmp_path: Path) -> None:
    add_event(tmp_path, Event(id="step-1", created_at=1, message="first try"))
    add_event(tmp_path, Event(id="step-1", created_at=2, message="second try"))
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"id": "step-2", "crea')
    assert [event.message for event in list_events(tmp_path)] == ["second try"]


@pytest.mark.parametrize(("batch", "longest", "at_once"), [(8, 60, 8), (8, 100, 4), (6, 200, 2), (8, 1024, 1)])
def test_long_rows_are_computed_in_parts_of_their_batch(batch: int, longest: int, at_once: int) -> None:
    assert rows_at_once(batch, longest, 512) == at_once
