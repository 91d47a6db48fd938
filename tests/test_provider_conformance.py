"""The same cases over every provider there is: what one of them can, all can, and they fail alike.

OpenAI's, Nebius's and a compatible server's addresses, and Azure's with its deployments, are served by small servers on
the loopback interface that speak as they do; the local engine is a real process, asked by its own address and by
Azure's. Whatever they answer is also read by the SDK's own types, strictly, so that no server here is too kind.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pytest
from openai.types import CreateEmbeddingResponse, FileObject
from openai.types.chat import ChatCompletion
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint
from pydantic import BaseModel, TypeAdapter

from ftdecide.errors import ProviderError
from ftdecide.local.launch import ensure_running, stop
from ftdecide.providers import base, training
from ftdecide.providers.access import Access, open_access
from ftdecide.providers.chat import ChatLine
from ftdecide.providers.clients import sync_client
from ftdecide.providers.connections import find_connection
from ftdecide.providers.hosting import name_to_ask, open_hosting
from ftdecide.providers.openai import OpenAIProvider
from ftdecide.providers.openai_jobs import NO_SUCH_FILE
from ftdecide.providers.training_access import can_train
from ftdecide.settings import Settings, load_settings
from tests.azure_server import Azure, serve_azure
from tests.loopback import KEY, Bad, Loopback, refusal, serve_loopback
from tests.tiny_model import write_tiny_model

CHAT: list[base.Message] = [{"role": "user", "content": "Say hello."}]
ROWS = "".join(
    json.dumps({"messages": [{"role": "user", "content": f"{word}?"}, {"role": "assistant", "content": "yes"}]}) + "\n"
    for word in ("red", "green", "blue", "black", "white", "brown", "grey", "pink", "gold", "lime")
).encode()
PREFERENCES = (
    json.dumps(
        {
            "input": {"messages": [{"role": "user", "content": "red?"}]},
            "preferred_output": [{"role": "assistant", "content": "yes"}],
            "non_preferred_output": [{"role": "assistant", "content": "no"}],
        }
    )
    + "\n"
).encode()
LONGEST_TRAINING_SECONDS = 300
GONE = "gpt-3.5-turbo-0301"


@dataclass(frozen=True)
class Kind:
    """A provider under test: the way to it, a model of its own, and what serves it, if that is one of ours."""

    access: Access
    model: str
    embedding_model: str
    server: Loopback | None = None
    azure: Azure | None = None

    @property
    def provider(self) -> OpenAIProvider:
        """A fresh provider."""
        return OpenAIProvider(self.access)

    def asked_as(self, model: str) -> str:
        """The name under which a model answers, deployed first where that is needed."""
        if self.azure is None or self.access.connection is None:
            return model
        environ = self.azure.environ()
        hosting = open_hosting(self.access.connection, environ)
        assert hosting is not None
        if name_to_ask(self.access.connection, model, environ) == model:
            hosting.create("deployed", model)
            while (found := hosting.find("deployed")) is not None and found.state == "creating":
                time.sleep(0.01)
        return name_to_ask(self.access.connection, model, environ)


@contextmanager
def openai_shaped(name: str, settings: Settings) -> Iterator[Kind]:
    """OpenAI, Nebius or a compatible server, with the loopback server in the place of its address."""
    with serve_loopback() as server:
        found = find_connection(name, server.base_url if name == "compatible" else None)
        connection = found.model_copy(update={"base_url": server.base_url, "timeout_seconds": 5.0})
        environ = {connection.key_variable or "": KEY}
        yield Kind(open_access(settings, connection, None, environ), "base", "base", server)


@contextmanager
def azure_shaped(settings: Settings) -> Iterator[Kind]:
    """Azure, with its base model deployed by hand under a name of its own."""
    with serve_loopback() as server, serve_azure(server) as azure:
        connection = find_connection("azure").model_copy(update={"timeout_seconds": 5.0})
        azure.deploy("our-base", "base", "2025-04-14")
        azure.deploy("our-vectors", "vectors", "1")
        access = open_access(settings, connection, None, azure.environ())
        yield Kind(access, "base", "our-vectors", server, azure)


@contextmanager
def local(settings: Settings, *, azure: bool) -> Iterator[Kind]:
    """The local engine, a real process with a real if tiny model, by its own address or by Azure's."""
    access = open_access(settings, find_connection("local"), None, {})
    model = sync_client(access).models.list().data[0].id
    if azure:
        access = replace(access, base_url=access.base_url.removesuffix("/v1"), api_version="2025-04-01-preview")
    yield Kind(access, model, model)


