"""Where a training file comes from, and its bytes for those that read it more than once."""

import io
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from ftdecide.errors import InputError

Source = str | Path | BinaryIO
"""A path, "-" for standard input, or an open binary stream such as an upload."""


class Opened(NamedTuple):
    """A file to be read as often as need be; `path` is None where it is in memory only."""

    stream: BinaryIO
    path: Path | None
    size: int


def source_name(source: Source) -> str:
    """What to call a source in messages."""
    if not isinstance(source, str | Path):
        return str(getattr(source, "name", "upload"))
    return "standard input" if str(source) == "-" else str(source)


@contextmanager
def open_source(source: Source) -> Generator[Opened]:
    """Open a source; what can be read but once is copied into a file that is gone afterwards.

    Raises:
        InputError: it cannot be opened or read.
    """
    try:
        if not isinstance(source, str | Path):
            if source.seekable():
                yield Opened(source, None, _size(source))
            else:
                with _copied(source) as opened:
                    yield opened
        elif str(source) == "-":
            with _copied(sys.stdin.buffer) as opened:
                yield opened
        else:
            path = Path(source)
            if not path.is_file() and path.exists() and not path.is_dir():
                with path.open("rb") as pipe, _copied(cast("BinaryIO", pipe)) as opened:
                    yield opened
            else:
                with path.open("rb") as stream:
                    yield Opened(stream, path.absolute(), _size(stream))
    except OSError as error:
        name = source_name(source)
        raise InputError(f"{name!r} cannot be read ({error.strerror or error}); check the path") from error


def _size(stream: BinaryIO) -> int:
    place = stream.tell()
    size = stream.seek(0, io.SEEK_END)
    stream.seek(place)
    return size


@contextmanager
def _copied(stream: BinaryIO) -> Generator[Opened]:
    with tempfile.NamedTemporaryFile(prefix="ftdecide-") as copy:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        yield Opened(cast("BinaryIO", copy), Path(copy.name), copy.tell())
