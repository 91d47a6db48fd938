"""Writing the decision record to a file."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from ftdecide.errors import InputError
from ftdecide.report import html, markdown
from ftdecide.report.record import Record
from ftdecide.translation import _


def _as_json(record: Record) -> str:
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Record], str]] = {"html": html.render, "md": markdown.render, "json": _as_json}


def write_record(record: Record, format_name: str, path: Path) -> None:
    """Write the record to `path` in one of `FORMATS`, whole or not at all.

    Raises:
        InputError: the file cannot be written there.
    """
    content = FORMATS[format_name](record)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.write_text(content, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise InputError(
            _(
                "{path!r} cannot be written ({why}); name a folder that exists, that you may write to and that has room"
            ).format(path=str(path), why=error.strerror)
        ) from error
