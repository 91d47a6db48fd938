"""The decision record as one HTML file that needs nothing from elsewhere: no script, no font, no image file."""
# pyright: reportUnknownMemberType=false
# Jinja2 types its globals and filters as plain dictionaries.

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ftdecide.report.chart import draw_targets, draw_values
from ftdecide.report.comparison import say_caution
from ftdecide.report.cover import short_title
from ftdecide.report.figures import UNKNOWN, count, money, p_value, percent, points, span
from ftdecide.report.headline import list_cautions, say_answer_so_far
from ftdecide.report.printable import printable
from ftdecide.report.types import Record
from ftdecide.translation import _

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, caution=say_caution, unknown=UNKNOWN, count=count, span=span)
    environment.globals.update(short_title=short_title, answer=say_answer_so_far, cautions=list_cautions)
    environment.globals.update(draw_values=draw_values, draw_targets=draw_targets)
    environment.filters.update(percent=percent, points=points, money=money, p_value=p_value)
    return environment


def render(record: Record) -> str:
    """Return the whole record as HTML; what people typed is escaped, and the same record gives the same text."""
    return printable(_environment().get_template("record.html.jinja").render(record=record))
