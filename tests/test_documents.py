"""Documents that people write are read whatever their dress, and refused with a line when they are broken."""

from pathlib import Path

import pytest

from ftdecide.documents import parse_document, read_document
from ftdecide.errors import InputError


@pytest.mark.parametrize(
    "raw",
    [
        b'{"tunable": "yes", "as_of": "2026-11-22"}',
        b'\xef\xbb\xbf{"tunable": "yes",\r\n "as_of": "2026-11-22"}\r\n',
        b"tunable: yes\nas_of: 2026-11-22\n",
        b"\xef\xbb\xbftunable: yes\r\nas_of: 2026-11-22\r\n",
        b"{tunable: yes, as_of: 2026-11-22}",
    ],
)
def test_json_and_yaml_with_or_without_marks_read_alike(raw: bytes) -> None:
    assert parse_document(raw, "a.yaml") == {"tunable": "yes", "as_of": "2026-11-22"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b'{"a": 1,\n "b": }', "line 2, column 7"),
        (b"a: 1\nb: [1, 2\nc: 3", "line 3"),
        (b'{"title": "caf\xe9"}', "line 1: not UTF-8"),
        ('{"title": "x"}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b"[" * 100_000, "a few levels"),
        (b" " * 20_000_001, "larger than 20 MB"),
        (b"a: &x [*x]\nb: !!python/object:os.system {}", "mend the YAML"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(raw, "a.json")
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_document(tmp_path / "nowhere.json")


def test_numbers_and_texts_of_yaml_are_what_people_mean() -> None:
    text = b"a: 1e5\nb: 010\nc: 1:30\nd: 1.5\ne: -3\nf: 0x1f\ng: 2026-11-22\nh: on\ni: true\nj: ~\nk: 1_000\n"
    assert parse_document(text, "a.yml") == {
        "a": 1e5,
        "b": 10,
        "c": "1:30",
        "d": 1.5,
        "e": -3,
        "f": 31,
        "g": "2026-11-22",
        "h": "on",
        "i": True,
        "j": None,
        "k": "1_000",
    }


_BOMB = b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (level, level, b", ".join([b"*a%d" % (level - 1)] * 9)) for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (_BOMB, "counting what aliases repeat"),
        (b"a: " + b"[" * 100_000, "nested deeper"),
        (b"a: " + b"{b: " * 100_000, "nested deeper"),
        (b"- " * 100_000, "nested deeper"),
        (b"a: &x [*x]", "line 1, column 8: *x stands inside"),
        (b"a: &x {b: [*x]}", "stands inside"),
        (b"a: 1\nb: 2\na: 3", "line 3, column 1: the key 'a' stands twice"),
    ],
)
def test_yaml_that_would_exhaust_memory_or_stack_or_lose_a_key_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(raw, "a.yml")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "the key 'b' stands twice"),
        (b'{"a": 1' + b"0" * 5_000 + b"}", "a number has 5,001 digits"),
        (b'{"a": "\\ud83d!"}', "half a character"),
    ],
)
def test_json_that_would_lose_or_break_something_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(raw, "a.json")
    assert message in str(caught.value)


def test_a_whole_character_written_as_escapes_is_read() -> None:
    assert parse_document(b'{"a": "\\ud83d\\ude00"}', "a.json") == {"a": "\U0001f600"}


def test_an_endless_file_is_refused_at_the_limit() -> None:
    with pytest.raises(InputError, match="larger than 20 MB"):
        read_document("/dev/zero")
