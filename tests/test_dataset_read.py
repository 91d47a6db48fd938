import csv
import io
import json
import tracemalloc
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftdecide.dataset.read import Example, Message, Problem, read_examples, stream_examples
from ftdecide.dataset.wording import wording
from ftdecide.errors import InputError

GOOD = {"messages": [{"role": "user", "content": "Where is my parcel?"}, {"role": "assistant", "content": "LOG-7"}]}
GOOD_LINE = json.dumps(GOOD).encode() + b"\n"

texts = st.text(st.characters(codec="utf-8"), max_size=60)


def read(raw: bytes, name: str = "train.jsonl") -> list[Example | Problem]:
    return list(stream_examples(io.BytesIO(raw), name))


def only_problem(raw: bytes, name: str = "train.jsonl") -> Problem:
    found = [item for item in read(raw, name) if isinstance(item, Problem)]
    assert len(found) == 1
    return found[0]


def chat(*messages: object) -> bytes:
    return json.dumps({"messages": list(messages)}).encode()


def test_a_chat_example_keeps_its_turns_and_its_line() -> None:
    assert read(b"\n" + GOOD_LINE) == [
        Example((Message("user", "Where is my parcel?"), Message("assistant", "LOG-7")), line=2)
    ]


def test_byte_order_mark_and_windows_line_ends_leave_no_trace() -> None:
    raw = b"\xef\xbb\xbf" + GOOD_LINE.replace(b"\n", b"\r\n") * 2
    assert [item.line for item in read(raw) if isinstance(item, Example)] == [1, 2]


@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_whatever_is_written_as_json_lines_is_read_back(pairs: list[tuple[str, str]]) -> None:
    raw = b"".join(json.dumps({"prompt": q, "completion": a}).encode() + b"\n" for q, a in pairs)
    expected = [(q, a) for q, a in pairs]
    found = [(item.messages[0].content, item.messages[1].content) for item in read(raw) if isinstance(item, Example)]
    assert found == expected


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_whatever_is_written_as_a_table_is_read_back(pairs: list[tuple[str, str]], delimiter: str) -> None:
    pairs = [(q.replace("\0", ""), a.replace("\0", "")) for q, a in pairs]
    written = io.StringIO(newline="")
    rows = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    rows.writerows([("question", "answer"), *pairs])
    found = read(written.getvalue().encode(), "train.csv")
    assert [
        (item.messages[0].content, item.messages[1].content) for item in found if isinstance(item, Example)
    ] == pairs


def test_latin_1_text_is_named_with_line_byte_and_mend() -> None:
    raw = GOOD_LINE + '{"prompt":"Öl","completion":"x"}\n'.encode("latin-1")
    found = only_problem(raw)
    assert (found.line, found.code) == (2, "wrong_encoding")
    assert "byte 12" in found.text
    assert "0xD6" in found.text
    assert "save it as UTF-8" in found.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["train.jsonl", "train.csv"])
def test_wide_encodings_are_recognised_at_once(encoding: str, name: str) -> None:
    mark = "\ufeff".encode(encoding) if encoding.endswith("be") else b""
    found = only_problem(mark + ("prompt,completion\r\na,b\r\n" * 3).encode(encoding), name)
    assert (found.line, found.code) == (1, "wide_encoding")
    assert "UTF-8" in found.text


