"""The plan of a comparison: the document that `compare` reads and the page builds."""

import json
import math
from decimal import Decimal
from typing import Annotated, Literal, Self, cast

from pydantic import ConfigDict, Field, model_validator

from ftdecide.dataset.read import read_examples
from ftdecide.dataset.samples import load_sample
from ftdecide.documents import validate
from ftdecide.experiment.arm_plan import ArmPlan, Classical, FewShot, FineTuned, ZeroShot
from ftdecide.experiment.types import Part

# Room for the longest right answer: JSON has two characters a token or more, and a code fence needs some tokens too.
SAFE_CHARACTERS_PER_TOKEN = 2
LEAST_OUTPUT_TOKENS = 24
MOST_ARMS = 12


class DataPlan(Part):
    """Where the rows come from: a shipped sample by name, or two files.

    `train_rows` and `test_rows` cap how many are used. Which ones is settled by the plan's seed and the rows' own text
    (lowest hash first), so the same plan always takes the same rows and a larger cap contains the smaller one's rows.
    """

    sample: str | None = None
    train: str | None = None
    test: str | None = None
    train_rows: Annotated[int, Field(ge=1)] | None = None
    test_rows: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        files = self.train is not None and self.test is not None
        partly = self.train is not None or self.test is not None
        if (self.sample is not None and partly) or (self.sample is None and not files):
            raise ValueError("should name either a sample, or both a train and a test file")
        return self


class ProviderPlan(Part):
    """Who answers and who trains: `local` needs neither account nor network."""

    id: Annotated[str, Field(min_length=1)] = "local"
    model: Annotated[str, Field(min_length=1)] = "smollm2-135m-instruct"
    base_url: str | None = None


class GraderPlan(Part):
    """How an answer is judged.

    `label`: the answer is one of `labels`, plain or under `field` of a JSON object. `fields`: a JSON object, compared
    field by field, or only in those named. `contains`: one of the reference's alternatives, split at `separator`,
    occurs in the answer. `exact`: the same text after normalising. `metric` is what is averaged and compared: `passed`
    (right or wrong), or `score` (the share that is right, the default of `fields`).
    """

    kind: Literal["label", "fields", "contains", "exact"]
    field: str | None = None
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    separator: Annotated[str, Field(pattern=r"^[^\w\s]+$")] = "|"
    metric: Literal["passed", "score"] | None = None


class Budget(Part):
    """What the run may spend at most; it stops before either limit is passed."""

    usd: Annotated[Decimal, Field(ge=0)] | None = None
    minutes: Annotated[float, Field(gt=0)] | None = None


class Experiment(Part):
    """A comparison as declared before it runs: data, arms, baseline, contrasts, grader and limits.

    `baseline` defaults to the few-shot arm, else the zero-shot arm, else the first. `contrasts` names the arms set
    against it, by default all others. `margin` is the difference that would not matter in practice; 0.05 is about the
    median gain of published fine-tunes over the best prompt, so anything smaller is no reason to tune.
    A plan that uses a shipped sample need not say more: title, instructions, arms and grader are the sample's.
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

    @model_validator(mode="before")
    @classmethod
    def _sample_fills_in(cls, plan: object) -> object:
        match plan:
            case {"data": {"sample": str(), "train": str()} | {"sample": str(), "test": str()}}:
                return plan  # refused below for naming both
            case {"data": {"sample": str(name)}}:
                return {**_plan_for_sample(name), **cast("dict[str, object]", plan)}
            case _:
                return plan

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
    """Return the arms that are set against the baseline, as declared, else all others."""
    if experiment.contrasts is not None:
        return experiment.contrasts
    return tuple(arm.name for arm in experiment.arms if arm.name != baseline_name(experiment))


def metric_of(grader: GraderPlan) -> Literal["passed", "score"]:
    """Return what is averaged and compared: the share of a record that is right for `fields`, else right or wrong."""
    return grader.metric or ("score" if grader.kind == "fields" else "passed")


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


def _plan_for_sample(name: str) -> dict[str, object]:
    """What a plan says, unless it says otherwise, when it uses the sample `name`."""
    sample = load_sample(name)
    tuned = FineTuned(kind="fine_tuned", epochs=sample.epochs)
    arms: tuple[ArmPlan, ...] = (ZeroShot(kind="zero_shot"), FewShot(kind="few_shot"), tuned)
    longest = max(len(example.answer) for example in read_examples(sample.train_path))
    return {
        "title": sample.title,
        "instructions": sample.instructions,
        "short_instructions": sample.short_instructions,
        "arms": (*arms, Classical(kind="classical")) if sample.grader.kind == "label" else arms,
        "grader": sample.grader.model_dump(),
        "max_output_tokens": max(LEAST_OUTPUT_TOKENS, math.ceil(longest / SAFE_CHARACTERS_PER_TOKEN)),
    }


def write_schema() -> str:
    """Return the JSON schema of the plan as it is shipped in `data/schemas/experiment.schema.json`."""
    return json.dumps(Experiment.model_json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
