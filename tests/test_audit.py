import io
import json
import tracemalloc
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.dataset.checks import Audit, audit
from ftdecide.dataset.limits import default_epochs, find_limits
from ftdecide.dataset.samples import list_samples, load_sample
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.tokens import encoder
from ftdecide.errors import InputError, NotFoundError


def line(*turns: tuple[str, str]) -> bytes:
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in turns]}).encode() + b"\n"


def pair(question: str, answer: str) -> bytes:
    return line(("user", question), ("assistant", answer))


def varied(count: int) -> bytes:
    return b"".join(pair(f"question number {place}", f"answer number {place}") for place in range(count))


def run(raw: bytes, *, test: bytes | None = None, name: str = "train.jsonl", model: str | None = None) -> Audit:
    stream = io.BytesIO(test) if test is not None else None
    return audit(io.BytesIO(raw), name=name, test_path=stream, test_name="test.jsonl", model=model)


def found(result: Audit, code: str) -> Finding:
    return next(finding for finding in result.findings if finding.code == code)


def codes(result: Audit) -> set[str]:
    return {finding.code for finding in result.findings}


def test_a_sound_file_has_no_findings() -> None:
    result = run(varied(60))
    assert result.findings == ()
    assert result.examples == 60
    assert result.default_epochs == 3


def test_the_result_has_every_field_of_the_contract() -> None:
    document = json.loads(run(varied(3) + b"{").model_dump_json())
    assert {
        "examples",
        "encoding",
        "tokens",
        "training_tokens_per_epoch",
        "default_epochs",
        "findings",
    } <= document.keys()
    assert {"total", "assistant", "p50", "p95", "max"} <= document["tokens"].keys()
    assert {"code", "severity", "count", "lines", "text"} <= document["findings"][0].keys()


def test_tokens_are_those_of_the_published_recipe() -> None:
    """Counts as OpenAI's notebook does: every value of a message, 3 around it, 1 for a name, 3 for the example."""
    messages = [
        {"role": "system", "content": "You are a happy assistant that puts a positive spin on everything."},
        {"role": "user", "content": "I fell off my bike today.", "name": "anna"},
        {"role": "assistant", "content": "It's great that you're getting exercise outdoors!"},
    ]
    encoding: tiktoken.Encoding = encoder("cl100k_base").encoding
    values = sum(len(encoding.encode(value)) for message in messages for value in message.values())
    result = run(json.dumps({"messages": messages}).encode(), model="gpt-3.5-turbo")
    assert result.encoding == "cl100k_base"
    assert result.tokens.total == values + 3 * 3 + 1 + 3
    assert result.tokens.assistant == len(encoding.encode(messages[2]["content"]))
    assert result.tokens.max == result.tokens.p50 == result.tokens.total


@given(st.lists(st.integers(1, 400), min_size=1, max_size=30))
@settings(deadline=None)
def test_percentiles_and_distribution_fit_the_lengths(words: list[int]) -> None:
    result = run(b"".join(pair("word " * count, "x") for count in words))
    tokens = result.tokens
    assert tokens.p50 <= tokens.p95 <= tokens.max <= tokens.total
    assert sum(part.examples for part in result.distribution) == len(words)
    assert result.distribution[0].low <= tokens.p50 < result.distribution[-1].high
    assert result.training_tokens_per_epoch == tokens.total


def test_examples_are_cut_at_the_models_limit() -> None:
    raw = varied(12) + pair("word " * 20_000, "x")
    result = run(raw, model="gpt-3.5-turbo-0125")
    assert found(result, "too_long").lines == (13,)
    assert "16,385" in found(result, "too_long").text
    assert result.training_tokens_per_epoch == result.tokens.total - (result.tokens.max - 16_385)


