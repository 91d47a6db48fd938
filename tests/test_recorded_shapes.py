"""Answers as the providers' references document them, read by the SDK's own types and by ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse, FileObject
from openai.types.chat import ChatCompletion
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint
from pydantic import TypeAdapter, ValidationError

from ftdecide.providers import base, training
from ftdecide.providers.access import Access
from ftdecide.providers.openai import OpenAIProvider
from tests.loopback import KEY, Bad, serve_loopback

RECORDED = Path(__file__).parent / "recorded"
SHAPES: dict[str, Any] = {
    "event": FineTuningJobEvent,
    "checkpoint": FineTuningJobCheckpoint,
    "job": FineTuningJob,
    "chat": ChatCompletion,
    "embeddings": CreateEmbeddingResponse,
    "file": FileObject,
}
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
LATE = [name for name in NAMES if name.endswith("_late")]


def recorded(name: str) -> dict[str, Any]:
    """One answer; what OpenAI writes as an empty error is none."""
    answer = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return {**answer, "error": None} if answer.get("error") == {} else answer


def served(*names: str) -> list[Bad]:
    return [Bad(body=(RECORDED / f"{name}.json").read_text(encoding="utf-8")) for name in names]


def page(*names: str) -> Bad:
    data = [json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8")) for name in names]
    return Bad(body=json.dumps({"object": "list", "data": data, "has_more": False}))


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_knows_every_shape_but_the_late_ones(name: str) -> None:
    kind = next(kind for kind in SHAPES if kind in name)
    if name in LATE:
        with pytest.raises(ValidationError):
            TypeAdapter(SHAPES[kind]).validate_python(recorded(name))
    else:
        TypeAdapter(SHAPES[kind]).validate_python(recorded(name))


def test_jobs_in_every_state_are_read() -> None:
    with serve_loopback() as server:
        asked = OpenAIProvider(Access(server.base_url, KEY, 5.0))
        server.bad.extend(served("openai_job", "openai_failed_job", "openai_preference_job", "azure_job_late"))
        done, failed, checking, waiting = (asked.job_state("ftjob-1") for _job in range(4))
    assert done == training.JobState(
        id="ftjob-abc123",
        state="succeeded",
        model="ft:gpt-4.1-mini-2025-04-14:my-org:run-1:abc123",
        trained_tokens=5768,
    )
    assert (failed.state, failed.error) == ("failed", "Creating this fine-tuning job would exceed your hard limit")
    assert checking.state == "validating_files"
    assert waiting.state == "queued"


def test_a_job_is_known_by_its_token_and_without_metadata_by_its_file() -> None:
    with serve_loopback() as server:
        asked = OpenAIProvider(Access(server.base_url, KEY, 5.0))
        server.bad.extend([page("azure_job_late", "openai_job")] * 3)
        found = [
            asked.find_job("run-1-fine_tuned-1", "file-none"),
            asked.find_job("none", "file-1a2b3c"),
            asked.find_job("none", "file-none"),
        ]
    assert [job and job.id for job in found] == ["ftjob-abc123", "ftjob-0f4191f0c59a4256b7a797a3d9eed219", None]


def test_logs_and_checkpoints_are_read() -> None:
    with serve_loopback() as server:
        asked = OpenAIProvider(Access(server.base_url, KEY, 5.0))
        server.bad.extend([page("openai_event", "openai_plain_event"), page("openai_checkpoint")])
        events, kept = asked.job_events("ftjob-1"), asked.job_checkpoints("ftjob-1")
    assert [(event.step, event.total_steps, event.loss) for event in events] == [(None, None, None), (90, 91, 0.27)]
    assert kept == (training.Checkpoint(model=kept[0].model, step=2000, train_loss=0.11),)
    assert kept[0].model.endswith(":ckpt-step-2000")


def test_answers_are_read_with_their_end_and_what_was_at_hand() -> None:
    with serve_loopback() as server:
        asked = OpenAIProvider(Access(server.base_url, KEY, 5.0))
        server.bad.extend(served("openai_chat", "openai_refusal_chat", "azure_chat"))
        chat: list[base.Message] = [{"role": "user", "content": "hello"}]
        plain, refused, filtered = (asked.complete_chat("m", chat, max_tokens=8) for _answer in range(3))
    assert (plain.text, plain.cached_tokens, plain.finish_reason) == ("Hello! How can I help?", 1024, "stop")
    assert (refused.text, refused.empty) == ("I'm sorry, I cannot assist with that.", False)
    assert (filtered.text, filtered.finish_reason) == ("The first step", "content_filter")


def test_vectors_are_read_in_the_order_of_their_texts() -> None:
    with serve_loopback() as server:
        asked = OpenAIProvider(Access(server.base_url, KEY, 5.0))
        server.bad.extend(served("openai_embeddings", "openai_file"))
        found = asked.embed("m", ["one", "two"])
        assert asked.upload_training_file("rows.jsonl", b"{}") == "file-abc123"
    assert found == base.Embeddings(vectors=((0.0023064255, -0.009327292), (0.5, -0.25)), tokens=8)
