"""What a decision record holds: plain words and figures, without clock or chance."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.decision.types import Option
from ftdecide.report.comparison import Comparison

RECORD_VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """Where something was read; `url` is null for what is no address, `text` empty for the answers themselves."""

    text: str
    url: str | None


class Point(_Part):
    """A reason: its sentence, where it comes from, and how strongly it speaks for (+) or against (-) the verdict."""

    code: str
    text: str
    weight: float
    origin: str
    source: Source


class Check(_Part):
    """A gate with its status in a word."""

    title: str
    status: str
    state: str
    text: str
    source: Source


class Change(_Part):
    """An answer that would change the verdict, in words."""

    field: str
    question: str
    now: str
    then: str
    verdict: str


class Chance(_Part):
    """A verdict's name and probability."""

    name: str
    probability: float


class Asked(_Part):
    """A field and the question that asks for it."""

    field: str
    question: str


class Given(_Part):
    """An answered question."""

    question: str
    answer: str


class Chapter(_Part):
    """One block's answers."""

    title: str
    answers: tuple[Given, ...]


class Cited(_Part):
    """The run that a record cites, by the SHA-256 of its whole result and of the part that the record shows."""

    run_id: str
    sha256: str
    shown_sha256: str


class Record(_Part):
    """What is exported: all that is needed to work the decision out again, and what came of it.

    `assessment`, `as_of`, `comparison` and `run` are the input, whose SHA-256 is `fingerprint`; `data` has the SHA-256
    of every data file that decides, by its name below `data/`; `seeds` those of random draws, of which a decision has
    none so far. `decision` is what `decide --json` prints, and everything else is that in words: `pays` says whether
    fine-tuning pays and testing on is worth its price. `checksum` is the SHA-256 of all other fields.
    """

    record_version: Literal[1]
    title: str
    as_of: date
    verdict: str
    verdict_name: str
    verdict_meaning: str
    confidence: float
    chances: tuple[Chance, ...]
    reasons: tuple[Point, ...]
    gates: tuple[Check, ...]
    missing: tuple[Asked, ...]
    flips: tuple[Change, ...]
    risks: tuple[str, ...]
    next_step: str
    options: tuple[Option, ...]
    option_names: tuple[str, ...]
    pays: tuple[str, ...]
    comparison: Comparison | None
    chapters: tuple[Chapter, ...]
    method: tuple[str, ...]
    version: str
    data: dict[str, str]
    seeds: dict[str, int]
    assessment: dict[str, object]
    decision: dict[str, object]
    run: Cited | None
    fingerprint: str
    checksum: str
