"""Audits that were made, kept as small documents so that a link or a refresh shows them again; never the files."""

import json
import os
import re
from pathlib import Path
from typing import Any

from ftdecide.errors import NotFoundError

MOST_KEPT = 200
_NAME = re.compile(r"[0-9a-f]{32}")


def keep_audit(folder: Path, name: str, document: dict[str, Any]) -> None:
    """Keep a JSON-ready document under a name of 32 hexadecimal digits; the oldest go when there are too many."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = _path(folder, name)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
    kept = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in kept[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def load_audit(folder: Path, name: str) -> dict[str, Any]:
    """Return what was kept under a name.

    Raises:
        NotFoundError: nothing is kept under it, or what is kept was damaged.
    """
    try:
        return json.loads(_path(folder, name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotFoundError(f"no audit {name!r} is kept here; choose the file again") from error


def _path(folder: Path, name: str) -> Path:
    # Names come from links, so that nothing but a name may reach the file system.
    if not _NAME.fullmatch(name):
        raise NotFoundError(f"{name!r} is no name of an audit; choose the file again")
    return folder / f"{name}.json"
