"""When the signs speak up, and why there: `data/audit_thresholds.yml` as models."""

from datetime import date
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Judged(_Fact):
    why: str


class NearDuplicateRule(_Judged):
    """When two examples are nearly the same, and how many are compared."""

    similarity: float
    examples_compared: int
    examples_sampled: int
    template_share: float
    template_examples: int
    minimum_evidence: int


class LabelBalanceRule(_Judged):
    """When a label is rare."""

    examples_per_label: int


class LanguageRule(_Judged):
    """How much text is looked at for its language, and when a second language is named."""

    characters: int
    minimum_hits: int
    minimum_lead: int
    minimum_examples: int
    minimum_share: float
    named: int


class SystemPromptRule(_Judged):
    """How many system messages are told apart, and when one is the usual one."""

    maximum_distinct: int
    usual_share: float


class LengthRule(_Judged):
    """How far from the others an odd length is."""

    minimum_examples: int
    deviations: float
    ratio: float


class EndingRule(_Judged):
    """When the end of an answer counts as cut."""

    sentence_characters: int
    minimum_examples: int
    usual_share: float
    closing_line_characters: int


class JsonAnswerRule(_Judged):
    """When an answer should have been JSON."""

    minimum_examples: int
    usual_share: float


class HeadRule(_Judged):
    """How many characters of a text are looked at."""

    characters: int


class Thresholds(_Fact):
    """Everything in `data/audit_thresholds.yml`."""

    schema_version: Literal[1]
    source: str
    as_of: date
    near_duplicates: NearDuplicateRule
    label_balance: LabelBalanceRule
    languages: LanguageRule
    system_prompts: SystemPromptRule
    lengths: LengthRule
    answer_endings: EndingRule
    json_answers: JsonAnswerRule
    refusals: HeadRule
    leaked_instructions: HeadRule


@cache
def thresholds() -> Thresholds:
    """When signs speak up."""
    return validate(Thresholds, read_document(DATA / "audit_thresholds.yml"), "audit_thresholds.yml")
