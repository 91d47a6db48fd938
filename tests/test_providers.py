"""Providers against a real server on the loopback interface, which behaves and misbehaves."""

import json
from collections.abc import Callable, Generator

import pytest

from ftdecide.errors import InputError, NotFoundError, ProviderError
from ftdecide.providers import base, connections, training
from ftdecide.providers.access import Access
from ftdecide.providers.connection_facts import Retries
from ftdecide.providers.connections import find_connection, key_of, load_connections
from ftdecide.providers.openai import OpenAIProvider
from ftdecide.providers.retries import wait_seconds, with_retries
from tests.loopback import KEY, Bad, Loopback, refusal, serve_loopback

CHAT: list[base.Message] = [{"role": "user", "content": "hello"}]
RETRIES = Retries(
    attempts=4, first_wait_seconds=1.0, longest_wait_seconds=60.0, give_up_after_failures=8, source="a test"
)


@pytest.fixture
def server() -> Generator[Loopback]:
    with serve_loopback() as state:
        yield state


def provider(server: Loopback, *, key: str = KEY, timeout_seconds: float = 5.0) -> base.Provider:
    return OpenAIProvider(Access(server.base_url, key, timeout_seconds))


def test_an_answer_comes_with_tokens_and_latency(server: Loopback) -> None:
    answer = provider(server).complete_chat("base", CHAT, max_tokens=8)
    assert answer.text == "I cannot tell."
    assert (answer.prompt_tokens, answer.completion_tokens) == (1, 3)
    assert answer.latency_ms > 0


def test_a_job_goes_from_file_to_model_and_is_found_by_its_token(server: Loopback) -> None:
    asked = provider(server)
    file_id = asked.upload_training_file(
        "rows.jsonl",
        b'{"messages": [{"role": "user", "content": "red"}, {"role": "assistant", "content": "stop"}]}\n',
    )
    assert asked.find_job("token-1") is None
    request = training.JobRequest(model="base", file_id=file_id, client_token="token-1", suffix="s", seed=1, n_epochs=2)
    created = asked.create_job(request)
    found = asked.find_job("token-1")
    assert found is not None
    assert found.id == created.id
    done = asked.job_state(created.id)
    assert done.state == "succeeded"
    assert done.model is not None
    events = asked.job_events(created.id)
    assert [event.step for event in events] == list(range(1, 11))
    assert events[0].loss == 3.0
    assert asked.complete_chat(done.model, [{"role": "user", "content": "red"}], max_tokens=8).text == "stop"
    sent = server.jobs[created.id]["method"]["supervised"]["hyperparameters"]
    assert sent == {"n_epochs": 2, "batch_size": "auto", "learning_rate_multiplier": "auto"}


def test_a_job_can_be_cancelled(server: Loopback) -> None:
    server.step_seconds = 60
    asked = provider(server)
    file_id = asked.upload_training_file("rows.jsonl", b"")
    created = asked.create_job(training.JobRequest(model="base", file_id=file_id, client_token="t", suffix="s", seed=1))
    assert asked.cancel_job(created.id).state == "cancelled"


@pytest.mark.parametrize(
    ("bad", "leaf"),
    [
        (refusal(401, "invalid_api_key", "Incorrect API key"), base.RefusedKeyError),
        (refusal(403, "training_not_available", "not for your organisation"), base.TrainingNotAvailableError),
        (refusal(403, "forbidden", "no"), base.PermissionRefusedError),
        (refusal(404, "model_not_found", "no such model"), base.ModelNotFoundError),
        (refusal(400, "context_length_exceeded", "too long"), base.RejectedRequestError),
        (refusal(429, "rate_limit_exceeded", "slow down"), base.RateLimitedError),
        (refusal(429, "insufficient_quota", "no credit"), base.OutOfCreditError),
        (refusal(500, "server_error", "oops"), base.ServerFailedError),
        (refusal(503, "overloaded", "busy"), base.ServerFailedError),
        (Bad(body="<html>a login page</html>", content_type="text/html"), base.MalformedAnswerError),
        (Bad(body="{ not json"), base.MalformedAnswerError),
        (Bad(body='{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 0}}'), base.MalformedAnswerError),
        (Bad(body='{"unexpected": true}'), base.MalformedAnswerError),
        (Bad(body="[]"), base.MalformedAnswerError),
    ],
)
def test_every_failure_has_its_own_error_and_says_what_was_done(
    server: Loopback, bad: Bad, leaf: type[ProviderError]
) -> None:
    server.bad.append(bad)
    with pytest.raises(ProviderError, match="asking 'base'") as caught:
        provider(server).complete_chat("base", CHAT, max_tokens=8)
    assert type(caught.value) is leaf
    assert KEY not in str(caught.value)


