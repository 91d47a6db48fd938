"""Chat and embeddings of the local engine, by the official clients over real sockets, with a tiny random model."""

import asyncio
import json
import math
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import jsonschema
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
from openai.types import CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel

from ftdecide.local.app import ROUTES
from ftdecide.local.endpoint import Endpoint
from ftdecide.local.launch import ensure_running
from ftdecide.local.likelihood import Likelihood
from ftdecide.local.speech import Piece, Speech
from tests.tiny_engine import BASE, tiny_engine

ASK = [{"role": "user", "content": "Grüße, 你好"}]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with tiny_engine(tmp_path_factory.mktemp("chat")) as engine:
        yield ensure_running(engine)


@pytest.fixture(scope="module")
def client(endpoint: Endpoint) -> Iterator[OpenAI]:
    with OpenAI(base_url=endpoint.base_url, api_key=endpoint.token, max_retries=0, timeout=60) as made:
        yield made


@pytest.fixture(scope="module")
def azure(endpoint: Endpoint) -> Iterator[AzureOpenAI]:
    root = endpoint.base_url.removesuffix("/v1")
    with AzureOpenAI(
        azure_endpoint=root, api_key=endpoint.token, api_version="2024-10-21", max_retries=0, timeout=60
    ) as made:
        yield made


def _chat(client: OpenAI, **more: object) -> ChatCompletion:
    return client.chat.completions.create(**{"model": BASE, "messages": ASK, "max_tokens": 24, **more})  # type: ignore[call-overload]


def _stream(client: OpenAI, **more: object) -> list[ChatCompletionChunk]:
    return list(_chat(client, stream=True, **more))  # type: ignore[arg-type]


def _text(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@pytest.mark.parametrize("more", [{}, {"temperature": 1.0, "seed": 3}, {"stop": ["\n", "e"]}, {"max_tokens": 1}])
def test_a_stream_says_the_same_as_the_whole_answer(client: OpenAI, more: dict[str, object]) -> None:
    whole = _chat(client, **more)
    chunks = _stream(client, **more)
    assert _text(chunks) == whole.choices[0].message.content
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == whole.choices[0].finish_reason
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks[:-1])
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_that_is_asked_to_ends_with_the_usage_of_the_whole_answer(client: OpenAI) -> None:
    chunks = _stream(client, stream_options={"include_usage": True})
    assert chunks[-1].choices == []
    assert chunks[-1].usage == _chat(client).usage
    assert all("usage" in chunk.model_fields_set and chunk.usage is None for chunk in chunks[:-1])


def test_a_stream_comes_in_pieces_before_the_answer_is_over(client: OpenAI) -> None:
    assert len(_stream(client)) > 4


def test_a_stream_that_nobody_hears_any_more_is_given_up(client: OpenAI) -> None:
    long = _chat(client, stream=True, max_tokens=900)
    next(iter(long))  # type: ignore[call-overload]
    long.close()  # type: ignore[attr-defined]
    assert _chat(client).choices[0].finish_reason


class Ticket(BaseModel):
    queue: Literal["delivery", "refund"]
    urgent: bool


def test_the_parsing_helpers_of_the_client_make_an_object_of_the_answer(client: OpenAI) -> None:
    ask: dict[str, object] = {"model": BASE, "messages": ASK, "max_tokens": 200, "response_format": Ticket}
    parsed = client.chat.completions.parse(**ask)  # type: ignore[arg-type]
    assert isinstance(parsed.choices[0].message.parsed, Ticket)
    with client.chat.completions.stream(**ask) as stream:  # type: ignore[arg-type]
        gathered = stream.get_final_completion()
    assert gathered.choices[0].message.parsed == parsed.choices[0].message.parsed


def test_either_name_of_the_token_limit_is_kept_and_counted(client: OpenAI) -> None:
    one = _chat(client, max_tokens=5)
    other = client.chat.completions.create(model=BASE, messages=ASK, max_completion_tokens=5)  # type: ignore[arg-type]
    assert one.choices == other.choices
    assert one.usage == other.usage
    assert one.usage is not None
    assert one.usage.completion_tokens <= 5
    assert one.usage.total_tokens == one.usage.prompt_tokens + one.usage.completion_tokens


