"""How many calls and tokens a plan takes, arm by arm, counted before anything is spent."""

from collections.abc import Sequence
from typing import Literal

from ftdecide.dataset.tokens import Encoder, encoder, encoding_for
from ftdecide.experiment.arm_plan import ArmPlan, FineTuned
from ftdecide.experiment.messages import examples_for, instructions_for
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import ArmKind, Part, Row, Rows

# Chat formats mark the role of each message and the begin of the answer with about this many tokens.
TOKENS_AROUND_A_MESSAGE = 4


class ArmWork(Part):
    """The calls of one arm; `shared_tokens`, the common beginning of its prompts, is in `prompt_tokens` for every call.

    `completion_tokens` takes answers to be as long as the references, `most_completion_tokens` as long as allowed.
    """

    arm: str
    kind: ArmKind
    role: Literal["answer"] = "answer"
    calls: int
    prompt_tokens: int
    shared_tokens: int
    completion_tokens: int
    most_completion_tokens: int
    training_tokens: int = 0


class Workload(Part):
    """The work of all arms that ask a model; `exact` is false where the model cuts text in a way not known here."""

    arms: tuple[ArmWork, ...]
    encoding: str
    exact: bool


def count_work(experiment: Experiment, rows: Rows, auto_epochs: int) -> Workload:
    """Return calls and tokens of each arm; `auto_epochs` stands for epochs that are left to the provider.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    encoding = encoding_for(experiment.provider.model)
    counter = encoder(encoding.encoding)
    asking = [arm for arm in experiment.arms if arm.kind != "classical"]
    arms = tuple(_arm_work(experiment, arm, rows, counter, auto_epochs) for arm in asking)
    return Workload(arms=arms, encoding=encoding.encoding, exact=encoding.exact)


def _arm_work(experiment: Experiment, arm: ArmPlan, rows: Rows, counter: Encoder, auto_epochs: int) -> ArmWork:
    instructions, calls = instructions_for(experiment, arm), len(rows.test)
    examples = _turns_tokens(counter, examples_for(experiment, arm, rows.train))
    shared = examples + (_message_tokens(counter, [instructions]) if instructions.strip() else 0)
    own = _message_tokens(counter, [row.prompt for row in rows.test])
    if not instructions.strip():
        own += _message_tokens(counter, [row.system for row in rows.test if row.system])
    references = sum(counter.count_all([row.reference for row in rows.test]))
    most = experiment.max_output_tokens * calls
    return ArmWork(
        arm=arm.name,
        kind=arm.kind,
        calls=calls,
        prompt_tokens=shared * calls + own + TOKENS_AROUND_A_MESSAGE * calls,
        shared_tokens=shared,
        completion_tokens=min(references + calls, most),
        most_completion_tokens=most,
        training_tokens=_training_tokens(instructions, arm, rows, counter, auto_epochs)
        if arm.kind == "fine_tuned"
        else 0,
    )


def _training_tokens(instructions: str, arm: FineTuned, rows: Rows, counter: Encoder, auto_epochs: int) -> int:
    systems = [instructions or row.system for row in rows.train]
    once = _turns_tokens(counter, rows.train) + _message_tokens(counter, [text for text in systems if text.strip()])
    return once * (auto_epochs if arm.epochs == "auto" else arm.epochs)


def _turns_tokens(counter: Encoder, rows: Sequence[Row]) -> int:
    return _message_tokens(counter, [text for row in rows for text in (row.prompt, row.reference)])


def _message_tokens(counter: Encoder, texts: Sequence[str]) -> int:
    return sum(counter.count_all(texts)) + TOKENS_AROUND_A_MESSAGE * len(texts)
