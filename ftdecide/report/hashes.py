"""Hashes by which a decision record is known again: of JSON content, and of the data files that decide."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ftdecide.settings import DATA

_PATTERNS = (
    "evidence/answers.yml",
    "evidence/effects.yml",
    "evidence/gates.yml",
    "gpus.yml",
    "price_packages.yml",
    "providers/*.yml",
    "questions/*.yml",
)
"""Every file that deciding and putting a record together opens; a test watches what really is opened."""


def hash_json(content: object) -> str:
    """Return the SHA-256 of JSON-ready content, whatever the order of its keys."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def hash_data(folder: Path = DATA) -> dict[str, str]:
    """Return the SHA-256 of every data file that decides, by its name below `folder`; worked out once, as it is read.

    Line ends count as one character, so that a checkout on Windows has the same hashes.
    """
    return {path.relative_to(folder).as_posix(): _hash_lines(path) for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for pattern in _PATTERNS:
        yield from sorted(folder.glob(pattern))


def _hash_lines(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest()
