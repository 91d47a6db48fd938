import base64
import hashlib
import socket
import unicodedata
from itertools import pairwise
from pathlib import Path
from unicodedata import normalize

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st
from tiktoken.load import load_tiktoken_bpe
from tiktoken_ext import openai_public

from ftdecide.dataset.facts import Vocabulary, encoding_facts
from ftdecide.dataset.tokens import Encoder, encoder, encoding_for, read_ranks
from ftdecide.errors import InputError, UnavailableError

NAMES = ["o200k_base", "cl100k_base", "llama3", "qwen3"]
OPENAI = [vocabulary for vocabulary in encoding_facts().vocabularies if vocabulary.pieces is None]
# Characters near every border between the two counters, and pieces that their rules treat specially.
PIECES = st.sampled_from(
    [
        "'s",
        "'LL",
        "\u017f",
        "\u212a",
        "\r\n",
        "  ",
        "\u3000",
        "12345",
        "<|endoftext|>",
        "😀",
        "日本",
        "é",
        "ß",
        "/",
        "\U00032a88",
    ]
)
texts = st.one_of(st.text(st.characters(codec="utf-8"), max_size=80), st.lists(PIECES, max_size=20).map("".join))


@pytest.fixture(autouse=True)
def unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def official_file(vocabulary: Vocabulary) -> bytes:
    """The vocabulary in the layout that OpenAI publishes: token in base64, blank, rank."""
    ranks = read_ranks(vocabulary).items()
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks)


@pytest.mark.parametrize("vocabulary", encoding_facts().vocabularies, ids=lambda vocabulary: vocabulary.name)
def test_the_official_file_is_rebuilt_to_its_published_checksum(vocabulary: Vocabulary) -> None:
    assert hashlib.sha256(official_file(vocabulary)).hexdigest() == vocabulary.official_sha256


@pytest.mark.parametrize("vocabulary", OPENAI, ids=lambda vocabulary: vocabulary.name)
def test_the_encoding_is_the_one_tiktoken_makes_of_the_official_file(
    vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "official.tiktoken"
    path.write_bytes(official_file(vocabulary))
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    monkeypatch.setattr(
        openai_public, "load_tiktoken_bpe", lambda _url, expected_hash: load_tiktoken_bpe(str(path), expected_hash)
    )
    theirs = tiktoken.Encoding(**getattr(openai_public, vocabulary.name)())
    ours = encoder(vocabulary.name).encoding
    assert ours._mergeable_ranks == theirs._mergeable_ranks
    assert ours._pat_str == theirs._pat_str
    assert ours._special_tokens == theirs._special_tokens
    assert ours.n_vocab == theirs.n_vocab


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(text=texts)
def test_what_is_encoded_is_decoded_again(name: str, text: str) -> None:
    encoding = encoder(name).encoding
    assert encoding.decode(encoding.encode_ordinary(text)) == text


def test_qwen_counts_a_letter_and_its_accent_as_the_letter_with_accent() -> None:
    assert encoder("qwen3").count("caf\u0065\u0301") == encoder("qwen3").count("caf\u00e9")


def test_digits_are_cut_as_each_vendor_cuts_them() -> None:
    assert (encoder("llama3").count("123456"), encoder("qwen3").count("123456")) == (2, 6)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(text=texts)
def test_the_counter_for_big_files_counts_as_tiktoken_does(name: str, text: str) -> None:
    read = unicodedata.normalize("NFC", text) if name == "qwen3" else text
    assert encoder(name).count_all([text], fast=True) == [len(encoder(name).encoding.encode_ordinary(read))]


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=300)
@given(batch=st.lists(texts, max_size=6))
def test_a_batch_of_a_big_file_is_counted_as_tiktoken_does(name: str, batch: list[str]) -> None:
    encoding = encoder(name).encoding
    raw = "\n\n".join(batch).encode()
    form = next(known.normal_form for known in encoding_facts().vocabularies if known.name == name)
    plain = [normalize(form, text) if form else text for text in batch]
    expected = [len(encoding.encode(text, disallowed_special=())) for text in plain]
    assert encoder(name).count_all(batch, fast=True, raw=raw) == expected


@pytest.mark.parametrize("vocabulary", encoding_facts().vocabularies, ids=lambda vocabulary: vocabulary.name)
def test_the_fast_counter_is_trusted_where_every_token_is_a_merge_of_two(vocabulary: Vocabulary) -> None:
    ranks = read_ranks(vocabulary)
    every_twentieth = list(ranks)[::20]
    unreachable = [token for token in every_twentieth if not _is_merge(token, ranks)]
    assert bool(unreachable) != vocabulary.fast_is_exact


def _is_merge(token: bytes, ranks: dict[bytes, int]) -> bool:
    """Whether merging the bytes of a token, lowest rank first, ends in the token."""
    parts = [token[place : place + 1] for place in range(len(token))]
    while len(parts) > 1:
        merges = [(ranks.get(left + right, len(ranks)), place) for place, (left, right) in enumerate(pairwise(parts))]
        rank, place = min(merges)
        if rank == len(ranks):
            return False
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return True


@pytest.mark.parametrize("name", NAMES)
def test_a_million_blanks_are_counted_where_tiktoken_alone_runs_out_of_stack(name: str) -> None:
    assert encoder(name).count(" " * 1_000_000) > 0


def test_special_tokens_in_a_text_are_counted_as_text() -> None:
    assert encoder("o200k_base").count("<|endoftext|>") > 1


@pytest.mark.parametrize(
    ("model", "encoding", "exact", "limit"),
    [
        ("gpt-4o-mini-2024-07-18", "o200k_base", True, 65_536),
        ("gpt-4.1 (2025-04-14)", "o200k_base", True, 65_536),
        ("ft:gpt-4.1-mini-2025-04-14:acme:tickets:abc", "o200k_base", True, 65_536),
        ("gpt-3.5-turbo-0125", "cl100k_base", True, 16_385),
        ("gpt-4-0613", "cl100k_base", True, None),
        ("o4-mini-2025-04-16", "o200k_base", True, 65_536),
        ("gpt-4.1-nano-2025-04-14", "o200k_base", True, 32_768),
        ("o3", "o200k_base", True, None),
        ("openai/gpt-oss-20b", "o200k_base", True, None),
        ("Qwen/Qwen3-8B", "qwen3", True, None),
        ("Qwen/Qwen2.5-7B-Instruct", "qwen3", True, None),
        ("Qwen/Qwen3.5-9B", "o200k_base", False, None),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3", True, None),
        ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama3", True, None),
        ("codellama-34b", "o200k_base", False, None),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "o200k_base", False, None),
        ("smollm2-135m-instruct", "o200k_base", False, 8192),
        (None, "o200k_base", False, None),
    ],
)
def test_every_model_gets_its_encoding_or_an_estimate(
    model: str | None, encoding: str, exact: object, limit: int | None
) -> None:
    found = encoding_for(model)
    assert (found.encoding, found.exact, found.maximum_example_tokens) == (encoding, exact, limit)


def test_exact_patterns_agree_with_tiktokens_own_table() -> None:
    for model, name in tiktoken.model.MODEL_TO_ENCODING.items():
        found = encoding_for(model)
        if found.exact:
            assert found.encoding == name, model


def test_an_unknown_encoding_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="o200k_base"):
        encoder("o300k_base")


def test_an_altered_vocabulary_is_not_used() -> None:
    vocabulary = encoding_facts().vocabularies[0].model_copy(update={"sha256": "0" * 64})
    with pytest.raises(UnavailableError, match="quicktok-v1"):
        Encoder(vocabulary).count("hello")
