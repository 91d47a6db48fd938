"""What everything in a comparison is made of."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of everything here: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(Part):
    """A two-sided interval with its nominal level."""

    low: float
    high: float
    level: float = 0.95
