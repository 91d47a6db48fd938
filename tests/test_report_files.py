"""The report as PDF and Word file says what the record says, the same bytes every time, and takes texts as texts."""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from hypothesis import given, settings
from pypdf import PdfReader

from ftdecide.catalog import load_catalog
from ftdecide.cli import main
from ftdecide.decision import decide
from ftdecide.report import html, markdown, pdf, word
from ftdecide.report.chart import draw_chances, draw_scores, draw_targets, draw_values
from ftdecide.report.comparison import read_comparison
from ftdecide.report.content import outline_record
from ftdecide.report.printable import printable
from ftdecide.report.record import make_record
from ftdecide.report.types import Record
from ftdecide.report.write import FORMATS
from ftdecide.settings import DATA
from tests.assessment_strategy import assessments
from tests.test_report import EXAMPLES, RUN, TODAY, Reader, record_of

TYPST = '#read("/etc/passwd") #panic() $x^2$ *b* _i_ `c` @label <l> // c /* d */ \\ = h'
HOSTILE = (
    f"{TYPST} <script>alert(1)</script> & <w:p/> ]]> [x](javascript:alert(1)) https://evil.test/a \N{COPYRIGHT SIGN}"
)
FOREIGN = "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u6f22\u5b57 \U0001f600 \u0395\u03bb \u041f\u0440"
CONTROL = "a\x00b\x07c\x1bd\x7fe\x85f\u2028g\u202eh\ufffei"
EXAMPLE = json.loads(EXAMPLES[0].read_text("utf-8"))
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_pdf(file: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)


def read_word(file: bytes) -> str:
    """Return all text of the body, tables included, a paragraph a line."""
    body = Document(io.BytesIO(file)).element.body
    return "\n".join(
        "".join(part.text or "" if part.tag == f"{W}t" else "\n" for part in paragraph.iter(f"{W}t", f"{W}br"))
        for paragraph in body.iter(f"{W}p")
    )


def squeezed(text: str) -> str:
    """Leave out what setting type puts in: line ends, hyphens, places where a word may break."""
    return re.sub("[\\s\u200b\u00ad\u2010-]", "", text)


def sentences(record: Record) -> list[str]:
    return [
        record.title,
        record.verdict_name,
        record.verdict_meaning,
        record.next_step,
        record.fingerprint,
        record.checksum,
        *(reason.text for reason in record.reasons),
        *(gate.text for gate in record.gates),
        *(asked.question for asked in record.missing),
        *(part for flip in record.flips for part in (flip.question, flip.now, flip.then, flip.verdict)),
        *record.risks,
        *(option.basis for option in record.options),
        *(part for chapter in record.chapters for given in chapter.answers for part in (given.question, given.answer)),
        *record.pays,
        *record.method,
        *(reason.source.text for reason in record.reasons),
        *(warning for warning in (record.comparison.warnings if record.comparison else ())),
        *(arm.name for arm in (record.comparison.arms if record.comparison else ())),
    ]


PAPERS: dict[str, tuple[Callable[[Record], bytes], Callable[[bytes], str]]] = {
    "pdf": (pdf.render, read_pdf),
    "docx": (word.render, read_word),
}


