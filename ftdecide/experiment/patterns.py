# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# google-re2 ships no types; what comes from it is narrowed here and goes no further.
"""Patterns that people write, run by RE2: its time grows with the text alone, so that no pattern can hang a run."""

import re
from functools import lru_cache
from typing import Protocol, cast

# RE2 takes these alone for white space.
_OTHER_BLANK = re.compile(r"[^\S \t\n\r\f]")


class _Match(Protocol):
    def group(self, number: int = 0) -> str | None: ...

    def groups(self) -> tuple[str | None, ...]: ...


class _Compiled(Protocol):
    groups: int

    def search(self, text: str) -> _Match | None: ...


def group_count(pattern: str) -> int:
    """Return how many groups `pattern` has.

    Raises:
        ValueError: it is no pattern, or asks for what takes unbounded time (look-around, references back).
    """
    return _compile(pattern).groups


def occurs(pattern: str, text: str) -> bool:
    """Say whether `pattern` is found anywhere in `text`."""
    return _compile(pattern).search(_whole(text)) is not None


def find_groups(pattern: str, text: str) -> tuple[str, ...] | None:
    """Return what the groups of `pattern` catch where it is first found in `text`, or None where it is not.

    A group that takes no part catches the empty text; a pattern without groups catches nothing.
    """
    match = _compile(pattern).search(_whole(text))
    return None if match is None else tuple(caught or "" for caught in match.groups())


@lru_cache(maxsize=256)
def _compile(pattern: str) -> _Compiled:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return cast("_Compiled", re2.compile(_whole(pattern), options))
    except re2.error as error:
        told = cast("object", error.args[0] if error.args else "")
        reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        text = f"the pattern cannot be used ({reason}); mend it (RE2 syntax, which has no look-around)"
        raise ValueError(text) from None


def _whole(text: str) -> str:
    """Return `text` as RE2 can take it: no-break spaces and the like are plain ones, half a character is a ?."""
    return _OTHER_BLANK.sub(" ", text).encode("utf-8", "replace").decode("utf-8")
