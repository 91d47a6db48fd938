"""Writing the decision record to a file."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ftdecide.errors import InputError
from ftdecide.report import html, markdown
from ftdecide.report.record import record_json
from ftdecide.report.types import Record
from ftdecide.translation import _

FORMATS: Mapping[str, Callable[[Record], str]] = {"html": html.render, "md": markdown.render, "json": record_json}


def write_record(record: Record, format_name: str, path: Path) -> None:
    """Write the record to `path` in one of `FORMATS`, whole or not at all.

    Raises:
        InputError: the file cannot be written there.
    """
    content = FORMATS[format_name](record)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.write_bytes(content.encode())  # the same bytes on every system, line ends included
        unfinished.replace(path)
    except OSError as error:
        raise InputError(
            _(
                "{path!r} cannot be written ({why}); name a folder that exists, that you may write to and that has room"
            ).format(path=str(path), why=error.strerror)
        ) from error
