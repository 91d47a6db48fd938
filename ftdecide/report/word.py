"""The decision record as a Word file (DOCX)."""

import io
import zipfile
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from ftdecide.report.content import outline_record
from ftdecide.report.outline import Block, Bullets, Heading, Line, Outline, Picture, Span, Table, Text
from ftdecide.report.pdf import render_picture
from ftdecide.report.types import Record
from ftdecide.report.word_parts import (
    add_footer,
    add_line,
    add_panel,
    add_picture,
    add_table,
)
from ftdecide.report.word_styles import new_document

if TYPE_CHECKING:
    from docx.document import Document

_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def render(record: Record) -> bytes:
    """Return the whole record as a Word file; what people typed is text, and the same record gives the same bytes."""
    outline = outline_record(record)
    document = new_document(outline.title, _midnight(record.as_of))
    add_footer(document, outline.foot, *outline.page)
    _add_cover(document, outline)
    for block in outline.blocks:
        _add_block(document, block)
    file = io.BytesIO()
    document.save(file)
    return _without_clock(file.getvalue())


def _add_cover(document: "Document", outline: Outline) -> None:
    cover = outline.cover
    document.add_paragraph(cover.question, "Remark")
    document.add_paragraph(cover.title, "Title")
    add_panel(document, cover)
    for title, lines in cover.lists:
        document.add_paragraph(title, "Lead")
        for line in lines:
            document.add_paragraph(line, "List Bullet")
    document.add_paragraph(cover.chances.title, "Lead")
    add_picture(document, cover.chances, render_picture(cover.chances))
    document.add_page_break()


def _add_block(document: "Document", block: Block) -> None:
    match block:
        case Heading():
            document.add_heading(block.text, block.level)
        case Text():
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.keep_with_next = True
            add_line(paragraph, block.line)
        case Bullets():
            _add_bullets(document, block)
        case Table():
            add_table(document, block)
        case Picture():
            document.add_paragraph(block.chart.title, "Lead")
            add_picture(document, block.chart, render_picture(block.chart))


def _add_bullets(document: "Document", block: Bullets) -> None:
    for number, item in enumerate(block.items, start=1):
        # Word goes on counting from one list to the next, so numbers are written out.
        line: Line = (Span(text=f"{number}.\t"), *item) if block.numbered else item
        add_line(document.add_paragraph(style="Numbered" if block.numbered else "List Bullet"), line)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _without_clock(file: bytes) -> bytes:
    """Return a ZIP file whose parts all bear the same day, so that its bytes tell nothing of when it was made."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as made, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in made.namelist():
            out.writestr(zipfile.ZipInfo(name, _ZIP_DAY), made.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
