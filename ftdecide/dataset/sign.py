"""What every sign in `ftdecide/dataset/signs/` offers, so that big files are audited in parts, side by side."""

from collections.abc import Iterable
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example


class Sieve(Protocol):
    """Two quick tests: a glance at megabytes of text, and a search of one text in which the glance caught something."""

    def glance(self, text: bytes, /) -> NDArray[np.int64]:
        """Places in UTF-8 text, many texts with blank lines between them, at which a search may find something."""
        ...

    def search(self, text: str, /) -> object:
        """Something true if the text is worth a closer look."""
        ...


class Sign(Protocol):
    """Something doubtful in a data set, looked for example by example; holds little, and can be pickled.

    `sieve` is None, or a quick test that finds something in the text of at least one message of every example about
    which this sign could say anything: only those, and all with tools, are handed to `add`. Signs without a sieve get
    all examples of a small file and a random sample of a big one's, and the findings say so.
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
