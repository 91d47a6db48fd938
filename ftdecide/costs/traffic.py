"""How much a model is asked for in a month, and how much it would be trained on."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.assessment.types import Amount, Assessment, Range
from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

_LARGEST = 2**53 - 1
Count = Annotated[int, Field(ge=0)]
FIELDS = {
    "requests_per_month": "traffic.requests_per_month",
    "prompt_tokens": "traffic.prompt_tokens",
    "input_tokens": "traffic.input_tokens",
    "output_tokens": "traffic.output_tokens",
    "training_examples": "costs.training_examples",
}
"""The numbers that an assessment answers, and by which of its fields."""


class Traffic(BaseModel):
    """One month of one use case: every request sends the fixed `prompt_tokens` and its own `input_tokens`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_month: Count
    prompt_tokens: Count
    input_tokens: Count
    output_tokens: Count
    training_examples: Count
    epochs: Annotated[int, Field(ge=1)]

    @property
    def training_tokens(self) -> int:
        """Tokens of one training run: each example holds what a request sends and what comes back, once an epoch."""
        return self.training_examples * (self.prompt_tokens + self.input_tokens + self.output_tokens) * self.epochs


def example_traffic() -> Traffic:
    """Read the assumed numbers that stand in where nobody has given better ones.

    Raises:
        InputError: `data/cost_example.yml` is not as it should be.
    """
    path = DATA / "cost_example.yml"
    return validate(Traffic, read_document(path), str(path))


def answered(assessment: Assessment) -> dict[str, int]:
    """Return the numbers that the assessment answers, of a range its middle; none above what a browser can count."""
    given = {
        "requests_per_month": assessment.traffic.requests_per_month,
        "prompt_tokens": assessment.traffic.prompt_tokens,
        "input_tokens": assessment.traffic.input_tokens,
        "output_tokens": assessment.traffic.output_tokens,
        "training_examples": assessment.costs.training_examples,
    }
    return {name: _middle(amount) for name, amount in given.items() if amount is not None}


def _middle(amount: Amount) -> int:
    middle = amount.low / 2 + amount.high / 2 if isinstance(amount, Range) else amount
    return round(min(middle, _LARGEST))
