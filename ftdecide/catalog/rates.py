"""Prices, fees and discounts as the catalogue writes them: exact amounts, each with its unit in its name."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from ftdecide.catalog.figures import Cited, Part

Method = Literal["sft", "vision_sft", "dpo", "rft", "distillation"]
Adaptation = Literal["lora", "full"]


def _amount_from_text(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError('should be an amount in quotes, such as "0.40", so that no digit is lost')  # noqa: TRY004
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise ValueError('should be a plain decimal number in quotes, such as "0.40"') from error


Money = Annotated[
    Decimal,
    BeforeValidator(_amount_from_text),
    Field(ge=0, allow_inf_nan=False),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?$"}),
]
"""US dollars, written as quoted text in the files and never passed through a binary fraction."""


class MoneyRange(Part):
    """Two ends of a price range whose inner split the vendor does not show."""

    low: Money
    high: Money


class Meter(Part):
    """The billing meter behind one rate: its name, number of regions, first day, and what other regions pay."""

    name: str
    regions: int
    effective: date
    elsewhere: tuple[Money, ...] = ()


PriceKind = Literal["training", "base_inference", "ft_inference", "base_batch", "ft_batch", "hosting", "grader"]
RateName = Literal["training", "input", "cached_input", "output", "hour"]


class Price(Cited):
    """One dated price. A newer reading is a further entry, so the history stays; `prices.current` picks the newest."""

    kind: PriceKind
    method: Method | None = None
    adaptation: Adaptation | None = None
    tier: str | None = None
    bracket: str | None = None
    above_input_tokens: int | None = Field(default=None, description="Applies to requests longer than this.")
    input_usd_per_mtok: Money | None = None
    cached_input_usd_per_mtok: Money | None = None
    output_usd_per_mtok: Money | None = None
    training_usd_per_mtok: Money | None = None
    training_usd_per_mtok_range: MoneyRange | None = None
    usd_per_hour: Money | None = None
    overrides_package: bool = Field(default=False, description="Used although the package genai-prices says otherwise.")
    meters: dict[RateName, Meter] = Field(default={})

    @property
    def key(self) -> tuple[str | int | None, ...]:
        """What the price is for; two entries with the same key are two readings of one price."""
        return (self.kind, self.method, self.adaptation, self.tier, self.bracket, self.above_input_tokens)


class Hosting(Cited):
    """An hourly fee for keeping a tuned model ready on a dedicated machine."""

    gpu: str
    usd_per_hour: Money
    cloud: str | None = None
    region: str | None = None
    billing: str | None = None
    scale_to_zero: bool | None = None
    promo_usd_per_hour: Money | None = None
    promo_until: date | None = None


class Storage(Cited):
    """What keeping tuned weights costs."""

    usd_per_model_month: Money | None = None
    usd_per_gb_month: Money | None = None
    free_gb: int | None = None


class Charge(Cited):
    """A fixed amount, such as the smallest charge a job; null where the vendor states none."""

    usd: Money | None


class Discount(Cited):
    """A share off the price: 0.5 is half; `up_to` where the vendor names only the largest."""

    share: Money
    up_to: bool = False