@pytest.mark.parametrize(
    ("examples", "epochs"), [(0, 0), (1, 25), (5, 20), (10, 10), (33, 3), (100, 3), (8333, 3), (10_000, 2), (60_000, 1)]
)
def test_default_epochs_follow_the_published_rule(examples: int, epochs: int) -> None:
    assert default_epochs(examples, find_limits(None)) == epochs


def test_every_fault_of_an_example_is_found_with_its_line() -> None:
    raw = (
        varied(50)
        + line(("user", "no answer"))
        + line(("user", "a"), ("assistant", "b"), ("user", "thanks"))
        + pair("empty", "  ")
        + pair(" ", "no question")
    )
    result = run(raw)
    lines = {finding.code: finding.lines for finding in result.findings}
    assert lines == {"no_assistant": (51,), "last_not_assistant": (52,), "empty_answer": (53,), "empty_question": (54,)}
    assert [finding.severity for finding in result.findings] == ["error", "error", "error", "warning"]


def test_repeats_and_contradictions_are_told_apart() -> None:
    raw = varied(50) + pair("same", "one") + pair("same", "one") + pair("same", "two") + pair("same", "two")
    result = run(raw)
    assert found(result, "exact_duplicate").lines == (52, 54)
    assert found(result, "conflicting_answers").lines == (53,)


def test_overlap_ignores_case_spaces_and_instructions() -> None:
    train = varied(50) + line(("system", "Be brief."), ("user", "Where  is my\nParcel?"), ("assistant", "LOG-7"))
    result = run(train, test=pair("where is my parcel?", "other") + pair("question of its own", "x"))
    assert found(result, "test_overlap").lines == (51,)
    assert found(result, "test_overlap").severity == "error"
    assert result.test_examples == 2


def test_faults_of_the_test_part_are_named_as_such() -> None:
    result = run(varied(50), test=pair("a", "b") + b"{\n")
    finding = found(result, "malformed_json")
    assert (finding.part, finding.lines) == ("test", (2,))


@pytest.mark.parametrize(
    ("examples", "code", "severity"),
    [
        (0, "too_few_examples", "error"),
        (9, "too_few_examples", "error"),
        (10, "few_examples", "warning"),
        (49, "few_examples", "warning"),
    ],
)
def test_small_files_are_refused_or_doubted(examples: int, code: str, severity: str) -> None:
    finding = found(run(varied(examples)), code)
    assert (finding.severity, finding.count) == (severity, examples)


def test_answers_that_repeat_are_read_as_labels() -> None:
    raw = b"".join(pair(f"ticket {place}", "A" if place % 4 else "B") for place in range(60))
    finding = found(run(raw), "few_distinct_answers")
    assert (finding.severity, finding.count) == ("info", 2)
    assert "75%" in finding.text
    assert "15" in finding.text


def test_one_and_the_same_answer_everywhere_is_a_warning() -> None:
    assert found(run(b"".join(pair(f"ticket {place}", "A") for place in range(60))), "one_answer").severity == "warning"


def test_an_unknown_model_is_said_to_be_estimated() -> None:
    finding = found(run(varied(60), model="acme/own-7b"), "encoding_estimated")
    assert finding.severity == "info"
    assert "acme/own-7b" in finding.text


def test_lines_are_counted_all_and_shown_twenty() -> None:
    finding = found(run(varied(50) + b"{\n" * 1000), "malformed_json")
    assert finding.count == 1000
    assert finding.lines == tuple(range(51, 71))


def test_the_malformed_last_of_40213_lines_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + varied(40_212).replace(b"\n", b"\r\n") + b'{"messages": [}\r\n')
    result = audit(path)
    assert result.examples == 40_212
    assert found(result, "malformed_json").lines == (40_213,)
    assert "column 15" in found(result, "malformed_json").text


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (b"", "train.jsonl", "empty_file"),
        (b"\n\n\n", "train.csv", "empty_file"),
        ("prompt,completion\nÖl,x\n".encode("latin-1"), "train.csv", "wrong_encoding"),
        ("prompt,completion\na,b\n".encode("utf-16"), "train.csv", "wide_encoding"),
        (b"frage,antwort\na,b\n", "train.csv", "wrong_header"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "train.jsonl", "nul_byte"),
    ],
)
def test_files_that_are_no_data_set_end_in_a_finding(raw: bytes, name: str, code: str) -> None:
    result = run(raw, name=name)
    assert code in codes(result)
    assert result.findings[0].severity == "error"
    assert result.tokens.total == 0


