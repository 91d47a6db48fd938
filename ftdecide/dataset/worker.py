"""Parts of a big file looked at side by side, each by a process of its own; `python -m ftdecide.dataset.worker` is one.

A process is given jobs on its standard input and answers on its standard output, both pickled: all of them are started
here, by this module, from this program.
"""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, cast

from ftdecide.dataset.batch import parse_chunk
from ftdecide.dataset.facts import EncodingName
from ftdecide.dataset.part import Part, Plan, read_part
from ftdecide.dataset.segments import Segment, read_chunks
from ftdecide.dataset.tokens import encoder
from ftdecide.errors import UnavailableError

Reader = subprocess.Popen[bytes]
_SEED_VALUES = 1 << 32


def read_segment(stream: BinaryIO, segment: Segment, plan: Plan) -> Part:
    """Look at one part of a file."""
    return read_part(map(parse_chunk, read_chunks(stream, segment)), plan)


@contextmanager
def start_readers(processes: int, encoding: EncodingName) -> Generator[Sequence[Reader]]:
    """Start processes that load what they need while the caller does something else, and end them."""
    # All must make the same hash of the same text.
    environment = {**os.environ, "PYTHONHASHSEED": str(int.from_bytes(os.urandom(4)) % _SEED_VALUES)}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "ftdecide.dataset.worker", encoding],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        for _number in range(processes)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def read_side_by_side(readers: Sequence[Reader], path: Path, segments: Sequence[Segment], plan: Plan) -> Iterator[Part]:
    """Look at all parts of a file in several processes; yields what was found, in the order of the file.

    Raises:
        UnavailableError: a process ended before its work was done.
    """
    idle: SimpleQueue[Reader] = SimpleQueue()
    for process in readers:
        idle.put(process)

    def work(segment: Segment) -> Part:
        process = idle.get()
        try:
            return _ask(process, (path, segment, plan))
        finally:
            idle.put(process)

    with ThreadPoolExecutor(len(readers)) as threads:
        yield from threads.map(work, segments)


def _ask(process: Reader, job: tuple[Path, Segment, Plan]) -> Part:
    asking, answering = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    try:
        pickle.dump(job, asking)
        asking.flush()
        return cast("Part", pickle.load(answering))  # noqa: S301 - written by our own process
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        raise UnavailableError(
            "a process that reads part of the file ended early; free some memory and try again"
        ) from error


def main() -> None:
    """Do jobs until there are no more, counting in the encoding that was named first."""
    gc.disable()  # nothing here refers to itself, and rows come by the million
    encoder(sys.argv[1]).count_all([], fast=True)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            path, segment, plan = cast("tuple[Path, Segment, Plan]", pickle.load(asked))  # noqa: S301 - as above
        except EOFError:
            return
        with path.open("rb") as stream:
            part = read_segment(stream, segment, plan)
        pickle.dump(part, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    main()
