"""The assessment: the answers to the lesson's four blocks, as fixed by `data/schemas/assessment.schema.json`."""

import sys
from datetime import date
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from ftdecide.documents import validate

Task = Literal[
    "classification",
    "extraction",
    "structured_output",
    "generation",
    "rewriting",
    "summarization",
    "translation",
    "question_answering",
    "conversation",
    "code",
    "query_generation",
    "tool_use",
    "reasoning",
    "agent",
    "other",
]
Goal = Literal["quality", "format", "style", "knowledge", "cost", "latency", "privacy", "tool_use", "safety"]


def _only_numbers(value: object) -> object:
    """Refuse what pydantic would turn into a number on the quiet (true, false, texts), and what no float can hold."""
    if isinstance(value, bool | str):
        raise ValueError(f"should be a number, not {'a text' if isinstance(value, str) else 'true or false'}")  # noqa: TRY004 - pydantic reports ValueErrors only
    if isinstance(value, int) and value > sys.float_info.max:
        raise ValueError("is too large to be meant")
    return value


def _only_days(value: object) -> object:
    """Refuse what pydantic would read as seconds since 1970."""
    if not isinstance(value, str | date | None) or (isinstance(value, str) and len(value) != len("2026-11-22")):
        raise ValueError("should be a day such as 2026-11-22")
    return value


Number = Annotated[float, BeforeValidator(_only_numbers), Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, BeforeValidator(_only_numbers), Field(ge=0)]
Share = Annotated[float, BeforeValidator(_only_numbers), Field(ge=0, le=1)]
Flag = Annotated[bool, Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Part):
    """A 90 % interval: the true value lies below `low` in 5 % and above `high` in 5 % of cases."""

    low: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}; swap them")
        return self


def _amount_kind(value: object) -> str:
    return "~range" if isinstance(value, dict | Range) else "~number"


Amount = Annotated[Annotated[Number, Tag("~number")] | Annotated[Range, Tag("~range")], Discriminator(_amount_kind)]
"""A number, or a range; units are in the name of the field."""


class Knowledge(_Part):
    """Where the facts in the answers come from and how fast they change."""

    source: Literal["general", "domain", "private"] | None = None
    changes: Literal["never", "yearly", "monthly", "weekly", "daily"] | None = None
    citations_required: Flag | None = None


class UseCase(_Part):
    """What the model should do better than it does today."""

    description: str | None = None
    task: Task | None = None
    goals: tuple[Goal, ...] = ()
    domain: str | None = None
    label_scheme: Literal["public", "in_house", "none"] | None = None
    output_format: Literal["free_text", "short_label", "strict_schema"] | None = None
    needs_frontier_reasoning: Flag | None = None
    knowledge: Knowledge = Knowledge()
    metric: str | None = None
    target_score: Share | None = None

    @model_validator(mode="after")
    def _each_goal_once(self) -> Self:
        if len(set(self.goals)) < len(self.goals):
            raise ValueError("a goal is named twice; name each once")
        return self


class Traffic(_Part):
    """How often and with how many tokens the model is called, and what a success is worth."""

    requests_per_month: Amount | None = None
    prompt_tokens: Amount | None = None
    input_tokens: Amount | None = None
    output_tokens: Amount | None = None
    horizon_months: Annotated[Count, Field(ge=1, le=60)] | None = None
    value_per_success_usd: Amount | None = None


class Attempt(_Part):
    """How hard one alternative was tried and how well it did."""

    effort: Literal["none", "basic", "systematic"] | None = None
    score: Share | None = None
    model: str | None = None
    examples_in_prompt: Count | None = None


class Alternatives(_Part):
    """What was tried before fine-tuning, measured on one test set."""

    prompt_engineering: Attempt = Attempt()
    few_shot: Attempt = Attempt()
    rag: Attempt = Attempt()
    change_base_model: Attempt = Attempt()
    classical_model: Attempt = Attempt()
    evaluation_examples: Count | None = None
    evaluation_trust: Literal["none", "spot_checks", "automatic", "human_validated"] | None = None


class Costs(_Part):
    """Whether the model may be tuned, until when it lives, and what data, people and money there are."""

    provider: str | None = None
    base_model: str | None = None
    tunable: Literal["yes", "no", "existing_customers_only", "unknown"] | None = None
    base_model_retires_in_months: Number | None = None
    training_examples: Count | None = None
    training_data_quality: Literal["low", "mixed", "high"] | None = None
    can_collect_more: Flag | None = None
    cost_per_label_usd: Amount | None = None
    data_rights: Literal["cleared", "unclear", "blocked"] | None = None
    team_experience: Literal["none", "some", "expert"] | None = None
    engineer_hours: Amount | None = None
    hourly_rate_usd: Amount | None = None
    budget_usd: Number | None = None
    retraining_per_year: Number | None = None


class Benefits(_Part):
    """What a fine-tuned model was measured to gain, and what else it would bring."""

    fine_tuned_score: Share | None = None
    paired_wins: Count | None = None
    paired_losses: Count | None = None
    paired_ties: Count | None = None
    prompt_tokens_removed_share: Share | None = None
    smaller_model_planned: Flag | None = None
    domains: Annotated[Count, Field(ge=1)] | None = None


class Assessment(_Part):
    """Everything known about one use case; a missing or null field means "not known"."""

    schema_version: Annotated[Literal[1], BeforeValidator(_only_numbers)]
    title: str | None = None
    as_of: Annotated[date | None, BeforeValidator(_only_days)] = None
    use_case: UseCase = UseCase()
    traffic: Traffic = Traffic()
    alternatives: Alternatives = Alternatives()
    costs: Costs = Costs()
    benefits: Benefits = Benefits()


def read_assessment(data: object, name: str = "assessment") -> Assessment:
    """Make an assessment of a parsed document.

    Raises:
        InputError: an unknown key, a wrong type or an impossible value, with its dotted path.
    """
    return validate(Assessment, data, name)


def dump_assessment(assessment: Assessment) -> dict[str, Any]:
    """Return the assessment as a JSON-ready document without what is not known; `read_assessment` reads it back."""
    return _known(assessment)


def _known(part: BaseModel) -> dict[str, Any]:
    """Leave out what is not known and empty parts, so that an untouched block and a missing one are the same."""
    known: dict[str, Any] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, BaseModel):
            value = _known(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(cast("tuple[str, ...]", value))
        if value not in (None, {}, []):
            known[name] = value
    return known
