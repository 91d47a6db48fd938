"""Making TRL's trainer for a job: supervised on conversations, or DPO on preferences."""

# datasets, peft, transformers and trl have no complete types; our own documents leave this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ftdecide.errors import InputError
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.jobs import Hyperparameters, Job
from ftdecide.local.preferences import read_preferences
from ftdecide.local.rows import ChatMessage, read_rows

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainingArguments


Arguments = TypeVar("Arguments", bound="TrainingArguments")
Example = dict[str, list[dict[str, str]]]


def make_trainer(
    job_folder: Path,
    job: Job,
    network: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    defaults: TrainingDefaults,
) -> "tuple[Trainer, int]":
    """Return the trainer of a job and how many tokens it will train on.

    Raises:
        InputError: a row is too long.
    """
    from transformers import set_seed

    content = (job_folder / "rows.jsonl").read_bytes()
    set_seed(job.seed)  # the adapter begins with random numbers
    make = _preference_trainer if job.method == "dpo" else _supervised_trainer
    return make(job_folder, job, content, (network, tokenizer), defaults)


def _supervised_trainer(
    job_folder: Path,
    job: Job,
    content: bytes,
    parts: "tuple[PreTrainedModel, PreTrainedTokenizerBase]",
    defaults: TrainingDefaults,
) -> "tuple[Trainer, int]":
    from datasets import Dataset
    from peft import PeftModelForCausalLM
    from trl.trainer.sft_config import SFTConfig

    from ftdecide.local.answer_loss import AnswerTrainer

    network, tokenizer = parts
    rows = read_rows(content)
    lengths = [_count(tokenizer, row.messages, number, defaults) for number, row in enumerate(rows, start=1)]
    arguments = _arguments(SFTConfig, job_folder, job.hyperparameters, lengths, defaults)
    arguments.seed = job.seed
    arguments.learning_rate = defaults.learning_rate * job.hyperparameters.learning_rate_multiplier
    arguments.max_length = None
    arguments.completion_only_loss = True
    # Rows of like length share a batch, so that little is computed for padding.
    arguments.train_sampling_strategy = "group_by_length"
    examples: list[Example] = [
        {"prompt": _plain(row.messages[:-1]), "completion": _plain(row.messages[-1:])} for row in rows
    ]
    trainer = AnswerTrainer(
        model=PeftModelForCausalLM(network, _lora(defaults)),
        args=arguments,
        train_dataset=Dataset.from_list(examples),
        processing_class=tokenizer,
    )
    return trainer, sum(lengths) * job.hyperparameters.n_epochs


def _preference_trainer(
    job_folder: Path,
    job: Job,
    content: bytes,
    parts: "tuple[PreTrainedModel, PreTrainedTokenizerBase]",
    defaults: TrainingDefaults,
) -> "tuple[Trainer, int]":
    from datasets import Dataset
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    network, tokenizer = parts
    rows = read_preferences(content)
    pairs = [
        sum(
            _count(tokenizer, (*row.input.messages, *answer), number, defaults)
            for answer in (row.preferred_output, row.non_preferred_output)
        )
        for number, row in enumerate(rows, start=1)
    ]
    arguments = _arguments(DPOConfig, job_folder, job.hyperparameters, pairs, defaults)
    arguments.seed = job.seed
    arguments.learning_rate = defaults.dpo_learning_rate * job.hyperparameters.learning_rate_multiplier
    arguments.max_length = None
    arguments.beta = job.hyperparameters.beta or defaults.dpo_beta
    examples: list[Example] = [
        {
            "prompt": _plain(row.input.messages),
            "chosen": _plain(row.preferred_output),
            "rejected": _plain(row.non_preferred_output),
        }
        for row in rows
    ]
    # Given the plain network and the adapter's form, the trainer compares with the base model, the adapter off.
    trainer = DPOTrainer(
        model=network,
        args=arguments,
        train_dataset=Dataset.from_list(examples),
        processing_class=tokenizer,
        peft_config=_lora(defaults),
    )
    return trainer, sum(pairs) * job.hyperparameters.n_epochs


def _plain(messages: Sequence[ChatMessage]) -> list[dict[str, str]]:
    return [message.model_dump() for message in messages]


def _count(
    tokenizer: "PreTrainedTokenizerBase", messages: Sequence[ChatMessage], row: int, defaults: TrainingDefaults
) -> int:
    length = len(tokenizer.apply_chat_template(_plain(messages), tokenize=True, return_dict=False))
    if length > defaults.max_row_tokens:
        raise InputError(
            f"row {row}: {length} tokens, and at most {defaults.max_row_tokens} can be trained on; shorten it"
        )
    return length


def _arguments(
    kind: "type[Arguments]", job_folder: Path, chosen: Hyperparameters, lengths: list[int], defaults: TrainingDefaults
) -> "Arguments":
    """Return what both methods have in common; `lengths` holds the tokens of each row."""
    steps = math.ceil(len(lengths) / chosen.batch_size) * chosen.n_epochs
    at_once = rows_at_once(chosen.batch_size, max(lengths), defaults.tokens_at_once)
    return kind(
        output_dir=str(job_folder / "checkpoints"),
        num_train_epochs=chosen.n_epochs,
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=chosen.batch_size // at_once,
        lr_scheduler_type="linear",
        warmup_steps=round(steps * defaults.warmup_share),
        weight_decay=defaults.weight_decay,
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


def _lora(defaults: TrainingDefaults) -> "LoraConfig":
    from peft import LoraConfig

    return LoraConfig(
        r=defaults.lora_r,
        lora_alpha=defaults.lora_alpha,
        lora_dropout=defaults.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
