"""Asking many questions at once, against real servers on the loopback interface that misbehave in every known way."""

import asyncio
import json
import random
import socket
import threading
from collections import deque
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from sqlalchemy import select

from ftdecide.experiment import answering
from ftdecide.experiment.answering import answer_arm
from ftdecide.experiment.looking_up import DOCUMENTS, find_passages
from ftdecide.experiment.spending import Purse
from ftdecide.experiment.work import StopError, Work, open_work
from ftdecide.providers import base
from ftdecide.providers.access import Access
from ftdecide.providers.chat import ChatLine
from ftdecide.providers.connections import find_connection, load_connections
from ftdecide.providers.pace import Pace, load_pacing
from ftdecide.settings import Settings
from ftdecide.store.answers import SavedAnswer, count_failed_answers, load_answers, spent_usd
from ftdecide.store.calls import Call, Log, Sent, count_calls, open_log
from ftdecide.store.database import Store, open_store
from ftdecide.store.hosting import NewHosted, begin_hosting
from ftdecide.store.runs import NewRun, create_run, move_run
from ftdecide.store.tables import calls_under_way, charges
from tests.loopback import KEY, Bad, Loopback, refusal, serve_loopback

ROWS = 240
COLOURS = ("red", "green", "blue")
CHAT: list[base.Message] = [{"role": "user", "content": "hello"}]


