"""How much examples and passages may add to a prompt: the same number of tokens for every arm."""

from collections.abc import Iterable, Sequence

from ftdecide.dataset.tokens import encoder, encoding_for
from ftdecide.experiment.arm_plan import ArmPlan, examples_wanted, model_of, uses_retrieval
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Row

# Chat formats mark the role of each message and the begin of the answer with about this many tokens.
TOKENS_AROUND_A_MESSAGE = 4
_MESSAGES_OF_AN_EXAMPLE = 2


def fit_examples(experiment: Experiment, arm: ArmPlan, ordered: Sequence[Row]) -> tuple[Row, ...]:
    """Return the first rows of `ordered` that the arm asks for and its budget allows.

    An arm that also gets passages may fill half of the budget with examples, and passages the rest.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    budget = experiment.prompt_budget_tokens
    room = budget // 2 if uses_retrieval(arm) else budget
    wanted = ordered[: examples_wanted(arm)]
    return tuple(wanted[: _fitting((_example_tokens(experiment, arm, row) for row in wanted), room)])


def fit_passages(experiment: Experiment, arm: ArmPlan, row: Row, examples: Sequence[Row]) -> tuple[str, ...]:
    """Return the best passages of a row, as many as the plan asks for and the budget allows beside the examples.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    if not uses_retrieval(arm) or experiment.retrieval is None:
        return ()
    taken = sum(_example_tokens(experiment, arm, each) for each in examples)
    # The word that sets the question off from its passages takes as much as the marks of a message.
    room = experiment.prompt_budget_tokens - taken - TOKENS_AROUND_A_MESSAGE
    wanted = row.passages[: experiment.retrieval.passages]
    return wanted[: _fitting((_tokens(experiment, arm, passage) for passage in wanted), room)]


def _fitting(sizes: Iterable[int], room: int) -> int:
    count = 0
    for size in sizes:
        room -= size
        if room < 0:
            break
        count += 1
    return count


def _example_tokens(experiment: Experiment, arm: ArmPlan, row: Row) -> int:
    around = TOKENS_AROUND_A_MESSAGE * _MESSAGES_OF_AN_EXAMPLE
    return _tokens(experiment, arm, row.prompt) + _tokens(experiment, arm, row.reference) + around


def _tokens(experiment: Experiment, arm: ArmPlan, text: str) -> int:
    """Count with one token more than the text has, for the line break or number beside a passage."""
    return encoder(encoding_for(model_of(arm, experiment.provider.model)).encoding).count(text) + 1
