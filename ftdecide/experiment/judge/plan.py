"""What a plan says about a model that judges pairs of answers."""

from typing import Annotated

from pydantic import Field

from ftdecide.experiment.data_plan import ProviderPlan
from ftdecide.experiment.types import Part


class JudgePlan(Part):
    """A model that says which of two answers to the same row is better, by a criterion in the team's own words.

    It must not be of the family of a model that it judges. `family` says which one it is of where its name does not
    tell, such as that of a deployment; `arm_family` says the same of the models of the arms. `labels` is how many pairs
    people are to judge blindly, so that what the model likes can be corrected for; about 60 by default.
    """

    provider: ProviderPlan
    criterion: Annotated[str, Field(min_length=1, max_length=4000)]
    family: Annotated[str, Field(min_length=1)] | None = None
    arm_family: Annotated[str, Field(min_length=1)] | None = None
    labels: Annotated[int, Field(ge=1, le=1000)] | None = None