class Faults(deque[Bad]):
    """A provider's bad days: now and then, by a seeded die, an answer goes wrong."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._die = random.Random(seed)  # noqa: S311 - a die, no secret
        self.thrown = 0

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> Bad:
        chance = self._die.random()
        bad = self._bad(chance)
        self.thrown += bad is not None
        return bad  # type: ignore[return-value]  # None: this one goes well

    def _bad(self, chance: float) -> Bad | None:
        if chance < 0.30:
            soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
            headers = self._die.choice([{"retry_after": "0.02"}, {"retry_after_ms": "15"}, {}, {"retry_after": soon}])
            return refusal(429, "rate_limit_exceeded", "slow down", **headers)
        if chance < 0.35:
            return refusal(500, "server_error", "oops")
        if chance < 0.37:
            return Bad(body=self._die.choice(["{ not json", "<html>", '{"choices": []}', "[]"]))
        return Bad(wait_seconds=30) if chance < 0.38 else None


@pytest.fixture
def server() -> Generator[Loopback]:
    with serve_loopback() as state:
        state.answer = lambda _model, messages: messages[-1]["content"].split()[1]  # type: ignore[method-assign]
        yield state


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture(autouse=True)
def _quick(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's prices at the loopback address, with short waits and times."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    there = find_connection("openai").model_copy(update={"base_url": server.base_url, "timeout_seconds": 1.5})
    retries = load_connections().retries.model_copy(update={"first_wait_seconds": 0.01})
    known = load_connections().model_copy(update={"retries": retries})
    monkeypatch.setattr(answering, "find_connection", lambda *_names: there)
    monkeypatch.setattr(answering, "load_connections", lambda: known)


def begin(store: Store, settings: Settings, *, rows: int = ROWS, **more: object) -> Work:
    """A run that has begun; its preflight knows what a call takes."""
    kept = [
        {"item": f"t{n}", "prompt": f"the {COLOURS[n % 3]} {n}", "reference": "red", "line": n} for n in range(rows)
    ]
    plan = {
        "schema_version": 1,
        "title": "Colours",
        "data": {"train": "a", "test": "b"},
        "instructions": "Name the colour.",
        "provider": {"id": "openai", "model": "gpt-4.1-mini"},
        "arms": [{"kind": "zero_shot"}],
        "grader": {"kind": "exact"},
        "concurrency": 32,
        **more,
    }
    preflight = {"calls_by_arm": [{"arm": "zero_shot", "calls": rows, "prompt_tokens": 10 * rows}]}
    document = {"train": [], "test": kept, "train_hash": "", "test_hash": ""}
    run = create_run(store, NewRun(title="Colours", plan=plan, preflight=preflight, rows=document, total=rows))
    move_run(store, run.id, "running", only_from={"queued"})
    return open_work(settings, run.id)


def begin_again(work: Work) -> Work:
    """The same run, taken up anew."""
    move_run(work.store, work.run.id, "queued", only_from={"running"})
    move_run(work.store, work.run.id, "running", only_from={"queued"})
    return open_work(work.settings, work.run.id)


def answer(work: Work) -> dict[tuple[str, int], SavedAnswer]:
    answer_arm(work, work.experiment.arms[0])
    return {(each.item, each.repeat): each for each in load_answers(work.store, work.run.id)}


def said(content: str | None, finish_reason: str = "stop", **more: object) -> Bad:
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content, **more}}
    usage = {"prompt_tokens": 1000, "completion_tokens": 500}
    return Bad(body=json.dumps({"choices": [choice], "usage": usage}))


def test_a_provider_on_a_bad_day_gives_the_same_answers_as_a_healthy_one(
    server: Loopback, store: Store, settings: Settings
) -> None:
    healthy = answer(begin(store, settings))
    server.bad = Faults(20261122)
    ill = answer(begin(store, settings))
    assert server.bad.thrown > ROWS / 3
    assert {key: each.text for key, each in ill.items()} == {key: each.text for key, each in healthy.items()}
    assert len(ill) == ROWS
    assert not [each for each in ill.values() if each.error]


def test_every_item_is_asked_as_often_as_the_plan_says_and_never_again(
    server: Loopback, store: Store, settings: Settings
) -> None:
    work = begin(store, settings, rows=20, repeats=3)
    assert set(answer(work)) == {(f"t{n}", repeat) for n in range(20) for repeat in range(3)}
    assert sum(server.asked.values()) == 60
    answer(work)
    assert sum(server.asked.values()) == 60


def test_an_answer_without_text_is_asked_for_once_more_and_both_are_paid(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.bad.extend([said(None), said(None), said(None)])
    work = begin(store, settings, rows=3, concurrency=1)
    first, second, third = answer(work).values()
    assert (first.failure, first.text) == ("empty", "")
    assert "no text" in (first.error or "")
    assert (second.error, third.error) == (None, None)
    assert second.text == "green"
    empty = first.cost_usd
    assert empty > 100 * third.cost_usd > 0
    assert spent_usd(store, work.run.id) == 3 * empty + second.cost_usd + third.cost_usd
    assert count_calls(store, work.run.id) == 5


def test_an_answer_that_used_up_its_tokens_before_any_text_is_not_asked_for_again(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.bad.append(said(None, "length"))
    first = next(iter(answer(begin(store, settings, rows=2, concurrency=1)).values()))
    assert first.failure == "empty"
    assert "allow more" in (first.error or "")
    assert sum(server.asked.values()) == 1


def test_a_refusal_of_the_model_is_its_answer(server: Loopback, store: Store, settings: Settings) -> None:
    server.bad.append(said(None, refusal="I cannot help with that."))
    first = next(iter(answer(begin(store, settings, rows=2, concurrency=1)).values()))
    assert (first.text, first.error) == ("I cannot help with that.", None)


def test_what_a_content_filter_keeps_back_is_marked_and_never_asked_again(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.bad.extend([said("", "content_filter"), refusal(400, "content_filter", "no"), refusal(400, "other", "bad")])
    work = begin(store, settings, rows=5, concurrency=1)
    assert [each.failure for each in answer(work).values()] == [
        "content_filter",
        "content_filter",
        "rejected",
        None,
        None,
    ]
    before = spent_usd(store, work.run.id)
    assert count_failed_answers(store, work.run.id) == 1
    again = answer(begin_again(work))
    assert spent_usd(store, work.run.id) >= before
    assert count_failed_answers(store, work.run.id) == 0
    assert sum(server.asked.values()) == 3, "the refused row alone is asked again"
    assert [each.failure for each in again.values()].count("content_filter") == 2


def test_what_failed_stays_until_its_new_answer_comes_and_keeps_its_price(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.bad.append(said(None, "length"))
    work = begin(store, settings, rows=2, concurrency=1, budget={"usd": "0.5"})
    first = answer(work)[("t0", 0)]
    assert (first.failure, first.cost_usd > 0) == ("empty", True)
    assert answer(work)[("t0", 0)] == first, "the same attempt asks nothing again"
    poor = begin_again(work)
    plan = poor.experiment.model_copy(
        update={"budget": poor.experiment.budget.model_copy(update={"usd": Decimal("1e-9")})}
    )
    with pytest.raises(StopError):
        answer(replace(poor, experiment=plan))
    kept = {(each.item, each.repeat): each for each in load_answers(store, work.run.id)}
    assert kept[("t0", 0)] == first, "no room in the budget, and the former result is whole"
    before, calls = spent_usd(store, work.run.id), count_calls(store, work.run.id)
    again = answer(begin_again(work))
    assert (len(again), again[("t0", 0)].error) == (2, None)
    assert spent_usd(store, work.run.id) == before + again[("t0", 0)].cost_usd
    assert count_calls(store, work.run.id) == calls + 1


def test_looking_up_that_a_killed_worker_left_under_way_weighs_when_it_is_done_again(
    server: Loopback, store: Store, settings: Settings
) -> None:
    work = begin(store, settings, rows=2, budget={"usd": "0.1"})
    with open_log(store, work.run.id) as log:
        log.write([Sent(DOCUMENTS, DOCUMENTS, 1, Decimal("0.25"))], [])
    with pytest.raises(StopError, match="budget"):
        find_passages(replace(work, rows=work.rows.model_copy(update={"unread": ("a passage",)})))
    assert spent_usd(store, work.run.id) == Decimal("0.25")


@pytest.mark.parametrize("cached", [0, 800, 5000])
def test_what_the_provider_had_cached_is_paid_at_its_rate(
    server: Loopback, store: Store, settings: Settings, cached: int
) -> None:
    said_before = {"prompt_tokens": 1000, "completion_tokens": 500, "prompt_tokens_details": {"cached_tokens": cached}}
    body = json.loads(said("red").body)
    server.bad.append(Bad(body=json.dumps({**body, "usage": said_before})))
    found = answer(begin(store, settings, rows=1))[("t0", 0)]
    # gpt-4.1-mini: 0.40 USD for a million tokens, 0.10 from the cache, 1.60 for answers.
    whole = Decimal("0.0012")
    assert found.cost_usd == whole - Decimal("0.0000003") * min(cached, 1000)


def test_a_row_that_fails_for_good_is_marked_after_its_tries(
    server: Loopback, store: Store, settings: Settings
) -> None:
    attempts = load_connections().retries.attempts
    server.bad.extend([refusal(500, "server_error", "oops")] * attempts)
    work = begin(store, settings, rows=2, concurrency=1)
    first, second = answer(work).values()
    assert (first.failure, first.calls, first.cost_usd) == ("unavailable", attempts, Decimal(0))
    assert second.error is None


def test_the_cap_is_held_with_many_calls_under_way_and_after_a_restart(
    server: Loopback, store: Store, settings: Settings
) -> None:
    whole = begin(store, settings)
    answer(whole)
    cap = spent_usd(store, whole.run.id) / 2
    server.asked.clear()
    work = begin(store, settings, budget={"usd": str(cap)}, max_output_tokens=8)
    for _attempt in range(3):
        with pytest.raises(StopError, match="budget"):
            answer(work)
        # What was spent beyond answers stands in charges, and weighs after a restart as well.
        assert spent_usd(store, work.run.id) <= cap
    done = len(load_answers(store, work.run.id))
    assert ROWS / 4 < done < ROWS
    assert sum(server.asked.values()) == done, "no call is made in vain"


def test_tries_that_may_have_been_charged_count_against_the_cap(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.bad.extend([Bad(body="{ not json")] * 3)
    work = begin(store, settings, rows=1, concurrency=1)
    only = next(iter(answer(work).values()))
    assert only.error is None
    assert spent_usd(store, work.run.id) > 3 * only.cost_usd
    with store.engine.connect() as connection:
        reasons = connection.execute(select(charges.c.reason)).scalars().all()
    assert reasons == ["failed_try"] * 3


def test_a_call_that_a_killed_worker_left_under_way_is_charged_at_its_most(
    server: Loopback, store: Store, settings: Settings
) -> None:
    work = begin(store, settings, rows=2)
    with open_log(store, work.run.id) as log:
        log.write([Sent("zero_shot", "t0", 0, Decimal("0.5")), Sent("zero_shot", "t1", 0, Decimal("0.25"))], [])
        log.write([], [Call("zero_shot", "t1", 0)])
    paid = sum(each.cost_usd for each in answer(work).values())
    assert spent_usd(store, work.run.id) == paid + Decimal("0.5")
    with store.engine.connect() as connection:
        assert connection.execute(select(calls_under_way)).all() == []


def test_the_same_answer_is_stored_once(store: Store, settings: Settings) -> None:
    work = begin(store, settings, rows=1)
    one = SavedAnswer(
        arm="zero_shot",
        item="t0",
        configuration="c",
        text="red",
        prompt_tokens=1,
        completion_tokens=1,
        latency_ms=1.0,
        cost_usd=Decimal(0),
        error=None,
    )
    call = Call("zero_shot", "t0", 0, one)
    with open_log(store, work.run.id) as log:
        assert log.write([], [call]) == 1
        log.write([], [call, call])
    assert len(load_answers(store, work.run.id)) == 1


def test_a_store_that_cannot_be_written_ends_the_asking(
    server: Loopback, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_batch: object) -> int:
        raise OSError(28, "No space left on device")

    work = begin(store, settings)
    monkeypatch.setattr(Log, "write", full)
    with pytest.raises(OSError, match="No space"):
        answer(work)
    assert sum(server.asked.values()) <= 2 * 32


def test_when_all_the_first_answers_fail_the_run_is_given_up(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.bad.extend([refusal(400, "bad", "no")] * 100)
    with pytest.raises(base.ProviderError, match="all failed"):
        answer(begin(store, settings, concurrency=2))
    assert not server.asked


def hang_up(after: bytes) -> int:
    """A port where each caller is hung up on after its request, `after` having been said; return the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            caller, _address = listener.accept()
            caller.recv(65536)
            caller.sendall(after)
            caller.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def complete_at(port: int) -> base.Completion:
    async def once() -> base.Completion:
        async with ChatLine(lambda: Access(f"http://127.0.0.1:{port}/v1", KEY, 5.0, direct=True), 2) as line:
            return await line.complete("m", CHAT, max_tokens=8)

    return asyncio.run(once())


