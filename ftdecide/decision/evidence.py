"""The published evidence as rules: `data/evidence/*.yml`, checked strictly and read once."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ftdecide.decision.types import Verdict
from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

Plain = str | bool | int | float | None
Target = Literal["tune", "evidence"] | Verdict
Group = Literal["tune", "alternatives", "evidence"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Between(_Part):
    """A known number from `min` up to, but not including, `below`."""

    min: float
    below: float


def _tagged(value: object) -> object:
    return cast("object", value) if isinstance(value, list | dict) else [value]


Allowed = Annotated[Between | tuple[Plain, ...], BeforeValidator(_tagged)]
Condition = dict[str, Allowed]


class Curve(_Part):
    """Weights that follow a feature: points of (feature, weight), straight lines between them."""

    feature: str
    tune: tuple[tuple[float, float], ...] = ()
    evidence: tuple[tuple[float, float], ...] = ()


class Rule(_Part):
    """One piece of evidence: when it applies, what it adds in log-odds, and where it comes from."""

    code: str
    when: Condition
    unless: Condition = {}
    gives: dict[Target, float] = {}
    curve: Curve | None = None
    forecast: bool = False
    text: str
    source: str
    origin: Literal["measured", "quoted", "assumed", "answered"] = "quoted"


class Case(_Part):
    """One line of a gate, a list of risks or of next steps; the first that applies is taken for gates and steps."""

    when: Condition = {}
    unless: Condition = {}
    text: str
    status: Literal["pass", "warn", "block", "unknown"] = "unknown"
    source: str = ""


class GateRule(_Part):
    """A gate: the answers it looks at and its cases in order.

    `blocks` lists the verdicts that a block forbids, `instead` the verdict that then gains.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    source: str
    blocks: tuple[Verdict, ...] = (Verdict.FINE_TUNE, Verdict.FINE_TUNE_PLUS_RAG)
    instead: Verdict | None = None
    cases: tuple[Case, ...]


class Figure(_Part):
    """An assumed or quoted number and where it comes from."""

    value: float
    source: str


class Gain(_Part):
    """How many points published tunes gained over the best prompt: quartiles, as shares."""

    p25: float
    p50: float
    p75: float
    source: str


class Assumptions(_Part):
    """Numbers that stand in where an assessment says nothing."""

    published_gain: Gain
    gain_ends_at_prompt_score: Figure
    test_examples_when_not_stated: Figure
    discordant_share_when_not_counted: Figure
    horizon_months_when_not_stated: Figure
    examples_for_a_first_tune: Figure
    smallest_test: Figure
    most_certain_without_a_test: Figure


class Base(_Part):
    """Where the scores start: groups against the alternatives (0), verdicts within their group."""

    groups: dict[Literal["tune", "evidence"], float]
    verdicts: dict[Verdict, float]


class Effects(_Part):
    """The contents of `effects.yml`."""

    as_of: str
    families: dict[str, tuple[str, ...]]
    assumptions: Assumptions
    base: Base
    rules: tuple[Rule, ...]


class Steps(_Part):
    """The contents of `gates.yml`: gates, risks and next steps."""

    as_of: str
    gates: tuple[GateRule, ...]
    risks: tuple[Case, ...]
    next_steps: tuple[Case, ...]


class Together(_Part):
    """Fields that say something only together, and plausible joint answers."""

    fields: tuple[str, ...]
    values: tuple[tuple[Plain, ...], ...]


class Answers(_Part):
    """The contents of `answers.yml`: plausible answers by field path, to see what an answer could change."""

    as_of: str
    plausible: dict[str, tuple[Plain, ...]] = Field(min_length=1)
    together: tuple[Together, ...] = ()


@cache
def load_effects(path: Path = DATA / "evidence" / "effects.yml") -> Effects:
    """Read the weighted reasons.

    Raises:
        InputError: the file does not keep the schema; the message names file and key.
    """
    return validate(Effects, read_document(path), str(path))


@cache
def load_steps(path: Path = DATA / "evidence" / "gates.yml") -> Steps:
    """Read gates, risks and next steps; raises like `load_effects`."""
    return validate(Steps, read_document(path), str(path))


@cache
def load_answers(path: Path = DATA / "evidence" / "answers.yml") -> Answers:
    """Read the plausible answers; raises like `load_effects`."""
    return validate(Answers, read_document(path), str(path))
