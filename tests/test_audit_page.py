import csv
import io
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.dataset.checks import audit
from ftdecide.dataset.export import guard_cell, render_findings
from ftdecide.settings import load_settings
from ftdecide.store import assessments
from ftdecide.store.database import open_store

PAGE = "pages/audit_data.py"
GOOD = b'{"prompt": "where is it?", "completion": "LOG-7"}\n'


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FTDECIDE_HOME", str(home))
    import streamlit as st

    st.cache_resource.clear()
    return AppTest.from_file("../app.py", default_timeout=60)


def open_page(app: AppTest) -> AppTest:
    app.run()
    return app.switch_page(PAGE).run()


def texts(app: AppTest) -> str:
    return "\n".join(str(item.value) for item in [*app.markdown, *app.caption, *app.success, *app.error, *app.info])


def choose_own_files(app: AppTest, train: tuple[str, bytes], test: tuple[str, bytes] | None = None) -> AppTest:
    app.segmented_control(key="data_source").set_value("Your own files").run()
    app.file_uploader(key="data_train").upload(*train, "application/octet-stream")
    if test:
        app.file_uploader(key="data_test").upload(*test, "application/octet-stream")
    return app.run()


def test_a_sample_is_audited_at_once_and_labelled(app: AppTest) -> None:
    open_page(app)
    assert not app.exception
    assert "Demonstration data" in texts(app)
    assert [metric.label for metric in app.metric][:2] == ["Training examples", "Test examples"]
    assert "Not looked for yet" in texts(app)


def test_every_sample_can_be_chosen(app: AppTest) -> None:
    open_page(app)
    for name in app.selectbox(key="data_sample").options:
        app.selectbox(key="data_sample").select(name).run()
        assert not app.exception
        assert "Must be mended" not in texts(app)


def test_an_upload_is_told_its_faults_with_lines_and_mends(app: AppTest) -> None:
    open_page(app)
    choose_own_files(app, ("../../etc/passwd.jsonl", GOOD * 20 + b'{"prompt": "a",}\n'), ("test.jsonl", GOOD))
    assert not app.exception
    shown = texts(app)
    assert "Must be mended" in shown
    assert "Line 21" in shown
    assert "**Mend:** " in shown
    assert "stand in the test part" in shown


def test_files_that_are_no_data_set_are_explained(app: AppTest) -> None:
    open_page(app)
    for train in (("a.csv", b"\xff\xfea\0,\0"), ("b.jsonl", b""), ("c.csv", b"frage,antwort\n1,2\n")):
        choose_own_files(app, train)
        assert not app.exception
        assert "Must be mended" in texts(app)


def test_the_number_of_examples_is_taken_over_into_the_open_assessment(app: AppTest, home: Path) -> None:
    store = open_store(load_settings({"FTDECIDE_HOME": str(home)}))
    saved = assessments.create(
        store,
        {"schema_version": 1, "title": "Tickets", "costs": {"base_model": "gpt-4.1-nano-2025-04-14"}},
        title="Tickets",
    )
    app.query_params["assessment"] = saved.id
    open_page(app)
    button = next(button for button in app.button if button.label.startswith("Use the"))
    button.click().run()
    assert not app.exception
    examples = assessments.load(store, saved.id).document["costs"]["training_examples"]
    assert f"{examples:,}" == app.metric[0].value
    assert "counts on" in texts(app)
    assert app.text_input(key="data_model").value == "gpt-4.1-nano-2025-04-14"
    assert "exactly" in texts(app)


def test_an_unknown_model_is_said_to_be_an_estimate(app: AppTest) -> None:
    open_page(app)
    app.text_input(key="data_model").set_value("acme/own-7b").run()
    assert "estimate" in texts(app)
    assert not app.exception


def test_downloads_hold_every_finding_and_no_formula() -> None:
    result = audit(io.BytesIO(GOOD * 3 + b"{\n"), name="a.jsonl", model="=cmd|calc")
    rows = list(csv.DictReader(io.StringIO(render_findings(result))))
    assert [row["code"] for row in rows] == [finding.code for finding in result.findings]
    assert json.loads(result.model_dump_json())["examples"] == 3
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cells_that_a_spreadsheet_would_run_are_guarded(cell: str) -> None:
    assert guard_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "plain", "1-2", "'quoted"])
def test_ordinary_cells_stay_as_they_are(cell: str) -> None:
    assert guard_cell(cell) == cell
