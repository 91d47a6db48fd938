import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.few_shot import Month, few_shot_limits
from ftdecide.dataset.facts import dataset_facts, encoding_facts
from ftdecide.dataset.prompt_texts import Sample, read_prompt_text, split_samples
from ftdecide.dataset.prompt_tokens import count_prompt
from ftdecide.dataset.read import read_examples
from ftdecide.dataset.samples import list_samples
from ftdecide.dataset.tokens import encoder
from ftdecide.errors import InputError

AROUND = dataset_facts().chat_format.tokens_per_message
MONTH = Month(requests=Decimal(100_000), input_tokens=300, output_tokens=150)
EXAMPLES = (Sample("Where is my parcel?", "logistics"), Sample("I want my money back", "finance"))


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4.1-mini", "o200k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3"),
        ("Qwen/Qwen3-8B", "qwen3"),
    ],
)
def test_known_models_are_counted_exactly_in_their_own_encoding(model: str, encoding: str) -> None:
    count = encoder(encoding).count
    tokens = count_prompt(model, "Name the queue.", EXAMPLES, [Sample("Hello", "sales")])
    assert (tokens.encoding, tokens.exact, tokens.origin) == (encoding, True, "measured")
    assert tokens.instructions.middle == count("Name the queue.") + AROUND
    assert [example.middle for example in tokens.examples] == [
        count(sample.question) + count(sample.answer) + 2 * AROUND for sample in EXAMPLES
    ]
    assert tokens.prompt.middle == tokens.instructions.middle + sum(example.middle for example in tokens.examples)
    assert tokens.request.middle == count("Hello") + AROUND
    assert tokens.answer.middle == count("sales")
    assert tokens.prompt.low == tokens.prompt.middle == tokens.prompt.high


def test_unknown_models_get_an_estimate_with_its_band_and_source() -> None:
    tokens = count_prompt("acme-7b", "Name the queue. " * 100)
    assert (tokens.exact, tokens.origin, tokens.source) == (False, "assumed", encoding_facts().estimate.source)
    assert tokens.prompt.low < tokens.prompt.middle < tokens.prompt.high
    assert tokens.prompt.low == count_prompt("gpt-4.1", "Name the queue. " * 100).prompt.middle


def test_the_band_holds_what_the_known_encodings_make_of_the_samples() -> None:
    estimate = encoding_facts().estimate
    texts: list[str] = []
    for sample in list_samples():
        texts.append(sample.instructions)
        for path in (sample.train_path, sample.test_path):
            texts += [
                text for example in read_examples(path) for text in (example.question[-1].content, example.answer)
            ]
        texts += [path.read_text("utf-8") for path in sorted(sample.documents.glob("*.md"))] if sample.documents else []
    texts = [text for text in texts if len(text) >= estimate.shortest_text_characters]
    assert len(texts) == estimate.texts
    counted = encoder(estimate.encoding).count_all(texts)
    for name in ("cl100k_base", "llama3", "qwen3"):
        ratios = [own / base for own, base in zip(encoder(name).count_all(texts), counted, strict=True)]
        inside = [estimate.low_ratio <= ratio <= estimate.high_ratio for ratio in ratios]
        assert sum(inside) / len(inside) > 0.9, name