def test_an_answer_without_a_limit_fits_into_what_the_context_still_holds(client: OpenAI) -> None:
    full = client.chat.completions.create(model=BASE, messages=[{"role": "user", "content": "x" * 900}])
    assert full.usage is not None
    assert full.usage.total_tokens <= 1024


def test_likelihoods_belong_to_the_tokens_of_the_answer(client: OpenAI) -> None:
    whole = _chat(client, logprobs=True, top_logprobs=3)
    text, logprobs = whole.choices[0].message.content, whole.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    raw = b"".join(bytes(one.bytes or []) for one in logprobs.content)
    assert raw.decode(errors="replace") == text
    for one in logprobs.content:
        assert one.logprob == one.top_logprobs[0].logprob, "the likeliest was said"
        ordered = [rival.logprob for rival in one.top_logprobs]
        assert len(ordered) == 3
        assert ordered == sorted(ordered, reverse=True)
        assert sum(map(math.exp, ordered)) <= 1 + 1e-9
    streamed = _stream(client, logprobs=True, top_logprobs=3)
    parts = [chunk.choices[0].logprobs for chunk in streamed]
    assert [one for part in parts if part for one in part.content or []] == logprobs.content
    assert _chat(client, logprobs=True).choices[0].logprobs.content[0].top_logprobs == []  # type: ignore[union-attr, index]
    assert _chat(client).choices[0].logprobs is None


def test_likelihoods_end_where_a_stop_text_cuts_the_answer(client: OpenAI) -> None:
    text = _chat(client).choices[0].message.content or ""
    end = text[4:6]
    cut = _chat(client, stop=end, logprobs=True).choices[0]
    assert cut.message.content == text[: text.index(end)]
    assert cut.logprobs is not None
    told = b"".join(bytes(one.bytes or []) for one in cut.logprobs.content or [])
    assert told.decode(errors="replace").startswith(cut.message.content or "")
    assert len(told) <= len((cut.message.content or "").encode()) + 3
    assert cut.finish_reason == "stop"


SCHEMA = {
    "type": "object",
    "properties": {
        "queue": {"enum": ["delivery", "refund", "other"]},
        "urgent": {"type": "boolean"},
        "count": {"type": "integer", "minimum": 0, "maximum": 99},
        "words": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 2},
    },
    "required": ["queue", "urgent", "count", "words"],
    "additionalProperties": False,
}


def _format(schema: object) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


@pytest.mark.parametrize("temperature", [0, 1.5])
def test_an_answer_keeps_to_its_schema_whatever_the_model_would_say(client: OpenAI, temperature: float) -> None:
    for seed in range(3):
        more = {"temperature": temperature, "seed": seed, "response_format": _format(SCHEMA), "max_tokens": 400}
        answer = _chat(client, **more).choices[0]
        assert answer.finish_reason == "stop"
        jsonschema.validate(json.loads(answer.message.content or ""), SCHEMA)


def test_answers_with_and_without_a_schema_share_a_batch(client: OpenAI) -> None:
    plain = _chat(client).choices[0]
    bound = _chat(client, response_format=_format(SCHEMA), max_tokens=400).choices[0]
    with ThreadPoolExecutor(6) as pool:
        formats = [None, _format(SCHEMA)] * 3
        asked = [{"response_format": one, "max_tokens": 400} if one else {} for one in formats]
        together = [one.choices[0] for one in pool.map(lambda more: _chat(client, **more), asked)]
    assert together == [plain, bound] * 3


