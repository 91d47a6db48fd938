"""Copying a file without some of its lines, to a file that is new."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ftdecide.errors import InputError

# Longer lines are copied in pieces.
_PIECE_BYTES = 1_000_000


class Cut(NamedTuple):
    """A row to leave out: the line on which it starts, and that on which the next row does (None: there is none)."""

    line: int
    following: int | None


def copy_lines(stream: BinaryIO, target: BinaryIO, cuts: Iterator[Cut]) -> None:
    """Copy every line but those of the rows to leave out, which come in ascending order.

    Blank lines between a row and the next belong to neither and are copied: a row never ends with a blank line, as even
    a cell that does is closed by a quotation mark.
    """
    cut = next(cuts, None)
    blank: list[bytes] = []
    number = 1
    while raw := stream.readline(_PIECE_BYTES):
        if cut and cut.following == number:
            target.writelines(blank)
            blank, cut = [], next(cuts, None)
        if cut is None or number < cut.line:
            target.write(raw)
        elif number > cut.line and raw.isspace():
            blank.append(raw)
        else:
            blank = []
        number += raw.endswith(b"\n")
    target.writelines(blank)


@contextmanager
def open_new(out: BinaryIO | Path) -> Generator[BinaryIO]:
    """Open a file that is not there yet; a stream is handed on as it is.

    Raises:
        InputError: it is there already, or cannot be written.
    """
    if not isinstance(out, Path):
        yield out
        return
    try:
        with out.open("xb") as stream:
            yield stream
    except FileExistsError as error:
        raise InputError(f"{str(out)!r} is there already; name a file that is not") from error
    except OSError as error:
        raise InputError(f"{str(out)!r} cannot be written ({error.strerror or error}); check the path") from error