OPERATIONS: dict[str, Callable[[base.Provider], object]] = {
    "chat": lambda asked: asked.complete_chat("base", CHAT, max_tokens=8),
    "upload": lambda asked: asked.upload_training_file("rows.jsonl", b""),
    "create": lambda asked: asked.create_job(
        training.JobRequest(model="base", file_id="f", client_token="t", suffix="s", seed=1)
    ),
    "find": lambda asked: asked.find_job("t"),
    "state": lambda asked: asked.job_state("j"),
    "events": lambda asked: asked.job_events("j"),
    "cancel": lambda asked: asked.cancel_job("j"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "bad",
    [
        Bad(body="<html>a login page</html>", content_type="text/html"),
        Bad(body="{ not json"),
        Bad(body='{"unexpected": true}'),
        Bad(body='{"data": null}'),
        Bad(body='{"data": [1]}'),
        Bad(body="[]"),
        Bad(body="null"),
        Bad(body='"text"'),
        Bad(204, body=""),
    ],
    ids=lambda bad: f"{bad.status} {bad.body}",
)
def test_an_answer_that_is_not_what_was_agreed_is_never_taken_for_an_empty_one(
    server: Loopback, bad: Bad, operation: str
) -> None:
    server.bad.append(bad)
    with pytest.raises(base.MalformedAnswerError):
        OPERATIONS[operation](provider(server))


@pytest.mark.parametrize(
    ("bad", "leaf"),
    [
        (Bad(408), base.TimedOutError),
        (Bad(429, headers={"retry-after": "\xb2"}), base.RateLimitedError),
        (Bad(429, headers={"retry-after": "soon"}), base.RateLimitedError),
        (Bad(500, body="[1]"), base.ServerFailedError),
        (Bad(403, body='{"error": "no"}'), base.PermissionRefusedError),
        (Bad(403, body='{"error": {"message": null}}'), base.PermissionRefusedError),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Bad) else "",
)
def test_an_unusual_refusal_has_its_usual_error(server: Loopback, bad: Bad, leaf: type[ProviderError]) -> None:
    server.bad.append(bad)
    with pytest.raises(leaf) as caught:
        provider(server).complete_chat("base", CHAT, max_tokens=8)
    if isinstance(caught.value, base.RateLimitedError):
        assert caught.value.retry_after is None


def test_jobs_are_looked_for_on_every_page_and_only_so_far(server: Loopback) -> None:
    def page(first: int, *, more: bool) -> Bad:
        jobs = [
            {"id": f"j{n}", "status": "running", "metadata": {training.CLIENT_TOKEN: f"t{n}"}}
            for n in range(first, first + 50)
        ]
        return Bad(body=json.dumps({"data": jobs, "has_more": more}))

    server.bad.extend([page(0, more=True), page(50, more=False)])
    found = provider(server).find_job("t77")
    assert found is not None
    assert found.id == "j77"
    server.bad.extend([page(0, more=True)] * 11)
    assert provider(server).find_job("none") is None
    assert len(server.bad) == 1, "a list without end is left after 500 jobs"


def test_a_key_that_a_server_repeats_is_cut_out_of_what_is_kept(server: Loopback) -> None:
    server.bad.append(refusal(401, "invalid_api_key", f"{'long ' * 57}key provided: {KEY}"))
    with pytest.raises(base.RefusedKeyError) as caught:
        provider(server).complete_chat("base", CHAT, max_tokens=8)
    assert KEY[:4] not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-1\nsk-2", "sk 1", "sk-\u2026", "sk-\x07"])
def test_a_key_that_cannot_be_one_is_refused_unseen(key: str) -> None:
    with pytest.raises(base.MissingKeyError, match="copy it anew") as caught:
        key_of(find_connection("openai"), {"OPENAI_API_KEY": key})
    assert "sk" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["elsewhere/v1", "ftp://server/v1", "http://", "http://[::1", "http://name:word@server/v1", "http://s/?k=1"],
)
def test_an_address_that_cannot_be_used_or_holds_a_secret_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"provider\.base_url") as caught:
        find_connection("compatible", address)
    assert address not in str(caught.value)


