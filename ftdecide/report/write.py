"""Writing the decision record to a file."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ftdecide.errors import InputError
from ftdecide.report import html, markdown, pdf, word
from ftdecide.report.record import record_json
from ftdecide.report.types import Record
from ftdecide.translation import _

FORMATS: Mapping[str, Callable[[Record], bytes]] = {
    "html": lambda record: html.render(record).encode(),
    "pdf": pdf.render,
    "docx": word.render,
    "md": lambda record: markdown.render(record).encode(),
    "json": lambda record: record_json(record).encode(),
}
"""What a record can be made into: the file's ending, and the function that makes its bytes."""


def write_record(record: Record, format_name: str, path: Path) -> None:
    """Write the record to `path` in one of `FORMATS`, whole or not at all.

    Raises:
        InputError: the file cannot be written there.
    """
    content = FORMATS[format_name](record)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(
            _(
                "{path!r} cannot be written ({why}); name a folder that exists, that you may write to and that has room"
            ).format(path=str(path), why=error.strerror)
        ) from error
