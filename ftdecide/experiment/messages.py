"""What each arm is told: chats, the examples in a prompt, the lines of a fine-tune, and the hash of all that."""

import hashlib
import json
from collections.abc import Sequence
from itertools import zip_longest
from typing import TypedDict

from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.identity import hash_rows, normalise, seeded_order
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Row, Rows


class ChatMessage(TypedDict):
    """One message in the form that every OpenAI-compatible endpoint takes."""

    role: str
    content: str


def instructions_for(experiment: Experiment, arm: ArmPlan) -> str:
    """Return the system text of an arm: tuned arms get the short one where there is one."""
    if arm.kind == "fine_tuned" and experiment.short_instructions is not None:
        return experiment.short_instructions
    return experiment.instructions


def examples_for(experiment: Experiment, arm: ArmPlan, train: Sequence[Row]) -> tuple[Row, ...]:
    """Return the examples in the prompt of a few-shot arm, none for the others; taken from training rows alone.

    With the label grader they are balanced: one row of every answer in turn until there are enough, answers and rows
    in an order settled by the plan's seed. Otherwise the rows with the lowest seeded hash.
    """
    if arm.kind != "few_shot":
        return ()
    ordered = sorted(train, key=lambda row: (seeded_order(experiment.seed, row.prompt), row.line))
    if experiment.grader.kind != "label":
        return tuple(ordered[: arm.examples])
    groups: dict[str, list[Row]] = {}
    for row in ordered:
        groups.setdefault(normalise(row.reference), []).append(row)
    turns = zip_longest(*groups.values())
    balanced = [row for turn in turns for row in turn if row is not None]
    return tuple(balanced[: arm.examples])


def messages_for(experiment: Experiment, arm: ArmPlan, row: Row, examples: Sequence[Row] = ()) -> list[ChatMessage]:
    """Return the chat that asks `arm` for the answer to `row`.

    `examples` come as earlier turns between the instructions and the question, so all rows of an arm share one prefix.
    Without instructions in the plan the row's own system text is used.
    """
    system = instructions_for(experiment, arm) or row.system
    chat = _system(system)
    for example in examples:
        chat += _turns(example)
    return [*chat, {"role": "user", "content": row.prompt}]


def training_lines(experiment: Experiment, arm: ArmPlan, train: Sequence[Row]) -> list[str]:
    """Return the JSONL lines, without line ends, on which `arm` is tuned: told exactly what it is asked with later."""
    lines: list[str] = []
    for row in train:
        chat = [*_system(instructions_for(experiment, arm) or row.system), *_turns(row)]
        lines.append(json.dumps({"messages": chat}, ensure_ascii=False))
    return lines


def configuration_hash(experiment: Experiment, arm: ArmPlan, rows: Rows) -> str:
    """Return the SHA-256 of everything that shapes an arm's answers; equal hashes make stored answers reusable.

    Title, grader, margin and budget are left out: they change nothing that a model says.
    """
    learns = arm.kind != "zero_shot"
    shape = {
        "arm": arm.model_dump(mode="json"),
        "provider": experiment.provider.model_dump(mode="json") if arm.kind != "classical" else None,
        "instructions": instructions_for(experiment, arm) if arm.kind != "classical" else None,
        "examples": hash_rows(examples_for(experiment, arm, rows.train)),
        "train": rows.train_hash if learns else None,
        "seed": experiment.seed if learns else None,
        "max_output_tokens": experiment.max_output_tokens if arm.kind != "classical" else None,
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _system(text: str) -> list[ChatMessage]:
    return [{"role": "system", "content": text}] if text.strip() else []


def _turns(row: Row) -> list[ChatMessage]:
    return [{"role": "user", "content": row.prompt}, {"role": "assistant", "content": row.reference}]
