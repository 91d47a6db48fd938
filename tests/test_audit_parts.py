"""Files in parts: what is found must not depend on how a file is cut, nor on which parser or counter took a row."""

import io
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.dataset import checks
from ftdecide.dataset.batch import parse_chunk
from ftdecide.dataset.checks import audit
from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.fast import parse_rows
from ftdecide.dataset.jsonl import parse_line
from ftdecide.dataset.part import LineRuns, Part, Plan, read_part
from ftdecide.dataset.repeats import Repeats
from ftdecide.dataset.segments import Chunk, find_segments, read_chunks
from ftdecide.dataset.signs import personal
from ftdecide.dataset.signs.registry import SIGNS
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.turns import Turns
from ftdecide.dataset.watch import Watch
from ftdecide.dataset.worker import read_segment

texts = st.text(st.characters(codec="utf-8"), max_size=20)


def chat(*turns: tuple[str, str], **more: object) -> bytes:
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in turns], **more}).encode() + b"\n"


def rows(count: int) -> list[bytes]:
    return [chat(("user", f"question {place}"), ("assistant", f"answer {place}")) for place in range(count)]


def mixed_file() -> bytes:
    """Rows of every kind, with faults and repeats far apart, a byte order mark and line ends of Windows."""
    plain = rows(400)
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "look_up"}}]}
    tools = json.dumps({"messages": [{"role": "user", "content": "x"}, call], "tools": [{"type": "function"}]}).encode()
    pair = json.dumps({"prompt": "q", "chosen": "a", "rejected": "b"}).encode()
    odd = [
        b"\r\n",
        b'{"messages": [}\n',
        b'{"messages": [{"role": "user", "role": "user", "content": "x"}]}\n',
        tools + b"\n",
        pair + b"\r\n",
        chat(("user", "question 3"), ("assistant", "another answer")),
        chat(("user", "question 5"), ("assistant", "answer 5")),
        chat(("user", "write to anna.berg@mailbox.org"), ("assistant", "or call +49 30 1234567")),
        chat(("user", "Gr\u00c3\u00bc\u00dfe"), ("assistant", "lost \ufffd")),
        b"\xff\n",
        chat(("user", "long " * 3000), ("assistant", "x")),
        chat(("assistant", "first"), ("system", "late")),
    ]
    parts = [b"".join(plain[place * 40 : place * 40 + 40]) + b"".join(odd) for place in range(10)]
    return b"\xef\xbb\xbf" + b"".join(parts)


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_SEGMENT_BYTES", 20_000)