@pytest.mark.parametrize("raw", [b"", b"\n\r\n  \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["train.jsonl", "train.csv", "upload"])
def test_a_file_without_content_is_called_empty(raw: bytes, name: str) -> None:
    assert only_problem(raw, name).code == "empty_file"


def test_the_last_of_40213_lines_is_named_with_its_column(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(GOOD_LINE * 40_212 + b'{"messages": [{"role": "user" "content": "x"}]}\n')
    with pytest.raises(InputError) as caught:
        read_examples(path)
    assert "line 40213: column 31" in str(caught.value)
    assert "put a comma there" in str(caught.value)


def test_reading_holds_one_line_at_a_time() -> None:
    class Endless(io.RawIOBase):
        """300 MB of lines that exist only while they are read."""

        left = 300

        def readline(self, size: int | None = -1) -> bytes:  # noqa: ARG002 - the signature of a stream
            self.left -= 1
            return b'{"prompt":"' + b"a" * 1_000_000 + b'","completion":"b"}\n' if self.left >= 0 else b""

    tracemalloc.start()
    try:
        count = sum(1 for _item in stream_examples(cast("BinaryIO", Endless()), "train.jsonl"))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 300
    assert peak < 12_000_000


def test_a_line_of_a_megabyte_is_an_example() -> None:
    (example,) = read(json.dumps({"prompt": "a" * 1_000_000, "completion": "b"}).encode())
    assert isinstance(example, Example)
    assert len(example.messages[0].content) == 1_000_000


def test_a_line_beyond_the_limit_is_skipped_and_the_next_one_read() -> None:
    found = read(b'{"prompt":"' + b"a" * 64_000_001 + b'"}\n' + GOOD_LINE)
    assert [(item.line, getattr(item, "code", "example")) for item in found] == [(1, "line_too_long"), (2, "example")]


BAD_LINES: list[tuple[bytes, str, str]] = [
    (b'{"prompt": "a", "completion": "b",}', "malformed_json", "no comma before a closing brace"),
    (b'{"prompt": "a", "completion": "b', "malformed_json", "close it with a quotation mark"),
    (b'{"prompt": "a\tb", "completion": "b"}', "malformed_json", "\\t"),
    (GOOD_LINE.strip() + GOOD_LINE.strip(), "malformed_json", "a line of its own"),
    (b'{"prompt": "C:\\data", "completion": "b"}', "malformed_json", "backslash"),
    (b"[" * 100_000, "malformed_json", "levels"),
    (b'{"prompt": ' + b"9" * 5000 + b"}", "malformed_json", "number"),
    (b"42", "not_an_object", "a number"),
    (b"[]", "not_an_object", "a list"),
    (b"null", "not_an_object", "nothing"),
    (b'{"prompt": "a", "prompt": "b", "completion": "c"}', "duplicate_key", "'prompt'"),
    (b'{"prompt": "a\0", "completion": "b"}', "nul_byte", "byte 14"),
    (b'{"prompt": "\\ud83d", "completion": "b"}', "broken_character", "half a character"),
    (b'{"prompt": "a", "completion": {"queue": 1}}', "wrong_type", "'completion' should be text, found an object"),
    (b'{"prompt": "a", "completion": true}', "wrong_type", "true or false"),
    (b'{"frage": "a", "antwort": "b"}', "missing_messages", "'frage', 'antwort'"),
    (b'{"messages": []}', "missing_messages", "'messages'"),
    (b"{}", "missing_messages", "an empty object"),
    (chat("hello"), "wrong_message", "message 1 is a text"),
    (chat({"content": "x"}), "missing_role", "message 1 has no role"),
    (chat({"role": "user", "content": "x"}, {"role": "human", "content": "x"}), "unknown_role", "message 2"),
    (chat({"role": "assistant"}), "missing_content", "message 1 has no content"),
    (chat({"role": "assistant", "content": None}), "missing_content", "message 1"),
    (chat({"role": "user", "content": 7}), "wrong_type", "content of message 1"),
    (
        chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}),
        "non_text_content",
        "image",
    ),
]


@pytest.mark.parametrize(("line", "code", "words"), BAD_LINES)
def test_a_bad_line_is_named_with_its_mend_and_the_next_one_read(line: bytes, code: str, words: str) -> None:
    found = read(GOOD_LINE + line + b"\n" + GOOD_LINE)
    assert [item.line for item in found] == [1, 2, 3]
    problem = found[1]
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert words in problem.text


def test_a_json_list_is_recognised_by_its_first_line() -> None:
    assert only_problem(json.dumps([GOOD]).encode()).code == "json_list"
    assert read(b"[\n" + GOOD_LINE)[0].line == 1


def test_what_the_file_holds_is_not_repeated_in_messages() -> None:
    secret = b"sk-proj-4f9a8b7c6d5e4f3a2b1c"
    address = b"anna.berg@example.org"
    for stray in (secret, address):
        for raw in (b'{"' + stray + b'": 1}', chat({"role": stray.decode(), "content": "x"})):
            assert stray.decode() not in only_problem(raw).text
        assert stray.decode() not in only_problem(stray + b",hello\n", "train.csv").text


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    (example,) = read(chat({"role": "user", "content": parts}, {"role": "assistant", "content": "x"}))
    assert isinstance(example, Example)
    assert example.messages[0].content == "one\ntwo"


def test_tool_calls_stand_in_for_content() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}]
    (example,) = read(
        chat({"role": "user", "content": "x"}, {"role": "assistant", "content": None, "tool_calls": calls})
    )
    assert isinstance(example, Example)
    assert "look_up" in example.answer


@pytest.mark.parametrize(
    "names", ["prompt,completion", "Question;Answer", "id\ttext\tlabel", "INPUT,OUTPUT", "system,input,output"]
)
def test_named_columns_are_found_whatever_the_separator(names: str) -> None:
    delimiter = next(sign for sign in "\t;," if sign in names)
    row = delimiter.join(f"{place}" for place, _name in enumerate(names.split(delimiter)))
    (example,) = read(f"{names}\r\n{row}\r\n".encode("utf-8-sig"), "train.csv")
    assert isinstance(example, Example)
    assert int(example.messages[-1].content) == int(example.messages[-2].content) + 1


