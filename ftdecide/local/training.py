"""Training one job in a process of its own: `python -m ftdecide.local.training <job folder>`."""

# datasets, peft, transformers and trl have no complete types; our own documents leave this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import math
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ftdecide.errors import FtdecideError, InputError
from ftdecide.local.defaults import TrainingDefaults, load_defaults
from ftdecide.local.disk import load_document, write_document
from ftdecide.local.jobs import Job, JobError, Outcome, say
from ftdecide.local.model import load_model, stay_offline
from ftdecide.local.processes import mark_self, share_processor
from ftdecide.local.progress import newest_checkpoint, report_progress
from ftdecide.local.rows import ChatRow, read_rows

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from trl.trainer.sft_config import SFTConfig


def train(job_folder: Path) -> Outcome:
    """Train the job in `job_folder`, from its newest whole checkpoint if there is one, and leave the adapter there.

    Raises:
        InputError: a row is too long.
        UnavailableError: the base model cannot be loaded.
    """
    from ftdecide.local.answer_loss import AnswerTrainer

    job = load_document(job_folder / "job.json", Job)
    if job is None:
        raise InputError(f"{str(job_folder)!r} holds no job; give the folder of one")
    share_processor()
    stay_offline(job.base)
    defaults = load_defaults().training
    _prepare_torch(defaults)
    network, tokenizer = load_model(job.base)
    rows = read_rows((job_folder / "rows.jsonl").read_bytes())
    dataset, lengths = _tokenize(rows, tokenizer, defaults)
    total_tokens = sum(lengths) * job.hyperparameters.n_epochs
    arguments = _arguments(job_folder, job, lengths, defaults)
    tuned = _lora(network, job.seed, defaults)
    trainer = AnswerTrainer(model=tuned, args=arguments, train_dataset=dataset, processing_class=tokenizer)
    checkpoint = newest_checkpoint(job_folder / "checkpoints")
    trainer.add_callback(report_progress(job_folder, checkpoint, defaults.checkpoint_seconds))
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    _keep_adapter(job_folder, tuned)
    return Outcome(succeeded=True, trained_tokens=total_tokens)


def _prepare_torch(defaults: TrainingDefaults) -> None:
    import torch

    torch.set_num_threads(defaults.threads)
    # Answers to people come before training when both want the processor.
    if hasattr(os, "nice"):
        os.nice(5)


def _tokenize(
    rows: tuple[ChatRow, ...], tokenizer: "PreTrainedTokenizerBase", defaults: TrainingDefaults
) -> "tuple[Dataset, list[int]]":
    """Turn rows into prompt and completion, and count the tokens of each."""
    from datasets import Dataset

    examples: list[dict[str, object]] = []
    lengths: list[int] = []
    for line, row in enumerate(rows, start=1):
        messages = [message.model_dump() for message in row.messages]
        length = len(tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False))
        if length > defaults.max_row_tokens:
            raise InputError(
                f"row {line}: {length} tokens, and at most {defaults.max_row_tokens} can be trained on; shorten it"
            )
        lengths.append(length)
        examples.append({"prompt": messages[:-1], "completion": messages[-1:]})
    return Dataset.from_list(examples), lengths


def _arguments(job_folder: Path, job: Job, lengths: list[int], defaults: TrainingDefaults) -> "SFTConfig":
    from trl.trainer.sft_config import SFTConfig

    chosen = job.hyperparameters
    steps = math.ceil(len(lengths) / chosen.batch_size) * chosen.n_epochs
    at_once = rows_at_once(chosen.batch_size, max(lengths), defaults.tokens_at_once)
    return SFTConfig(
        output_dir=str(job_folder / "checkpoints"),
        num_train_epochs=chosen.n_epochs,
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=chosen.batch_size // at_once,
        learning_rate=defaults.learning_rate * chosen.learning_rate_multiplier,
        lr_scheduler_type="linear",
        warmup_steps=round(steps * defaults.warmup_share),
        weight_decay=defaults.weight_decay,
        seed=job.seed,
        max_length=None,
        completion_only_loss=True,
        # Rows of like length share a batch, so that little is computed for padding.
        train_sampling_strategy="group_by_length",
        gradient_checkpointing=False,
        use_cpu=True,
        bf16=False,
        logging_steps=1,
        include_num_input_tokens_seen="non_padding",
        save_strategy="no",  # the progress callback asks for checkpoints by the clock
        save_total_limit=2,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def rows_at_once(batch_size: int, longest_tokens: int, most_tokens: int) -> int:
    """Return how many rows of a batch are computed together to bound memory; the number divides the batch size."""
    sizes = [rows for rows in range(1, batch_size + 1) if batch_size % rows == 0]
    return max((rows for rows in sizes if rows * longest_tokens <= most_tokens), default=1)


def _lora(network: "PreTrainedModel", seed: int, defaults: TrainingDefaults) -> "PeftModel":
    from peft import LoraConfig, PeftModelForCausalLM
    from transformers import set_seed

    set_seed(seed)  # the adapter begins with random numbers

    config = LoraConfig(
        r=defaults.lora_r,
        lora_alpha=defaults.lora_alpha,
        lora_dropout=defaults.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return PeftModelForCausalLM(network, config)


def _keep_adapter(job_folder: Path, tuned: "PeftModel") -> None:
    half_done = job_folder / ".adapter"
    shutil.rmtree(half_done, ignore_errors=True)
    tuned.save_pretrained(str(half_done))
    shutil.rmtree(job_folder / "adapter", ignore_errors=True)
    half_done.rename(job_folder / "adapter")


def main(job_folder: Path) -> int:
    """Train, and write how it ended; a process that leaves no outcome was ended from outside."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(job_folder / "training.lock").acquire(timeout=0):
            mark_self(job_folder / "process.json")
            say(job_folder, "training", "Training process started")
            try:
                outcome = train(job_folder)
            except InputError as error:
                wrong = JobError(code="invalid_training_file", message=str(error), param="training_file")
                outcome = Outcome(succeeded=False, error=wrong)
            except FtdecideError as error:
                outcome = Outcome(succeeded=False, error=JobError(code="unavailable", message=str(error)))
            write_document(job_folder / "outcome.json", outcome)
            shutil.rmtree(job_folder / "checkpoints", ignore_errors=True)
            return 0 if outcome.succeeded else 1
    except Timeout:
        return 0  # another process trains this very job already


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
