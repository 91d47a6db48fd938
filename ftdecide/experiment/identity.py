"""When two texts are the same, what names a set of rows for good, and an order that is random but repeatable."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable

from ftdecide.experiment.types import Row


def normalise(text: str) -> str:
    """Return `text` as it is compared: compatibility forms, case and runs of white space make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def hash_rows(rows: Iterable[Row]) -> str:
    """Return the SHA-256 over the texts of `rows` in their order, as 64 hexadecimal digits."""
    texts = [[row.system, row.prompt, row.reference] for row in rows]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def seeded_order(seed: int, key: str) -> str:
    """Return a sort key that is random over texts, and the same on every machine and at every time."""
    return hashlib.sha256(json.dumps([seed, key]).encode()).hexdigest()
