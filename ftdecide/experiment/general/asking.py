"""Asking the base model and the tuned ones the general questions, beside the test set."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from ftdecide.experiment.answering import ask_all, terms_of
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.general.questions import ASKED, general_questions, general_rows
from ftdecide.experiment.messages import configuration_hash
from ftdecide.experiment.outcome import Question
from ftdecide.experiment.types import Row
from ftdecide.experiment.work import Work
from ftdecide.providers.base import Message
from ftdecide.store.answers import answered_items
from ftdecide.store.calls import charge_lost_calls


def ask_general(work: Work, arm: ArmPlan) -> None:
    """Get the missing answers of an arm's model to the general questions; they are kept apart from those of the arm.

    Raises:
        StopError, ProviderError, UnavailableError: as `answer_arm`.
    """
    charge_lost_calls(work.store, work.run.id)
    missing = missing_general(work, arm)
    if not missing:
        return
    facts, configuration = general_questions(), _configuration(work, arm)
    terms = replace(
        terms_of(work, arm, configuration),
        arm=f"{ASKED}{arm.name}",
        max_tokens=facts.max_output_tokens,
        chat_of=_chat_of,
    )
    asyncio.run(ask_all(work, terms, arm, missing))


def missing_general(work: Work, arm: ArmPlan) -> list[Question]:
    """Return the general questions that an arm's model has still to be asked."""
    name, configuration = f"{ASKED}{arm.name}", _configuration(work, arm)
    have = answered_items(work.store, work.run.id, name, configuration, work.run.started_at)
    return [Question(row, 0) for row in general_rows() if (row.item, 0) not in have]


def _chat_of(row: Row) -> Sequence[Message]:
    return [{"role": "system", "content": row.system}, {"role": "user", "content": row.prompt}]


def _configuration(work: Work, arm: ArmPlan) -> str:
    shape = [configuration_hash(work.experiment, arm, work.rows), general_questions().model_dump(mode="json")]
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()
