"""What a decision consists of; every page, report and script shows these same objects."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """What to do next, in the words of the product."""

    FINE_TUNE = "fine_tune"
    FINE_TUNE_PLUS_RAG = "fine_tune_plus_rag"
    RAG = "rag"
    PROMPT_ENGINEERING = "prompt_engineering"
    CHANGE_BASE_MODEL = "change_base_model"
    CLASSICAL_MODEL = "classical_model"
    PILOT_FIRST = "pilot_first"
    NOT_NOW = "not_now"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quantiles(_Part):
    """An uncertain amount: 10th, 50th and 90th percentile."""

    p10: float
    p50: float
    p90: float


class Reason(_Part):
    """Why the verdict leans one way: `weight` is the change in log-odds of `verdict`, negative against it."""

    code: str
    text: str
    source: str
    verdict: Verdict
    weight: float
    origin: Literal["measured", "quoted", "assumed", "answered"]


class Gate(_Part):
    """A condition that must hold before fine-tuning makes sense at all; `fields` are the answers it looked at."""

    name: str
    title: str
    status: Literal["pass", "warn", "block", "unknown"]
    text: str
    fields: tuple[str, ...]
    source: str


class Flip(_Part):
    """One answer that, changed alone, changes the verdict."""

    field: str
    from_: object
    to: object
    verdict: Verdict


class Option(_Part):
    """One way to serve the use case, with what it is likely to reach and to cost over the horizon.

    `net_value_usd` is the value of all correct answers less the cost; null means that too little is known, and `basis`
    says what the figures rest on or what they lack.
    """

    option: Verdict
    p_meets_target: float | None
    net_value_usd: Quantiles | None
    cost_usd: Quantiles | None
    basis: str = ""


class EvidenceValue(_Part):
    """What more test rows are worth before anything is paid for tuning, in USD.

    `p_pays` is the probability that fine-tuning pays, `expected_usd` its expected net benefit until the horizon;
    `evpi_usd` is what knowing the true gain and all costs would be worth at most, `evsi_usd` what `rows` further rows
    are, and `rows_cost_usd` their price (None: not known). `rows` is None where testing should stop.
    """

    p_pays: float
    expected_usd: float
    evpi_usd: float
    rows: int | None
    evsi_usd: float
    rows_cost_usd: float | None


class Decision(_Part):
    """The answer to "should we fine-tune?" on the day `as_of`.

    `evidence_value` and `pays_from_usd`, the worth of one more correct answer from which fine-tuning pays on average,
    are null where too little is known.
    """

    as_of: date
    verdict: Verdict
    confidence: float
    probabilities: dict[Verdict, float]
    reasons: tuple[Reason, ...]
    gates: tuple[Gate, ...]
    risks: tuple[str, ...]
    missing: tuple[str, ...]
    flips: tuple[Flip, ...]
    next_step: str
    options: tuple[Option, ...]
    evidence_value: EvidenceValue | None
    pays_from_usd: float | None
