"""The base of everything that a provider gives back."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the results."""

    model_config = ConfigDict(frozen=True)
