"""Which rows of a file belong together: the same customer, document or template, named in its `group` field."""

import csv
import io
import json
from pathlib import Path
from typing import cast

from ftdecide.dataset.read import is_table
from ftdecide.errors import InputError
from ftdecide.translation import _

GROUP = "group"
_DELIMITERS = ",;\t"


def read_groups(path: Path) -> dict[int, str]:
    """Return the group of every line that names one; a file without such a field or column gives none.

    Only files that could be read as rows come here, so every line is known to be sound.

    Raises:
        InputError: a group is neither a text nor a whole number.
    """
    text = path.read_bytes().decode("utf-8-sig")
    if is_table(path.name, text.lstrip().partition("\n")[0]):
        return _of_table(text)
    found: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if f'"{GROUP}"' not in line:
            continue
        row = cast("object", json.loads(line))
        group = cast("dict[str, object]", row).get(GROUP) if isinstance(row, dict) else None
        if group is None:
            continue
        if isinstance(group, bool) or not isinstance(group, str | int):
            message = _("{path!r}, line {line}: the group should be a text, such as a customer's number")
            raise InputError(message.format(path=str(path), line=number))
        found[number] = str(group).strip()
    return {line: group for line, group in found.items() if group}


def _of_table(text: str) -> dict[int, str]:
    head = text.lstrip().partition("\n")[0]
    names = {delimiter: [name.strip(' "\r').lower() for name in head.split(delimiter)] for delimiter in _DELIMITERS}
    delimiter = next((sign for sign, row in names.items() if GROUP in row), None)
    if delimiter is None:
        return {}
    place, rows = names[delimiter].index(GROUP), csv.reader(io.StringIO(text), delimiter=delimiter)
    found: dict[int, str] = {}
    begin = 1
    for number, cells in enumerate(rows):
        if number and len(cells) > place and cells[place].strip():
            found[begin] = cells[place].strip()
        begin = rows.line_num + 1
    return found
