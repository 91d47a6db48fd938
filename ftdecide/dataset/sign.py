"""What every sign in `ftdecide/dataset/signs/` offers, so that big files are audited in parts, side by side."""

from collections.abc import Iterable
from typing import ClassVar, Protocol, Self

from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example


class Sieve(Protocol):
    """A quick test of a text, such as a compiled pattern.

    In big files it gets the texts of several examples at once, with blank lines between them, and those of each one
    only if something is found: it must find wherever in the text it stands what it finds in a text alone.
    """

    def search(self, text: str, /) -> object:
        """Something true if the text is worth a closer look."""
        ...


class Sign(Protocol):
    """Something doubtful in a data set, looked for example by example; holds little, and can be pickled.

    `sieve` is None, or a quick test (a pattern, or a class faster than one) that finds something in the text of at
    least one message of every example about which this sign could say anything: in big files only those, and all with
    tools, are handed to `add`. Signs without a sieve get a random sample of a big file's examples, and the findings say
    so.
    """

    sieve: ClassVar[Sieve | None]

    def add(self, line: int, example: Example) -> None:
        """Look at one example, which starts on `line`; called in the order of the file."""
        ...

    def merge(self, later: Self) -> None:
        """Take over what another process found in a part of the file that comes after all of this one's."""
        ...

    def finish(self) -> Iterable[Finding]:
        """What was found in the whole file."""
        ...