def test_json_mode_answers_with_the_beginning_of_an_object(client: OpenAI) -> None:
    answer = _chat(client, response_format={"type": "json_object"}, max_tokens=40).choices[0].message.content or ""
    assert answer.lstrip().startswith("{")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [({"type": "banana"}, "banana"), ({"type": "object", "unevaluatedProperties": False}, "unevaluatedProperties")],
)
def test_a_schema_that_cannot_be_enforced_is_refused_by_name(client: OpenAI, schema: object, reason: str) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError, match=reason) as refused:
            _chat(client, response_format=_format(schema), stream=stream)
        assert refused.value.param == "response_format"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"max_completion_tokens": 3}, "max_tokens"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"stop": ["1", "2", "3", "4", "5"]}, "stop"),
        ({"temperature": 3}, "temperature"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 2000}]}, "messages"),
        ({"max_tokens": 5000}, "messages"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"frequency_penalty": 1}, "frequency_penalty"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_its_name(client: OpenAI, more: dict[str, object], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        _chat(client, **more)
    assert (refused.value.param or "").startswith(param)
    assert refused.value.type == "invalid_request_error"
    assert isinstance(refused.value.body, dict)
    assert set(refused.value.body) == {"message", "type", "param", "code"}


def test_neutral_values_of_what_is_not_supported_may_be_sent(client: OpenAI) -> None:
    neutral = {"n": 1, "frequency_penalty": 0, "presence_penalty": 0, "tools": [], "user": "u", "store": False}
    assert _chat(client, **neutral).choices == _chat(client).choices


def test_embeddings_have_length_one_and_do_not_depend_on_their_neighbours(client: OpenAI) -> None:
    texts = ["a", "a much longer text than the others", "你好", "a"]
    together = client.embeddings.create(model=BASE, input=texts)
    alone = [client.embeddings.create(model=BASE, input=text, encoding_format="float") for text in texts]
    for index, (one, other) in enumerate(zip(together.data, alone, strict=True)):
        assert one.index == index
        assert len(one.embedding) == 32
        assert math.hypot(*one.embedding) == pytest.approx(1, abs=1e-5)
        assert one.embedding == pytest.approx(other.data[0].embedding, abs=1e-5)
    assert together.data[0].embedding == together.data[3].embedding
    assert together.usage.prompt_tokens == sum(one.usage.prompt_tokens for one in alone)
    tokens = [number + 3 for number in range(4)]
    assert (
        client.embeddings.create(model=BASE, input=tokens).data
        == client.embeddings.create(model=BASE, input=[tokens]).data
    )
    with ThreadPoolExecutor(4) as pool:
        mixed = list(pool.map(lambda text: client.embeddings.create(model=BASE, input=text), texts))
    assert [one.data[0].embedding for one in mixed] == [pytest.approx(one.data[0].embedding, abs=1e-5) for one in alone]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": "x" * 3000}, "input"),
        ({"input": [100_000]}, "input"),
        ({"dimensions": 8}, "dimensions"),
    ],
)
def test_a_text_that_has_no_vector_is_refused(client: OpenAI, more: dict[str, object], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(**{"model": BASE, "input": "x", **more})  # type: ignore[arg-type]
    assert (refused.value.param or "").startswith(param)


def test_the_azure_client_gets_the_same_answers_at_azures_addresses(
    client: OpenAI, azure: AzureOpenAI, endpoint: Endpoint
) -> None:
    assert _chat(azure).choices == _chat(client).choices
    assert _text(_stream(azure)) == _text(_stream(client))
    one, other = (each.embeddings.create(model=BASE, input=["x"]) for each in (azure, client))
    assert one.data == other.data
    assert [model.id for model in azure.models.list()] == [model.id for model in client.models.list()]
    bound = AzureOpenAI(
        azure_endpoint=str(azure.base_url).removesuffix("/openai/"),
        azure_deployment=BASE,
        api_key=endpoint.token,
        api_version="2024-10-21",
    )
    assert _chat(bound, model="whatever the body says").choices == _chat(client).choices
    assert list(bound.files.list()) == []
    newer = OpenAI(base_url=endpoint.base_url.removesuffix("/v1") + "/openai/v1", api_key=endpoint.token)
    assert _chat(newer).choices == _chat(client).choices
    with pytest.raises(openai.NotFoundError) as unknown:
        _chat(azure, model="no-such-deployment")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        azure.with_options(api_key="guessed").models.list()


def test_the_asynchronous_clients_get_the_same_answers(client: OpenAI, endpoint: Endpoint) -> None:
    async def ask() -> None:
        root = endpoint.base_url.removesuffix("/v1")
        plain = AsyncOpenAI(base_url=endpoint.base_url, api_key=endpoint.token, max_retries=0)
        azure = AsyncAzureOpenAI(azure_endpoint=root, api_key=endpoint.token, api_version="2024-10-21", max_retries=0)
        for one in (plain, azure):
            async with one:
                answers = await asyncio.gather(
                    *(one.chat.completions.create(model=BASE, messages=ASK, max_tokens=24) for _n in range(5))  # type: ignore[arg-type]
                )
                assert {answer.choices[0].message.content for answer in answers} == {whole}
                stream = await one.chat.completions.create(model=BASE, messages=ASK, max_tokens=24, stream=True)  # type: ignore[call-overload]
                assert _text([chunk async for chunk in stream]) == whole
                vectors = await one.embeddings.create(model=BASE, input="x")
                assert len(vectors.data[0].embedding) == 32

    whole = _chat(client).choices[0].message.content
    asyncio.run(ask())


def test_every_answer_has_the_form_that_the_clients_own_types_demand(client: OpenAI) -> None:
    chat = client.chat.completions.with_raw_response.create(
        model=BASE,
        messages=ASK,
        max_tokens=4,
        logprobs=True,
        top_logprobs=2,  # type: ignore[arg-type]
    )
    _conforms(ChatCompletion, chat.http_response.json())
    vectors = client.embeddings.with_raw_response.create(model=BASE, input="x", encoding_format="float")
    _conforms(CreateEmbeddingResponse, vectors.http_response.json())
    _conforms(Model, client.models.with_raw_response.retrieve(BASE).http_response.json())
    with client.chat.completions.with_streaming_response.create(
        model=BASE,
        messages=ASK,
        max_tokens=4,
        logprobs=True,
        stream=True,
        stream_options={"include_usage": True},  # type: ignore[arg-type]
    ) as response:
        events = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    assert events.pop() == "[DONE]"
    for event in events:
        _conforms(ChatCompletionChunk, json.loads(event))


def _conforms(kind: type[openai.BaseModel], body: object) -> None:
    made = kind.model_validate(body, strict=True)
    assert not made.model_extra, "nothing that the type does not know"


_LETTERS = st.lists(st.sampled_from(["a", "b", "ab", "é", "🎈", "x"]), max_size=12).map("".join)


class _Bytes:
    """A tokenizer whose tokens are bytes."""

    def decode(self, tokens: list[int], **_more: object) -> str:
        return bytes(tokens).decode(errors="replace")


class _Ear:
    gone = False

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def hear(self, piece: Piece) -> None:
        self.pieces.append(piece)


@settings(deadline=None)
@given(_LETTERS, st.lists(_LETTERS.filter(bool), max_size=2))
def test_what_was_sent_is_never_taken_back(text: str, stops: list[str]) -> None:
    ear = _Ear()
    speech = Speech(_Bytes(), tuple(stops), [ear])  # type: ignore[arg-type]
    for byte in text.encode():
        if speech.add(byte, Likelihood("", bytes([byte]), -1.0)):
            break
    answer = speech.finish("stop", 1, ended=False)
    assert "".join(piece.text for piece in ear.pieces) == answer.text
    assert tuple(one for piece in ear.pieces for one in piece.likelihoods) == answer.likelihoods
    ends = [text.index(stop) + len(stop) for stop in stops if stop in text]
    if not ends:
        assert answer.text == text
    else:
        heard = text[: min(ends)]
        assert answer.text == heard[: min(heard.index(stop) for stop in stops if stop in heard)]


def test_threads_of_clients_do_not_disturb_each_other(client: OpenAI) -> None:
    whole = _chat(client).choices[0].message.content
    heard: list[str] = []
    threads = [threading.Thread(target=lambda: heard.append(_text(_stream(client)))) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [whole] * 6


def test_the_page_for_other_programs_names_every_address() -> None:
    page = (Path(__file__).parents[1] / "docs" / "local_engine.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(GET|POST|DELETE) /v1(/[^`]+)`", page, re.MULTILINE))
    served = {
        (method, route.path.replace(":path", "")) for route in ROUTES for method in (route.methods or set()) - {"HEAD"}
    }
    assert told == served
