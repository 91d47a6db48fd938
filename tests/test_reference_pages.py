"""The pages that show the lesson and the settings, through the app as people reach them."""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.catalog import load_catalog
from ftdecide.catalog.ages import list_ages
from ftdecide.catalog.lessons import load_lessons
from pages.parts import state

APP = Path(__file__).parents[1] / "app.py"


@pytest.fixture(autouse=True)
def _own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app read a home of this test alone; its cached settings and store belong to the test before."""
    monkeypatch.setenv("FTDECIDE_HOME", str(home))
    monkeypatch.setenv("FTDECIDE_WORKER", "external")
    monkeypatch.delenv("FTDECIDE_DATABASE_URL", raising=False)
    state.settings.clear()
    state.store.clear()


def show(page: str, assessment: str | None = None) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    if assessment:
        app.query_params["assessment"] = assessment
    app.run()
    if assessment:
        app.query_params["assessment"] = assessment
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption, *app.info, *app.error))


def test_the_lesson_answers_its_questions_and_shows_all_five_systems() -> None:
    app = show("learn_how")
    lessons = load_lessons()
    assert [part.label for part in app.expander][: len(lessons.questions)] == [each.ask for each in lessons.questions]
    assert [tab.label for tab in app.tabs] == ["OpenAI", "Azure OpenAI", "TRL", "AutoTrain", "Unsloth"]
    assert "No longer maintained" in words(app)
    assert "Winding down" in words(app)


def test_the_lesson_never_calls_a_closed_model_open() -> None:
    table = show("learn_how").dataframe[0].value.set_index("Model")
    assert table.loc["gpt-4.1-nano", "Who may tune today"] == "closed"
    assert table.loc["gpt-4.1", "Who may tune today"] != "open"


def test_every_system_names_a_provider_of_the_catalogue() -> None:
    assert {system.provider for system in load_lessons().systems} <= set(load_catalog().providers)


def test_settings_show_the_folder_and_never_a_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-do-not-show")
    app = show("manage_settings")
    assert str(home) in words(app)
    table = app.table[0].value
    assert table[table["Variable"] == "`OPENAI_API_KEY`"]["Set"].iloc[0] == "yes"
    everything = words(app) + table.to_string()
    assert "sk-do-not-show" not in everything
    assert "Keys are not entered here yet" in everything
    assert everything.count("not running") == 2


def test_settings_count_what_is_to_be_checked() -> None:
    app = show("manage_settings")
    table = app.dataframe[0].value
    ages = list_ages(load_catalog(), state.today())
    assert table["To be checked"].sum() == sum(age.stale for age in ages)
    assert table["Figures"].sum() == sum(age.figures for age in ages)


def test_figures_only_grow_older() -> None:
    first, later = (
        sum(age.stale for age in list_ages(load_catalog(), day)) for day in (date(2026, 11, 22), date(2027, 6, 1))
    )
    assert 0 < first < later
