"""The grades that graders give, and texts of strangers made fit for a message."""

from collections.abc import Sequence

from ftdecide.experiment.types import Grade, GradeReason
from ftdecide.translation import _

_SHOWN_CHARACTERS = 80
_SHOWN_NAMES = 10


def right() -> Grade:
    """Return the grade of an answer that is right in all."""
    return Grade(score=1.0, passed=True, reason="right")


def wrong(reason: GradeReason, detail: str) -> Grade:
    """Return the grade of an answer that is not right in anything."""
    return Grade(score=0.0, passed=False, reason=reason, detail=detail)


def partly(score: float, passes_at: float, detail: str) -> Grade:
    """Return the grade of an answer with a share of what is right; it passes from the score `passes_at` on."""
    if score >= 1:
        return right()
    if score >= passes_at:
        return Grade(score=score, passed=True, reason="right", detail=detail)
    return Grade(score=score, passed=False, reason="partly_right" if score else "wrong", detail=detail)


def shown(text: str) -> str:
    """Return `text` as a message can hold it: in quotes, cut where it is long, nothing in it that no file can hold."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…")


def name_all(names: Sequence[str]) -> str:
    """Return the first of `names` in one line, and how many more there are."""
    plain = [name if name.isprintable() and len(name) <= _SHOWN_CHARACTERS else shown(name) for name in names]
    line = ", ".join(plain[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return _("{names} and {more} more").format(names=line, more=more) if more > 0 else line