def test_an_engine_on_this_machine_is_asked_past_the_proxy(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(base.UnreachableError):
        provider(server).complete_chat("base", CHAT, max_tokens=8)
    direct = OpenAIProvider(Access(server.base_url, KEY, 5.0, direct=True))
    assert direct.complete_chat("base", CHAT, max_tokens=8).text == "I cannot tell."


def test_a_stalled_server_times_out(server: Loopback) -> None:
    server.bad.append(Bad(wait_seconds=3))
    with pytest.raises(base.TimedOutError):
        provider(server, timeout_seconds=0.2).complete_chat("base", CHAT, max_tokens=8)


def test_a_wrong_key_is_refused(server: Loopback) -> None:
    with pytest.raises(base.RefusedKeyError):
        provider(server, key="wrong").complete_chat("base", CHAT, max_tokens=8)


def test_nobody_at_the_address_is_unreachable() -> None:
    with pytest.raises(base.UnreachableError):
        OpenAIProvider(Access("http://127.0.0.1:9/v1", KEY, 1.0)).complete_chat("base", CHAT, max_tokens=8)


def test_the_wait_that_a_provider_asks_for_is_honoured_up_to_the_cap(server: Loopback) -> None:
    server.bad.extend(
        [
            refusal(429, "rate_limit_exceeded", "slow down", retry_after="7"),
            refusal(429, "rate_limit_exceeded", "slow down", retry_after="9000"),
            refusal(500, "server_error", "oops"),
        ]
    )
    waits: list[float] = []
    asked = provider(server)
    answer = with_retries(lambda: asked.complete_chat("base", CHAT, max_tokens=8), RETRIES, waits.append)
    assert answer.text == "I cannot tell."
    assert waits == [7.0, 60.0, 4.0]


def test_waits_double(server: Loopback) -> None:
    error = base.ServerFailedError("oops")
    assert [wait_seconds(error, attempt, RETRIES) for attempt in (1, 2, 3, 20)] == [1.0, 2.0, 4.0, 60.0]


def test_what_does_not_pass_is_not_tried_again(server: Loopback) -> None:
    server.bad.append(refusal(404, "model_not_found", "no such model"))
    asked = provider(server)
    with pytest.raises(base.ModelNotFoundError):
        with_retries(lambda: asked.complete_chat("base", CHAT, max_tokens=8), RETRIES, pytest.fail)


def test_the_last_failure_is_raised_when_the_attempts_are_used_up(server: Loopback) -> None:
    server.bad.extend([refusal(500, "server_error", "oops")] * 4)
    asked, waits = provider(server), list[float]()
    with pytest.raises(base.ServerFailedError):
        with_retries(lambda: asked.complete_chat("base", CHAT, max_tokens=8), RETRIES, waits.append)
    assert len(waits) == 3


def test_a_key_comes_from_the_named_variable_only() -> None:
    openai = find_connection("openai")
    assert key_of(openai, {"OPENAI_API_KEY": " sk-1 "}) == "sk-1"
    with pytest.raises(base.MissingKeyError, match="OPENAI_API_KEY"):
        key_of(openai, {})


def test_a_key_is_never_sent_to_an_address_from_a_plan() -> None:
    with pytest.raises(InputError, match="has its own address"):
        find_connection("openai", "https://elsewhere.example/v1")
    with pytest.raises(InputError, match="has its own address"):
        find_connection("local", "https://elsewhere.example/v1")
    with pytest.raises(InputError, match="needs the server's address"):
        find_connection("compatible")
    with pytest.raises(NotFoundError, match="openai"):
        find_connection("opnai")


def test_connections_name_variables_and_hold_no_keys() -> None:
    for connection in load_connections().connections:
        assert connection.key_variable is None or connection.key_variable.isupper()
        assert connection.refill_at < connection.concurrent_calls
    assert connections.LOCAL in {connection.id for connection in load_connections().connections}
