"""What is seen of an arm beside its score: guardrails, what it forgot, and its answers by label."""

from typing import Literal

from ftdecide.experiment.part import Interval, Part

GuardrailKind = Literal["refusal", "format_break", "empty", "invented", "withheld"]


class Guardrail(Part):
    """How many of the `n` items that give occasion to it made an arm do what it should not, and their share.

    `invented`: said something where the reference says that nothing is known; `withheld`: the other way round. `items`
    are the first of them. `share` and `interval` are null where no item gives occasion.
    """

    kind: GuardrailKind
    count: int
    n: int
    share: float | None
    interval: Interval | None
    items: tuple[str, ...] = ()


class Forgetting(Part):
    """How many of `n` general questions the base model and the tuned one answer right; `lost` are the questions.

    `difference` is the tuned model's share less the base model's, with Tango's interval.
    """

    base: str
    tuned: str
    n: int
    base_right: int
    tuned_right: int
    lost: tuple[str, ...]
    difference: float
    interval: Interval
    text: str


class ClassResult(Part):
    """One label: how often it is right and answered, and how well both go together; shares of nothing are 0."""

    label: str
    support: int
    answered: int
    precision: float
    recall: float
    f1: float


class LabelReport(Part):
    """An arm's answers by label: `confusion` has a row for every class and a column for every name in `columns`.

    The last column, "(other)", holds answers that could not be read, are no known label, or failed.
    """

    n: int
    accuracy: float
    macro_f1: float
    classes: tuple[ClassResult, ...]
    columns: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
