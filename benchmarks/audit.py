"""How fast an audit is beside the plain loop of `json.loads` and tiktoken: `python benchmarks/audit.py [FILE …]`.

Prints the ratio of the plain loop's processor time to the audit's (above 1: the audit is faster although it checks
more) and the audit's peak memory. Without a file it takes the shipped samples, repeated with varied numbers to 20 MB.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from ftdecide.dataset.checks import audit
from ftdecide.dataset.samples import list_samples
from ftdecide.dataset.tokens import encoder

TARGET_BYTES = 20_000_000


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


def make_file(path: Path) -> None:
    """Write the samples again and again, each time with another number in front, until the file is large."""
    rows = [json.loads(row) for sample in list_samples() for row in sample.train_path.read_text("utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as out:
        number = 0
        while out.tell() < TARGET_BYTES:
            for row in rows:
                number += 1
                question, *rest = row["messages"]
                messages = [{**question, "content": f"{number}: {question['content']}"}, *rest]
                out.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")


def compare(path: Path) -> None:
    encoder("o200k_base").count("load before the clock starts")
    start = time.process_time()
    result = audit(path)
    audited = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    total = plain_loop(path)
    plain = time.process_time() - start
    assert total == result.tokens.total, "the audit counts other tokens than the plain loop"
    size = path.stat().st_size / 1e6
    print(
        f"{path.name}: {size:.1f} MB, {result.examples:,} examples, {total:,} tokens; "
        f"audit {audited:.2f} s, plain loop {plain:.2f} s, ratio {plain / audited:.2f}, peak memory {memory:.0f} MiB"
    )


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]]
    for path in paths:
        compare(path)
    if not paths:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "samples_repeated.jsonl"
            make_file(path)
            compare(path)


if __name__ == "__main__":
    main()