def test_one_process_several_and_a_stream_find_the_same(small_segments: None, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(mixed_file())
    test = io.BytesIO(b"".join(rows(3)))
    one = audit(path, processes=1, test_path=test, test_name="test.jsonl")
    test.seek(0)
    several = audit(path, processes=3, test_path=test, test_name="test.jsonl")
    test.seek(0)
    stream = audit(io.BytesIO(mixed_file()), name="train.jsonl", test_path=test, test_name="test.jsonl")
    assert one == several == stream
    counts = {finding.code: finding.count for finding in one.findings}
    assert counts["malformed_json"] == counts["duplicate_key"] == counts["wrong_encoding"] == 10
    assert counts["conflicting_answers"] == 1
    assert counts["test_overlap"] == 3
    assert counts["windows_line_ends"] == 20
    assert counts["personal_email"] == 10
    assert counts["garbled_characters"] == 10
    assert counts["late_instructions"] == 10
    assert {"byte_order_mark", "exact_duplicate", "tools_estimated", "mixed_formats"} <= counts.keys()


@given(st.binary(max_size=400), st.integers(1, 50))
@settings(deadline=None)
def test_however_a_file_is_cut_the_same_lines_have_the_same_numbers(raw: bytes, size: int) -> None:
    raw = raw.replace(b"\x0b", b"\n").replace(b"\x01", b"\n")
    segments, lines = find_segments(io.BytesIO(raw), size)
    found = [
        (chunk.first + place, line)
        for segment in segments
        for chunk in read_chunks(io.BytesIO(raw), segment)
        for place, line in enumerate(chunk.lines)
    ]
    expected = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert [line for _number, line in found] == expected
    assert [number for number, _line in found] == list(range(1, len(expected) + 1))
    assert lines == raw.count(b"\n") + 1


def test_a_line_beyond_the_limit_is_named_and_the_next_one_read() -> None:
    limit = dataset_facts().maximum_line_mb * 1_000_000
    raw = rows(1)[0] + b'{"prompt":"' + b"a" * limit + b'"}\n' + rows(1)[0]
    result = audit(io.BytesIO(raw), name="train.jsonl")
    assert result.examples == 2
    finding = next(finding for finding in result.findings if finding.code == "line_too_long")
    assert finding.lines == (2,)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
turns = st.dictionaries(
    st.sampled_from(["role", "content", "name", "weight"]), st.sampled_from(["user", "assistant", "x"]) | json_values
)


@given(
    messages=st.lists(turns, max_size=3),
    ascii_only=st.booleans(),
    separators=st.sampled_from([(", ", ": "), (",", ":")]),
    place=st.integers(0, 200),
    stray=texts,
)
@settings(deadline=None)
def test_the_fast_parser_makes_of_a_row_what_the_careful_one_makes_or_leaves_it(
    messages: list[dict[str, object]], *, ascii_only: bool, separators: tuple[str, str], place: int, stray: str
) -> None:
    text = json.dumps({"messages": messages}, ensure_ascii=ascii_only, separators=separators)
    for line in (text, text[:place] + stray + text[place:], text.replace("}", ', "role": "user"}', 1)):
        for row in parse_rows(line.encode()) or []:
            assert row.example(7) == parse_line(line, 7)


@pytest.mark.parametrize(
    "line",
    [
        b'{"messages": [{"role": "user", "content": "a", "content": "b"}]}',
        b'{"messages": [{"role": "user", "role": "assistant", "content": "b"}]}',
        b'{"messages": [{"role": "user", "content": "a"}], "messages": [{"role": "user", "content": "a"}]}',
        b'{"messages": [], "messages": [{"role": "user", "content": "a"}]}',
        b'{"messages": [{"role": "user", "content": "a", "\\u0063ontent": "b"}]}',
    ],
)
def test_a_key_that_stands_twice_is_never_read_past(line: bytes) -> None:
    batch = parse_chunk(Chunk(1, rows(1)[0] + line))
    assert [problem.code for problem in batch.problems] == ["duplicate_key"]
    assert batch.lines == [1]


def test_a_text_that_looks_like_a_key_is_still_read() -> None:
    line = chat(("user", 'say "content" and "role"'), ("assistant", '{"messages": 1}')).strip()
    assert parse_rows(line) is not None


@given(st.lists(st.text('\\"ab', max_size=12), min_size=1, max_size=6))
def test_backslashes_and_quotation_marks_are_no_reason_to_read_slowly(told: list[str]) -> None:
    raw = b"".join(chat(("user", text), ("assistant", f'{text}"')) for text in told)
    assert [row.messages[0].content for row in parse_rows(raw) or []] == told


def test_a_line_with_two_rows_is_no_row_whatever_stands_below() -> None:
    row = rows(1)[0].strip()
    for raw, line in ((row + row + b"\n\n" + row, 3), (row + row + b"\n" + row[:12] + b"\n" + row[12:], None)):
        batch = parse_chunk(Chunk(1, raw))
        assert list(batch.lines) == ([line] if line else [])
        assert batch.problems[0].line == 1


def test_a_lone_return_does_not_end_a_line_in_a_chunk_beyond_the_limit() -> None:
    limit = dataset_facts().maximum_line_mb * 1_000_000
    row = rows(1)[0].replace(b"}, {", b"},\r{")
    raw = row + b'{"prompt":"' + b"a" * limit + b'"}\n' + row
    result = audit(io.BytesIO(raw), name="train.jsonl")
    assert result.examples == 2
    assert {finding.code: finding.lines for finding in result.findings}["line_too_long"] == (2,)


def test_blank_lines_keep_the_numbers_of_those_behind_them() -> None:
    batch = parse_chunk(Chunk(5, rows(1)[0] + b"\r\n \n" + rows(2)[1]))
    assert list(batch.lines) == [5, 8]
    assert batch.windows_ends == 1


PERSONAL = st.sampled_from(
    [
        "anna@mailbox.org",
        "+49 (0)30 123-45.67",
        "4111 1111 1111 1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "06\u202f12\u202f34\u202f56\u202f78",
        "DE89370400440532013000",
        "AKIAIOSFODNN7EXAMPLF",
        "ghp_" + "a1B2" * 9,
        "sk-proj-" + "aB3" * 12,
        "-----BEGIN RSA PRIVATE KEY-----",
        "\u00c3\u00bc",
        "\ufffd",
        "&amp;",
        "\x07",
    ]
)


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign.sieve is not None], ids=lambda sign: sign.__name__)
@given(before=texts, found=PERSONAL, after=texts)
@settings(deadline=None)
def test_a_glance_misses_nothing_that_a_search_finds(sign: type, before: str, found: str, after: str) -> None:
    text = before + found + after
    if sign.sieve.search(text):
        raw = f"{before}\n\n{text}\n\n".encode()
        start = len(before.encode()) + 2
        places = sign.sieve.glance(raw)
        assert any(start <= place <= start + len(text.encode()) for place in places.tolist())


def watched(raw: bytes, lines: int) -> tuple[Finding, ...]:
    segments, _lines = find_segments(io.BytesIO(raw), 10**9)
    part = read_segment(io.BytesIO(raw), segments[0], Plan("o200k_base", None, lines, fast=False))
    return tuple(part.watch.finish())