@pytest.mark.parametrize("form", PAPERS)
@pytest.mark.parametrize("run", [None, RUN], ids=["alone", "with a cited run"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_everything_the_record_says_is_in_the_file(form: str, path: Path, run: Any) -> None:
    render, read = PAPERS[form]
    record = record_of(json.loads(path.read_text("utf-8")), run)
    text = squeezed(read(render(record)))
    for sentence in sentences(record):
        assert squeezed(sentence) in text, sentence


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_record_gives_the_same_bytes_in_another_process(form: str, tmp_path: Path) -> None:
    record = record_of(EXAMPLE, RUN)
    made = FORMATS[form](record)
    assert FORMATS[form](record) == made
    (tmp_path / "record.json").write_text(record.model_dump_json(), "utf-8")
    script = (
        "from pathlib import Path; from ftdecide.report.types import Record; from ftdecide.report.write import FORMATS;"
        "record = Record.model_validate_json(Path('record.json').read_text('utf-8'));"
        f"Path('out').write_bytes(FORMATS[{form!r}](record))"
    )
    clock = {"TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1", "PYTHONPATH": str(DATA.parent), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=clock, check=True)
    assert (tmp_path / "out").read_bytes() == made


def test_files_are_dated_as_the_decision_is() -> None:
    record = record_of(EXAMPLE)
    about = PdfReader(io.BytesIO(pdf.render(record))).metadata
    assert about is not None
    assert about.title == record.title
    assert about.creation_date is not None
    assert about.creation_date.date() == record.as_of
    made = word.render(record)
    properties = Document(io.BytesIO(made)).core_properties
    assert properties.created == properties.modified == datetime(2026, 11, 22, tzinfo=UTC)
    assert properties.title == record.title
    assert {part.date_time[0] for part in zipfile.ZipFile(io.BytesIO(made)).infolist()} == {1980}


@pytest.mark.parametrize("form", PAPERS)
def test_what_people_typed_is_text_and_no_markup(form: str) -> None:
    render, read = PAPERS[form]
    document = {"schema_version": 1, "title": HOSTILE, "use_case": {"description": HOSTILE, "metric": HOSTILE}}
    run = {**RUN, "title": HOSTILE, "arms": [{"name": HOSTILE, "score": 0.5, "interval": [0.4, 0.6]}]}
    text = squeezed(read(render(record_of(document, {**run, "warnings": [HOSTILE]}))))
    assert text.count(squeezed(TYPST)) >= 6
    assert text.count("<script>alert(1)</script>") >= 6
    assert "root:" not in text


def test_only_sources_are_links() -> None:
    document = {**EXAMPLE, "title": HOSTILE}
    record = record_of(document, {**RUN, "warnings": [HOSTILE]})
    sources = {part.source.url for part in (*record.reasons, *record.gates)} - {None}
    pages = PdfReader(io.BytesIO(pdf.render(record))).pages
    notes = [note.get_object() for page in pages for note in page.get("/Annots") or ()]
    assert {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})} == sources
    relations = Document(io.BytesIO(word.render(record))).part.rels.values()
    assert {r.target_ref for r in relations if r.reltype == RELATIONSHIP_TYPE.HYPERLINK} == sources
    assert all(r.reltype == RELATIONSHIP_TYPE.HYPERLINK for r in relations if r.is_external)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", [FOREIGN, CONTROL, "T" * 10_000, "wide " * 2_000, "\n\n\t \n", ""])
def test_any_text_can_be_reported(form: str, text: str) -> None:
    use_case = {"description": text, "metric": text, "domain": text}
    run = {**RUN, "title": text, "arms": [{"name": text, "score": 0.5, "interval": [0.4, 0.6]}], "warnings": [text]}
    made = FORMATS[form](record_of({"schema_version": 1, "title": text, "use_case": use_case}, run))
    if form in PAPERS:
        read = squeezed(PAPERS[form][1](made))
        letters = sorted(squeezed(printable(" ".join(text.split()))))
        assert read.count("T") >= 10_000 if text.startswith("TT") else set(letters) - set(FOREIGN) <= set(read)
    if form in ("html", "md"):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", made.decode())


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_assessment_is_too_early_to_say_in_every_format(form: str) -> None:
    record = record_of({"schema_version": 1})
    unknown = sum(gate.status == "unknown" for gate in record.gates)
    made = FORMATS[form](record)
    if form in PAPERS:
        text = squeezed(PAPERS[form][1](made))
        assert squeezed("Too early to say; leaning") in text
        assert squeezed(f"{unknown} of 7 conditions for fine-tuning are not known.") in text
    elif form != "json":
        assert b"Too early to say; leaning" in made