NAMES = ("openai", "nebius", "compatible", "azure", "local", "local by Azure's address")
SERVED = ("openai", "nebius", "compatible", "azure")
WITH_PREFERENCES = ("openai", "azure", "local")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a home whose local engine runs over a tiny model."""
    home, model = tmp_path_factory.mktemp("home"), write_tiny_model(tmp_path_factory.mktemp("tiny-model"))
    settings = load_settings(
        {"FTDECIDE_HOME": str(home), "FTDECIDE_WORKER": "external", "FTDECIDE_LOCAL_MODEL": str(model)}
    )
    ensure_running(settings)
    yield settings
    stop(settings)


@pytest.fixture
def kind(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Kind]:
    """The provider of which a case is told the name."""
    name = str(request.param)
    if name.startswith("local"):
        engine_settings: Settings = request.getfixturevalue("engine")
        way = local(engine_settings, azure=name != "local")
    else:
        way = azure_shaped(settings) if name == "azure" else openai_shaped(name, settings)
    with way as found:
        yield found


every = pytest.mark.parametrize("kind", NAMES, indirect=True)
every_server = pytest.mark.parametrize("kind", SERVED, indirect=True)


def ended(provider: OpenAIProvider, job_id: str) -> training.JobState:
    """A job once it is over."""
    until = time.monotonic() + LONGEST_TRAINING_SECONDS
    while (job := provider.job_state(job_id)).state not in training.JOB_ENDED:
        assert time.monotonic() < until, "not over in time"
        time.sleep(0.1)
    return job


def request_for(kind: Kind, file_id: str, mark: str = "mark-1", **more: object) -> training.JobRequest:
    """A small job."""
    plain = {"model": kind.model, "file_id": file_id, "client_token": mark, "suffix": "s", "seed": 1, "n_epochs": 1}
    return training.JobRequest.model_validate({**plain, **more})


@every
def test_a_chat_is_answered_with_tokens_latency_and_the_reason_of_its_end(kind: Kind) -> None:
    found = kind.provider.complete_chat(kind.asked_as(kind.model), CHAT, max_tokens=8)
    assert found.prompt_tokens > 0
    assert 0 < found.completion_tokens <= 8
    assert found.latency_ms > 0
    assert found.finish_reason in ("stop", "length")


@every
def test_a_file_becomes_a_job_with_a_log_and_checkpoints_and_a_model_that_answers(kind: Kind) -> None:
    asked = kind.provider
    file_id = asked.upload_training_file("rows.jsonl", ROWS)
    mark = f"mark-{secrets.token_hex(4)}"
    assert asked.find_job(mark, file_id) is None
    created = asked.create_job(request_for(kind, file_id, mark))
    found = asked.find_job(mark, file_id)
    assert found is not None
    assert found.id == created.id
    done = ended(asked, created.id)
    assert done.state == "succeeded", done.error
    assert done.model is not None
    assert done.trained_tokens
    events = asked.job_events(created.id)
    measured = [event.step for event in events if event.loss is not None and event.step is not None]
    assert measured
    assert measured == sorted(measured)
    kept = asked.job_checkpoints(created.id)
    assert [each.step for each in kept] == sorted(each.step for each in kept)
    assert kept
    name = kind.asked_as(done.model)
    answer = asked.complete_chat(name, [{"role": "user", "content": "red?"}], max_tokens=8)
    assert answer.completion_tokens > 0


@every
def test_another_runs_job_is_never_taken_for_ones_own(kind: Kind) -> None:
    asked = kind.provider
    mine, other = (asked.upload_training_file("rows.jsonl", ROWS) for _file in range(2))
    created = asked.create_job(request_for(kind, other, "others-token"))
    assert asked.find_job("own-token", mine) is None
    asked.cancel_job(created.id)


@every
def test_a_job_that_trains_can_be_cancelled(kind: Kind) -> None:
    if kind.server is not None:
        kind.server.step_seconds = 60
    asked = kind.provider
    file_id = asked.upload_training_file("rows.jsonl", ROWS * 50)
    created = asked.create_job(request_for(kind, file_id, "long", n_epochs=50, batch_size=1))
    asked.cancel_job(created.id)
    assert ended(asked, created.id).state == "cancelled"


@pytest.mark.parametrize("kind", WITH_PREFERENCES, indirect=True)
def test_preferences_are_learnt_where_that_is_offered(kind: Kind) -> None:
    assert kind.access.connection is not None
    assert "dpo" in kind.access.connection.methods
    asked = kind.provider
    file_id = asked.upload_training_file("pairs.jsonl", PREFERENCES * 10)
    created = asked.create_job(request_for(kind, file_id, "preferences", method="dpo", beta=0.2))
    assert ended(asked, created.id).state == "succeeded"
    if kind.server is not None:
        sent = kind.server.jobs[created.id]["method"]
        assert sent["type"] == "dpo"
        assert sent["dpo"]["hyperparameters"]["beta"] == 0.2


@every
def test_texts_become_vectors_in_their_order(kind: Kind) -> None:
    texts = [f"{word} " * count for count, word in enumerate(("red", "ticket", "queue"), start=1)] * 30
    found = kind.provider.embed(kind.embedding_model, texts)
    assert len(found.vectors) == len(texts)
    assert len({len(vector) for vector in found.vectors}) == 1
    assert found.tokens >= len(texts)
    for index in (0, 1, 2):
        assert found.vectors[index] == pytest.approx(found.vectors[index + 87], abs=1e-4)
    assert found.vectors[0] != found.vectors[1]


@every
def test_no_texts_are_no_vectors(kind: Kind) -> None:
    assert kind.provider.embed(kind.embedding_model, []) == base.Embeddings(vectors=(), tokens=0)


@every
def test_a_wrong_key_is_refused(kind: Kind) -> None:
    with pytest.raises(base.RefusedKeyError):
        OpenAIProvider(replace(kind.access, key="wrong-key")).complete_chat(kind.model, CHAT, max_tokens=8)


@every
def test_a_model_that_was_retired_is_not_found(kind: Kind) -> None:
    if kind.server is not None:
        kind.server.gone_models.add(GONE)
    with pytest.raises(base.ModelNotFoundError):
        kind.provider.complete_chat(GONE, CHAT, max_tokens=8)


@every
@pytest.mark.parametrize("ask", ["job_state", "job_events", "job_checkpoints", "cancel_job"])
def test_a_job_that_is_not_there_is_not_found(kind: Kind, ask: str) -> None:
    with pytest.raises(base.ModelNotFoundError):
        getattr(kind.provider, ask)("ftjob-none")


@every
def test_asking_whether_a_model_can_be_tuned_leaves_no_job(kind: Kind) -> None:
    jobs = sync_client(kind.access).fine_tuning.jobs
    before = len(list(jobs.list()))
    kind.provider.try_training(kind.model)
    assert len(list(jobs.list())) == before


@every_server
def test_an_organisation_that_may_not_tune_any_more_is_told_before_the_run(kind: Kind) -> None:
    assert kind.server is not None
    kind.server.closed_models.add(kind.model)
    with pytest.raises(base.TrainingNotAvailableError):
        kind.provider.try_training(kind.model)
    with pytest.raises(base.TrainingNotAvailableError):
        kind.provider.create_job(request_for(kind, kind.provider.upload_training_file("rows.jsonl", ROWS)))


def test_a_server_that_takes_a_job_without_a_file_is_told_to_end_it() -> None:
    with serve_loopback() as server:
        server.files[NO_SUCH_FILE] = []
        server.step_seconds = 60
        OpenAIProvider(Access(server.base_url, KEY, 5.0)).try_training("base")
        assert [job["status"] for job in server.jobs.values()] == ["cancelled"]


@every_server
@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_newer_model_that_refuses_older_settings_is_asked_without_them(kind: Kind, way: str) -> None:
    assert kind.server is not None
    kind.server.new_models.add(kind.model)
    name = kind.asked_as(kind.model)
    for _row in range(3):
        if way == "sync":
            found = kind.provider.complete_chat(name, CHAT, max_tokens=8)
        else:
            found = asyncio.run(_ask_once(kind, name))
        assert found.completion_tokens > 0
    assert kind.server.asked.total() == 3


async def _ask_once(kind: Kind, name: str) -> base.Completion:
    async with ChatLine(lambda: kind.access, 2) as line:
        return await line.complete(name, CHAT, max_tokens=8)


@every
def test_many_questions_at_once_get_the_answers_of_one_after_the_other(kind: Kind) -> None:
    name = kind.asked_as(kind.model)
    questions: list[list[base.Message]] = [[{"role": "user", "content": f"ticket {n}"}] for n in range(6)]

    async def ask_all() -> list[base.Completion]:
        async with ChatLine(lambda: kind.access, 4) as line:
            return await asyncio.gather(*(line.complete(name, chat, max_tokens=4) for chat in questions))

    together = asyncio.run(ask_all())
    alone = [kind.provider.complete_chat(name, chat, max_tokens=4) for chat in questions]
    assert [each.text for each in together] == [each.text for each in alone]
    assert [each.prompt_tokens for each in together] == [each.prompt_tokens for each in alone]


@every
def test_both_ways_of_asking_fail_alike(kind: Kind) -> None:
    async def ask(access: Access) -> None:
        async with ChatLine(lambda: access, 2) as line:
            await line.complete(GONE, CHAT, max_tokens=4)

    if kind.server is not None:
        kind.server.gone_models.add(GONE)
    with pytest.raises(base.ModelNotFoundError):
        asyncio.run(ask(kind.access))
    with pytest.raises(base.RefusedKeyError):
        asyncio.run(ask(replace(kind.access, key="wrong-key")))


FILTERED = Bad(
    400,
    json.dumps(
        {
            "error": {
                "message": "The response was filtered due to the prompt triggering the content management policy.",
                "type": None,
                "param": "prompt",
                "code": "content_filter",
                "status": 400,
                "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}},
            }
        }
    ),
)
LATE = {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}


@every_server
@pytest.mark.parametrize(
    ("bad", "leaf", "wait"),
    [
        (Bad(429, headers={"retry-after": "7"}), base.RateLimitedError, 7.0),
        (Bad(429, headers={"retry-after": "1.5"}), base.RateLimitedError, 1.5),
        (Bad(429, headers={"retry-after": "9", "retry-after-ms": "250"}), base.RateLimitedError, 0.25),
        (Bad(429, headers=LATE), base.RateLimitedError, 0.0),
        (Bad(429, headers={}), base.RateLimitedError, None),
        (Bad(503, headers={"retry-after": "3"}), base.ServerFailedError, 3.0),
        (Bad(502, body="<html>bad gateway</html>", content_type="text/html"), base.ServerFailedError, None),
        (refusal(429, "insufficient_quota", "You exceeded your current quota"), base.OutOfCreditError, None),
        (FILTERED, base.ContentFilteredError, None),
        (Bad(body="{ not json"), base.MalformedAnswerError, None),
        (Bad(body="<html>sign in</html>", content_type="text/html"), base.MalformedAnswerError, None),
        (Bad(wait_seconds=2), base.TimedOutError, None),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_every_failure_has_one_error_with_the_wait_that_was_asked_for(
    kind: Kind, bad: Bad, leaf: type[ProviderError], wait: float | None
) -> None:
    assert kind.server is not None
    name = kind.asked_as(kind.model)
    kind.server.bad.append(bad)
    impatient = OpenAIProvider(replace(kind.access, timeout_seconds=0.5))
    with pytest.raises(leaf) as caught:
        impatient.complete_chat(name, CHAT, max_tokens=8)
    assert type(caught.value) is leaf
    assert KEY not in str(caught.value)
    if isinstance(caught.value, base.PassingError):
        assert caught.value.retry_after == wait


@every_server
@pytest.mark.parametrize("content", [None, "", "Half an ans"])
def test_an_answer_that_a_filter_cut_off_says_so(kind: Kind, content: str | None) -> None:
    assert kind.server is not None
    name = kind.asked_as(kind.model)
    choice = {"finish_reason": "content_filter", "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    kind.server.bad.append(Bad(body=json.dumps({"choices": [choice], "usage": usage})))
    found = kind.provider.complete_chat(name, CHAT, max_tokens=8)
    assert found.finish_reason == "content_filter"
    assert found.empty == (content is None)
    assert found.prompt_tokens == 3


@every
def test_what_a_provider_sends_is_what_the_sdk_expects(kind: Kind) -> None:
    client, name = sync_client(kind.access), kind.asked_as(kind.model)
    file_id = kind.provider.upload_training_file("rows.jsonl", ROWS)
    job_id = kind.provider.create_job(request_for(kind, file_id, "shapes")).id
    ended(kind.provider, job_id)
    jobs = client.fine_tuning.jobs
    chat = client.chat.completions.with_raw_response.create(
        model=name, messages=[{"role": "user", "content": "hello"}], max_tokens=4
    )
    file = client.files.with_raw_response.create(file=("rows.jsonl", ROWS), purpose="fine-tune")
    vectors = client.embeddings.with_raw_response.create(
        model=kind.embedding_model, input=["a", "b"], encoding_format="float"
    )
    sent: list[tuple[type[BaseModel], bytes]] = [
        (ChatCompletion, chat.content),
        (FileObject, file.content),
        (CreateEmbeddingResponse, vectors.content),
        (FineTuningJob, jobs.with_raw_response.retrieve(job_id).content),
    ]
    lists: list[tuple[type[BaseModel], bytes]] = [
        (FineTuningJob, jobs.with_raw_response.list().content),
        (FineTuningJobEvent, jobs.with_raw_response.list_events(job_id).content),
        (FineTuningJobCheckpoint, jobs.checkpoints.with_raw_response.list(job_id).content),
    ]
    for shape, content in lists:
        items = json.loads(content)["data"]
        assert items, shape
        sent += [(shape, json.dumps(item).encode()) for item in items]
    for shape, content in sent:
        TypeAdapter(shape).validate_json(content)


def test_the_dates_of_the_catalogue_close_a_model_without_a_question(settings: Settings) -> None:
    closed = can_train(settings, "openai", "gpt-4.1-mini-2025-04-14", day=date(2027, 2, 1), environ={})
    assert (closed.allowed, closed.origin) == (False, "dates")


def test_without_a_key_nobody_can_say(settings: Settings) -> None:
    open_ = can_train(settings, "openai", "gpt-4.1-mini-2025-04-14", day=date(2026, 11, 22), environ={})
    assert (open_.allowed, open_.origin) == (None, "unknown")
    assert "OPENAI_API_KEY" in open_.reason


def test_a_server_is_asked_whether_it_trains(settings: Settings) -> None:
    with serve_loopback() as server:
        server.closed_models.add("closed")
        environ = {"FTDECIDE_COMPATIBLE_API_KEY": KEY}
        for model, allowed in (("base", True), ("closed", False)):
            found = can_train(settings, "compatible", model, server.base_url, day=date(2026, 11, 22), environ=environ)
            assert (found.allowed, found.origin) == (allowed, "asked")
        server.bad.append(Bad(500))
        found = can_train(settings, "compatible", "base", server.base_url, day=date(2026, 11, 22), environ=environ)
        assert found.allowed is None


def test_a_provider_that_serves_tuned_models_elsewhere_says_so(settings: Settings) -> None:
    assert not can_train(settings, "nebius", "any", day=date(2026, 11, 22), environ={}).served
    assert can_train(settings, "local", "any", day=date(2026, 11, 22), environ={}).served
