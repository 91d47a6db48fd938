"""The way from a data set that was checked to the costs of its options, as people go it."""

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.store import assessments
from ftdecide.store.assessments import Saved
from ftdecide.store.database import Store
from tests.app_story import visit

ROWS = b"".join(b'{"prompt": "question number %d of many?", "completion": "A-%d"}\n' % (n, n) for n in range(30))


@pytest.fixture
def app(store: Store) -> AppTest:
    return visit("audit_data")


def press(app: AppTest, store: Store) -> Saved:
    """Ask what the options would cost, and return the assessment that this started."""
    app.button(key="data_costs").click().run()
    assert not app.exception, app.exception
    assert [title.value for title in app.title] == ["Put costs side by side"]
    started = assessments.load(store, assessments.list_all(store)[0].id)
    assert app.query_params["assessment"] == started.id
    return started


def test_from_a_sample_one_press_leads_to_the_costs_of_its_options(app: AppTest, store: Store) -> None:
    started = press(app, store)
    assert started.example
    assert started.document["costs"]["training_examples"] == 160
    assert started.document["alternatives"]["evaluation_examples"] == 80
    assert started.document["traffic"]["input_tokens"]


def test_what_was_counted_in_ones_own_file_is_kept_as_measured_there(app: AppTest, store: Store) -> None:
    app.segmented_control(key="data_source").set_value("own").run()
    app.file_uploader(key="data_train").upload("=mine*.jsonl", ROWS, "application/jsonl")
    app.run()
    link = app.query_params["audit"]
    started = press(app, store)
    assert (started.example, started.document["costs"]) == (False, {"training_examples": 30})
    assert started.origins == {"costs.training_examples": f"data:{link if isinstance(link, str) else link[0]}"}


def test_a_file_that_must_be_mended_first_says_so_in_right_numbers(app: AppTest, store: Store) -> None:
    app.segmented_control(key="data_source").set_value("own").run()
    app.file_uploader(key="data_train").upload("faulty.jsonl", ROWS + b"{\n{\n", "application/jsonl")
    app.run()
    assert any("**2** lines are not valid JSON: lines 31, 32" in each.value for each in app.markdown)
    assert press(app, store).document["costs"] == {"training_examples": 30}