@pytest.mark.parametrize(
    "after",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", b"nonsense\r\n\r\n"],
    ids=["", "half", "nonsense"],
)
def test_a_connection_that_breaks_may_have_been_charged(after: bytes) -> None:
    with pytest.raises(base.ConnectionLostError):
        complete_at(hang_up(after))


def test_a_server_that_is_not_there_has_charged_nothing() -> None:
    with pytest.raises(base.UnreachableError) as caught:
        complete_at(9)
    assert not caught.value.may_be_charged


def test_a_server_that_sends_a_byte_now_and_then_still_times_out() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        caller, _address = listener.accept()
        caller.recv(65536)
        caller.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        try:
            while True:
                caller.sendall(b" ")
                threading.Event().wait(0.05)
        except OSError:
            caller.close()

    threading.Thread(target=drip, daemon=True).start()

    async def once() -> base.Completion:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        async with ChatLine(lambda: Access(address, KEY, 0.4, direct=True), 2) as line:
            return await line.complete("m", CHAT, max_tokens=8)

    with pytest.raises(base.TimedOutError):
        asyncio.run(once())


def test_the_pace_halves_once_for_the_calls_of_one_moment_and_recovers_by_one_a_round() -> None:
    now = [100.0]
    pace = Pace(64, 63, load_pacing(), clock=lambda: now[0])
    for _call in range(20):
        pace.was_limited(sent_at=100.0)
    assert pace.limit == 32
    pace.was_limited(sent_at=100.5)
    assert pace.limit == 32, "it was sent before the cut could show"
    pace.was_limited(sent_at=101.0)
    assert pace.limit == 16
    for _call in range(16):
        pace.went_well()
    assert pace.limit == 16
    pace.went_well()
    assert pace.limit == 17
    for _call in range(5000):
        pace.went_well()
    assert pace.limit == 64
    for second in range(200, 220):
        now[0] = second
        pace.was_limited(sent_at=second)
    assert pace.limit == 1


