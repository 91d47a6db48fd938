from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

SOUND = b'{"prompt": "where is my parcel?", "completion": "LOG-7"}\n'


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FTDECIDE_HOME", str(home))
    st.cache_resource.clear()
    return AppTest.from_file("../app.py", default_timeout=60)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (SOUND.replace(b"where", b"w\xf6"), "which is not UTF"),
        (SOUND.replace(b"where", b"where " * 3_000_000), "longer than"),
    ],
)
def test_a_line_whose_bytes_are_at_fault_is_shown_with_its_fault(app: AppTest, fault: bytes, words: str) -> None:
    app.run()
    app.switch_page("pages/audit_data.py").run()
    app.segmented_control(key="data_source").set_value("own").run()
    app.file_uploader(key="data_train").upload("a.jsonl", SOUND + fault, "application/octet-stream").run()
    code = "wrong_encoding" if "UTF" in words else "line_too_long"
    app.pills(key=f"line:train:{code}").set_value(2).run()
    assert not app.exception
    shown = [text.value for text in app.markdown]
    assert any("Cannot be read" in text and words in text for text in shown)
