"""How a plan says that answers are judged."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from ftdecide.experiment.patterns import group_count
from ftdecide.experiment.schemas import refuse_schema
from ftdecide.experiment.types import Part

GraderKind = Literal["label", "fields", "contains", "exact", "regex", "number", "json_schema", "text"]
Measure = Literal["share", "f1", "chrf", "rouge_l"]
Tolerance = Annotated[Decimal, Field(ge=0, max_digits=30)]

MEASURES: Mapping[str, tuple[Measure, ...]] = {"fields": ("share", "f1"), "text": ("chrf", "rouge_l")}
"""What a kind can measure, the default first; other kinds say right or wrong alone."""

OWNERS: Mapping[str, tuple[GraderKind, ...]] = {
    "field": ("label", "number"),
    "fields": ("fields",),
    "labels": ("label",),
    "separator": ("contains",),
    "pattern": ("regex",),
    "tolerance": ("number",),
    "relative_tolerance": ("number",),
    "decimal_mark": ("number",),
    "json_schema": ("json_schema",),
    "measure": ("fields", "text"),
    "pass_score": ("fields", "text"),
}
"""The kinds that read each key of a plan; elsewhere it would have no effect."""


class GraderPlan(Part):
    """How an answer is judged.

    `label`: the answer is one of `labels`, plain or under `field` of a JSON object. `fields`: a JSON object, compared
    field by field, or only in those named. `contains`: one of the reference's alternatives, split at `separator`,
    occurs in the answer. `exact`: the same text after normalising. `regex`: `pattern` (RE2 syntax) is found in the
    answer, and what its groups catch is what they catch in the reference. `number`: the only number in the answer, or
    that under `field` of a JSON object, is no further from the reference's than `tolerance`, or than the share
    `relative_tolerance` of it. `json_schema`: JSON that keeps to the schema, whatever its values. `text`: how alike
    two texts are.

    `measure` says what `score` is: of `fields` the `share` of fields that are right or their `f1`, of `text` `chrf` or
    `rouge_l`. From `pass_score` on an answer passes, by default from 1. `metric` is what is averaged and compared:
    `passed` (right or wrong), or `score` (the default of `fields` and `text`). `decimal_mark` settles how "1,234" and
    "1.234" are read; by default a comma there groups digits and a point does not.
    """

    kind: GraderKind
    field: str | None = None
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    separator: Annotated[str, Field(pattern=r"^[^\w\s]+$")] = "|"
    pattern: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    tolerance: Tolerance = Decimal(0)
    relative_tolerance: Tolerance = Decimal(0)
    decimal_mark: Literal[".", ","] | None = None
    json_schema: dict[str, JsonValue] | None = None
    measure: Measure | None = None
    pass_score: Annotated[float, Field(gt=0, le=1)] | None = None
    metric: Literal["passed", "score"] | None = None

    @model_validator(mode="after")
    def _keys_fit_the_kind(self) -> Self:
        for key, kinds in OWNERS.items():
            if self.kind not in kinds and getattr(self, key) != type(self).model_fields[key].default:
                raise ValueError(f"{key} has no effect on {self.kind}; remove it, it is for {' and '.join(kinds)}")
        for key in ("pattern", "json_schema"):
            if self.kind in OWNERS[key] and getattr(self, key) is None:
                raise ValueError(f"the {self.kind} grader needs {key}; add it")
        if self.measure is not None and self.measure not in MEASURES[self.kind]:
            raise ValueError(f"{self.kind} measures {' or '.join(MEASURES[self.kind])}, not {self.measure}")
        if self.kind == "text" and self.metric == "passed" and self.pass_score is None:
            raise ValueError("texts are never quite right or wrong; say from which pass_score on one passes")
        if self.pattern is not None:
            group_count(self.pattern)
        if self.json_schema is not None:
            refuse_schema(self.json_schema)
        return self


def measure_of(grader: GraderPlan) -> Measure | None:
    """Return what the score of an answer is, or None for kinds that say right or wrong alone."""
    return grader.measure or next(iter(MEASURES.get(grader.kind, ())), None)


def passes_at(grader: GraderPlan) -> float:
    """Return the least score with which an answer passes."""
    return 1.0 if grader.pass_score is None else grader.pass_score