def test_tools_are_counted_and_said_to_be_an_estimate() -> None:
    tools = [{"type": "function", "function": {"name": "look_up", "parameters": {}}}]
    example = {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], "tools": tools}
    result = run(json.dumps(example).encode())
    assert "tools_estimated" in codes(result)
    assert result.tokens.total > run(pair("x", "y")).tokens.total


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_break_the_audit(raw: bytes) -> None:
    for name in ("a.jsonl", "a.csv"):
        result = run(raw, name=name, test=raw)
        assert result.examples >= 0


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(InputError, match="nowhere"):
        audit("nowhere.jsonl")


@pytest.mark.parametrize("sample", list_samples(), ids=lambda sample: sample.name)
def test_every_sample_is_sound(sample: object) -> None:
    loaded = load_sample(getattr(sample, "name", ""))
    result = audit(loaded.train_path, test_path=loaded.test_path)
    assert [finding for finding in result.findings if finding.severity == "error"] == []
    assert result.examples + (result.test_examples or 0) >= 240


@pytest.mark.parametrize("name", ["nothing", "../samples/support_tickets", "/etc", ""])
def test_no_name_leads_out_of_the_samples(name: str) -> None:
    with pytest.raises(NotFoundError, match="support_tickets"):
        load_sample(name)


def test_lines_of_a_fault_stand_in_the_order_of_the_file_whatever_else_differs() -> None:
    one, other = line(("user", "a")), line(("system", "s"), ("user", "a"))
    result = run((one + other) * 30)
    assert found(result, "no_assistant").lines == tuple(range(1, 21))


def test_overlap_ignores_how_an_accent_is_written() -> None:
    result = run(pair("o\u00f9 est le caf\u00e9", "x"), test=pair("ou\u0300 est le cafe\u0301", "y"))
    assert "test_overlap" in codes(result)


def test_where_nothing_is_asked_no_answer_contradicts_another() -> None:
    result = run(pair("", "one") + pair("", "two") + pair("", "one"))
    assert "conflicting_answers" not in codes(result)
    assert found(result, "exact_duplicate").lines == (3,)


def test_an_answer_that_differs_only_in_weight_is_no_contradiction() -> None:
    said = {"role": "assistant", "content": "b"}
    rows = [{"messages": [{"role": "user", "content": "a"}, one]} for one in (said | {"weight": 0}, said)]
    result = run(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    assert not codes(result) & {"conflicting_answers", "exact_duplicate"}


def test_the_same_answer_everywhere_is_counted_where_there_is_one() -> None:
    raw = b"".join(pair(f"question {place}", "yes") for place in range(10)) + line(("user", "and?")) * 3
    assert found(run(raw), "one_answer").count == 10


def test_a_repeat_with_other_blanks_is_one_finding_not_two() -> None:
    result = run(pair("a b c d", "yes") + pair("a b c d", " yes\n"))
    assert found(result, "exact_duplicate").lines == (2,)
    assert "near_duplicate" not in codes(result)


def test_long_cells_of_a_table_are_not_all_held_at_once() -> None:
    def peak(count: int) -> int:
        rows = (f"{'word ' * 60_000}{place},answer {place}\n" for place in range(count))
        raw = ("prompt,completion\n" + "".join(rows)).encode()
        tracemalloc.start()
        try:
            audit(io.BytesIO(raw), name="train.csv")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(3) > 0  # what is loaded once does not count
    assert peak(24) < 1.5 * peak(8)
