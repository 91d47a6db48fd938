"""Every page runs through `app.py`: empty, with an assessment, and with an id that leads nowhere."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import PAGES
from ftdecide.settings import DATA
from ftdecide.store import assessments
from ftdecide.store.assessments import Saved
from ftdecide.store.database import Store
from tests.app_story import visit

ROOT = Path(__file__).resolve().parents[1]
TABLE = [(section, file, address) for section, rows in PAGES.items() for file, address, *_rest in rows]
FILES = [file for _section, file, _address in TABLE]

Start = Callable[..., AppTest]


@pytest.fixture
def example(store: Store) -> Saved:
    document = json.loads(min((DATA / "examples").glob("*.json")).read_text(encoding="utf-8"))
    return assessments.create(store, document, title=document["title"], example=True)


def _visit(file: str, assessment_id: str | None = None) -> AppTest:
    return visit(file, assessment=assessment_id)


def test_sections_and_addresses_are_those_of_the_product():
    assert [(section, address) for section, _file, address in TABLE] == [
        ("Assess", "start"),
        ("Assess", "use-case"),
        ("Assess", "alternatives"),
        ("Assess", "costs"),
        ("Assess", "benefits"),
        ("Measure", "data"),
        ("Measure", "scenarios"),
        ("Measure", "comparison"),
        ("Decide", "decision"),
        ("Learn", "how"),
        ("Learn", "settings"),
    ]


def test_no_address_is_what_streamlit_would_serve_without_the_page_table():
    addresses = [address for _section, _file, address in TABLE]
    assert len(set(addresses)) == len(addresses)
    assert not set(addresses) & set(FILES)


def test_every_file_in_pages_is_in_the_table():
    assert sorted(path.stem for path in (ROOT / "pages").glob("*.py")) == sorted(FILES)


def test_pages_are_short():
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "pages").glob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > 150} == {}


@pytest.mark.parametrize("file", FILES)
def test_a_page_runs_twice_without_an_assessment(store: Store, file: str):
    app = _visit(file)
    assert not app.exception
    title = app.title[0].value
    assert not app.run().exception
    assert app.title[0].value == title


@pytest.mark.parametrize("file", FILES)
def test_a_page_shows_an_example_and_keeps_it_in_the_address(store: Store, example: Saved, file: str):
    app = _visit(file, example.id).run()
    assert not app.exception
    assert app.query_params["assessment"] == example.id


@pytest.mark.parametrize("file", FILES)
def test_every_link_of_the_menu_keeps_the_open_assessment(store: Store, example: Saved, file: str):
    links = _visit(file, example.id).sidebar.get("page_link")
    assert len(links) == len(FILES)
    assert {link.proto.query_string for link in links} == {f"assessment={example.id}"}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("wrong", ["nothing-has-this-id", "../../etc/passwd", "<b>*x*</b>", "é" * 3000])
def test_an_unknown_id_gives_a_page_with_a_message(store: Store, file: str, wrong: str):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{file}.py")
    app.query_params["assessment"] = wrong
    app.run()
    assert not app.exception
    assert app.title


@pytest.mark.parametrize(
    "file",
    [
        "start_here",
        "describe_use_case",
        "try_alternatives",
        "weigh_costs",
        "confirm_benefits",
        "run_comparison",
        "read_decision",
    ],
)
def test_a_page_about_an_assessment_says_that_an_id_is_unknown(store: Store, file: str):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{file}.py")
    app.query_params["assessment"] = "gone"
    app.run()
    assert "'gone'" in app.error[0].value


def test_a_stored_document_that_can_no_longer_be_read_is_reported_and_not_fatal(store: Store):
    broken = assessments.create(store, {"schema_version": 1, "use_case": {"tsk": "code"}}, title="Broken")
    for file in ("start_here", "describe_use_case"):
        app = _visit(file, broken.id)
        assert not app.exception
        assert any("tsk" in error.value for error in app.error)


@pytest.mark.parametrize("path", sorted((DATA / "examples").glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("file", ["describe_use_case", "try_alternatives", "weigh_costs", "confirm_benefits"])
def test_showing_an_assessment_changes_nothing_in_it(store: Store, path: Path, file: str):
    document = json.loads(path.read_text(encoding="utf-8"))
    saved = assessments.create(store, document, title="As it was")
    app = _visit(file, saved.id).run()
    assert not app.exception
    assert assessments.load(store, saved.id) == saved
