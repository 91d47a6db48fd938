"""The decision record as a PDF, set by typst with the fonts it carries; nothing is fetched."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

from ftdecide.report.chart import Chart
from ftdecide.report.content import outline_record
from ftdecide.report.types import Record

_TEMPLATES = Path(__file__).parent / "templates"
_PIXELS_PER_INCH = 220
# Latin, Greek, Cyrillic, punctuation, arrows and mathematical signs: what the fonts inside typst have letters for.
_OTHER_LETTERS = re.compile("[^\u0000-\u052f\u1d00-\u22ff]")


def render(record: Record) -> bytes:
    """Return the whole record as a PDF; what people typed is data to the template, and never markup.

    The same record gives the same bytes. Only where it has letters that typst's own fonts lack (such as Chinese, or
    emoji) are the fonts of this machine looked at.
    """
    from typst import compile as set_type

    content = outline_record(record).model_dump_json()
    return set_type(
        _TEMPLATES / "record.typ",
        root=_TEMPLATES,
        sys_inputs={"outline": content},
        ignore_system_fonts=_OTHER_LETTERS.search(content) is None,
        timestamp=_midnight(record.as_of),
    )


def render_picture(chart: Chart) -> bytes:
    """Return a figure as a PNG file, for formats that cannot draw it themselves."""
    from typst import compile as set_type

    content = chart.model_dump_json()
    return set_type(
        _TEMPLATES / "picture.typ",
        root=_TEMPLATES,
        sys_inputs={"chart": content},
        ignore_system_fonts=_OTHER_LETTERS.search(content) is None,
        format="png",
        ppi=_PIXELS_PER_INCH,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
