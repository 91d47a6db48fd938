import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.dataset.checks import audit
from ftdecide.dataset.clean import Choices, Cleaned, clean
from ftdecide.errors import InputError


def pair(question: str, answer: str) -> bytes:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": messages}).encode() + b"\n"


def run(
    raw: bytes, choices: Choices | None = None, *, test: bytes | None = None, name: str = "train.jsonl"
) -> tuple[Cleaned, bytes]:
    out = io.BytesIO()
    against = io.BytesIO(test) if test is not None else None
    cleaned = clean(io.BytesIO(raw), choices or Choices(), out, test=against, name=name)
    return cleaned, out.getvalue()


GOOD = pair("where is my parcel", "LOG-7")
OTHER = pair("I want my money back", "BIL-5")
EMPTY = pair("and now?", "  ")
BROKEN = b'{"messages": \n'


def test_lines_are_left_out_for_a_reason_and_the_others_stay_as_they_are() -> None:
    odd = b'{"messages":[{"role":"user","content":"\\u00e9 odd  spacing"} , {"role":"assistant","content":"ok"}] }\r\n'
    cleaned, out = run(GOOD + BROKEN + b"\n" + odd + EMPTY + GOOD + OTHER.rstrip(b"\n"))
    assert out == GOOD + b"\n" + odd + OTHER.rstrip(b"\n")
    assert (cleaned.kept, cleaned.removed) == (3, 3)
    assert cleaned.reasons == {"malformed_json": 1, "empty_answer": 1, "exact_duplicate": 1}
    assert [(one.line, one.code) for one in cleaned.list_removed()] == [
        (2, "malformed_json"),
        (5, "empty_answer"),
        (6, "exact_duplicate"),
    ]
    assert all(one.reason for one in cleaned.list_removed())


def test_nothing_is_left_out_that_was_not_chosen() -> None:
    raw = GOOD + BROKEN + EMPTY + GOOD
    nothing = Choices(unreadable=False, empty_answers=False, test_overlap=False, exact_duplicates=False)
    cleaned, out = run(raw, nothing, test=GOOD)
    assert out == raw
    assert (cleaned.kept, cleaned.removed, cleaned.reasons) == (4, 0, {})
    assert run(raw, Choices(unreadable=False), test=None)[1] == GOOD + BROKEN


def test_questions_of_the_test_part_leave_the_training_part_alone() -> None:
    cleaned, out = run(GOOD + OTHER + GOOD, test=pair("Where is  my PARCEL", "another answer"))
    assert out == OTHER
    assert cleaned.reasons == {"test_overlap": 2}


def test_near_duplicates_go_only_when_chosen() -> None:
    text = "the card reader of our second shop shows an error since the update of last night and takes no cards"
    raw = pair(text, "HWD-3") + OTHER + pair("hello " + text, "HWD-3")
    assert run(raw)[1] == raw
    cleaned, out = run(raw, Choices(near_duplicates=True))
    assert out == pair(text, "HWD-3") + OTHER
    assert [(one.line, one.code) for one in cleaned.list_removed()] == [(3, "near_duplicate")]


def test_the_first_of_equal_lines_stays_unless_a_person_names_it() -> None:
    cleaned, out = run(GOOD + OTHER + GOOD, Choices(lines=frozenset({1})))
    assert out == OTHER + GOOD
    assert cleaned.reasons == {"chosen": 1}


def test_a_table_keeps_its_header_and_rows_of_several_lines() -> None:
    head, long = b"prompt,completion\r\n", b'"first\n\nsecond","an ""answer""\n"\r\n'
    raw = head + long + b"\r\nempty,\r\n" + long + b"\r\n\r\n" + b'"a",b,c\n' + b"last,row"
    cleaned, out = run(raw, name="train.csv")
    assert out == head + long + b"\r\n" + b"\r\n\r\n" + b"last,row"
    assert cleaned.reasons == {"empty_answer": 1, "exact_duplicate": 1, "column_count": 1}


def test_a_file_that_cannot_be_read_at_all_is_refused() -> None:
    for raw in (b"", b"[\n", "wide".encode("utf-16")):
        with pytest.raises(InputError, match="cannot be cleaned"):
            run(raw)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    source, out = tmp_path / "train.jsonl", tmp_path / "clean.jsonl"
    source.write_bytes(GOOD + GOOD)
    assert clean(source, Choices(), out).kept == 1
    assert out.read_bytes() == GOOD
    for taken in (source, out):
        with pytest.raises(InputError, match="is there already"):
            clean(source, Choices(), taken)
    assert source.read_bytes() == GOOD + GOOD
    with pytest.raises(InputError, match="cannot be written"):
        clean(source, Choices(), tmp_path / "nowhere" / "out.jsonl")


