"""A worker killed at random moments of runs with a fine-tune in them: what was lost, repeated or paid twice.

    python benchmarks/kills.py [--kills 50] [--rows 48] [--seed 20261122]

Real worker processes are ended with SIGKILL at moments drawn evenly from the time that an undisturbed run takes, and
replaced, until the run ends; then the next run begins. The provider is a server in this process that counts what it is
asked. Must reach: every run succeeds, one training job each, no answer twice, and no more calls repeated than were
under way at the kills.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.run import start_run
from ftdecide.settings import Settings, load_settings
from ftdecide.store.answers import load_answers
from ftdecide.store.database import Store, open_store
from ftdecide.store.runs import ENDED, load_run, run_state
from tests.loopback import KEY, Loopback, serve_loopback

ROOT = Path(__file__).resolve().parents[1]
COLOURS = ("red", "green", "blue")
WORDS = ("apple", "river", "stone", "cloud", "table", "horse", "light", "paper")
ARMS = ("zero_shot", "few_shot", "fine_tuned")
AT_ONCE = 8
MOST_SECONDS = 300


@dataclass(frozen=True)
class Stage:
    """Where all runs take place."""

    store: Store
    settings: Settings
    server: Loopback
    experiment: Experiment
    folder: Path


@dataclass(frozen=True)
class Found:
    """What became of one run."""

    state: str
    kills: int
    phases: tuple[str, ...]
    jobs: int
    answers: int
    twice: int
    repeated: int
    seconds: float


def plan(server: Loopback, folder: Path, rows: int) -> Experiment:
    for part in ("train", "test"):
        lines: list[str] = []
        for number in range(rows):
            colour, word = COLOURS[number % 3], WORDS[number % 8]
            question = {"role": "user", "content": f"the {colour} {word} of {part} {number}"}
            lines.append(json.dumps({"messages": [question, {"role": "assistant", "content": colour}]}))
        (folder / f"{part}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return read_experiment(
        {
            "schema_version": 1,
            "title": "Kills",
            "data": {"train": "train.jsonl", "test": "test.jsonl"},
            "instructions": "Name the colour.",
            "provider": {"id": "compatible", "model": "base", "base_url": server.base_url},
            "arms": [{"kind": kind} for kind in ARMS],
            "grader": {"kind": "label", "labels": list(COLOURS)},
            "concurrency": AT_ONCE,
        }
    )


def start_worker(settings: Settings, log: Path) -> "subprocess.Popen[str]":
    environ = {**os.environ, "FTDECIDE_HOME": str(settings.home), "FTDECIDE_COMPATIBLE_API_KEY": KEY}
    with log.open("ab") as errors:
        worker = subprocess.Popen(
            [sys.executable, "-m", "ftdecide", "worker"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    assert worker.stdout is not None
    assert worker.stdout.readline().startswith("worker ready"), log.read_text()[-2000:]
    return worker


def wait_end(store: Store, run_id: str, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while run_state(store, run_id) not in ENDED and time.monotonic() < end:
        time.sleep(0.02)
    return run_state(store, run_id) in ENDED


def follow(stage: Stage, moments: list[float]) -> Found:
    """Run once, killing the worker at the moments as long as there are any and the run has not ended."""
    store, server, seconds = stage.store, stage.server, 0.0
    server.asked.clear()
    jobs, phases = len(server.jobs), list[str]()
    run_id = start_run(store, stage.settings, stage.experiment, folder=stage.folder)
    while run_state(store, run_id) not in ENDED:
        worker = start_worker(stage.settings, stage.folder / "worker.log")
        ready = time.monotonic()
        try:
            if not moments:
                wait_end(store, run_id, MOST_SECONDS)
                break
            if not wait_end(store, run_id, moments.pop()):
                os.kill(worker.pid, signal.SIGKILL)
                phases.append(load_run(store, run_id).phase or run_state(store, run_id))
        finally:
            seconds += time.monotonic() - ready
            worker.kill()
            worker.wait()
    answers = load_answers(store, run_id)
    keys = Counter((answer.arm, answer.item, answer.repeat) for answer in answers)
    asked = sum(count for what, count in server.asked.items() if "|" in what)
    return Found(
        state=run_state(store, run_id),
        kills=len(phases),
        phases=tuple(phases),
        jobs=len(server.jobs) - jobs,
        answers=len(answers),
        twice=sum(count - 1 for count in keys.values()),
        repeated=asked - len(answers),
        seconds=seconds,
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--seed", type=int, default=20261122)
    chosen = parser.parse_args()
    die = random.Random(chosen.seed)  # noqa: S311 - a die, no secret
    os.environ["FTDECIDE_COMPATIBLE_API_KEY"] = KEY
    with serve_loopback() as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        server.answer_seconds, server.step_seconds = 0.25, 0.2
        settings = load_settings({"FTDECIDE_HOME": home, "FTDECIDE_WORKER": "external"})
        folder = Path(home)
        stage = Stage(open_store(settings), settings, server, plan(server, folder, chosen.rows), folder)
        calm = follow(stage, [])
        runs = [calm]
        left = chosen.kills
        while left > 0:
            runs.append(follow(stage, [die.uniform(0, calm.seconds) for _kill in range(left)]))
            left -= runs[-1].kills
            print(f"run {len(runs) - 1}: {runs[-1]}", file=sys.stderr, flush=True)
    return show(runs, chosen.rows)


def show(runs: list[Found], rows: int) -> int:
    """Print the table; 1 where a target is missed."""
    where = Counter(phase.partition(":")[0] for run in runs for phase in run.phases)
    print(f"{'run':>4}{'kills':>7}{'state':>12}{'jobs':>6}{'answers':>9}{'twice':>7}{'repeated':>10}{'at most':>9}")
    missed = 0
    for number, run in enumerate(runs):
        most = run.kills * AT_ONCE
        good = (run.state, run.jobs, run.answers, run.twice) == ("succeeded", 1, len(ARMS) * rows, 0)
        missed += not good or run.repeated > most
        counts = f"{run.jobs:6}{run.answers:9}{run.twice:7}{run.repeated:10}{most:9}"
        print(f"{number:4}{run.kills:7}{run.state:>12}{counts}")
    print(f"{sum(run.kills for run in runs)} kills, while: {dict(where)}; runs that missed a target: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
