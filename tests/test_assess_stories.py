"""What people do on the Assess pages, told through the app and checked in the store."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.store import assessments
from ftdecide.store.assessments import Saved
from ftdecide.store.database import Store
from pages.parts.listing import export_json
from tests.app_story import visit


@pytest.fixture
def saved(store: Store) -> Saved:
    return assessments.create(store, {"schema_version": 1, "title": "Tickets"}, title="Tickets")


def _open(file: str = "start_here", saved: Saved | None = None) -> AppTest:
    return visit(file, assessment=saved.id if saved else None)


def _document(store: Store, saved: Saved) -> dict:
    return {key: value for key, value in assessments.load(store, saved.id).document.items() if key != "schema_version"}


def _key(saved: Saved, field: str) -> str:
    return f"{saved.id}:{field}"


def _verdict(app: AppTest) -> str:
    return next(element.value for element in app.markdown if "Verdict so far" in element.value)


def test_a_new_assessment_is_answered_saved_and_found_again(store: Store):
    app = _open()
    app.text_input[0].set_value("  Ticket   routing ")
    app.button[0].click().run()
    assert app.title[0].value == "Use case"
    (saved,) = assessments.list_all(store)
    assert saved.title == "Ticket routing"
    assert app.query_params["assessment"] == saved.id

    app = _open("describe_use_case", saved)
    app.selectbox(key=_key(saved, "use_case.task")).select("classification").run()
    app.pills(key=_key(saved, "use_case.goals")).set_value(["quality", "cost"]).run()
    app.pills(key=_key(saved, "use_case.label_scheme")).set_value("in_house").run()
    app.pills(key=_key(saved, "use_case.needs_frontier_reasoning")).set_value("false").run()
    app.text_input(key=_key(saved, "use_case.metric")).set_value("right queue").run()
    app.number_input(key=_key(saved, "use_case.target_score")).set_value(92.5).run()
    app.number_input(key=_key(saved, "traffic.requests_per_month:low")).set_value(20_000).run()
    app.number_input(key=_key(saved, "traffic.requests_per_month:high")).set_value(60_000).run()
    app.number_input(key=_key(saved, "traffic.horizon_months")).set_value(12).run()
    assert not app.exception
    assert _document(store, saved) == {
        "title": "Ticket routing",
        "use_case": {
            "task": "classification",
            "goals": ["quality", "cost"],
            "label_scheme": "in_house",
            "needs_frontier_reasoning": False,
            "metric": "right queue",
            "target_score": 0.925,
        },
        "traffic": {"requests_per_month": {"low": 20_000, "high": 60_000}, "horizon_months": 12},
    }

    again = _open("describe_use_case", saved)
    assert again.selectbox(key=_key(saved, "use_case.task")).value == "classification"
    assert again.pills(key=_key(saved, "use_case.goals")).value == ["quality", "cost"]
    assert again.pills(key=_key(saved, "use_case.needs_frontier_reasoning")).value == "false"
    assert again.number_input(key=_key(saved, "use_case.target_score")).value == 92.5
    assert again.number_input(key=_key(saved, "traffic.requests_per_month:high")).value == 60_000


def test_every_answer_may_be_taken_back(store: Store, saved: Saved):
    app = _open("describe_use_case", saved)
    choices = {"use_case.output_format": "short_label", "use_case.knowledge.source": "private"}
    for field, value in choices.items():
        app.pills(key=_key(saved, field)).set_value(value).run()
    app.number_input(key=_key(saved, "use_case.target_score")).set_value(90).run()
    assert "use_case" in _document(store, saved)
    for field in choices:
        app.pills(key=_key(saved, field)).set_value("").run()
    app.number_input(key=_key(saved, "use_case.target_score")).set_value(None).run()
    assert _document(store, saved) == {"title": "Tickets"}


def test_the_verdict_moves_as_answers_change(store: Store, saved: Saved):
    app = _open("describe_use_case", saved)
    before = _verdict(app)
    app.selectbox(key=_key(saved, "use_case.task")).select("question_answering").run()
    app.pills(key=_key(saved, "use_case.goals")).set_value(["knowledge"]).run()
    app.pills(key=_key(saved, "use_case.knowledge.source")).set_value("private").run()
    app.pills(key=_key(saved, "use_case.knowledge.changes")).set_value("weekly").run()
    assert "retrieval" in _verdict(app)
    assert _verdict(app) != before


def test_only_relevant_questions_are_asked(store: Store, saved: Saved):
    app = _open("confirm_benefits", saved)
    wins = _key(saved, "benefits.paired_wins")
    assert wins not in [box.key for box in app.number_input]
    app.number_input(key=_key(saved, "benefits.fine_tuned_score")).set_value(88).run()
    assert wins in [box.key for box in app.number_input]


def test_a_range_upside_down_is_not_saved_and_stays_as_it_was_typed(store: Store, saved: Saved):
    app = _open("describe_use_case", saved)
    low, high = (_key(saved, f"traffic.input_tokens:{end}") for end in ("low", "high"))
    app.number_input(key=high).set_value(100).run()
    assert "lower end" in app.error[0].value
    app.number_input(key=low).set_value(300).run()
    assert "300 is above" in app.error[0].value
    assert (app.number_input(key=low).value, app.number_input(key=high).value) == (300, 100)
    assert "traffic" not in _document(store, saved)
    app.number_input(key=high).set_value(900).run()
    assert not app.error
    assert _document(store, saved)["traffic"] == {"input_tokens": {"low": 300, "high": 900}}


def _two_tabs(saved: Saved) -> tuple[AppTest, AppTest]:
    mine, theirs = _open("describe_use_case", saved), _open("describe_use_case", saved)
    theirs.pills(key=_key(saved, "use_case.output_format")).set_value("strict_schema").run()
    theirs.number_input(key=_key(saved, "use_case.target_score")).set_value(80).run()
    mine.number_input(key=_key(saved, "use_case.target_score")).set_value(95).run()
    return mine, theirs


def test_a_second_tab_never_overwrites_the_first_ones_newer_answers(store: Store, saved: Saved):
    mine, _theirs = _two_tabs(saved)
    assert _document(store, saved)["use_case"] == {"output_format": "strict_schema", "target_score": 0.8}
    text = mine.warning[0].value
    assert "Which share of answers must be good?" in text
    assert "95 %" in text
    assert "80 %" in text
    assert "A strict schema" in text
    assert mine.number_input(key=_key(saved, "use_case.target_score")).value == 95


def test_the_newer_answers_can_be_loaded(store: Store, saved: Saved):
    mine, _theirs = _two_tabs(saved)
    mine.button(key="load_newer").click().run()
    assert not mine.warning
    assert mine.number_input(key=_key(saved, "use_case.target_score")).value == 80
    assert mine.pills(key=_key(saved, "use_case.output_format")).value == "strict_schema"
    assert _document(store, saved)["use_case"] == {"output_format": "strict_schema", "target_score": 0.8}


def test_ones_own_answer_can_be_kept_beside_the_newer_ones(store: Store, saved: Saved):
    mine, theirs = _two_tabs(saved)
    mine.pills(key=_key(saved, "use_case.knowledge.source")).set_value("private").run()
    assert mine.warning
    mine.button(key="keep_mine").click().run()
    assert not mine.warning
    assert _document(store, saved)["use_case"] == {
        "output_format": "strict_schema",
        "target_score": 0.95,
        "knowledge": {"source": "private"},
    }
    assert theirs.run().number_input(key=_key(saved, "use_case.target_score")).value == 95


def test_two_tabs_may_work_on_two_assessments(store: Store, saved: Saved):
    other = assessments.create(store, {"schema_version": 1, "title": "Letters"}, title="Letters")
    first, second = _open("describe_use_case", saved), _open("describe_use_case", other)
    first.text_input(key=_key(saved, "use_case.domain")).set_value("retail").run()
    second.text_input(key=_key(other, "use_case.domain")).set_value("law").run()
    first.switch_page("pages/weigh_costs.py").run()
    first.number_input(key=_key(saved, "costs.training_examples")).set_value(400).run()
    assert first.query_params["assessment"] == saved.id
    assert _document(store, saved) == {
        "title": "Tickets",
        "use_case": {"domain": "retail"},
        "costs": {"training_examples": 400},
    }
    assert _document(store, other) == {"title": "Letters", "use_case": {"domain": "law"}}


def test_a_model_that_is_closed_says_so_in_the_list_and_below_it(store: Store, saved: Saved):
    app = _open("weigh_costs", saved)
    app.date_input(key=_key(saved, "as_of")).set_value("2027-02-01").run()
    app.selectbox(key=_key(saved, "costs.provider")).select("openai").run()
    options = app.selectbox(key=_key(saved, "costs.base_model")).options
    assert any("gpt-4.1-mini" in option and "closed" in option for option in options)
    app.selectbox(key=_key(saved, "costs.base_model")).select("gpt-4.1-mini-2025-04-14").run()
    assert any("can no longer be fine-tuned" in error.value for error in app.error)
    assert not app.exception


def test_a_model_that_nobody_knows_may_be_named_but_not_silently(store: Store, saved: Saved):
    assessments.save(
        store,
        saved.id,
        {"schema_version": 1, "costs": {"provider": "openai", "base_model": "gpt-99"}},
        expected_version=saved.version,
    )
    app = _open("weigh_costs", saved)
    assert app.selectbox(key=_key(saved, "costs.base_model")).value == "gpt-99"
    assert any("gpt-99" in warning.value for warning in app.warning)


def _menu(app: AppTest, saved: Saved) -> AppTest:
    app.session_state[f"{saved.id}:menu"] = True
    return app.run()


def test_what_was_deleted_can_be_brought_back(store: Store, saved: Saved):
    app = _menu(_open(saved=saved), saved)
    app.button(key=f"{saved.id}:delete").click().run()
    assert assessments.list_all(store) == []
    assert "assessment" not in app.query_params
    app.button(key="undo").click().run()
    assert [kept.id for kept in assessments.list_all(store)] == [saved.id]
    assert not app.exception


def test_an_assessment_can_be_renamed_and_duplicated(store: Store, saved: Saved):
    app = _menu(_open(saved=saved), saved)
    app.text_input(key=f"{saved.id}:name").set_value("Ticket *routing*").run()
    assert assessments.load(store, saved.id).title == "Ticket *routing*"
    app.button(key=f"{saved.id}:duplicate").click().run()
    assert sorted(kept.title for kept in assessments.list_all(store)) == [
        "Copy of Ticket *routing*",
        "Ticket *routing*",
    ]


def test_an_export_can_be_imported_again(store: Store):
    document = {"schema_version": 1, "title": "Letters", "costs": {"engineer_hours": {"low": 8.0, "high": 16.0}}}
    saved = assessments.create(store, document, title="Letters")
    assert _menu(_open(saved=saved), saved).get_by_key(f"{saved.id}:export").proto.label == "Export as JSON"
    exported = export_json(saved)
    assert json.loads(exported) == document
    assessments.delete(store, saved.id)
    app = _open()
    app.file_uploader(key="import").upload("letters.json", exported.encode()).run()
    (imported,) = assessments.list_all(store)
    assert (imported.title, imported.document) == ("Letters", document)
    assert imported.id != saved.id


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.json", b'{"schema_version": 1,\n "title": "x",,}', "'broken.json', line 2"),
        ("unknown.json", b'{"schema_version": 1, "use_case": {"tsk": "code"}}', "use_case.tsk: unknown key"),
        ("wrong.json", b'{"schema_version": 1, "use_case": {"target_score": 80}}', "use_case.target_score"),
        ("list.json", b"[1, 2]", "found a list"),
        ("empty.json", b"", "empty"),
        ("latin.yml", "titel: Kläranlage".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_assessment_is_refused_with_the_place(store: Store, name: str, content: bytes, said: str):
    app = _open()
    app.file_uploader(key="import").upload(name, content).run()
    assert said in app.error[0].value
    assert assessments.list_all(store) == []
    assert not app.exception


def test_an_example_opens_as_a_copy_of_ones_own(store: Store):
    app = _open()
    button = next(button for button in app.button if button.key.startswith("example:"))
    button.click().run()
    (copy,) = assessments.list_all(store)
    assert copy.example
    assert app.title[0].value == "Use case"
    assert app.query_params["assessment"] == copy.id


def test_a_measured_answer_is_marked_until_somebody_types_over_it(store: Store, saved: Saved):
    assessments.save(
        store,
        saved.id,
        {"schema_version": 1, "benefits": {"fine_tuned_score": 0.9}},
        expected_version=saved.version,
        origins={"benefits.fine_tuned_score": "run:abc"},
    )
    app = _open("confirm_benefits", saved)
    assert any("Measured" in text.value and "run=abc" in text.value for text in app.markdown)
    app.number_input(key=_key(saved, "benefits.fine_tuned_score")).set_value(70).run()
    assert assessments.load(store, saved.id).origins == {}
