"""One arm of a comparison as it is declared: what is asked, with which examples, passages or after which training."""

from typing import Annotated, Literal, cast

from pydantic import Field, model_validator

from ftdecide.experiment.types import Part

Auto = Literal["auto"]
ArmName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Share = Annotated[float, Field(gt=0, le=1)]


class _Asking(Part):
    """An arm that asks a model; with `retrieval` each question comes with passages of the plan's documents."""

    retrieval: bool = False

    @model_validator(mode="before")
    @classmethod
    def _name_says_retrieval(cls, arm: object) -> object:
        if isinstance(arm, dict):
            keys = cast("dict[str, object]", arm)
            if keys.get("retrieval") is True and "name" not in keys:
                return {**keys, "name": f"{keys.get('kind')}_retrieval"}
        return cast("object", arm)


class ZeroShot(_Asking):
    """The base model with the full instructions and no example."""

    kind: Literal["zero_shot"]
    name: ArmName = "zero_shot"


class FewShot(_Asking):
    """The base model with the full instructions and examples taken from the training rows only."""

    kind: Literal["few_shot"]
    name: ArmName = "few_shot"
    examples: Annotated[int, Field(ge=1, le=64)] = 8


class FineTuned(_Asking):
    """The base model tuned on the training rows, asked with the short instructions where there are any.

    With `train_share` below 1 it learns from that share of the rows alone, chosen by the plan's seed so that a larger
    share contains the smaller one's rows. With `retrieval` it learns from questions with their passages.
    """

    kind: Literal["fine_tuned"]
    name: ArmName = "fine_tuned"
    epochs: Annotated[int, Field(ge=1, le=50)] | Auto = 2
    learning_rate_multiplier: Annotated[float, Field(gt=0, le=100)] | Auto = "auto"
    batch_size: Annotated[int, Field(ge=1, le=256)] | Auto = "auto"
    train_share: Share = 1.0


class StrongerBase(_Asking):
    """Another, stronger model of the same provider, untuned, with the full instructions and examples if asked for."""

    kind: Literal["stronger_base"]
    name: ArmName = "stronger_base"
    model: Annotated[str, Field(min_length=1)]
    examples: Annotated[int, Field(ge=0, le=64)] = 0


class Classical(Part):
    """Word statistics with logistic regression, trained on the training rows: no language model at all."""

    kind: Literal["classical"]
    name: ArmName = "classical"


ArmPlan = Annotated[ZeroShot | FewShot | FineTuned | Classical | StrongerBase, Field(discriminator="kind")]


def uses_retrieval(arm: ArmPlan) -> bool:
    """Return whether an arm is given passages."""
    return arm.kind != "classical" and arm.retrieval


def examples_wanted(arm: ArmPlan) -> int:
    """Return how many examples an arm's prompt is to have."""
    return arm.examples if arm.kind == "few_shot" or arm.kind == "stronger_base" else 0  # noqa: PLR1714 - types narrow


def train_share(arm: ArmPlan) -> float:
    """Return the share of the training rows that an arm may learn from."""
    return arm.train_share if arm.kind == "fine_tuned" else 1.0


def model_of(arm: ArmPlan, base: str) -> str:
    """Return the model that an arm starts from; `base` is the plan's."""
    return arm.model if arm.kind == "stronger_base" else base
