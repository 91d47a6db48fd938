"""Text without what no file of a report can hold and no printer has a sign for."""

import re
from typing import Annotated

from pydantic import AfterValidator

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What XML 1.0 forbids, what no printer has a sign for, and what would turn the direction of the text that follows.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: str) -> str:
    """Return text without control characters; every kind of line end becomes a newline."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))


Words = Annotated[str, AfterValidator(printable)]
"""Text that is made printable as soon as it is put into a model."""
