"""How fast an audit is beside the plain loop of `json.loads` and tiktoken: `benchmarks/audit.py [SIZE] [FILE …]`.

Prints the throughput of both on the same file, one after the other, their ratio (above 1: the audit is faster although
it checks more), and the audit's peak memory: that of the largest moment of this process and of those it starts, added
up, vocabularies included. Processor seconds tell what other work on the machine does not. The loop runs in a single
process, as it is usually written; it runs twice, before and after the audit, and the faster run counts. Without files
it makes three of SIZE megabytes (default 1000): `chat`, a few sentences of English below instructions that repeat;
`labels`, the shipped samples with varied numbers; and `prose`, the hardest case, the sentences alone.
"""

import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from pydoc_data.topics import topics
from threading import Event, Thread
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.dataset.samples import list_samples
from ftdecide.dataset.tokens import encoder

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_MEGABYTES = 1000
AUDIT = (
    "import sys, time; from pathlib import Path; from ftdecide.dataset.checks import audit; "
    "start = time.perf_counter(); found = audit(Path(sys.argv[1])); "
    "print(found.tokens.total, found.examples, time.perf_counter() - start)"
)


def plain_loop(path: Path) -> int:
    """Tokens of all messages, as most people count them."""
    encoding = encoder("o200k_base").encoding
    total = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            for message in json.loads(line)["messages"]:
                total += 3 + sum(len(encoding.encode(value, disallowed_special=())) for value in message.values())
            total += 3
    return total


def prose_rows() -> Iterator[list[dict[str, str]]]:
    """Conversations made of sentences of Python's own manual, a kilobyte each on average and no two alike."""
    text = " ".join(re.sub(r"\s+", " ", topic) for topic in topics.values())
    sentences = [sentence for sentence in re.split(r"(?<=[.:]) ", text) if 20 < len(sentence) < 400]
    drawn = random.Random(1)  # noqa: S311 - nothing secret
    number = 0
    while True:
        number += 1
        asked, said = drawn.choices(sentences, k=drawn.randint(1, 4)), drawn.choices(sentences, k=drawn.randint(1, 8))
        yield [
            {"role": "user", "content": f"{number}: {' '.join(asked)}"},
            {"role": "assistant", "content": " ".join(said)},
        ]


def chat_rows() -> Iterator[list[dict[str, str]]]:
    """The same below the shipped samples' instructions, as most files repeat theirs in every row."""
    instructions = [sample.instructions for sample in list_samples()]
    for number, messages in enumerate(prose_rows()):
        yield [{"role": "system", "content": instructions[number % len(instructions)]}, *messages]


def label_rows() -> Iterator[list[dict[str, str]]]:
    """The shipped samples again and again, each time with another number in front."""
    rows = [json.loads(row) for sample in list_samples() for row in sample.train_path.read_text("utf-8").splitlines()]
    number = 0
    while True:
        for row in rows:
            number += 1
            question, *rest = row["messages"]
            yield [{**question, "content": f"{number}: {question['content']}"}, *rest]


def make_file(path: Path, rows: Iterator[list[dict[str, str]]], size: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        while out.tell() < size:
            for _row in range(1000):
                out.write(json.dumps({"messages": next(rows)}, ensure_ascii=False) + "\n")


class Spent(NamedTuple):
    """Seconds on the wall, and of processors."""

    wall: float
    processor: float


def timed_loop(path: Path) -> tuple[int, Spent]:
    wall, processor = time.perf_counter(), time.process_time()
    total = plain_loop(path)
    return total, Spent(time.perf_counter() - wall, time.process_time() - processor)


def children_seconds() -> float:
    """Processor seconds of everything that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def family_mib(root: int) -> float:
    """Memory of a process and all below it in MiB, with pages that they share counted once; 0 where nothing tells."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    family, found_kib = [root], 0
    while family:
        process = family.pop()
        with suppress(OSError):
            shares = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
            found_kib += int(shares[1]) if shares else 0
        family += children.get(process, [])
    return found_kib / 2**10


def timed_audit(path: Path) -> tuple[int, int, Spent, float]:
    """Tokens, examples, time and peak memory in MiB of an audit in a process of its own."""
    before = children_seconds()
    process = subprocess.Popen([sys.executable, "-c", AUDIT, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    peak, ended = 0.0, Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.1):
            peak = max(peak, family_mib(process.pid))

    watcher = Thread(target=watch)
    watcher.start()
    out, _errors = process.communicate()
    ended.set()
    watcher.join()
    tokens, examples, seconds = out.split()
    return int(tokens), int(examples), Spent(float(seconds), children_seconds() - before), peak


def compare(path: Path) -> None:
    size = path.stat().st_size / 1e6
    total, before = timed_loop(path)
    tokens, examples, audited, memory = timed_audit(path)
    _total, after = timed_loop(path)
    plain = Spent(*map(min, before, after))
    assert total == tokens, "the audit counts other tokens than the plain loop"
    print(
        f"{path.name}: {size:,.0f} MB, {examples:,} examples, {total:,} tokens; "
        f"audit {audited.wall:.1f} s ({size / audited.wall:.0f} MB/s), "
        f"plain loop {plain.wall:.1f} s ({size / plain.wall:.0f} MB/s), ratio {plain.wall / audited.wall:.2f}; "
        f"processor seconds {audited.processor:.1f} and {plain.processor:.1f}; peak memory {memory:.0f} MiB",
        flush=True,
    )


def main() -> None:
    size = next((int(word) for word in sys.argv[1:] if word.isdecimal()), DEFAULT_MEGABYTES)
    paths = [Path(word) for word in sys.argv[1:] if not word.isdecimal()]
    encoder("o200k_base").count("load before the clock starts")
    for path in paths:
        compare(path.resolve())
    if not paths:
        with tempfile.TemporaryDirectory() as folder:
            for name, rows in (("chat", chat_rows()), ("labels", label_rows()), ("prose", prose_rows())):
                path = Path(folder) / f"{name}.jsonl"
                make_file(path, rows, size * 1_000_000)
                compare(path)
                path.unlink()


if __name__ == "__main__":
    main()
