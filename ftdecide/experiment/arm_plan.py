"""One arm of a comparison as it is declared: what is asked, with which examples or after which training."""

from typing import Annotated, Literal

from pydantic import Field

from ftdecide.experiment.types import Part

Auto = Literal["auto"]
ArmName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class ZeroShot(Part):
    """The base model with the full instructions and no example."""

    kind: Literal["zero_shot"]
    name: ArmName = "zero_shot"


class FewShot(Part):
    """The base model with the full instructions and examples taken from the training rows only."""

    kind: Literal["few_shot"]
    name: ArmName = "few_shot"
    examples: Annotated[int, Field(ge=1, le=64)] = 8


class FineTuned(Part):
    """The base model tuned on the training rows, asked with the short instructions where there are any."""

    kind: Literal["fine_tuned"]
    name: ArmName = "fine_tuned"
    epochs: Annotated[int, Field(ge=1, le=50)] | Auto = 2
    learning_rate_multiplier: Annotated[float, Field(gt=0, le=100)] | Auto = "auto"
    batch_size: Annotated[int, Field(ge=1, le=256)] | Auto = "auto"


class Classical(Part):
    """Word statistics with logistic regression, trained on the training rows: no language model at all."""

    kind: Literal["classical"]
    name: ArmName = "classical"


ArmPlan = Annotated[ZeroShot | FewShot | FineTuned | Classical, Field(discriminator="kind")]