@pytest.mark.parametrize(("refill_at", "together"), [(0, 4), (3, 1)])
def test_a_provider_that_answers_in_batches_is_asked_in_batches(refill_at: int, together: int) -> None:
    async def watch() -> list[int]:
        pace, inside, begun = Pace(4, refill_at, load_pacing()), [0], list[int]()

        async def call(number: int) -> None:
            await pace.enter()
            inside[0] += 1
            begun.append(inside[0])
            # Each call takes longer than the one before, so places become free one by one.
            await asyncio.sleep(0.01 * (number % 4 + 1))
            inside[0] -= 1
            pace.leave()

        await asyncio.gather(*[call(number) for number in range(12)])
        return begun

    begun = asyncio.run(watch())
    assert max(begun) == 4
    assert begun[:4] == [1, 2, 3, 4]
    assert (begun[4:] == [1, 2, 3, 4] * 2) is (together == 4)


def test_a_deployment_that_costs_by_the_hour_leaves_less_for_calls(
    server: Loopback, store: Store, settings: Settings
) -> None:
    server.answer_seconds = 0.2
    work = begin(store, settings, budget={"usd": "10"}, concurrency=4)
    new = NewHosted(name="d", arm="zero_shot", provider="openai", model="m", tier="t", usd_per_hour=Decimal(11))

    timer = threading.Timer(1, lambda: begin_hosting(store, work.run.id, new))
    timer.start()
    with pytest.raises(StopError, match="budget"):
        answer(work)
    timer.join()
    assert len(load_answers(store, work.run.id)) < ROWS


def test_near_the_cap_calls_wait_for_those_under_way_before_the_run_is_stopped() -> None:
    async def spend() -> Decimal:
        purse, paid = Purse(Decimal(10), Decimal(0), Decimal(3)), [Decimal(0)]

        async def call() -> None:
            while True:
                reserved = await purse.reserve()
                await asyncio.sleep(0)
                paid[0] += Decimal(1)
                purse.settle(reserved, Decimal(1))

        results = await asyncio.gather(*[call() for _task in range(5)], return_exceptions=True)
        assert all(isinstance(result, StopError) for result in results)
        return paid[0]

    assert asyncio.run(spend()) == 8, "two more would fit, but a call may cost three"
