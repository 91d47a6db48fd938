"""The plan of a comparison: the document that `compare` reads and the page builds."""

import json
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from ftdecide.documents import validate
from ftdecide.experiment.arm_plan import ArmPlan, train_share, uses_retrieval
from ftdecide.experiment.data_plan import Budget, DataPlan, ProviderPlan, RetrievalPlan
from ftdecide.experiment.grader_plan import MEASURES, GraderPlan
from ftdecide.experiment.judge.plan import JudgePlan
from ftdecide.experiment.plan_defaults import complete_plan
from ftdecide.experiment.types import Part

MOST_ARMS = 12


class Experiment(Part):
    """A comparison as declared before it runs: data, arms, baseline, contrasts, grader and limits.

    `baseline` defaults to the few-shot arm, else the zero-shot arm, else the first. `contrasts` names the arms set
    against it, by default all others. `margin` is the difference that would not matter in practice; 0.05 is about the
    median gain of published fine-tunes over the best prompt, so anything smaller is no reason to tune.
    A plan that uses a shipped sample need not say more: title, instructions, arms and grader are the sample's.

    `prompt_budget_tokens` is what examples and passages together may add to a prompt, the same in every arm.
    `repeats` asks every item that often and averages. `looks` is how often results are looked at: 1 means at the end
    alone. `learning_curve` tunes the first fine-tuned arm on a quarter and on half of the training rows too.
    `pilot_rows` are answered first, to measure what the estimate rests on. `judge` compares pairs of answers where no
    rule can say which is better. `general_questions` asks the base model and the tuned ones a small fixed set beside
    the test set, to see whether tuning made them forget.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["schema_version", "data"],
            "if": {"properties": {"data": {"required": ["train", "test"]}}},
            "then": {"required": ["title", "arms", "grader"]},
        }
    )

    schema_version: Literal[1]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    data: DataPlan
    instructions: str = ""
    short_instructions: str | None = None
    provider: ProviderPlan = ProviderPlan()
    arms: Annotated[tuple[ArmPlan, ...], Field(json_schema_extra={"minItems": 1, "maxItems": MOST_ARMS})]
    baseline: str | None = None
    contrasts: tuple[str, ...] | None = None
    grader: GraderPlan
    margin: Annotated[float, Field(gt=0, lt=1)] = 0.05
    seed: Annotated[int, Field(ge=0)] = 20261122
    max_output_tokens: Annotated[int, Field(ge=1, le=100_000)] = 64
    budget: Budget = Budget()
    retrieval: RetrievalPlan | None = None
    prompt_budget_tokens: Annotated[int, Field(ge=0, le=1_000_000)] = 4000
    repeats: Annotated[int, Field(ge=1, le=20)] = 1
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = None
    looks: Annotated[int, Field(ge=1, le=5)] = 1
    learning_curve: bool = False
    pilot_rows: Annotated[int, Field(ge=0, le=100)] = 0
    judge: JudgePlan | None = None
    general_questions: bool = False

    @model_validator(mode="before")
    @classmethod
    def _say_the_rest(cls, plan: object) -> object:
        return complete_plan(plan)

    @model_validator(mode="after")
    def _base_is_there(self) -> Self:
        if self.general_questions and not {"zero_shot", "few_shot"} & {arm.kind for arm in self.arms}:
            raise ValueError("general_questions are also asked of the base model; add a zero_shot or few_shot arm")
        return self

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [arm.name for arm in self.arms]
        if not 1 <= len(names) <= MOST_ARMS:
            raise ValueError(f"a comparison has 1 to {MOST_ARMS} arms, not {len(names)}; add or remove some")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two arms are called {name!r}; give each arm its own name")
        for name in (*(self.contrasts or ()), *((self.baseline,) if self.baseline else ())):
            if name not in names:
                raise ValueError(f"there is no arm {name!r}; choose one of {', '.join(names)}")
        if baseline_name(self) in (self.contrasts or ()):
            raise ValueError(
                f"the baseline {baseline_name(self)!r} cannot be set against itself; remove it from contrasts"
            )
        if self.retrieval is None and any(uses_retrieval(arm) for arm in self.arms):
            raise ValueError("an arm with retrieval needs documents; name them under retrieval")
        if self.learning_curve and all(arm.kind != "fine_tuned" for arm in self.arms):
            raise ValueError("a learning curve needs a fine_tuned arm; add one or leave learning_curve out")
        if self.grader.kind != "label" and any(arm.kind == "classical" for arm in self.arms):
            raise ValueError("a classical arm needs answers that are labels; remove it or use the label grader")
        return self


def read_experiment(data: object, name: str = "experiment") -> Experiment:
    """Make a plan of a parsed document.

    Raises:
        InputError: an unknown key, a wrong type or an impossible value, with its dotted path.
    """
    return validate(Experiment, data, name)


def baseline_name(experiment: Experiment) -> str:
    """Return the arm against which the others are set: the declared one, else the best-known prompt arm."""
    if experiment.baseline:
        return experiment.baseline
    for kind in ("few_shot", "zero_shot"):
        for arm in experiment.arms:
            if arm.kind == kind:
                return arm.name
    return experiment.arms[0].name


def contrast_names(experiment: Experiment) -> tuple[str, ...]:
    """Return the arms that are set against the baseline, as declared, else all others that learn from all rows."""
    if experiment.contrasts is not None:
        return experiment.contrasts
    others = [arm for arm in experiment.arms if arm.name != baseline_name(experiment)]
    return tuple(arm.name for arm in others if train_share(arm) == 1)


def metric_of(grader: GraderPlan) -> Literal["passed", "score"]:
    """Return what is averaged and compared: the score where an answer can be partly right, else right or wrong."""
    return grader.metric or ("score" if grader.kind in MEASURES else "passed")


def arm_named(experiment: Experiment, name: str) -> ArmPlan:
    """Return the arm called `name`, which must be in the plan."""
    return next(arm for arm in experiment.arms if arm.name == name)


def sample_experiment(name: str, *, train_rows: int | None = None, test_rows: int | None = None) -> Experiment:
    """Return a ready plan for a shipped sample, with a classical arm where the answers are labels.

    Raises:
        NotFoundError: no such sample.
    """
    caps = {"train_rows": train_rows, "test_rows": test_rows}
    return Experiment.model_validate({"schema_version": 1, "data": {"sample": name, **caps}})


def write_schema() -> str:
    """Return the JSON schema of the plan as it is shipped in `data/schemas/experiment.schema.json`."""
    return json.dumps(Experiment.model_json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
