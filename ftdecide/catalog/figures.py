"""Figures of the catalogue: each carries where it was read, when, and how sure that reading is."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Confidence = Literal[
    "official",
    "official_text_via_mirror",
    "third_party_reading_of_official_page",
    "third_party_observation",
    "package_data",
    "general_knowledge",
]
WindowDate = Literal["new_customers_until", "existing_customers_until", "base_retires_on", "deployment_retires_on"]


def _year_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AsOf = Annotated[
    str,
    BeforeValidator(_year_as_text),
    Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?|undated)$"),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^(\d{4}(-\d{2}(-\d{2})?)?|undated)$"}),
]
"""The day, month or year of a reading ("2026-09-10", "2026-09", "2026"), or "undated" where the page names none."""


def earliest_day(as_of: str) -> date | None:
    """Return the first day that a reading dated `as_of` may mean, or None for "undated"."""
    if as_of == "undated":
        return None
    year, month, day = (*as_of.split("-"), "1", "1")[:3]
    return date(int(year), int(month), int(day))


def is_stale(as_of: str, today: date) -> bool:
    """Say whether a reading is older than 90 days on `today`; an undated one always is."""
    read_on = earliest_day(as_of)
    return read_on is None or (today - read_on).days > STALE_AFTER_DAYS


STALE_AFTER_DAYS = 90


class Part(BaseModel):
    """Base of everything in the catalogue: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """A page, package or repository that figures were read from."""

    url: str
    confidence: Confidence
    note: str | None = None


class Cited(Part):
    """Anything read somewhere. In the files `source` is a key of `sources`; after loading it is the address."""

    source: str
    as_of: AsOf
    confidence: Confidence | None = Field(default=None, description="Taken from the source unless given here.")
    note: str | None = None


class Fact(Cited):
    """One sentence worth knowing."""

    text: str


class Notice(Cited):
    """Something that happens on a day: a stage of a shut-down, a price change."""

    on: date | None
    text: str


class Windows(Cited):
    """Until when a model may be tuned and how long the result lives; null means that no date was found.

    All `…_until` dates are the last day on which it is possible, all `…_retires_on` dates the first day on which it no
    longer is. `no_earlier_than` names dates that the vendor calls a minimum, `no_later_than` dates where only the
    latest possible day is known.
    """

    new_customers_until: date | None = None
    existing_customers_until: date | None = None
    base_retires_on: date | None = None
    deployment_retires_on: date | None = None
    no_earlier_than: tuple[WindowDate, ...] = ()
    no_later_than: tuple[WindowDate, ...] = ()


class YesNo(Cited):
    """A rule that holds or not; null where the vendor does not say."""

    value: bool | None


class Limits(Cited):
    """What the vendor accepts; null means that no limit was found."""

    min_examples: int | None = None
    recommended_examples: int | None = None
    max_examples: int | None = None
    max_examples_multimodal: int | None = None
    max_validation_examples: int | None = None
    max_prompts: int | None = None
    max_file_mb: int | None = None
    max_tokens_per_example: int | None = None
    max_tokens_times_epochs: int | None = None
    min_epochs: int | None = None
    max_epochs: int | None = None
    batch_size: int | None = None
    adapter_sizes: tuple[int, ...] = ()
    max_running_jobs: int | None = None
    max_jobs_per_resource: int | None = None
    max_job_hours: int | None = None
    max_deployments: int | None = None
    concurrent_requests_per_user: int | None = None
    concurrent_requests_per_project: int | None = None
    for_model: str | None = None


class Api(Cited):
    """How jobs and requests are sent; `openai` and `openai_compatible` share one code path."""

    style: Literal["openai", "openai_compatible", "own", "none"]
    text: str
    base_url: str | None
    endpoints: tuple[str, ...] = ()
    method_types: tuple[str, ...] = ()
    job_states: tuple[str, ...] = ()
    billed_tokens_field: str | None = None
