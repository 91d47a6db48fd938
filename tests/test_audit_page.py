import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st_
from streamlit.testing.v1 import AppTest

from ftdecide.dataset.checks import audit
from ftdecide.dataset.clean import Choices
from ftdecide.dataset.export import guard_cell, render_findings
from ftdecide.dataset.signs.masking import mask_personal
from ftdecide.dataset.signs.personal import find_kinds
from ftdecide.errors import InputError, NotFoundError
from ftdecide.settings import load_settings
from ftdecide.store import assessments
from ftdecide.store.audits import MOST_KEPT, keep_audit, load_audit
from ftdecide.store.database import Store, open_store
from pages.parts.audit_choices import read_lines_named
from pages.parts.audit_clean import make_cleaned, render_removed
from pages.parts.audit_source import File
from pages.parts.audit_verdict import judge

PAGE = "pages/audit_data.py"
GOOD = b'{"prompt": "where is it?", "completion": "LOG-7"}\n'
MAIL, PHONE, CARD = "jane.doe@gmail.com", "+49 171 2345678", "4111 1111 1111 1111"


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FTDECIDE_HOME", str(home))
    return new_tab()


def new_tab() -> AppTest:
    """A tab that was just opened, with nothing in it."""
    import streamlit as st

    st.cache_resource.clear()
    return AppTest.from_file("../app.py", default_timeout=60)


def open_page(app: AppTest) -> AppTest:
    app.run()
    return app.switch_page(PAGE).run()


def texts(app: AppTest) -> str:
    boxes = [*app.markdown, *app.caption, *app.success, *app.error, *app.info, *app.warning, *app.code]
    return "\n".join([*(str(item.value) for item in boxes), *(box.label for box in app.expander)])


def link_of(app: AppTest) -> str:
    """The name of the audit in the address."""
    value = app.query_params["audit"]
    return value if isinstance(value, str) else value[0]


def rows(number: int) -> bytes:
    """Examples that differ from one another."""
    return b"".join(
        b'{"prompt": "question number %d of many?", "completion": "A-%d"}\n' % (n, n) for n in range(number)
    )


def choose_own_files(app: AppTest, train: tuple[str, bytes], test: tuple[str, bytes] | None = None) -> AppTest:
    app.segmented_control(key="data_source").set_value("own").run()
    app.file_uploader(key="data_train").upload(*train, "application/octet-stream")
    if test:
        app.file_uploader(key="data_test").upload(*test, "application/octet-stream")
    return app.run()


def file_of(content: bytes, name: str = "a.jsonl") -> File:
    return File(io.BytesIO(content), name, len(content), "digest")


@dataclass(frozen=True)
class Opened:
    """A store with one assessment, and that one's id."""

    store: Store
    id: str

    def answer(self, block: str, name: str) -> object:
        return assessments.load(self.store, self.id).document[block][name]


@pytest.fixture
def opened(app: AppTest, home: Path) -> Opened:
    store = open_store(load_settings({"FTDECIDE_HOME": str(home)}))
    costs = {"provider": "openai", "base_model": "gpt-4.1-mini-2025-04-14"}
    document = {"schema_version": 1, "title": "Tickets", "as_of": "2026-11-22", "costs": costs}
    saved = assessments.create(store, document, title="Tickets")
    app.query_params["assessment"] = saved.id
    return Opened(store, saved.id)


def test_a_sample_is_audited_at_once_and_labelled(app: AppTest) -> None:
    open_page(app)
    assert not app.exception
    assert "Demonstration data" in texts(app)
    assert [metric.label for metric in app.metric][:2] == ["Training examples", "Test examples"]


def test_every_sample_can_be_chosen_and_is_usable(app: AppTest) -> None:
    open_page(app)
    for name in app.selectbox(key="data_sample").options:
        app.selectbox(key="data_sample").select(name).run()
        assert not app.exception
        assert "**Usable" in texts(app)


def test_an_upload_is_told_its_faults_with_lines_and_mends(app: AppTest) -> None:
    open_page(app)
    choose_own_files(app, ("../../etc/passwd.jsonl", GOOD * 20 + b'{"prompt": "a",}\n'), ("test.jsonl", GOOD))
    assert not app.exception
    shown = texts(app)
    assert "Not usable as it is, because 1 line is not valid JSON" in shown
    assert "Must be mended" in shown
    assert "Line 21" in shown
    assert "**Mend:** " in shown
    assert "stand in the test part" in shown


def test_a_fault_far_down_is_named_by_its_line_and_opened_there(app: AppTest) -> None:
    open_page(app)
    choose_own_files(app, ("a.jsonl", rows(40_212) + b'{"prompt": "broken" "completion": "x"}\n' + rows(5)))
    assert app.pills(key="line:train:malformed_json").options == ["40,213"]
    app.pills(key="line:train:malformed_json").set_value(40_213).run()
    assert not app.exception
    assert '{"prompt": "broken" ▶"completion": "x"}' in texts(app)


