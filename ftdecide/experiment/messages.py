"""What each arm is told: chats, the examples in a prompt, the lines of a fine-tune, and the hash of all that."""

import hashlib
import json
import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import TypedDict

from ftdecide.experiment.arm_plan import ArmPlan, examples_wanted, train_share, uses_retrieval
from ftdecide.experiment.identity import hash_rows, normalise, seeded_order
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.prompt_budget import fit_examples, fit_passages
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
    """Return the examples in the prompt of an arm that has any; taken from training rows alone.

    With the label grader they are balanced: one row of every answer in turn until there are enough, answers and rows
    in an order settled by the plan's seed. Otherwise the rows with the lowest seeded hash. The prompt budget may allow
    fewer than the arm asks for.
    """
    if not examples_wanted(arm):
        return ()
    ordered = _in_seeded_order(experiment, train)
    if experiment.grader.kind != "label":
        return fit_examples(experiment, arm, ordered)
    groups: dict[str, list[Row]] = {}
    for row in ordered:
        groups.setdefault(normalise(row.reference), []).append(row)
    turns = zip_longest(*groups.values())
    return fit_examples(experiment, arm, [row for turn in turns for row in turn if row is not None])


def rows_to_learn(experiment: Experiment, arm: ArmPlan, train: Sequence[Row]) -> tuple[Row, ...]:
    """Return the training rows of an arm in the order of their file: all, or the share that it may learn from.

    They are those with the lowest seeded hash, so a larger share contains the smaller one's rows.
    """
    count = math.ceil(train_share(arm) * len(train))
    return tuple(sorted(_in_seeded_order(experiment, train)[:count], key=lambda row: row.line))


def messages_for(experiment: Experiment, arm: ArmPlan, row: Row, examples: Sequence[Row] = ()) -> list[ChatMessage]:
    """Return the chat that asks `arm` for the answer to `row`.

    `examples` come as earlier turns between the instructions and the question, so all rows of an arm share one prefix;
    they come without passages, which stand before the question alone. Without instructions in the plan the row's own
    system text is used.
    """
    system = instructions_for(experiment, arm) or row.system
    chat = _system(system)
    for example in examples:
        chat += _turns(example.prompt, example.reference)
    return [*chat, {"role": "user", "content": _question(experiment, arm, row, examples)}]


def training_lines(experiment: Experiment, arm: ArmPlan, train: Sequence[Row]) -> list[str]:
    """Return the JSONL lines, without line ends, on which `arm` is tuned."""
    return [json.dumps({"messages": chat}, ensure_ascii=False) for chat in training_chats(experiment, arm, train)]


def training_chats(experiment: Experiment, arm: ArmPlan, train: Sequence[Row]) -> list[list[ChatMessage]]:
    """Return the chats on which `arm` is tuned: told exactly what it is asked with later, then the right answer."""
    return [
        [*messages_for(experiment, arm, row), {"role": "assistant", "content": row.reference}]
        for row in rows_to_learn(experiment, arm, train)
    ]


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
    if uses_retrieval(arm):
        passages = [[row.item, *fit_passages(experiment, arm, row, ())] for row in (*rows.train, *rows.test)]
        shape |= {"passages": passages, "prompt_budget_tokens": experiment.prompt_budget_tokens}
    return hashlib.sha256(json.dumps(shape, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _system(text: str) -> list[ChatMessage]:
    return [{"role": "system", "content": text}] if text.strip() else []


def _turns(question: str, answer: str) -> list[ChatMessage]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def _question(experiment: Experiment, arm: ArmPlan, row: Row, examples: Sequence[Row]) -> str:
    passages = fit_passages(experiment, arm, row, examples)
    return "\n\n".join((*passages, f"Question: {row.prompt}")) if passages else row.prompt


def _in_seeded_order(experiment: Experiment, rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (seeded_order(experiment.seed, row.prompt), row.line))