@given(st.lists(st.text(max_size=30), max_size=5))
def test_one_example_more_never_makes_a_prompt_shorter(texts: list[str]) -> None:
    totals = [
        count_prompt("gpt-4.1", "x", [Sample(text) for text in texts[:n]]).prompt.middle for n in range(len(texts) + 1)
    ]
    assert all(first < second for first, second in pairwise(totals))


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_order_marks_and_line_ends_do_not_change_a_text(bom: bytes, end: bytes) -> None:
    assert read_prompt_text(bom + "Grüße".encode() + end + b"two" + end, "a.txt") == "Grüße\ntwo\n"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "empty"),
        (b" \r\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("Grüße".encode("latin-1"), "UTF-8"),
        ("Hello".encode("utf-16"), "UTF-16"),
        (b"a\0b", "zero"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_bad_upload_is_refused_with_its_name_and_a_mend(raw: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        read_prompt_text(raw, "prompt.txt")
    assert "'prompt.txt'" in str(refused.value)


def test_blocks_are_parted_by_dashes_or_else_by_blank_lines() -> None:
    assert split_samples("a\n\nb\r\n \r\nc\n", "") == (Sample("a"), Sample("b"), Sample("c"))
    assert split_samples("a\n\nstill a\n---\nb\n-----\n", "x.txt") == (Sample("a\n\nstill a"), Sample("b"))
    assert split_samples("  \n", "") == ()


def test_files_with_answers_are_read_as_question_and_answer_without_the_system_message() -> None:
    chat = json.dumps(
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Where?"},
                {"role": "assistant", "content": "Here."},
            ]
        }
    )
    for name in ("a.jsonl", ""):
        assert split_samples(chat + "\n", name) == (Sample("Where?", "Here."),)
    assert split_samples("question,answer\nWhere?,Here.\n", "a.csv") == (Sample("Where?", "Here."),)


def test_a_request_that_is_json_itself_stays_a_request() -> None:
    assert split_samples('{"order": 5}', "") == (Sample('{"order": 5}'),)


def test_a_broken_line_of_an_upload_is_named() -> None:
    with pytest.raises(InputError, match=r"'a\.jsonl', line 2"):
        split_samples('{"prompt": "a", "completion": "b"}\n{"prompt"\n', "a.jsonl")


def test_examples_that_fit_leave_room_for_the_rest() -> None:
    tokens = count_prompt("gpt-4o-mini", "Name the queue.", EXAMPLES)
    limits = few_shot_limits(load_catalog(), "openai", "gpt-4o-mini", tokens, MONTH)
    assert limits.window.tokens == 128_000
    rest = tokens.instructions.middle + MONTH.input_tokens + MONTH.output_tokens
    each = tokens.example.middle
    assert limits.examples_that_fit * each + rest <= 128_000 < (limits.examples_that_fit + 1) * each + rest
    assert limits.examples_that_fit_at_worst == limits.examples_that_fit


def test_an_example_costs_its_tokens_at_the_input_price_and_less_from_the_cache() -> None:
    tokens = count_prompt("gpt-4.1-mini", "Name the queue.", EXAMPLES)
    cost = few_shot_limits(load_catalog(), "openai", "gpt-4.1-mini", tokens, MONTH).example_cost
    # 0.40 and 0.10 USD a million tokens.
    assert cost.usd == tokens.example.middle * MONTH.requests * Decimal("0.40") / 1_000_000
    assert cost.cached_usd == tokens.example.middle * MONTH.requests * Decimal("0.10") / 1_000_000
    assert cost.origin == "quoted"
    assert cost.source


def test_a_window_too_small_for_the_rest_fits_no_example() -> None:
    tokens = count_prompt("gpt-4o-mini", "word " * 130_000, EXAMPLES)
    limits = few_shot_limits(load_catalog(), "openai", "gpt-4o-mini", tokens, MONTH)
    assert limits.examples_that_fit == 0
    assert "Not one example" in limits.text


def test_an_open_model_of_ones_own_has_a_window_and_no_price_a_token() -> None:
    tokens = count_prompt("meta-llama/Llama-3.1-8B-Instruct", "Name the queue.", EXAMPLES)
    limits = few_shot_limits(load_catalog(), "self_hosted", tokens.model, tokens, MONTH)
    assert limits.window.tokens == 131_072
    assert limits.example_cost is None
    assert "not known" in limits.text


def test_an_estimate_fits_fewer_examples_at_worst() -> None:
    tokens = count_prompt("Qwen/Qwen3.5-9B", "Name the queue.", EXAMPLES)
    limits = few_shot_limits(load_catalog(), "together", "Qwen/Qwen3.5-9B", tokens, MONTH)
    assert 0 < limits.examples_that_fit_at_worst < limits.examples_that_fit


def test_nothing_known_is_said_plainly() -> None:
    tokens = count_prompt(None, "", EXAMPLES)
    limits = few_shot_limits(load_catalog(), None, None, tokens, MONTH)
    assert (limits.window, limits.example_cost) == (None, None)
    assert "not known" in limits.text
    assert few_shot_limits(load_catalog(), None, None, count_prompt(None, "x"), MONTH).text == ""


def test_counting_the_shipped_samples_as_requests_gives_their_mean() -> None:
    sample = list_samples()[0]
    requests = split_samples(read_prompt_text(Path(sample.test_path).read_bytes(), "test.jsonl"), "test.jsonl")
    tokens = count_prompt("gpt-4.1", sample.instructions, (), requests)
    counts = [encoder("o200k_base").count(request.question) + AROUND for request in requests]
    assert tokens.samples == len(requests)
    assert tokens.request.middle == round(sum(counts) / len(counts))
    assert tokens.largest_request.middle >= max(counts)
