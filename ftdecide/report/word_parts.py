"""Pieces of a Word file: lines with links, tables, the panel of the answer, figures, and the footer."""
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# python-docx has no function for links, fields, borders and alternative texts, and leaves the XML they are made of
# untyped and behind private names.

import io
from typing import TYPE_CHECKING

from ftdecide.report.chart import Chart
from ftdecide.report.outline import Column, Cover, Line, Span, Table
from ftdecide.report.word_styles import PANEL, RULE, TEAL, TONES, WIDTH_MM, coloured

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import Table as DocxTable
    from docx.table import _Cell as Cell
    from docx.text.paragraph import Paragraph

_LONG_ROW = 900


def add_line(paragraph: "Paragraph", line: Line) -> None:
    """Write a line's pieces, links included."""
    for span in line:
        if span.url is not None:
            _add_link(paragraph, span)
            continue
        run = paragraph.add_run(span.text)
        run.bold = span.strong or None
        if span.tone:
            coloured(run, TONES[span.tone])


def add_table(document: "Document", table: Table) -> None:
    """Write a table over the whole width; its head comes again on every page."""
    from docx.shared import Mm

    titles = tuple((Span(text=column.title),) for column in table.columns)
    rows = [titles, *table.rows] if table.head else table.rows
    made = document.add_table(rows=0, cols=len(table.columns))
    made.autofit = False
    _pad(made, left=0, right=140)
    for grid, column in zip(made.columns, table.columns, strict=True):
        grid.width = Mm(WIDTH_MM * column.share)
    for number, row in enumerate(rows):
        cells = made.add_row()
        if table.head and number == 0:
            _mark(cells._tr.get_or_add_trPr(), "w:tblHeader")
        if sum(len(span.text) for line in row for span in line) <= _LONG_ROW:
            _mark(cells._tr.get_or_add_trPr(), "w:cantSplit")
        for cell, column, line in zip(cells.cells, table.columns, row, strict=True):
            cell.width = Mm(WIDTH_MM * column.share)
            _border(cell, "bottom", RULE, 4)
            paragraph = cell.paragraphs[0]
            paragraph.style = _style_of(column, head=table.head and number == 0)
            add_line(paragraph, line)
    document.add_paragraph(style="Gap")


def _style_of(column: Column, *, head: bool) -> str:
    return ("Head" if head else "Cell") + (" right" if column.right else "")


def add_panel(document: "Document", cover: Cover) -> None:
    """Write the answer with its probability, what weakens it and the next step, on a ground of its own."""
    from docx.shared import Mm

    table = document.add_table(rows=1, cols=1)
    table.autofit = False
    _pad(table, left=220, right=220)
    (cell,) = table.rows[0].cells
    cell.width = Mm(WIDTH_MM)
    _border(cell, "left", TEAL, 36)
    _shade(cell)
    answer = cell.paragraphs[0]
    answer.style = "Answer"
    answer.add_run(cover.verdict)
    cell.add_paragraph(cover.sureness, "Remark")
    cell.add_paragraph(cover.meaning)
    for caution in cover.cautions:
        add_line(cell.add_paragraph(), (Span(text=caution, strong=True, tone="care"),))
    name, step = cover.next_step
    add_line(cell.add_paragraph(), (Span(text=f"{name}: ", strong=True), Span(text=step)))
    document.add_paragraph(style="Gap")


def add_picture(document: "Document", chart: Chart, image: bytes) -> None:
    """Write a figure with its description for those who do not see it."""
    from docx.shared import Mm

    shape = document.add_picture(io.BytesIO(image), width=Mm(WIDTH_MM))
    for side in ("distT", "distB", "distL", "distR"):
        shape._inline.set(side, "0")  # LibreOffice leaves 3 mm where nothing is said
    named = shape._inline.docPr
    named.set("descr", f"{chart.title}: {chart.description}")
    named.set("title", chart.title)


def add_footer(document: "Document", title: str, page: str, of: str) -> None:
    """Write title and page number at the foot of every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{title}\t{page} ")
    _add_field(paragraph, "PAGE")
    paragraph.add_run(f" {of} ")
    _add_field(paragraph, "NUMPAGES")


def _add_link(paragraph: "Paragraph", span: Span) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE

    target = paragraph.part.relate_to(span.url or "", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = _element("w:hyperlink", {"r:id": target})
    run = paragraph.add_run(span.text)
    coloured(run, TEAL)
    link.append(run._r)
    paragraph._p.append(link)


def _add_field(paragraph: "Paragraph", name: str) -> None:
    """Write a number that Word works out: the page, or how many there are."""
    field = _element("w:fldSimple", {"w:instr": name})
    run = paragraph.add_run("1")
    field.append(run._r)
    paragraph._p.append(field)


def _pad(table: "DocxTable", *, left: int, right: int) -> None:
    """Set the space inside every cell, in twentieths of a point; text then begins at the margin of the page."""
    from docx.oxml.ns import qn

    space = _element("w:tblCellMar", {})
    for side, width in (("left", left), ("right", right)):
        space.append(_element(f"w:{side}", {"w:w": str(width), "w:type": "dxa"}))
    properties = table._tbl.tblPr
    properties.find(qn("w:tblLayout")).addprevious(_element("w:tblInd", {"w:w": str(left), "w:type": "dxa"}))
    properties.find(qn("w:tblLook")).addprevious(space)


def _shade(cell: "Cell") -> None:
    shading = _element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": PANEL})
    cell._tc.get_or_add_tcPr().append(shading)


def _border(cell: "Cell", side: str, colour: str, eighths: int) -> None:
    """Draw one side of a cell; the width is in eighths of a point."""
    borders = _element("w:tcBorders", {})
    attributes = {"w:val": "single", "w:sz": str(eighths), "w:space": "0", "w:color": colour}
    borders.append(_element(f"w:{side}", attributes))
    cell._tc.get_or_add_tcPr().append(borders)


def _mark(parent: "BaseOxmlElement", name: str) -> None:
    parent.append(_element(name, {"w:val": "true"}))


def _element(name: str, attributes: dict[str, str]) -> "BaseOxmlElement":
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(key), value)
    return element
