"""What a request for a tuning job may hold."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ftdecide.local.jobs import MethodName


class WireHyperparameters(BaseModel):
    """What a client may choose about training; "auto" takes the engine's default."""

    model_config = ConfigDict(extra="forbid")

    n_epochs: Literal["auto"] | PositiveInt = "auto"
    batch_size: Literal["auto"] | PositiveInt = "auto"
    learning_rate_multiplier: Literal["auto"] | PositiveFloat = "auto"


class DpoHyperparameters(WireHyperparameters):
    """What a client may choose about training on preferences; a higher beta stays closer to the base model."""

    beta: Literal["auto"] | PositiveFloat = "auto"


class Supervised(BaseModel):
    """Options of supervised tuning."""

    model_config = ConfigDict(extra="forbid")

    hyperparameters: WireHyperparameters = WireHyperparameters()


class Dpo(BaseModel):
    """Options of direct preference optimisation."""

    model_config = ConfigDict(extra="forbid")

    hyperparameters: DpoHyperparameters = DpoHyperparameters()


class Method(BaseModel):
    """The methods this engine knows."""

    model_config = ConfigDict(extra="forbid")

    type: MethodName
    supervised: Supervised = Supervised()
    dpo: Dpo = Dpo()

    @property
    def hyperparameters(self) -> WireHyperparameters:
        """What was chosen for the method."""
        return self.dpo.hyperparameters if self.type == "dpo" else self.supervised.hyperparameters


class JobRequest(BaseModel):
    """The part of a tuning request that this engine can honour."""

    model_config = ConfigDict(extra="forbid")

    model: str
    training_file: str
    hyperparameters: WireHyperparameters | None = None
    method: Method | None = None
    suffix: str | None = Field(default=None, max_length=64, pattern=r"^[A-Za-z0-9._-]*$")
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    metadata: dict[str, str] | None = None
