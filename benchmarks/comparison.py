"""The whole comparison on the support tickets: minutes from request to result, and peak memory of all its processes.

Everything is real and cold: an empty home, a worker and a local engine started for it, the full locked test part,
zero-shot, few-shot, fine-tuned and classical. Must reach: 10 minutes, 4 GB, on 2 cores.

    python benchmarks/comparison.py [--sample NAME] [--train-rows N] [--test-rows N]
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.experiment.plan import sample_experiment
from ftdecide.experiment.run_commands import compare
from ftdecide.settings import load_settings

# Adding up the pages of a large process holds it up: looked at every half second, training took twice as long.
GLANCE_SECONDS = 3.0
GB = 10**9
MOST_MINUTES, MOST_GB = 10, 4


class Watch(threading.Thread):
    """Remembers the highest sum of memory in use, and all processor time, of this process and all that it started."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self.cpu_seconds: dict[int, float] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(GLANCE_SECONDS):
            me = psutil.Process()
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += memory_bytes(process)
                    times = process.cpu_times()
                    self.cpu_seconds[process.pid] = times.user + times.system
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.peak_bytes = max(self.peak_bytes, total)


def memory_bytes(process: psutil.Process) -> int:
    """Return a process's share of memory; pages that several processes share count once (Linux), else each time."""
    return process.memory_full_info().pss if psutil.LINUX else process.memory_info().rss


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", default="support_tickets")
    parser.add_argument("--train-rows", type=int)
    parser.add_argument("--test-rows", type=int)
    chosen = parser.parse_args()
    experiment = sample_experiment(chosen.sample, train_rows=chosen.train_rows, test_rows=chosen.test_rows)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        settings = load_settings({**os.environ, "FTDECIDE_HOME": home, "FTDECIDE_WORKER": "auto"})
        watch = Watch()
        watch.start()
        begun = time.monotonic()

        def tell(line: str) -> None:
            print(f"{time.monotonic() - begun:7.1f} s  {line}", file=sys.stderr, flush=True)

        try:
            result = compare(settings, experiment, Path(), approve=lambda _question: True, tell=tell)
            minutes = (time.monotonic() - begun) / 60
        finally:
            watch.ended.set()
            for process in psutil.Process().children(recursive=True):
                process.send_signal(signal.SIGTERM)
            psutil.wait_procs(psutil.Process().children(recursive=True), timeout=10)
    show(result, minutes, watch)
    reached = minutes <= MOST_MINUTES and watch.peak_bytes / GB <= MOST_GB and result["state"] == "succeeded"
    return 0 if reached else 1


def show(result: dict, minutes: float, watch: Watch) -> None:
    """Print the table."""
    print(f"sample            {result['title']}")
    print(f"rows              {result['train_rows']} to learn from, {result['test_rows']} measured")
    for arm in result["arms"]:
        low, high = arm["interval"]
        print(f"{arm['name']:<17} {arm['score']:6.1%}   95 % interval {low:.1%} to {high:.1%}")
    print(f"minutes           {minutes:.1f}   (must reach {MOST_MINUTES}; the preflight said {result['minutes']:.1f})")
    print(f"processor time    {sum(watch.cpu_seconds.values()) / 60:.1f} minutes over all cores")
    peak_gb = watch.peak_bytes / GB
    print(f"peak memory       {peak_gb:.2f} GB   (must reach {MOST_GB}; worker, engine, training and this process)")


if __name__ == "__main__":
    sys.exit(main())