def test_personal_data_and_damage_are_found_in_every_row_of_a_big_file() -> None:
    small, big = (
        {finding.code: finding.lines for finding in watched(mixed_file(), lines) if finding.code in known}
        for lines in (1000, 10_000_000)
        for known in [("personal_email", "garbled_characters", "replacement_character")]
    )
    assert small == big
    assert len(small) == 3


def test_a_sample_of_a_big_file_is_stated_and_does_not_depend_on_the_cut() -> None:
    raw = b"".join(rows(3000)) + chat(("user", "ping"), ("assistant", "ping")) * 3000
    lines = 50_000
    segments, _lines = find_segments(io.BytesIO(raw), 30_000)
    plan = Plan("o200k_base", None, lines, fast=False)
    whole, *later = (read_segment(io.BytesIO(raw), segment, plan) for segment in segments)
    for part in later:
        whole.merge(part)
    alone = read_segment(io.BytesIO(raw), find_segments(io.BytesIO(raw), 10**9)[0][0], plan)
    assert tuple(whole.watch.finish()) == tuple(alone.watch.finish())


def test_findings_from_a_sample_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = chat(("user", "ping"), ("assistant", "ping")) * 3000
    rule = dataset_facts().sample
    monkeypatch.setattr(
        "ftdecide.dataset.watch.dataset_facts",
        lambda: dataset_facts().model_copy(
            update={"sample": rule.model_copy(update={"above_examples": 1000, "examples": 300})}
        ),
    )
    found = next(finding for finding in watched(raw, 3000) if finding.code == "answer_repeats_question")
    assert 200 < found.count < 400
    assert "sample of" in found.text
    assert "3,000 examples" in found.text


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30), st.integers(1, 7))
@settings(deadline=None)
def test_repeats_are_those_that_a_plain_search_finds(pairs: list[tuple[str, str]], cut: int) -> None:
    raw = b"".join(chat(("user", question), ("assistant", answer)) for question, answer in pairs) or b"\n"
    whole = Repeats()
    part = read_part(
        [
            parse_chunk(Chunk(1 + start, b"\n".join(raw.splitlines()[start : start + cut])))
            for start in range(0, len(pairs), cut)
        ],
        Plan("o200k_base", None, 1, fast=False),
    )
    whole.merge(part.repeats)
    found = whole.find()
    same = [place for place, pair in enumerate(pairs) if pair in pairs[:place]]
    asked = [pair[0] for pair in pairs]
    other = [place for place in range(len(pairs)) if asked[place] in asked[:place] and place not in same]
    assert (found.word_for_word, found.answered_differently) == (same, other)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40), st.integers(1, 9))
def test_lines_are_looked_up_as_they_were_added(steps: list[int], cut: int) -> None:
    lines = [int(line) for line in np.cumsum(steps)]
    runs, later = LineRuns(), LineRuns()
    for start in range(0, len(lines), cut):
        (runs if start < len(lines) // 2 else later).add(lines[start : start + cut])
    runs.merge(later)
    assert runs.look_up(range(len(lines))) == lines


def test_what_a_part_keeps_does_not_grow_with_what_its_rows_hold() -> None:
    import pickle

    def kept(words: int) -> int:
        raw = b"".join(
            chat(("user", f"{place} " + "word " * words), ("assistant", f"{place} said")) for place in range(300)
        )
        plan = Plan("o200k_base", None, 10_000_000, fast=False)
        part: Part = read_segment(io.BytesIO(raw), find_segments(io.BytesIO(raw), 10**9)[0][0], plan)
        return len(pickle.dumps(part))

    assert abs(kept(1000) - kept(10)) < 300 * 16


def test_the_watch_takes_every_sign_there_is() -> None:
    assert {type(sign) for sign in Watch(1)._signs} == set(SIGNS)


@given(st.lists(st.text("aé\u20ac\U0001f600 \n", max_size=9), min_size=1, max_size=8))
def test_the_ends_of_texts_are_where_their_bytes_end(told: list[str]) -> None:
    columns = Turns(parse_chunk(Chunk(1, b"".join(chat(("user", text), ("assistant", "b")) for text in told))))
    starts = [0, *columns.raw_ends.tolist()]
    pieces = [columns.raw[start:end].decode() for start, end in pairwise(starts)]
    assert pieces == [f"{text}\n\n" for text in columns.unique]
    assert columns.are_blank.tolist() == [not text.strip() for text in columns.texts]


@given(st.lists(PERSONAL | st.text("aZ0189 -+().@:,é", max_size=14), max_size=6))
@settings(deadline=None)
def test_numbers_are_found_in_a_part_of_the_text_as_in_all_of_it(pieces: list[str]) -> None:
    text = "".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(personal, "_number_spans", str)
        whole = personal.find_kinds(text)
    assert personal.find_kinds(text) == whole