@pytest.mark.parametrize("form", FORMATS)
def test_half_a_character_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str) -> None:
    (tmp_path / "in.json").write_text('{"schema_version": 1, "title": "\\ud800"}', "utf-8")
    out = tmp_path / "out"
    assert main(["report", str(tmp_path / "in.json"), "--format", form, "-o", str(out)]) == 2
    assert "half a character" in capfd.readouterr().err
    assert not out.exists()


def test_title_and_page_number_stand_below_every_page() -> None:
    record = record_of(EXAMPLE)
    pages = PdfReader(io.BytesIO(pdf.render(record))).pages
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {len(pages)}" in text
        assert record.title in text
    made = word.render(record)
    footer = Document(io.BytesIO(made)).sections[0].footer._element.xml
    assert record.title in footer
    assert "PAGE" in footer
    assert "NUMPAGES" in footer


def test_a_long_title_stands_whole_among_the_answers() -> None:
    title = " ".join(f"word{number}" for number in range(100))
    record = record_of({"schema_version": 1, "title": title})
    assert squeezed(title) in squeezed(read_pdf(pdf.render(record)))
    assert title in read_word(word.render(record))
    assert title in Reader(html.render(record)).text


def test_figures_have_a_title_and_a_description() -> None:
    record = record_of(EXAMPLE)
    page = html.render(record)
    chart = draw_values(record)
    assert chart is not None
    assert f'<title id="values-title">{chart.title}</title>' in page
    assert Reader(page).tags.count("desc") == 2
    pictures = Document(io.BytesIO(word.render(record))).inline_shapes
    described = [shape._inline.docPr.get("descr") for shape in pictures]
    assert len(described) == 3
    assert f"{chart.title}: {chart.description}" in described
    assert all(f"{chance.name}: " in described[0] for chance in record.chances)


@settings(max_examples=60, deadline=None)
@given(assessments)
def test_every_mark_lies_on_its_axis_in_order(assessment: Any) -> None:
    record = make_record(assessment, decide(assessment, TODAY, load_catalog()), RUN)
    for chart in (draw_chances(record), draw_values(record), draw_targets(record)):
        if chart is None:
            continue
        for mark in chart.marks:
            assert 0 <= mark.low <= mark.mid <= mark.high <= 1
        assert [tick.at for tick in chart.ticks] == sorted(tick.at for tick in chart.ticks)
        assert chart.zero is None or 0 <= chart.zero <= 1


def test_arms_without_an_interval_are_left_out_of_the_figure() -> None:
    found = read_comparison({**RUN, "arms": [*RUN["arms"], {"name": "open"}]})
    assert found is not None
    chart = draw_scores(found)
    assert chart is not None
    assert [mark.name for mark in chart.marks] == ["base model with examples", "fine-tuned model"]
    nothing = read_comparison({"arms": [{"name": "open"}]})
    assert nothing is not None
    assert draw_scores(nothing) is None


@settings(max_examples=10, deadline=None)
@given(assessments)
def test_any_decision_can_be_printed(assessment: Any) -> None:
    record = make_record(assessment, decide(assessment, TODAY))
    assert pdf.render(record).startswith(b"%PDF-")
    assert word.render(record).startswith(b"PK")
    assert markdown.render(record)


def test_what_sets_type_is_loaded_only_when_a_file_is_made() -> None:
    script = "import sys, ftdecide.report.write; print({'typst', 'docx', 'lxml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=DATA.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_templates_need_no_package_from_elsewhere() -> None:
    templates = sorted(Path(pdf.__file__).parent.glob("templates/*.typ"))
    assert len(templates) == 3
    for template in templates:
        assert "@" not in re.sub("//.*", "", template.read_text("utf-8"))


def test_sources_are_numbered_once_each() -> None:
    record = record_of(EXAMPLE)
    listed = next(block for block in reversed(outline_record(record).blocks) if block.kind == "bullets")
    addresses = [line[0].url for line in listed.items]
    assert len(addresses) == len(set(addresses))
    assert listed.numbered
