"""A person reads the decision of an assessment, sees what carries it, and takes it away."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.settings import DATA
from ftdecide.store import assessments, runs
from ftdecide.store.database import Store
from tests.app_story import visit
from tests.test_report import RUN


def read(assessment_id: str | None = None) -> AppTest:
    return visit("read_decision", assessment=assessment_id)


def kept(store: Store, name: str) -> str:
    document = json.loads((DATA / "examples" / f"{name}.json").read_text("utf-8"))
    return assessments.create(store, document, title=document["title"], example=True).id


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.subheader))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("contract_clauses", "Fine-tune"),
        ("policy_assistant", "Use retrieval (RAG)"),
        ("support_ticket_routing", "Use a classical model"),
        ("product_texts", "Change the base model"),
    ],
)
def test_an_example_is_read_with_its_verdict_reasons_conditions_and_downloads(
    store: Store, name: str, verdict: str
) -> None:
    app = read(kept(store, name))
    assert not app.exception
    assert verdict in words(app)
    assert {"Why", "Conditions for fine-tuning", "What would change it", "Options until the horizon"} <= {
        heading.value for heading in app.subheader
    }
    labels = [button.label for button in app.get("download_button")]
    for told, label in zip(("Report (HTML)", "PDF", "Word", "Markdown", "Record (JSON)"), labels, strict=True):
        assert told in label


def test_an_empty_assessment_is_told_what_to_answer_first(store: Store) -> None:
    saved = assessments.create(store, {"schema_version": 1, "title": "New"}, title="New")
    app = read(saved.id)
    assert not app.exception
    assert "What is missing" in words(app)
    assert "Say what the task is" in words(app)


def test_a_use_case_alone_is_too_early_for_a_verdict(store: Store) -> None:
    use_case = {"task": "classification", "goals": ["quality"], "label_scheme": "in_house"}
    saved = assessments.create(store, {"schema_version": 1, "title": "New", "use_case": use_case}, title="New")
    shown = words(read(saved.id))
    assert "Too early to say" in shown
    assert "of 7 conditions for fine-tuning are not known" in shown
    assert ":green[:material/model_training:]" not in shown


def test_a_reason_that_rests_on_a_missing_answer_is_not_called_an_answer(store: Store) -> None:
    saved = assessments.create(store, {"schema_version": 1, "title": "New"}, title="New")
    (reason,) = [text.value for text in read(saved.id).markdown if "No goal is stated" in text.value]
    assert "From your answers" in reason
    assert "Your answer]" not in reason


def test_answers_that_met_a_newer_version_are_settled_here_too(store: Store) -> None:
    saved = assessments.create(store, {"schema_version": 1, "title": "Mine"}, title="Mine")
    app = read(saved.id)
    app.session_state["pending"] = {"traffic.horizon_months": 7}
    app.session_state["pending_origins"] = {"traffic.horizon_months": "run:x"}
    app.run()
    assert app.warning[0].proto.title == "This assessment was changed elsewhere in the meantime"
    app.button(key="keep_mine").click().run()
    kept_now = assessments.load(store, saved.id)
    assert kept_now.document["traffic"]["horizon_months"] == 7
    assert kept_now.origins == {"traffic.horizon_months": "run:x"}
    assert not app.warning


def test_without_an_assessment_the_page_leads_to_the_start(store: Store) -> None:
    app = read()
    assert not app.exception
    assert not app.get("download_button")


def test_a_measured_comparison_is_shown_as_evidence(store: Store) -> None:
    assessment_id = kept(store, "contract_clauses")
    new = runs.NewRun(title="Run", plan={}, preflight={}, rows={}, total=120, assessment_id=assessment_id)
    run = runs.create_run(store, new)
    runs.set_result(store, run.id, RUN)
    app = read(assessment_id)
    assert not app.exception
    assert "What was measured" in words(app)
    assert "+30.0 points" in words(app)


def test_answers_measured_on_demonstration_data_are_called_so(store: Store) -> None:
    plan = {"data": {"sample": "support_tickets"}}
    run = runs.create_run(store, runs.NewRun(title="Tickets", plan=plan, preflight={}, rows={}, total=120))
    runs.set_result(store, run.id, RUN)
    document = {"schema_version": 1, "title": "Mine", "benefits": {"fine_tuned_score": 0.8}}
    origins = {"benefits.fine_tuned_score": f"run:{run.id}", "benefits.domains": "run:gone"}
    saved = assessments.create(store, document, title="Mine", origins=origins)
    app = read(saved.id)
    assert not app.exception
    assert [warning.value for warning in app.warning if "1 answer was measured on demonstration data" in warning.value]
    assert [warning.value for warning in app.warning if "The verdict counts these figures" in warning.value]


def test_a_title_is_shown_as_typed_and_never_as_markup(store: Store) -> None:
    saved = assessments.create(
        store, {"schema_version": 1, "title": "[x](javascript:alert(1))"}, title="[x](http://e.test)"
    )
    app = read(saved.id)
    assert not app.exception
    assert "[x](http" not in words(app)
