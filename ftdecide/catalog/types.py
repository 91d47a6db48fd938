"""Providers and the models that can be tuned there, as written in `data/providers/*.yml`."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from ftdecide.catalog.figures import Api, Cited, Fact, Limits, Notice, Part, Source, Windows, YesNo
from ftdecide.catalog.rates import Adaptation, Charge, Discount, Hosting, Method, Money, Price, Storage

State = Literal["open", "existing_customers_only", "closed"]


class TunableModel(Part):
    """One model of a provider; one that is not tunable stands there for its price."""

    id: str
    display: str
    aliases: tuple[str, ...] = ()
    methods: tuple[Method, ...] = ()
    methods_unknown: bool = Field(default=False, description="It can be tuned, but by which methods was not read.")
    adaptations: tuple[Adaptation, ...] = ()
    bracket: str | None = Field(default=None, description="Which of the provider's price brackets applies.")
    region: str | None = None
    max_context_tokens: int | None = None
    by_invitation: bool = False
    deployable: bool | None = None
    replaced_by: str | None = None
    prices: tuple[Price, ...] = ()
    windows: tuple[Windows, ...] = Field(default=(), description="Dated readings; the newest counts.")
    note: str | None = None

    @property
    def tunable(self) -> bool:
        """Whether it could ever be tuned here; `availability` says whether it still can."""
        return bool(self.methods) or self.methods_unknown


class DataFormat(Part):
    """What a training file looks like; `chat_messages` says whether the usual chat lines are accepted."""

    text: str
    chat_messages: bool | None


class Provider(Part):
    """Everything known about tuning at one provider or with one tool."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    status: Literal["open", "preview", "winding_down", "closed", "self_managed", "unknown"]
    summary: str
    genai_prices_id: str | None = Field(default=None, description="The provider's id in the package genai-prices.")
    sources: dict[str, Source]
    windows: tuple[Windows, ...] = Field(default=(), description="For all models, unless a model says otherwise.")
    notices: tuple[Notice, ...] = ()
    limits: Limits | None = None
    data_format: DataFormat | None = None
    api: Api | None = None
    epochs_default: int | None = None
    validation_tokens_billed: YesNo | None = None
    batch_discount: Discount | None = None
    min_charge_per_job: Charge | None = None
    serverless_adapters: YesNo | None = None
    storage: Storage | None = None
    brackets: dict[str, str] = Field(default={}, description="Price brackets: id and what falls into it.")
    prices: tuple[Price, ...] = Field(default=(), description="Prices a bracket; models name their bracket.")
    hosting: tuple[Hosting, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    models: tuple[TunableModel, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [model.id for model in self.models]
        twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
        if twice:
            raise ValueError(f"model {twice[0]!r} stands there twice; append the newer prices to the first")
        named = {(model.id, model.bracket) for model in self.models} | {
            ("prices", price.bracket) for price in self.prices
        }
        for owner, bracket in sorted((owner, bracket) for owner, bracket in named if bracket is not None):
            if bracket not in self.brackets:
                raise ValueError(f"{owner}: bracket {bracket!r} is not among `brackets`; add it or correct the name")
        return self


class GpuPrice(Cited):
    """What one graphics processor costs an hour at one cloud."""

    gpu: str
    cloud: str
    usd_per_gpu_hour: Money
    low_usd_per_gpu_hour: Money | None = None
    high_usd_per_gpu_hour: Money | None = None


class GpuPrices(Part):
    """The contents of `data/gpus.yml`."""

    sources: dict[str, Source]
    notes: tuple[str, ...] = ()
    gpus: tuple[GpuPrice, ...]


class PriceExample(Cited):
    """A price worked out by somebody else: the formula of our own must come to the same."""

    id: str
    calculation: str
    expected_usd: Money | None
    kind: Literal["official", "third_party", "derived"]


class PriceExamples(Part):
    """The contents of `data/evidence/price_examples.yml`."""

    sources: dict[str, Source]
    examples: tuple[PriceExample, ...]


class PricePackage(Cited):
    """One version of a package with inference prices, and when its prices were looked at."""

    name: str
    version: str


class PricePackages(Part):
    """The contents of `data/price_packages.yml`."""

    sources: dict[str, Source]
    packages: tuple[PricePackage, ...]


class Catalog(Part):
    """All providers by id, the prices of graphics processors, and the price packages that were looked at."""

    providers: dict[str, Provider]
    gpus: GpuPrices
    packages: tuple[PricePackage, ...]

    def models(self) -> Iterator[tuple[Provider, TunableModel]]:
        """Every model with its provider, in the order of the files."""
        for provider in self.providers.values():
            for model in provider.models:
                yield provider, model