def test_files_that_are_no_data_set_are_explained(app: AppTest) -> None:
    open_page(app)
    for train in (("a.csv", b"\xff\xfea\0,\0"), ("b.jsonl", b""), ("c.csv", b"frage,antwort\n1,2\n")):
        choose_own_files(app, train)
        assert not app.exception
        assert "Not usable" in texts(app)
        assert "A cleaned file" not in [heading.value for heading in app.subheader]


def test_personal_data_is_masked_wherever_a_row_is_shown(app: AppTest) -> None:
    said = f"write to {MAIL}, call {PHONE}, card {CARD}"
    row = json.dumps({"prompt": said, "completion": f"Noted\n{PHONE}"}).encode() + b"\n"
    hidden = MAIL.replace("@", "\\u0040").encode()
    broken = b'{"prompt": "' + hidden + b"\\n" + PHONE.encode() + b'",}\n'
    open_page(app)
    choose_own_files(app, ("a.jsonl", rows(12) + row + broken))
    app.pills(key="line:train:personal_email").set_value(13).run()
    app.pills(key="line:train:malformed_json").set_value(14).run()
    shown = texts(app)
    assert "write to [e-mail], call [phone], card [card]" in shown
    assert shown.count("[phone]") >= 3
    assert not any(value in shown for value in (MAIL, PHONE, CARD))


@given(
    st_.lists(st_.sampled_from([MAIL, PHONE, CARD, "DE89 3704 0044 0532 0130 00", "sk-" + "a1" * 12, "x", " ", "\n"]))
)
def test_nothing_personal_is_found_in_a_masked_text(parts: list[str]) -> None:
    assert find_kinds(mask_personal(" ".join(parts))) == ()


def test_a_text_without_personal_data_is_not_changed() -> None:
    assert mask_personal("Order 4711, support@example.com, 12.50 EUR") == "Order 4711, support@example.com, 12.50 EUR"


def test_a_private_key_is_masked_to_its_end() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----"
    assert mask_personal(f"see {key} there") == "see [key] there"
    assert mask_personal(key[:50]) == "[key]"


def test_a_cleaned_file_leaves_out_what_was_ticked_and_changes_nothing_else(app: AppTest) -> None:
    content = rows(20) + b'{"prompt": "a",}\n' + GOOD + GOOD
    open_page(app)
    choose_own_files(app, ("tickets.jsonl", content))
    shown = texts(app)
    assert "**21 rows stay, 2 go.**" in shown
    assert "lines 21" not in shown
    app.checkbox(key="clean_exact_duplicates").uncheck().run()
    assert "**22 rows stay, 1 goes.**" in texts(app)
    app.text_input(key="clean_lines").set_value("1-3").run()
    assert "**19 rows stay, 4 go.**" in texts(app)
    app.text_input(key="clean_lines").set_value("first").run()
    assert "names no lines" in texts(app)
    cleaned = make_cleaned(file_of(content), None, Choices(lines=frozenset({1})))
    assert cleaned == b"".join(content.splitlines(keepends=True)[1:20]) + GOOD


def test_the_lines_of_a_finding_can_be_chosen_to_go(app: AppTest) -> None:
    content = rows(20) + b'{"messages": [{"role": "user", "content": "no answer"}]}\n'
    open_page(app)
    choose_own_files(app, ("a.jsonl", content))
    app.multiselect(key="clean_findings").select("no_assistant").run()
    assert "**20 rows stay, 1 goes.**" in texts(app)


def test_the_list_of_removed_lines_names_every_line_and_why() -> None:
    from ftdecide.dataset.clean import clean

    out = io.BytesIO()
    cleaned = clean(io.BytesIO(rows(3) + b"{\n" + GOOD + GOOD), Choices(), out, name="a.jsonl")
    listed = list(csv.DictReader(io.StringIO(render_removed(cleaned))))
    assert [(row["line"], row["code"]) for row in listed] == [("4", "malformed_json"), ("6", "exact_duplicate")]
    assert all(row["reason"] for row in listed)


@pytest.mark.parametrize(
    ("text", "lines"), [("", set()), ("12, 40-42", {12, 40, 41, 42}), (" 7 ; 7", {7}), ("9-8", set())]
)
def test_lines_are_named_by_numbers_and_ranges(text: str, lines: set[int]) -> None:
    assert read_lines_named(text) == lines


@pytest.mark.parametrize("text", ["a", "1-", "-3", "1-999999999", "1.5"])
def test_what_names_no_lines_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="line"):
        read_lines_named(text)


def test_counts_are_taken_over_as_measured_in_this_data_set(app: AppTest, opened: Opened) -> None:
    open_page(app)
    app.button(key="data_take").click().run()
    assert not app.exception
    assert f"{opened.answer('costs', 'training_examples'):,}" == app.metric[0].value
    assert f"{opened.answer('alternatives', 'evaluation_examples'):,}" == app.metric[1].value
    assert "counts on" in texts(app)
    origins = assessments.load(opened.store, opened.id).origins
    assert origins["costs.training_examples"] == f"data:{link_of(app)}"
    app.switch_page("pages/weigh_costs.py").run()
    assert not app.exception
    assert f"/data?audit={app_audit(origins)}" in texts(app)


def app_audit(origins: object) -> str:
    assert isinstance(origins, dict)
    return str(origins["costs.training_examples"]).removeprefix("data:")


