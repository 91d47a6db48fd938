"""What a learning curve shows: scores after training on more and more rows, and whether still more would help."""

from typing import Literal

from ftdecide.experiment.part import Interval, Part


class CurvePoint(Part):
    """The score after training on so many rows."""

    arm: str
    rows: int
    score: float
    interval: Interval


class CurveResult(Part):
    """Whether more training rows would help: `gain` is what twice the largest number would add, with its interval."""

    points: tuple[CurvePoint, ...]
    gain: float
    interval: Interval
    prospect: Literal["helps", "hardly_helps", "unclear"]
    text: str
