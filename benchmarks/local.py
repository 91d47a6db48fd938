"""How fast the local engine answers and trains, beside a plain loop over `generate` in the same run.

    python benchmarks/local.py [--rows 32] [--train-rows 48]

Answers are those to the support tickets sample: `zero-shot` sends the instructions and the ticket, `few-shot` eight
solved tickets before it. `identical` is the share of answers that equal the loop's word for word. Absolute times
belong to the machine and to what else it does; the ratios are what to compare.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import yaml

from ftdecide.local.defaults import load_defaults
from ftdecide.local.jobs import Hyperparameters, Job, Outcome, list_events, new_job_id, save_job
from ftdecide.local.model import base_model, stay_offline
from ftdecide.local.processes import share_processor
from ftdecide.local.rows import ChatMessage, read_rows
from ftdecide.settings import DATA, Settings, load_settings

SAMPLE = DATA / "samples" / "support_tickets"
NEW_TOKENS = 16


def conversations(rows: int, shots: int) -> list[tuple[ChatMessage, ...]]:
    instructions = yaml.safe_load((SAMPLE / "sample.yml").read_text(encoding="utf-8"))["instructions"]
    solved = read_rows((SAMPLE / "train.jsonl").read_bytes())[:shots]
    tests = read_rows((SAMPLE / "test.jsonl").read_bytes())[:rows]
    head = (ChatMessage(role="system", content=instructions), *(message for row in solved for message in row.messages))
    return [(*head, row.messages[0]) for row in tests]


def loop(settings: Settings, asked: list[tuple[ChatMessage, ...]]) -> tuple[list[str], float]:
    import torch

    from ftdecide.local.model import load_model

    network, tokenizer = load_model(base_model(settings))
    texts = [
        tokenizer.apply_chat_template(
            [one.model_dump() for one in messages], add_generation_prompt=True, tokenize=False
        )
        for messages in asked
    ]
    started = time.perf_counter()
    answers: list[str] = []
    with torch.inference_mode():
        for text in texts:
            given = tokenizer(text, return_tensors="pt", add_special_tokens=False)
            made = network.generate(**given, max_new_tokens=NEW_TOKENS, do_sample=False)
            answers.append(tokenizer.decode(made[0, given["input_ids"].shape[1] :], skip_special_tokens=True))
    return answers, time.perf_counter() - started


def batched(settings: Settings, asked: list[tuple[ChatMessage, ...]]) -> tuple[list[str], float]:
    from ftdecide.local.batching import Request
    from ftdecide.local.engine import Engine

    engine = Engine(base_model(settings), load_defaults().generation)
    started = time.perf_counter()
    waiting = [engine.submit(Request(messages, NEW_TOKENS)) for messages in asked]
    return [one.result().text for one in waiting], time.perf_counter() - started


def train(settings: Settings, rows: int) -> None:
    folder = settings.home / "local" / "jobs"
    content = b"\n".join((SAMPLE / "train.jsonl").read_bytes().splitlines()[:rows])
    job = Job(
        id=new_job_id(),
        created_at=int(time.time()),
        base=base_model(settings),
        suffix="benchmark",
        training_file="none",
        hyperparameters=Hyperparameters(n_epochs=1, batch_size=8, learning_rate_multiplier=1),
        seed=1,
    )
    save_job(folder, job)
    (folder / job.id / "rows.jsonl").write_bytes(content)
    root = str(Path(__file__).resolve().parents[1])
    subprocess.run(
        [sys.executable, "-m", "ftdecide.local.training", str(folder / job.id)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    outcome = Outcome.model_validate_json((folder / job.id / "outcome.json").read_bytes())
    steps = [event.data for event in list_events(folder / job.id) if event.data]
    (first, last) = (steps[0], steps[-1])
    tokens = int(str(last["tokens"])) - int(str(first["tokens"]))
    seconds = float(str(last["seconds"])) - float(str(first["seconds"]))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(
        f"training: {outcome.trained_tokens} tokens, {tokens / seconds:.0f} tokens/s after the first step, "
        f"loss {first['train_loss']} -> {last['train_loss']}, peak {peak:.1f} GB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--train-rows", type=int, default=48)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    share_processor()
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings({"FTDECIDE_HOME": home})
        stay_offline(base_model(settings))
        for name, shots in (("zero-shot", 0), ("few-shot", 8)):
            asked = conversations(chosen.rows, shots)
            reference, slow = loop(settings, asked)
            answers, fast = batched(settings, asked)
            identical = sum(one == other for one, other in zip(answers, reference, strict=True)) / len(asked)
            figures = {
                "arm": name,
                "loop_rows_per_second": round(len(asked) / slow, 2),
                "engine_rows_per_second": round(len(asked) / fast, 2),
                "ratio": round(slow / fast, 2),
                "identical": identical,
            }
            print(json.dumps(figures) if chosen.json else "  ".join(f"{key}={value}" for key, value in figures.items()))
        print(f"engine peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB (two models in memory)")
        train(settings, chosen.train_rows)


if __name__ == "__main__":
    main()
