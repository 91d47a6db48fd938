import json
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.assessment.types import read_assessment
from ftdecide.catalog import load_catalog
from ftdecide.decision import decide
from ftdecide.report import html, markdown
from ftdecide.report.comparison import read_comparison
from ftdecide.report.record import Record, make_record
from ftdecide.settings import DATA
from tests.assessment_strategy import assessments

TODAY = date(2026, 11, 22)
EXAMPLES = sorted((DATA / "examples").glob("*.json"))
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://evil.test/p.png) `c` # h\n\n- * _ | https://evil.test"
RUN: dict[str, Any] = {
    "run_id": "run-7",
    "title": "Routing <b>x</b>",
    "model": "smollm2-135m-instruct",
    "test_rows": 60,
    "arms": [
        {
            "name": "few_shot",
            "score": 0.5,
            "interval": {"low": 0.38, "high": 0.62, "level": 0.95},
            "n": 60,
            "failed": 1,
            "cost_usd": "0.00",
            "latency_ms": {"p50": 210.4, "p95": 400.0},
        },
        {
            "name": "fine_tuned",
            "score": 0.8,
            "interval": [0.68, 0.88],
            "n": 60,
            "failed": 0,
            "cost_usd": None,
            "latency_ms": None,
        },
    ],
    "contrasts": [
        {
            "arm": "fine_tuned",
            "baseline": "few_shot",
            "difference": 0.3,
            "interval": {"low": 0.15, "high": 0.43},
            "p_value": 0.0004,
            "p_better": 0.9998,
            "reading": "better",
            "wins": 20,
            "losses": 2,
            "ties": 38,
        }
    ],
    "flips": [{"arm": "fine_tuned", "baseline": "few_shot", "item": "1", "won": True}],
    "warnings": ["Only 60 examples"],
}


def record_of(document: dict[str, Any], run: dict[str, Any] | None = None) -> Record:
    assessment = read_assessment(document)
    return make_record(assessment, decide(assessment, TODAY, load_catalog()), run)


class Reader(HTMLParser):
    """Collects tags, addresses and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_reason_gate_risk_and_flip_of_an_example_is_in_both_reports(path: Any) -> None:
    record = record_of(json.loads(path.read_text("utf-8")))
    page, text = Reader(html.render(record)), markdown.render(record)
    for sentence in (
        *(r.text for r in record.reasons),
        *(g.text for g in record.gates),
        *record.risks,
        record.next_step,
    ):
        assert sentence in page.text
        assert markdown.escape(sentence) in text
    for source in (reason.source.url for reason in record.reasons):
        assert source is None or source in page.addresses
    for flip in record.flips:
        assert flip.question in page.text
    assert record.verdict_name in page.text


def test_the_same_input_gives_the_same_bytes() -> None:
    document = json.loads(EXAMPLES[0].read_text("utf-8"))
    one, other = record_of(document, RUN), record_of(document, RUN)
    assert html.render(one) == html.render(other)
    assert markdown.render(one) == markdown.render(other)
    assert one.model_dump_json() == other.model_dump_json()
    assert record_of(document).fingerprint != one.fingerprint


def test_a_record_recomputes_from_what_it_contains() -> None:
    record = record_of(json.loads(EXAMPLES[0].read_text("utf-8")))
    again = record_of(record.assessment)
    assert again == record


def test_what_people_typed_is_text_in_html() -> None:
    document = {"schema_version": 1, "title": HOSTILE, "use_case": {"description": HOSTILE, "metric": HOSTILE}}
    page = html.render(record_of(document, {**RUN, "arms": [{"name": HOSTILE}], "warnings": [HOSTILE]}))
    reader = Reader(page)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert all(address.startswith("https://") for address in reader.addresses)
    assert not any("evil" in address for address in reader.addresses)
    assert "<script>alert(1)</script>" in reader.text


def test_html_needs_nothing_from_elsewhere() -> None:
    page = html.render(record_of(json.loads(EXAMPLES[0].read_text("utf-8")), RUN))
    assert not {"script", "link", "img", "iframe", "object"} & set(Reader(page).tags)
    assert "@import" not in page
    assert "url(" not in page
    assert "prefers-color-scheme: dark" in page
    assert '<html lang="en">' in page


def test_what_people_typed_is_text_in_markdown() -> None:
    document = {"schema_version": 1, "title": HOSTILE, "use_case": {"description": HOSTILE, "metric": HOSTILE}}
    text = markdown.render(record_of(document, {**RUN, "arms": [{"name": HOSTILE}], "warnings": [HOSTILE]}))
    assert "](javascript" not in text
    assert "<script" not in re.sub(r"\\<", "", text)
    assert "https://evil" not in text
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert sum("alert" in line for line in headings) == 1


@given(st.text(max_size=60))
def test_escaped_text_is_one_line_without_bare_markup(text: str) -> None:
    escaped = markdown.escape(text)
    assert "\n" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>\[\]`*_|!]", escaped)


def test_the_measured_comparison_is_cited_with_its_figures() -> None:
    document = json.loads(EXAMPLES[0].read_text("utf-8"))
    record = record_of(document, RUN)
    page = Reader(html.render(record)).text
    for figure in ("80 %", "68 % to 88 %", "+30.0", "20 / 2", "better", "210 ms", "Only 60 examples", "run-7"):
        assert figure in page
    assert "20 / 2" in markdown.render(record)
    assert "Measured comparison" not in html.render(record_of(document))


def test_demonstration_data_is_named_wherever_its_result_is_shown() -> None:
    document = json.loads(EXAMPLES[0].read_text("utf-8"))
    shown = {
        (cited, form): render(record_of(document, {**RUN, "demonstration": True, "cited": cited}))
        for cited in (True, False)
        for form, render in (("html", html.render), ("md", markdown.render))
    }
    for text in shown.values():
        assert "Measured on the demonstration data" in text
    assert shown[True, "html"].count("replace them by your own") == 2
    assert shown[True, "md"].count("replace them by your own") == 2
    assert "the verdict does not count it" in shown[False, "html"]
    assert "demonstration data" not in html.render(record_of(document, RUN))


@pytest.mark.parametrize("run", [None, {}, {"arms": None}, {"arms": [{}], "contrasts": [{}], "flips": None}])
def test_a_run_without_results_is_no_evidence_but_no_error(run: dict[str, Any] | None) -> None:
    record = record_of({"schema_version": 1}, run)
    assert html.render(record)
    assert markdown.render(record)
    assert (read_comparison(run) is None) == (not (run or {}).get("arms"))


@settings(max_examples=25, deadline=None)
@given(assessments)
def test_any_decision_can_be_reported(assessment: Any) -> None:
    record = make_record(assessment, decide(assessment, TODAY))
    assert html.render(record).startswith("<!doctype html>")
    assert markdown.render(record).startswith("# ")
