"""The page that runs comparisons: choice and estimate, progress, result, evidence, and the run in the address."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.run import cancel_run, list_runs, start_run
from ftdecide.experiment.workflow import run_comparison
from ftdecide.jobs.port import Outcome
from ftdecide.settings import Settings, load_settings
from ftdecide.store import assessments
from ftdecide.store.database import Store
from ftdecide.store.runs import move_run, run_state
from ftdecide.store.tables import answers
from tests.loopback import KEY, Loopback, serve_loopback

ROOT = Path(__file__).resolve().parents[1]
PAGE = "pages/run_comparison.py"
COLOURS = ("red", "green", "blue")


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("FTDECIDE_COMPATIBLE_API_KEY", KEY)
    return store


def plan(server: Loopback, folder: Path) -> Experiment:
    for part, count in (("train", 12), ("test", 30)):
        rows = [(f"the {COLOURS[n % 3]} thing of {part} {n}", COLOURS[n % 3]) for n in range(count)]
        chats = [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in rows]
        (folder / f"{part}.jsonl").write_text("\n".join(json.dumps({"messages": chat}) for chat in chats))
    return read_experiment(
        {
            "schema_version": 1,
            "title": "Colours [of] things",
            "data": {"train": str(folder / "train.jsonl"), "test": str(folder / "test.jsonl")},
            "instructions": "Name the colour of the thing.",
            "provider": {"id": "compatible", "model": "base", "base_url": server.base_url},
            "arms": [{"kind": "zero_shot"}, {"kind": "few_shot", "examples": 3}, {"kind": "fine_tuned"}],
            "grader": {"kind": "label", "labels": list(COLOURS)},
        }
    )


def at_once(_name: str, work: Callable[[], Outcome]) -> Outcome:
    """Run a step without the durable engine."""
    return work()


def finished_run(store: Store, settings: Settings, folder: Path) -> str:
    with serve_loopback() as server:
        run_id = start_run(store, settings, plan(server, folder))
        run_comparison(settings, at_once, run_id)
    assert run_state(store, run_id) == "succeeded"
    return run_id


def visit(run_id: str | None = None, assessment_id: str | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if assessment_id:
        app.query_params["assessment"] = assessment_id
    if run_id:
        app.query_params["run"] = run_id
    app.run()
    app.switch_page(PAGE)
    if run_id:
        app.query_params["run"] = run_id
    if assessment_id:
        app.query_params["assessment"] = assessment_id
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.success, *app.error, *app.info, *app.warning, *app.subheader]
    return "\n".join(str(part.value) for part in parts)


def test_the_choice_comes_with_what_it_takes_and_can_show(store: Store) -> None:
    app = visit()
    assert app.selectbox(key="run_sample").value == "support_tickets"
    assert "Demonstration data" in texts(app)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Calls"] == "72"
    assert metrics["Cost"] == "none"
    assert "points" in metrics["Smallest visible gap"]
    app.segmented_control(key="run_size").set_value("All rows").run()
    assert {metric.label: metric.value for metric in app.metric}["Calls"] == "288"


def test_a_sample_without_labels_has_no_classical_arm(store: Store) -> None:
    app = visit()
    app.selectbox(key="run_sample").set_value("company_policies").run()
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["Calls"] == "96", "one arm more looks things up"


def test_a_start_puts_the_run_into_the_address_and_shows_its_progress(store: Store) -> None:
    app = visit()
    app.button(key="start").click().run()
    assert not app.exception
    (run,) = list_runs(store)
    assert app.query_params["run"] == run.id or app.query_params["run"] == [run.id]
    assert run.state == "queued"
    assert "No worker is running" in texts(app)
    assert "demonstration data" in texts(app).lower()
    again = visit(run.id)
    assert "in\\-house queue codes: " not in texts(again), "a state in the heading would not follow the progress"
    again.button(key="cancel").click().run()
    assert run_state(store, run.id) == "cancelled"
    assert not again.exception


def test_a_finished_run_shows_scores_differences_and_flipped_rows(store: Store, home: Path, tmp_path: Path) -> None:
    run_id = finished_run(store, load_settings(), tmp_path)
    app = visit(run_id)
    shown = texts(app)
    assert "finished" in shown
    assert "Fine-tuned model against base model with examples" in shown
    assert "30 rows measured, 12 rows to learn from" in shown
    table = app.dataframe[0].value
    assert list(table["Score"])[-1] == "100.0 %"
    assert {"Outcome", "Right answer", "Fine-tuned model"} <= set(app.dataframe[1].value.columns)
    assert "With an assessment open" in shown


def test_a_result_becomes_evidence_once(store: Store, home: Path, tmp_path: Path) -> None:
    run_id = finished_run(store, load_settings(), tmp_path)
    saved = assessments.create(store, {"schema_version": 1, "title": "Mine"}, title="Mine")
    app = visit(run_id, saved.id)
    app.button(key="evidence").click().run()
    assert not app.exception
    document = assessments.load(store, saved.id)
    assert document.document["benefits"]["fine_tuned_score"] == 1
    assert document.document["alternatives"]["few_shot"]["examples_in_prompt"] == 3
    assert document.origins["benefits.fine_tuned_score"] == f"run:{run_id}"
    assert "cites this comparison" in texts(app)
    assert app.query_params["run"] in (run_id, [run_id])


def test_a_run_that_ended_early_claims_nothing_and_can_go_on(store: Store, home: Path, tmp_path: Path) -> None:
    settings = load_settings()
    with serve_loopback() as server:
        run_id = start_run(store, settings, plan(server, tmp_path))

        def then_cancel(name: str, work: Callable[[], Outcome]) -> Outcome:
            outcome = work()
            if name == "answer:zero_shot":
                cancel_run(store, settings, run_id)
            return outcome

        run_comparison(settings, then_cancel, run_id)
    app = visit(run_id)
    assert "Not every arm has answered every row" in texts(app)
    assert "Cancelled." in texts(app)
    app.button(key="resume").click().run()
    assert run_state(store, run_id) == "queued"


def test_a_failed_run_says_why(store: Store, home: Path, tmp_path: Path) -> None:
    with serve_loopback() as server:
        run_id = start_run(store, load_settings(), plan(server, tmp_path))
    move_run(store, run_id, "failed", only_from={"queued"}, message="the key is wrong; mend it")
    assert "the key is wrong; mend it" in texts(visit(run_id))


def test_an_unknown_run_is_said_plainly(store: Store) -> None:
    app = visit("nonsense")
    assert "No comparison has the id 'nonsense'" in texts(app)
    app.button(key="new").click().run()
    assert app.selectbox(key="run_sample").value == "support_tickets"


def test_earlier_runs_are_listed(store: Store, home: Path, tmp_path: Path) -> None:
    finished_run(store, load_settings(), tmp_path)
    assert "Earlier comparisons" in texts(visit())


def own_files(app: AppTest, train: bytes, test: bytes | None = None, name: str = "test.jsonl") -> AppTest:
    app.segmented_control(key="run_source").set_value("own").run()
    app.file_uploader(key="run_file_train").upload("train.jsonl", train, "application/octet-stream")
    if test is not None:
        app.file_uploader(key="run_file_test").upload(name, test, "application/octet-stream")
    app.run()
    assert not app.exception
    return app


def colour_lines(count: int, part: str) -> bytes:
    rows = [
        {"prompt": f"thing {n} of {part}", "completion": COLOURS[n % 3], "group": f"g{n % 4}"} for n in range(count)
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def test_own_files_are_counted_guessed_and_started(store: Store) -> None:
    app = own_files(visit(), colour_lines(30, "train"), colour_lines(18, "test"))
    assert "30 rows to learn from, 18 to measure on" in texts(app)
    assert app.selectbox[0].value == "label"
    app.text_area[0].set_value("Name the colour.").run()
    assert {metric.label: metric.value for metric in app.metric}["Calls"] == "54"
    assert "Start, at no cost" in app.button(key="start").label
    app.button(key="start").click().run()
    assert not app.exception
    (run,) = list_runs(store)
    started = Experiment.model_validate(run.plan)
    assert started.instructions == "Name the colour."
    assert started.title == "My comparison"
    assert started.grader.labels == tuple(sorted(COLOURS))
    assert [arm.kind for arm in started.arms] == ["zero_shot", "few_shot", "fine_tuned", "classical"]
    assert not Path(started.data.train or "").is_absolute()


def test_without_a_test_file_rows_are_set_aside(store: Store) -> None:
    raw = "\n".join(json.dumps({"prompt": f"thing {n}", "completion": COLOURS[n % 3]}) for n in range(60)).encode()
    app = own_files(visit(), raw)
    assert "42 rows to learn from, 18 to measure on" in texts(app)


def test_a_faulty_file_is_said_by_its_own_name(store: Store, home: Path) -> None:
    shown = texts(own_files(visit(), b'{"prompt": "a"', b""))
    assert "train.jsonl" in shown
    assert str(home) not in shown


def test_promptfoo_tests_bring_their_grader(store: Store) -> None:
    tests = "question,__expected\n" + "\n".join(f"What is {n}?,icontains:red" for n in range(15))
    app = own_files(visit(), colour_lines(30, "train"), tests.encode(), "tests.csv")
    assert app.selectbox[0].value == "contains"


def test_a_javascript_assert_is_refused_plainly(store: Store) -> None:
    tests = b"question,__expected\nWhy?,javascript:output.length > 3\n"
    app = own_files(visit(), colour_lines(30, "train"), tests, "tests.csv")
    assert "runs code, which is never done here" in texts(app)


def test_a_provider_without_its_key_names_the_variable_and_cannot_be_started(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("FTDECIDE_WORKER", "auto")
    app = visit()
    app.selectbox(key="run_provider").set_value("openai").run()
    assert not app.exception
    assert "`OPENAI_API_KEY` is not set" in texts(app)
    assert app.button(key="start").disabled


def test_the_start_button_names_the_amount_and_the_run_keeps_it_as_its_budget(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    app = visit()
    app.selectbox(key="run_provider").set_value("openai").run()
    usual = next(box for box in app.number_input if box.label == "US dollars at most")
    assert usual.value is not None
    assert usual.value > 0
    usual.set_value(0.25).run()
    assert "Start, up to 0.25 USD" in app.button(key="start").label
    assert "would stop at 0.25 USD" in texts(app)
    app.button(key="start").click().run()
    (run,) = list_runs(store)
    assert Experiment.model_validate(run.plan).budget.usd == Decimal("0.25")
    assert "Spent so far" in {metric.label for metric in app.metric}
    cancel_run(store, load_settings(), run.id)


def test_results_are_masked_until_the_planned_look(store: Store) -> None:
    app = visit()
    app.button(key="start").click().run()
    assert "Results stay hidden until every option has answered 24 rows" in texts(app)


def test_a_result_shows_what_it_took_and_can_be_taken_along(store: Store, home: Path, tmp_path: Path) -> None:
    run_id = finished_run(store, load_settings(), tmp_path)
    app = visit(run_id)
    shown = texts(app)
    assert "Quality against cost against time" in shown
    assert "What it took" in shown
    assert "What no option should do" in shown
    assert {button.key for button in app.get("download_button")} >= {"export_json", "export_csv", "export_promptfoo"}
    assert "Choose a row to read it in full" in shown


def test_failed_rows_alone_are_asked_again(store: Store, home: Path, tmp_path: Path) -> None:
    run_id = finished_run(store, load_settings(), tmp_path)
    assert not [button for button in visit(run_id).button if button.key == "retry"]
    with store.engine.begin() as connection:
        first = connection.execute(select(answers.c.id).where(answers.c.run_id == run_id)).scalars().first()
        connection.execute(update(answers).where(answers.c.id == first).values(error="too busy", text=""))
    app = visit(run_id)
    assert app.button(key="retry").label == "Ask 1 failed row again"
    app.button(key="retry").click().run()
    assert not app.exception
    assert run_state(store, run_id) == "queued"


def test_data_that_was_checked_before_can_be_measured_on(store: Store) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/audit_data.py").run()
    app.segmented_control(key="data_source").set_value("own").run()
    app.file_uploader(key="data_train").upload("mine.jsonl", colour_lines(60, "all"), "application/octet-stream")
    app.run()
    app.switch_page(PAGE).run()
    app.segmented_control(key="run_source").set_value("checked").run()
    assert not app.exception
    assert "rows to learn from" in texts(app)
    assert "mine" in {box.value for box in app.text_input}


def test_documents_allow_options_that_look_things_up(store: Store) -> None:
    app = own_files(visit(), colour_lines(30, "train"), colour_lines(18, "test"))
    app.file_uploader(key="run_file_documents").upload("facts.md", b"# Things\nThing 1 is red.", "text/markdown")
    app.run()
    app.button(key="start").click().run()
    assert not app.exception
    (run,) = list_runs(store)
    started = Experiment.model_validate(run.plan)
    assert "few_shot_retrieval" in [arm.name for arm in started.arms]
    assert started.retrieval is not None


def test_two_runs_stand_side_by_side_under_one_link(store: Store, home: Path, tmp_path: Path) -> None:
    first = finished_run(store, load_settings(), tmp_path)
    second = finished_run(store, load_settings(), tmp_path)
    app = visit(first)
    app.selectbox(key=f"beside:{first}").set_value(second).run()
    assert not app.exception
    assert "their scores can be compared" in texts(app)
    assert app.query_params["with"] in (second, [second])


def test_a_result_says_which_answers_it_would_replace(store: Store, home: Path, tmp_path: Path) -> None:
    run_id = finished_run(store, load_settings(), tmp_path)
    document = {"schema_version": 1, "title": "Mine", "alternatives": {"prompt_engineering": {"score": 0.81}}}
    saved = assessments.create(store, document, title="Mine")
    shown = texts(visit(run_id, saved.id))
    assert "It replaces 1 answer of yours" in shown
    assert "81 % → " in shown


def test_the_choice_leads_back_to_a_run_under_way(store: Store) -> None:
    app = visit()
    assert "A comparison is under way" not in texts(app)
    app.button(key="start").click().run()
    assert "A comparison is under way" in texts(visit())


def test_a_judge_is_chosen_by_provider_model_and_criterion_and_kin_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    app = visit()
    app.toggle(key="run_judge").set_value(True).run()
    app.selectbox(key="run_judge_provider").set_value("openai")
    app.text_area(key="run_judge_criterion").set_value("Which answer names the right queue?")
    app.text_input(key="run_judge_model").set_value("gpt-4.1-mini").run()
    assert not app.exception
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Calls"] == str(72 + 2 * 3 * 24)
    assert metrics["Cost"] != "none"
    app.text_input(key="run_judge_model").set_value("smollm2-1.7b").run()
    assert "same family (hugging_face)" in texts(app)
    app.text_input(key="run_judge_model").set_value("gpt-4.1-mini").run()
    app.button(key="start").click().run()
    (run,) = list_runs(store)
    judge = Experiment.model_validate(run.plan).judge
    assert judge is not None
    assert judge.provider.model == "gpt-4.1-mini"
    assert judge.criterion == "Which answer names the right queue?"
    assert Experiment.model_validate(run.plan).budget.usd
