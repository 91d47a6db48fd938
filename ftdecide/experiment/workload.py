"""How many calls and tokens a plan takes, arm by arm, counted before anything is spent."""

import math
from collections.abc import Sequence
from typing import Literal

from ftdecide.dataset.tokens import Encoder, encoder, encoding_for
from ftdecide.experiment.arm_plan import ArmPlan, FineTuned, model_of, uses_retrieval
from ftdecide.experiment.general.pairs import general_arms
from ftdecide.experiment.general.questions import general_questions, general_rows
from ftdecide.experiment.messages import ChatMessage, examples_for, instructions_for, messages_for, training_chats
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.prompt_budget import TOKENS_AROUND_A_MESSAGE
from ftdecide.experiment.retrieval import TEXTS_PER_REQUEST
from ftdecide.experiment.types import ArmKind, Part, Rows


class ArmWork(Part):
    """The calls of one arm; `shared_tokens`, the common beginning of its prompts, is in `prompt_tokens` for every call.

    `completion_tokens` takes answers to be as long as the references, `most_completion_tokens` as long as allowed.
    `added_tokens` is the most that `examples` and passages together add to one prompt; the prompt budget bounds it.
    """

    arm: str
    kind: ArmKind
    role: Literal["answer"] = "answer"
    model: str = ""
    calls: int
    prompt_tokens: int
    shared_tokens: int
    completion_tokens: int
    most_completion_tokens: int
    training_tokens: int = 0
    examples: int = 0
    added_tokens: int = 0


class OtherWork(Part):
    """Calls besides the answers of arms: embeddings of documents and questions, a judge's, or general questions.

    `tuned` says that the model is asked after tuning.
    """

    role: Literal["embed", "judge", "general"]
    model: str
    tuned: bool = False
    calls: int
    prompt_tokens: int
    completion_tokens: int = 0


class Workload(Part):
    """The work of all arms that ask a model; `exact` is false where a model cuts text in a way not known here."""

    arms: tuple[ArmWork, ...]
    encoding: str
    exact: bool
    other: tuple[OtherWork, ...] = ()


def count_work(experiment: Experiment, rows: Rows, auto_epochs: int) -> Workload:
    """Return calls and tokens of each arm; `auto_epochs` stands for epochs that are left to the provider.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    asking = [arm for arm in experiment.arms if arm.kind != "classical"]
    base = experiment.provider.model
    encodings = [encoding_for(base), *(encoding_for(model_of(arm, base)) for arm in asking)]
    return Workload(
        arms=tuple(_arm_work(experiment, arm, rows, auto_epochs) for arm in asking),
        encoding=encodings[0].encoding,
        exact=all(each.exact for each in encodings),
        other=(*embedding_work(experiment, rows), *general_work(experiment)),
    )


def _arm_work(experiment: Experiment, arm: ArmPlan, rows: Rows, auto_epochs: int) -> ArmWork:
    model = model_of(arm, experiment.provider.model)
    counter, calls = encoder(encoding_for(model).encoding), len(rows.test) * experiment.repeats
    examples = examples_for(experiment, arm, rows.train)
    chats = [messages_for(experiment, arm, row, examples) for row in rows.test]
    own = [_chat_tokens(counter, chat[-1:]) + _unread_tokens(experiment, arm, rows, counter) for chat in chats]
    bare = [_chat_tokens(counter, [{"role": "user", "content": row.prompt}]) for row in rows.test]
    lead = chats[0][:-1]
    system, turns = lead[: len(lead) - 2 * len(examples)], lead[len(lead) - 2 * len(examples) :]
    shared = _chat_tokens(counter, turns)
    if instructions_for(experiment, arm).strip():
        shared += _chat_tokens(counter, system)
        systems = 0
    else:
        systems = _chat_tokens(counter, [{"role": "system", "content": row.system} for row in rows.test if row.system])
    references = sum(counter.count_all([row.reference for row in rows.test])) * experiment.repeats
    most = experiment.max_output_tokens * calls
    return ArmWork(
        arm=arm.name,
        kind=arm.kind,
        model=model,
        calls=calls,
        prompt_tokens=(shared + TOKENS_AROUND_A_MESSAGE) * calls + (sum(own) + systems) * experiment.repeats,
        shared_tokens=shared,
        completion_tokens=min(references + calls, most),
        most_completion_tokens=most,
        training_tokens=_training_tokens(experiment, arm, rows, auto_epochs) if arm.kind == "fine_tuned" else 0,
        examples=len(examples),
        added_tokens=_chat_tokens(counter, turns) + max(a - b for a, b in zip(own, bare, strict=True)),
    )


def _training_tokens(experiment: Experiment, arm: FineTuned, rows: Rows, auto_epochs: int) -> int:
    counter = encoder(encoding_for(experiment.provider.model).encoding)
    chats = training_chats(experiment, arm, rows.train)
    once = sum(_chat_tokens(counter, chat) for chat in chats)
    once += _unread_tokens(experiment, arm, rows, counter) * len(chats)
    return once * (auto_epochs if arm.epochs == "auto" else arm.epochs)


def _unread_tokens(experiment: Experiment, arm: ArmPlan, rows: Rows, counter: Encoder) -> int:
    """Return what passages will add to a prompt that has none yet: as many of average length as asked for and fit."""
    plan = experiment.retrieval
    if plan is None or not uses_retrieval(arm) or not rows.unread:
        return 0
    average = sum(counter.count_all(rows.unread)) / len(rows.unread)
    return min(math.ceil(average * plan.passages), experiment.prompt_budget_tokens)


def embedding_work(experiment: Experiment, rows: Rows) -> tuple[OtherWork, ...]:
    """Return the embeddings of documents and questions that a run starts with, if any."""
    model = experiment.retrieval.embedding_model if experiment.retrieval else None
    if model is None or not rows.unread:
        return ()
    texts = [*rows.unread, *(row.prompt for row in (*rows.test, *rows.train))]
    tokens = sum(encoder(encoding_for(model).encoding).count_all(texts))
    return (
        OtherWork(role="embed", model=model, calls=math.ceil(len(texts) / TEXTS_PER_REQUEST), prompt_tokens=tokens),
    )


def general_work(experiment: Experiment) -> tuple[OtherWork, ...]:
    """Return the general questions asked of the base model and of each tuned one, answered as long as allowed."""
    counter, rows = encoder(encoding_for(experiment.provider.model).encoding), general_rows()
    texts = [text for row in rows for text in (row.system, row.prompt)]
    tokens = sum(counter.count_all(texts)) + TOKENS_AROUND_A_MESSAGE * (len(texts) + len(rows))
    return tuple(
        OtherWork(
            role="general",
            model=experiment.provider.model,
            tuned=arm.kind == "fine_tuned",
            calls=len(rows),
            prompt_tokens=tokens,
            completion_tokens=general_questions().max_output_tokens * len(rows),
        )
        for arm in general_arms(experiment)
    )


def _chat_tokens(counter: Encoder, chat: Sequence[ChatMessage]) -> int:
    return sum(counter.count_all([each["content"] for each in chat])) + TOKENS_AROUND_A_MESSAGE * len(chat)
