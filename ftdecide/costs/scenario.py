"""The cost scenario: several ways to serve one traffic, as fixed by `data/schemas/scenario.schema.json`."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from ftdecide.costs.numbers import Count, Day, Hours, Months, Natural, Number, Quantity, Share, Text, plain_number
from ftdecide.documents import validate
from ftdecide.errors import InputError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Part):
    """A 90 % interval: the true value lies below `low` in 5 % and above `high` in 5 % of cases."""

    low: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:f} is above high {self.high:f}; swap them")
        return self


def _amount_kind(value: object) -> str:
    return "~range" if isinstance(value, dict | Range) else "~number"


Amount = Annotated[
    Annotated[Quantity, Tag("~number")] | Annotated[Range, Tag("~range")],
    Discriminator(_amount_kind),
]
"""A number, or a range; units are in the name of the field."""


class ScenarioTraffic(_Part):
    """One month of requests; `monthly_growth` 0.05 is 5 % more every month, `input_tokens` vary by request."""

    requests_per_month: Amount
    monthly_growth: Amount = Decimal(0)
    input_tokens: Amount
    output_tokens: Amount


class Prices(_Part):
    """Rates of the reader's own in US dollars per million tokens; each replaces the catalogue's."""

    input: Number | None = None
    cached_input: Number | None = None
    output: Number | None = None
    training: Number | None = None


class Training(_Part):
    """What is trained: `runs` at the start and `retrainings_per_year` afterwards; `hours` are of one run."""

    method: Literal["sft", "dpo", "rft"] = "sft"
    tokens_per_epoch: Amount | None = None
    epochs: Number | None = None
    runs: Natural = 1
    validation_tokens: Amount | None = None
    evaluations: Count | None = None
    hours: Amount | None = None
    retrainings_per_year: Number = Decimal(0)


class Hosting(_Part):
    """The machines that keep a model ready; `requests_per_second_capacity` is of one machine."""

    gpu: Text | None = None
    cloud: Text | None = None
    count: Natural | None = None
    usd_per_hour: Amount | None = None
    hours_per_month: Hours | None = None
    requests_per_second_capacity: Amount | None = None


class Effort(_Part):
    """Hours of people once and every month, and labels once."""

    hours: Amount | None = None
    usd_per_hour: Amount | None = None
    labels: Count | None = None
    usd_per_label: Amount | None = None
    upkeep_hours_per_month: Amount | None = None


class Retrieval(_Part):
    """A search index: its monthly fee, and the tokens that are embedded every month."""

    usd_per_month: Amount | None = None
    embedding_tokens_per_month: Amount | None = None


class Option(_Part):
    """One way to serve the traffic; `cached_share` of the `prompt_tokens` of each request has the cached rate."""

    name: Text
    provider: Text | None = None
    model: Text | None = None
    fine_tuned: Annotated[bool, Field(strict=True)] = False
    tier: Text | None = None
    prompt_tokens: Amount = Decimal(0)
    cached_share: Share = Decimal(0)
    batch_share: Share = Decimal(0)
    prices_usd_per_mtok: Prices | None = None
    training: Training | None = None
    hosting: Hosting | None = None
    effort: Effort | None = None
    retrieval: Retrieval | None = None


def _some(options: tuple[Option, ...]) -> tuple[Option, ...]:
    if not options:
        raise ValueError("should hold at least one option")
    return options


def _not_a_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("should be 1")  # noqa: TRY004 - pydantic reports ValueErrors only
    return value


class Scenario(_Part):
    """Options that serve the same traffic over one horizon, from the day `as_of` on."""

    schema_version: Annotated[Literal[1], BeforeValidator(_not_a_flag)] = 1
    title: Text | None = None
    as_of: Day | None = None
    horizon_months: Months = 12
    traffic: ScenarioTraffic
    options: Annotated[tuple[Option, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [option.name for option in self.options]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two options are called {twice!r}; give each a name of its own")
        return self


def read_scenario(document: object, where: str) -> Scenario:
    """Make a scenario of a parsed document called `where` in messages.

    Raises:
        InputError: naming the first wrong field by its dotted path: unknown, missing, empty, no number, low above high.
    """
    _refuse_nothing(document, where, "")
    if isinstance(document, dict) and "schema_version" not in document:
        raise InputError(f"{where!r}, schema_version: missing; add it")
    return validate(Scenario, cast("object", document), where)


def dump_scenario(scenario: Scenario) -> dict[str, object]:
    """Return the scenario as a JSON-ready document; `read_scenario` makes the same scenario of it again."""
    return cast("dict[str, object]", _plain(scenario.model_dump(exclude_none=True)))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in cast("dict[str, object]", value).items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in cast("tuple[object, ...]", value)]
    return value.isoformat() if isinstance(value, date) else value


def _refuse_nothing(node: object, where: str, path: str) -> None:
    """Refuse keys that hold nothing: in this document a key that is not known is left out."""
    if isinstance(node, dict):
        for key, part in cast("dict[str, object]", node).items():
            _refuse_nothing(part, where, f"{path}.{key}".lstrip("."))
    elif isinstance(node, list):
        for index, part in enumerate(cast("list[object]", node)):
            _refuse_nothing(part, where, f"{path}[{index}]")
    elif node is None and path:
        raise InputError(f"{where!r}, {path}: nothing stands there; give a value or remove the key")
