"""Training as the local engine does it, with a tiny random model: the loss, stops and starts, and ends from outside."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import torch
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from ftdecide.local.answer_loss import AnswerTrainer
from ftdecide.local.batching import Request
from ftdecide.local.defaults import load_defaults
from ftdecide.local.engine import Engine
from ftdecide.local.jobs import FINAL, Hyperparameters, Job, Status, find_job, list_events
from ftdecide.local.model import BaseLanguageModel, load_model
from ftdecide.local.rows import ChatMessage
from ftdecide.local.supervision import Supervisor
from ftdecide.local.trainers import rows_at_once
from tests.tiny_model import write_tiny_model

MOST_SECONDS = 180
ROWS = [
    {
        "prompt": [{"role": "user", "content": f"ticket {number} : " + "about my refund " * (number % 4)}],
        "completion": [{"role": "assistant", "content": "queue = refund" if number % 2 else f"delivery {number}"}],
    }
    for number in range(8)
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseLanguageModel:
    folder = write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")
    return BaseLanguageModel(id="tiny", source=str(folder), offline=True)


def _loss_and_gradients(
    kind: type[SFTTrainer], base: BaseLanguageModel, folder: Path, items: int | None
) -> tuple[float, dict[str, torch.Tensor]]:
    network, tokenizer = load_model(base)
    arguments = SFTConfig(
        output_dir=str(folder), use_cpu=True, bf16=False, max_length=None, completion_only_loss=True, report_to="none"
    )
    trainer = kind(model=network, args=arguments, train_dataset=Dataset.from_list(ROWS), processing_class=tokenizer)
    assert trainer.train_dataset is not None
    batch = trainer.data_collator([trainer.train_dataset[number] for number in range(len(ROWS))])
    assert len(set(batch["attention_mask"].sum(dim=1).tolist())) > 1, "rows of different length, so some padding"
    counted = None if items is None else torch.tensor(items)
    loss = trainer.compute_loss(network, batch, num_items_in_batch=counted)
    assert isinstance(loss, torch.Tensor)
    loss.backward()
    return float(loss.detach()), {name: one.grad for name, one in network.named_parameters() if one.grad is not None}


@pytest.mark.parametrize("items", [None, 31, 1000])
def test_the_loss_over_answers_and_its_gradients_are_those_of_trl(
    base: BaseLanguageModel, tmp_path: Path, items: int | None
) -> None:
    ours, our_gradients = _loss_and_gradients(AnswerTrainer, base, tmp_path / "ours", items)
    theirs, their_gradients = _loss_and_gradients(SFTTrainer, base, tmp_path / "theirs", items)
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert our_gradients.keys() == their_gradients.keys()
    for name, gradient in our_gradients.items():
        torch.testing.assert_close(gradient, their_gradients[name], rtol=1e-3, atol=1e-6)
    assert max(float(gradient.abs().max()) for gradient in our_gradients.values()) > 1e-3


@given(st.integers(1, 64), st.integers(1, 2048), st.integers(1, 4096))
def test_rows_at_once_divide_their_batch_and_bound_memory(batch: int, longest: int, most: int) -> None:
    rows = rows_at_once(batch, longest, most)
    assert batch % rows == 0
    assert rows == 1 or rows * longest <= most


def _job(base: BaseLanguageModel, *, epochs: int) -> Job:
    return Job(
        id="ftjob-tiny",
        created_at=1,
        base=base,
        suffix="s",
        training_file="file-1",
        hyperparameters=Hyperparameters(n_epochs=epochs, batch_size=2, learning_rate_multiplier=1.0),
        seed=3,
    )


def _content() -> bytes:
    return "\n".join(json.dumps({"messages": [*row["prompt"], *row["completion"]]}) for row in ROWS).encode()


@contextmanager
def supervised(folder: Path, **changes: int) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder, load_defaults().training.model_copy(update=changes))
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.close()


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + MOST_SECONDS
    while not ready():
        assert time.monotonic() < until, "not ready in time"
        time.sleep(0.02)


def _kill_trainer(folder: Path, *, after: int) -> None:
    """Kill the training process, as the system does that is short of memory, once it has trained so many steps."""
    mark = folder / "process.json"

    def step() -> int:
        return max((int(str((event.data or {}).get("step", 0))) for event in list_events(folder)), default=0)

    _wait(lambda: step() >= after and mark.is_file() and psutil.pid_exists(json.loads(mark.read_text())["pid"]))
    os.kill(json.loads(mark.read_text())["pid"], signal.SIGKILL)


def test_a_trainer_killed_under_a_living_server_goes_on_from_its_checkpoint_and_its_tokens_with_it(
    base: BaseLanguageModel, tmp_path: Path
) -> None:
    folder = tmp_path / "ftjob-tiny"
    with supervised(tmp_path) as supervisor:
        supervisor.create(_job(base, epochs=8), _content())
        _kill_trainer(folder, after=3)
        _wait(lambda: find_job(tmp_path, "ftjob-tiny").status in FINAL)
    job = find_job(tmp_path, "ftjob-tiny")
    assert (job.status, job.error, job.attempts) == (Status.SUCCEEDED, None, 2)
    metrics = [event.data or {} for event in list_events(folder) if event.type == "metrics"]
    assert sorted(int(str(one["step"])) for one in metrics) == list(range(1, 33))
    tokens = [int(str(one["tokens"])) for one in sorted(metrics, key=lambda one: int(str(one["step"])))]
    assert tokens == sorted(tokens)
    assert tokens[-1] == job.trained_tokens, "what was counted before the stop counts"
    written = (folder / "events.jsonl").read_text()
    assert written.count('-step-1"') == 1, "what a checkpoint holds is not trained again"


def test_a_trainer_that_is_killed_again_and_again_is_given_up_with_its_reason(
    base: BaseLanguageModel, tmp_path: Path
) -> None:
    folder = tmp_path / "ftjob-tiny"
    with supervised(tmp_path, attempts=2) as supervisor:
        supervisor.create(_job(base, epochs=5000), _content())
        _kill_trainer(folder, after=1)
        _wait(lambda: find_job(tmp_path, "ftjob-tiny").attempts == 2)
        _kill_trainer(folder, after=2)
        _wait(lambda: find_job(tmp_path, "ftjob-tiny").status in FINAL)
    job = find_job(tmp_path, "ftjob-tiny")
    assert (job.status, job.attempts) == (Status.FAILED, 2)
    assert job.error is not None
    assert job.error.code == "training_killed"
    assert "batch_size" in job.error.message


def test_what_fails_in_training_itself_is_not_tried_again(base: BaseLanguageModel, tmp_path: Path) -> None:
    broken = base.model_copy(update={"source": str(tmp_path / "nothing")})
    with supervised(tmp_path) as supervisor:
        supervisor.create(_job(broken, epochs=1), _content())
        _wait(lambda: find_job(tmp_path, "ftjob-tiny").status in FINAL)
    job = find_job(tmp_path, "ftjob-tiny")
    assert (job.status, job.attempts) == (Status.FAILED, 1)
    assert job.error is not None
    assert "cannot be loaded" in job.error.message


def test_a_question_that_is_taken_back_does_not_keep_others_from_their_answer(base: BaseLanguageModel) -> None:
    engine = Engine(base, load_defaults().generation)
    ask = Request(messages=(ChatMessage(role="user", content="ticket 1"),), max_tokens=4)
    taken_back = engine.submit(ask)
    assert taken_back.cancel()
    assert engine.submit(ask).result(timeout=MOST_SECONDS).completion_tokens >= 0


def test_jobs_are_tended_after_the_disk_refused_to_write(base: BaseLanguageModel, tmp_path: Path) -> None:
    folder = tmp_path / "ftjob-tiny"
    (folder / "training.log").mkdir(parents=True)
    with supervised(tmp_path) as supervisor:
        supervisor.create(_job(base, epochs=1), _content())
        _wait(lambda: find_job(tmp_path, "ftjob-tiny").status == Status.RUNNING)
        (folder / "training.log").rmdir()
        _wait(lambda: find_job(tmp_path, "ftjob-tiny").status in FINAL)
    assert find_job(tmp_path, "ftjob-tiny").status == Status.SUCCEEDED