lines = st.lists(
    st.one_of(
        st.builds(pair, st.sampled_from(["a", "b", "c d e", " "]), st.sampled_from(["x", "y", " ", ""])),
        st.sampled_from(
            [BROKEN, b"\n", b"  \r\n", b"5\n", b'{"a": 1}\n', b"\xff\n", b'{"prompt": "p", "completion": "q"}\n']
        ),
    ),
    max_size=25,
)


@given(lines, lines)
@settings(deadline=None)
def test_what_is_left_is_the_file_without_the_lines_told_and_has_none_of_the_faults(
    parts: list[bytes], test: list[bytes]
) -> None:
    raw, against = b"".join([GOOD, *parts]), b"".join([OTHER, *test])
    cleaned, out = run(raw, test=against)
    gone = {one.line for one in cleaned.list_removed()}
    assert out == b"".join(line for number, line in enumerate([GOOD, *parts], 1) if number not in gone)
    assert cleaned.removed == len(gone) == sum(cleaned.reasons.values())
    if cleaned.kept:
        told = audit(io.BytesIO(out), name="train.jsonl", test_path=io.BytesIO(against), test_name="test.jsonl")
        codes = {finding.code for finding in told.findings if finding.part == "train"}
        assert not codes & {"exact_duplicate", "empty_answer", "test_overlap", "malformed_json", "not_an_object"}
        assert run(out, test=against)[1] == out


def test_lines_left_out_are_those_that_the_audit_names() -> None:
    raw = GOOD + OTHER + GOOD + EMPTY + BROKEN + OTHER
    told = audit(io.BytesIO(raw), name="train.jsonl")
    cleaned, _out = run(raw)
    for finding in told.findings:
        if finding.code in cleaned.lines:
            assert tuple(cleaned.lines[finding.code]) == finding.lines
    assert set(cleaned.lines) == {"exact_duplicate", "empty_answer", "malformed_json"}


def test_a_row_with_a_fault_in_its_second_line_goes_as_a_whole() -> None:
    cleaned, out = run(b'prompt,completion\na,b\n"one\ntw\xf6\nthree",c\nd,e\n', name="train.csv")
    assert out == b"prompt,completion\na,b\nd,e\n"
    assert cleaned.kept == 2


def test_a_table_without_a_first_row_that_can_be_read_is_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        run(b"prompt,completion,l\xe4nge\na,b,c\n", name="train.csv")


def chat(*messages: object, **more: object) -> bytes:
    return json.dumps({"messages": list(messages), **more}).encode() + b"\n"


ASKED = {"role": "user", "content": "how warm is it?"}
SAID = {"role": "assistant", "content": "Let me look."}


def calling(city: str) -> dict[str, object]:
    return SAID | {"tool_calls": [{"id": "1", "type": "function", "function": {"name": "warm", "arguments": city}}]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (chat(ASKED, calling("Rome")), chat(ASKED, calling("Oslo"))),
        (chat(ASKED, SAID, tools=[{"name": "a"}]), chat(ASKED, SAID, tools=[{"name": "b"}])),
        (chat(ASKED, SAID | {"weight": 0}), chat(ASKED, SAID)),
        (chat(ASKED, SAID | {"weight": 0}, ASKED, SAID), chat(ASKED, SAID, ASKED, SAID)),
        (chat(ASKED), chat(ASKED)),
    ],
)
def test_rows_that_differ_in_more_than_text_are_no_repeats(first: bytes, second: bytes) -> None:
    _cleaned, out = run(first + second)
    assert out == first + second
    told = audit(io.BytesIO(first + second), name="train.jsonl")
    assert "exact_duplicate" not in {finding.code for finding in told.findings}


def test_texts_without_a_question_are_not_all_in_the_test_part() -> None:
    raw = pair("", "once upon a time") + pair("", "there was a king")
    cleaned, out = run(raw, test=pair("", "who had a daughter") + pair("", "There  was a King"))
    assert list(cleaned.lines["test_overlap"]) == [2]
    assert out == pair("", "once upon a time")