def test_line_breaks_inside_a_cell_keep_the_line_on_which_the_row_starts() -> None:
    found = read(b'prompt,completion\r\n"a\r\n\r\nb",c\r\n\r\nd,e\r\n', "train.csv")
    assert [item.line for item in found] == [2, 6]
    assert isinstance(found[0], Example)
    assert found[0].messages[0].content == "a\r\n\r\nb"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"a,b,c", "column_count"),
        (b"a", "column_count"),
        (b'"a"b,c', "malformed_csv"),
        (b"\xe9,b", "wrong_encoding"),
        (b"a\0,b", "nul_byte"),
    ],
)
def test_a_bad_row_is_named_and_the_next_one_read(row: bytes, code: str) -> None:
    found = read(b"prompt,completion\n" + row + b"\nx,y\n", "train.csv")
    assert [(item.line, getattr(item, "code", "example")) for item in found] == [(2, code), (3, "example")]


def test_a_quotation_mark_that_is_never_closed_is_named_where_it_opens() -> None:
    found = only_problem(b'prompt,completion\na,b\n"c,d\ne,f\n', "train.csv")
    assert (found.line, found.code) == (3, "malformed_csv")


@pytest.mark.parametrize("head", [b"frage,antwort", b"prompt,prompt,completion", b"prompt", b"just text"])
def test_a_header_without_a_known_pair_is_one_problem(head: bytes) -> None:
    assert only_problem(head + b"\na,b\nc,d\n", "train.csv").code == "wrong_header"


def test_cells_that_look_like_formulas_are_plain_text() -> None:
    (example,) = read(b'prompt,completion\n"=HYPERLINK(""x"")",+1\n', "train.csv")
    assert isinstance(example, Example)
    assert example.messages[0].content == '=HYPERLINK("x")'


def test_the_first_sign_tells_the_format_of_a_file_without_an_ending() -> None:
    assert isinstance(read(GOOD_LINE, "upload")[0], Example)
    assert isinstance(read(b"prompt,completion\na,b\n", "upload")[0], Example)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"nowhere\.jsonl.*check the path"):
        read_examples("nowhere.jsonl")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    for name in ("a.jsonl", "a.csv", "a"):
        for item in read(raw, name):
            assert item.line >= 1


def test_every_code_has_its_own_wording_and_no_sentence_is_empty() -> None:
    codes = [words.code for words in wording().findings]
    assert len(set(codes)) == len(codes)
    assert all(
        text.strip() for words in wording().findings for text in (words.one, words.many, words.means, words.mend)
    )


def test_a_fault_inside_a_row_of_several_lines_is_named_by_the_line_on_which_the_row_starts() -> None:
    found = only_problem(b'prompt,completion\na,b\n"one\ntw\xf6\nthree",c\nd,e\n', "train.csv")
    assert (found.line, found.code) == (3, "wrong_encoding")
    assert "in line 4, where the row goes on" in found.text


def test_a_row_that_swallows_others_says_how_far_it_goes() -> None:
    found = only_problem(b'prompt,completion\na,b\n"never closed,c\nd,e\nf,g\n', "train.csv")
    assert "lines 3 to 5 were taken for this row, and not read" in found.text


def test_a_cell_beyond_the_limit_is_called_too_long() -> None:
    found = read(b'prompt,completion\n"' + b"x\n" * 8_100_000 + b'",a\nb,c\n', "train.csv")
    assert isinstance(found[0], Problem)
    assert (found[0].line, found[0].code) == (2, "line_too_long")


def test_names_of_columns_may_go_over_several_lines() -> None:
    found = read(b'"prompt","completion","what\nwe think"\na,b,c\n', "train.csv")
    assert found == [Example((Message("user", "a"), Message("assistant", "b")), line=3)]


@pytest.mark.parametrize("head", [b"prompt,completion,l\xe4nge\n", b"prompt,completion\0\n", b'"prompt,completion\n'])
def test_without_its_first_row_nothing_of_a_table_is_read(head: bytes) -> None:
    found = only_problem(head + b"a,b,c\nd,e,f\n", "train.csv")
    assert (found.line, found.code) == (1, "unreadable_header")


def test_rows_of_blanks_are_no_rows() -> None:
    found = read(b"prompt,completion\na,b\n   \n\t\nc,d\n", "train.csv")
    assert [item.line for item in found if isinstance(item, Example)] == [2, 5]
    assert len(found) == 2


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_takes_for_json_is_malformed(value: str) -> None:
    line = f'{{"note": "NaN Infinity -Infinity", "score": {value}, "prompt": "a", "completion": "b"}}'
    found = only_problem(line.encode())
    assert found.code == "malformed_json"
    assert f"column {line.rindex(value) + 1}:" in found.text
