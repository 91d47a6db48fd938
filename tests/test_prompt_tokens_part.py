"""The part of a page on which a prompt is counted, on a page of its own."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.settings import load_settings
from ftdecide.store import assessments
from ftdecide.store.database import open_store


def page() -> None:
    import streamlit as st

    from ftdecide.costs.scenario import ScenarioTraffic
    from pages.parts import state
    from pages.parts.prompt_tokens import show_prompt_tokens

    traffic = ScenarioTraffic.model_validate({"requests_per_month": 100000, "input_tokens": 300, "output_tokens": 150})
    model = st.query_params.get("model", "gpt-4.1-mini")
    show_prompt_tokens(state.open_assessment(), traffic, "openai", model or None)


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FTDECIDE_HOME", str(home))
    import streamlit as st

    st.cache_resource.clear()
    return AppTest.from_function(page, default_timeout=60)


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.success, *app.error, *app.warning]
    return "\n".join(str(item.value) for item in shown)


def paste(app: AppTest, **parts: str) -> AppTest:
    for name, text in parts.items():
        app.text_area(key=f"prompt_{name}").set_value(text)
    return app.run()


def test_pasted_texts_are_counted_with_limits_and_their_sources(app: AppTest) -> None:
    paste(app.run(), instructions="Name the queue.", examples="a\n---\nb", requests="Where is it?\n\nAnd my money?")
    assert not app.exception
    assert [metric.label for metric in app.metric] == [
        "In every request (instructions and examples)",
        "One example, on average",
        "A request's own part, on average",
    ]
    shown = texts(app)
    assert "exactly as gpt\\-4.1\\-mini cuts text (o200k_base)" in shown
    assert "examples of this length fit the context window of 1,000,000 tokens" in shown
    assert "USD a month" in shown
    assert "samples hold no answers" in shown
    assert "With an assessment open" in shown


def test_nothing_pasted_shows_nothing_counted(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert not app.metric
    assert not app.button


def test_an_unknown_model_is_called_an_estimate_with_a_range(app: AppTest) -> None:
    app.query_params["model"] = "acme-7b"
    paste(app.run(), instructions="Name the queue. " * 50)
    assert " to " in app.metric[0].value
    assert "estimate" in texts(app)
    app.query_params["model"] = ""
    app.run()
    assert "No model is named" in texts(app)


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", "Grüße".encode("latin-1"), "UTF-8"),
        ("a.txt", b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_bad_upload_gives_one_clear_message_and_no_figures(app: AppTest, name: str, raw: bytes, told: str) -> None:
    app.run()
    app.file_uploader(key="prompt_instructions_file").upload(name, raw, "text/plain")
    paste(app, instructions="pasted as well")
    assert not app.exception
    assert [told in error.value for error in app.error] == [True]
    assert not app.metric


def test_an_upload_counts_rather_than_what_was_pasted(app: AppTest) -> None:
    app.run()
    app.file_uploader(key="prompt_requests_file").upload(
        "a.jsonl", b'{"prompt": "Where?", "completion": "Here."}\n', "application/jsonl"
    )
    paste(app, requests="pasted " * 100)
    assert [metric.label for metric in app.metric][1:] == ["A request's own part, on average", "An answer, on average"]
    assert int(app.metric[1].value) < 20


@pytest.mark.parametrize(("model", "exact"), [("gpt-4.1-mini", True), ("acme-7b", False)])
def test_the_numbers_are_taken_over_into_the_open_assessment(
    app: AppTest, home: Path, model: str, exact: object
) -> None:
    store = open_store(load_settings({"FTDECIDE_HOME": str(home)}))
    saved = assessments.create(store, {"schema_version": 1, "title": "Tickets"}, title="Tickets")
    app.query_params["assessment"] = saved.id
    app.query_params["model"] = model
    paste(app.run(), instructions="Name the queue. " * 30, requests="Where is my parcel from last week? " * 5)
    assert app.button(key="prompt_take").label == "Take these 2 numbers over"
    app.button(key="prompt_take").click().run()
    assert not app.exception
    traffic = assessments.load(store, saved.id).document["traffic"]
    assert set(traffic) == {"prompt_tokens", "input_tokens"}
    for answer in traffic.values():
        assert isinstance(answer, float if exact else dict)
        assert exact or answer["low"] < answer["high"]
    assert "counts on these numbers" in texts(app)
