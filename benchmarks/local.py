"""How fast the local engine answers and trains, beside a plain loop over `generate` and plain TRL in the same run.

    python benchmarks/local.py [--rows 96] [--train-rows 48] [--json]

Answers are those to the support tickets sample: `zero-shot` sends the instructions and the ticket, `few-shot` eight
solved tickets before it. `identical` is the share of answers that equal the loop's word for word. Training counts
tokens without padding, after the first step. Absolute times belong to the machine and to what else it does; `ratio` is
what to compare on a machine that does nothing else (`load_before` says what it did), `cpu_ratio`, of the processor
seconds of both, on a busy one.
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


def loop(settings: Settings, asked: list[tuple[ChatMessage, ...]]) -> tuple[list[str], float, float]:
    import torch

    from ftdecide.local.model import load_model

    network, tokenizer = load_model(base_model(settings))
    texts = [
        tokenizer.apply_chat_template(
            [one.model_dump() for one in messages], add_generation_prompt=True, tokenize=False
        )
        for messages in asked
    ]
    started, used = time.perf_counter(), time.process_time()
    answers: list[str] = []
    with torch.inference_mode():
        for text in texts:
            given = tokenizer(text, return_tensors="pt", add_special_tokens=False)
            made = network.generate(**given, max_new_tokens=NEW_TOKENS, do_sample=False)
            answers.append(tokenizer.decode(made[0, given["input_ids"].shape[1] :], skip_special_tokens=True))
    return answers, time.perf_counter() - started, time.process_time() - used


def batched(settings: Settings, asked: list[tuple[ChatMessage, ...]]) -> tuple[list[str], float, float]:
    from ftdecide.local.batching import Request
    from ftdecide.local.engine import Engine

    engine = Engine(base_model(settings), load_defaults().generation)
    started, used = time.perf_counter(), time.process_time()
    waiting = [engine.submit(Request(messages, NEW_TOKENS)) for messages in asked]
    answers = [one.result().text for one in waiting]
    return answers, time.perf_counter() - started, time.process_time() - used


def make_job(settings: Settings, rows: int) -> Path:
    """A job on the first rows of the sample, as the server would queue it."""
    folder = settings.home / "local" / "jobs"
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
    content = b"\n".join((SAMPLE / "train.jsonl").read_bytes().splitlines()[:rows])
    (folder / job.id / "rows.jsonl").write_bytes(content)
    return folder / job.id


def run(arguments: list[str]) -> bytes:
    """Run a training process with what the engine gives to its own, and return what it printed."""
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment).stdout


def train(settings: Settings, rows: int) -> tuple[float, str]:
    """Tokens a second of the engine's training after its first step, and the losses of the first and last step."""
    folder = make_job(settings, rows)
    run(["-m", "ftdecide.local.training", str(folder)])
    assert Outcome.model_validate_json((folder / "outcome.json").read_bytes()).succeeded
    steps = [event.data for event in list_events(folder) if event.data]
    first, last = steps[0], steps[-1]
    tokens = int(str(last["tokens"])) - int(str(first["tokens"]))
    seconds = float(str(last["seconds"])) - float(str(first["seconds"]))
    return tokens / seconds, f"{first['train_loss']} -> {last['train_loss']}"


def train_plain(folder: Path) -> None:
    """Train the same rows by TRL's own trainer with the same adapter, batch and rate, and print tokens a second."""
    os.nice(5)  # as the engine's training does
    share_processor()
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import TrainerCallback, set_seed
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from ftdecide.local.model import load_model

    job = Job.model_validate_json((folder / "job.json").read_bytes())
    defaults = load_defaults().training
    torch.set_num_threads(defaults.threads)
    stay_offline(job.base)
    network, tokenizer = load_model(job.base)
    set_seed(job.seed)
    marks: list[tuple[float, int]] = []

    class Clock(TrainerCallback):
        def on_step_end(self, args, state, control, **_more):  # noqa: ARG002 - names are the trainer's
            marks.append((time.perf_counter(), state.num_input_tokens_seen))

    examples = [[one.model_dump() for one in row.messages] for row in read_rows((folder / "rows.jsonl").read_bytes())]
    trainer = SFTTrainer(
        model=network,
        args=SFTConfig(
            output_dir=str(folder / "plain"),
            num_train_epochs=1,
            per_device_train_batch_size=job.hyperparameters.batch_size,
            learning_rate=defaults.learning_rate,
            gradient_checkpointing=False,
            use_cpu=True,
            bf16=False,
            logging_steps=1,
            include_num_input_tokens_seen="non_padding",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list([{"prompt": one[:-1], "completion": one[-1:]} for one in examples]),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=defaults.lora_r, lora_alpha=defaults.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
        callbacks=[Clock()],
    )
    trainer.train()
    (began, before), (ended, after) = marks[0], marks[-1]
    print(f"\n{(after - before) / (ended - began)}")


def show(figures: dict[str, object], *, as_json: bool) -> None:
    print(json.dumps(figures) if as_json else "  ".join(f"{key}={value}" for key, value in figures.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=96)
    parser.add_argument("--train-rows", type=int, default=48)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plain-training", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.plain_training:
        train_plain(chosen.plain_training)
        return
    share_processor()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings({"FTDECIDE_HOME": home})
        stay_offline(base_model(settings))
        for name, shots, least in (("zero-shot", 0, 6), ("few-shot", 8, 5)):
            asked = conversations(chosen.rows, shots)
            reference, slow, slow_cpu = loop(settings, asked)
            answers, fast, fast_cpu = batched(settings, asked)
            figures: dict[str, object] = {
                "arm": name,
                "rows": len(asked),
                "loop_rows_per_second": round(len(asked) / slow, 2),
                "engine_rows_per_second": round(len(asked) / fast, 2),
                "ratio": round(slow / fast, 2),
                "cpu_ratio": round(slow_cpu / fast_cpu, 2),
                "at_least": least,
                "identical": sum(one == other for one, other in zip(answers, reference, strict=True)) / len(asked),
            }
            show(figures, as_json=chosen.json)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        ours, losses = train(settings, chosen.train_rows)
        plain_folder = make_job(settings, chosen.train_rows)
        plain = float(run([__file__, "--plain-training", str(plain_folder)]).split()[-1])
        figures = {
            "arm": "training",
            "plain_trl_tokens_per_second": round(plain),
            "engine_tokens_per_second": round(ours),
            "ratio": round(ours / plain, 2),
            "at_least": 0.95,
            "loss": losses,
            "peak_gb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6, 1),
        }
        show(figures, as_json=chosen.json)
        show(
            {"engine_peak_gb_with_two_models": round(peak, 1), "load_before": load_before, "cores": os.cpu_count()},
            as_json=chosen.json,
        )


if __name__ == "__main__":
    main()
