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