def test_the_assessments_provider_and_model_set_limits_and_the_price(app: AppTest, opened: Opened) -> None:
    open_page(app)
    assert app.selectbox(key="data_provider").value == "openai"
    assert app.selectbox(key="data_model").value == "gpt-4.1-mini-2025-04-14"
    assert app.metric[4].value.endswith(" USD")
    assert "counted exactly" in texts(app)
    assert "https://developers.openai.com/api/docs/pricing" in texts(app)
    assert opened.id


def test_a_provider_that_has_closed_is_shown_as_such(app: AppTest) -> None:
    open_page(app)
    app.selectbox(key="data_provider").select("cohere").run()
    assert not app.exception
    assert any("closed" in label for label in app.selectbox(key="data_provider").options)
    assert "tuned" in "\n".join(str(box.value) for box in app.error)


def test_an_unknown_model_is_said_to_be_an_estimate(app: AppTest, home: Path) -> None:
    store = open_store(load_settings({"FTDECIDE_HOME": str(home)}))
    document = {"schema_version": 1, "title": "Own", "costs": {"base_model": "acme/own-7b"}}
    app.query_params["assessment"] = assessments.create(store, document, title="Own").id
    open_page(app)
    assert not app.exception
    assert "estimate" in texts(app)


def test_a_refresh_keeps_the_choices_and_what_was_found(app: AppTest) -> None:
    open_page(app)
    app.selectbox(key="data_provider").select("openai").run()
    choose_own_files(app, ("tickets.jsonl", rows(12) + b"{\n"))
    found = texts(app)
    assert "Not usable" in found
    refreshed = new_tab()
    refreshed.run().switch_page(PAGE)
    refreshed.query_params["audit"] = link_of(app)
    refreshed.run()
    assert not refreshed.exception
    shown = texts(refreshed)
    assert "tickets.jsonl" in shown.replace("\\", "")
    assert "choose it again" in shown
    assert "Not usable" in shown
    assert "Lines 13" not in shown
    assert refreshed.selectbox(key="data_provider").value == "openai"
    assert refreshed.metric[0].value == "12"


def test_an_upload_is_still_there_after_a_visit_to_another_page(app: AppTest) -> None:
    open_page(app)
    choose_own_files(app, ("tickets.jsonl", rows(12)))
    app.switch_page("pages/learn_how.py").run()
    app.switch_page(PAGE).run()
    assert "is still here from before" in texts(app)
    assert app.metric[0].value == "12"
    app.button(key="data_train_forget").click().run()
    assert not app.exception
    assert "is still here from before" not in texts(app)


def test_a_link_to_no_audit_shows_the_page_as_usual(app: AppTest) -> None:
    app.query_params["audit"] = "../../secret"
    open_page(app)
    assert not app.exception
    assert app.metric


def test_audits_are_kept_in_bounded_number_under_plain_names(tmp_path: Path) -> None:
    for number in range(MOST_KEPT + 5):
        keep_audit(tmp_path, f"{number:032x}", {"number": number})
    assert len(list(tmp_path.iterdir())) == MOST_KEPT
    assert load_audit(tmp_path, f"{MOST_KEPT + 4:032x}") == {"number": MOST_KEPT + 4}
    for name in ("../escape", "0" * 31, f"{MOST_KEPT + 9:032x}"):
        with pytest.raises(NotFoundError):
            load_audit(tmp_path, name)


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (rows(60), "usable", "Usable, because every line can be read"),
        (rows(20), "with_care", "Usable with care, because there are 20 usable examples"),
        (rows(60) + b"{\n", "not_usable", "Not usable as it is, because 1 line is not valid JSON"),
        (b"", "not_usable", "Not usable as it is, because the file holds no example"),
    ],
)
def test_the_verdict_is_one_sentence_with_its_reason(content: bytes, kind: str, says: str) -> None:
    verdict = judge(audit(io.BytesIO(content), name="a.jsonl"))
    assert (verdict.kind, verdict.text[: len(says)]) == (kind, says)


def test_lines_in_another_encoding_are_named_as_the_first_thing_to_mend() -> None:
    content = "prompt,completion\n" + "Wo ist Müller?,LOG-7\n" * 30
    verdict = judge(audit(io.BytesIO(content.encode("latin-1")), name="a.csv"))
    assert "30 lines are not UTF-8 text" in verdict.text
    assert "Save the file as UTF-8" in verdict.hint


def test_downloads_hold_every_finding_and_no_formula() -> None:
    result = audit(io.BytesIO(GOOD * 3 + b"{\n"), name="a.jsonl", model="=cmd|calc")
    listed = list(csv.DictReader(io.StringIO(render_findings(result))))
    assert [row["code"] for row in listed] == [finding.code for finding in result.findings]
    assert json.loads(result.model_dump_json())["examples"] == 3
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in listed for cell in row.values())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cells_that_a_spreadsheet_would_run_are_guarded(cell: str) -> None:
    assert guard_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "plain", "1-2", "'quoted"])
def test_ordinary_cells_stay_as_they_are(cell: str) -> None:
    assert guard_cell(cell) == cell
