"""How a Word file looks: page, fonts, sizes and colours, as styles that a reader can change in one place."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# python-docx leaves the XML below its objects untyped.

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from ftdecide.report.outline import Tone

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.run import Run

INK, SOFT, TEAL, RULE, PANEL = "0F1D24", "50606A", "0F766E", "D5DCD9", "F0F3F1"
TONES: dict[Tone, str] = {"": INK, "good": "15803D", "bad": "B42318", "care": "9A4A06", "soft": SOFT}
WIDTH_MM = 166
_MARGIN_MM = 22
_FONT = "Cambria"
_NEW_STYLES = ("Remark", "Lead", "Answer", "Cell", "Cell right", "Head", "Head right", "Numbered", "Gap")


def new_document(title: str, made: datetime) -> "Document":
    """Return an empty A4 document with our styles, dated as the decision is."""
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    for name in _NEW_STYLES:
        added = cast("ParagraphStyle", document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
        added.base_style = cast("ParagraphStyle", document.styles["Normal"])
    _set_styles(document)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "ftdecide", "ftdecide"
    properties.comments, properties.language, properties.revision = "", "en", 1
    properties.created = properties.modified = made.replace(tzinfo=None)
    return document


def coloured(run: "Run", colour: str) -> None:
    """Give a piece of text a colour."""
    from docx.shared import RGBColor

    run.font.color.rgb = RGBColor.from_string(colour)


class _Look(NamedTuple):
    """Size in points, colour, and the space before and after in points."""

    size: float
    colour: str
    before: float
    after: float


_LOOKS = {
    "Normal": _Look(10.5, INK, 0, 6),
    "Title": _Look(20, INK, 2, 10),
    "Heading 1": _Look(14, INK, 18, 6),
    "Heading 2": _Look(11, INK, 12, 4),
    "List Bullet": _Look(10.5, INK, 0, 3),
    "Footer": _Look(8.5, SOFT, 0, 0),
    "Remark": _Look(9.5, SOFT, 0, 4),
    "Lead": _Look(11, INK, 10, 4),
    "Answer": _Look(20, INK, 4, 0),
    "Cell": _Look(9.5, INK, 2, 2),
    "Cell right": _Look(9.5, INK, 2, 2),
    "Head": _Look(8.5, SOFT, 2, 2),
    "Head right": _Look(8.5, SOFT, 2, 2),
    "Numbered": _Look(10.5, INK, 0, 3),
    "Gap": _Look(5, INK, 0, 0),
}
_BOLD = ("Title", "Heading 1", "Heading 2", "Lead", "Answer")
_LEADING = ("Heading 1", "Heading 2", "Lead")


def _set_styles(document: "Document") -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
    from docx.shared import Mm

    styles = {name: cast("ParagraphStyle", document.styles[name]) for name in _LOOKS}
    for name, look in _LOOKS.items():
        _set_style(styles[name], look)
        styles[name].font.bold = name in _BOLD
        styles[name].paragraph_format.keep_with_next = True if name in _LEADING else None
    for name in ("Cell right", "Head right"):
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for name, hang in (("Numbered", Mm(8)), ("List Bullet", Mm(5))):
        indent = styles[name].paragraph_format
        indent.left_indent, indent.first_line_indent = hang, Mm(-hang.mm)
        indent.tab_stops.add_tab_stop(hang)
    stops = styles["Footer"].paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(Mm(WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)


def _set_style(style: "ParagraphStyle", look: _Look) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size = _FONT, Pt(look.size)
    style.font.color.rgb = RGBColor.from_string(look.colour)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(look.before), Pt(look.after)
    # A theme's font, where one is named, would win over ours; and the template's title has a line below it.
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
