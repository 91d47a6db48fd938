"""The facts of `data/connections.yml`: how each provider is reached, and how Azure's deployments are made."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.providers.training import Method


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Retries(_Fact):
    """How often a call is tried, and the waits between."""

    attempts: Annotated[int, Field(ge=1)]
    first_wait_seconds: Annotated[float, Field(gt=0)]
    longest_wait_seconds: Annotated[float, Field(gt=0)]
    give_up_after_failures: Annotated[int, Field(ge=1)]
    source: str


class Connection(_Fact):
    """How one provider is reached; names ending in `variable` are environment variables of the worker process.

    At most `concurrent_calls` are under way; more are sent once no more than `refill_at` of them are left.
    `api_version` is what Azure's addresses ask for, unless its variable says another. `job_options` are added to every
    training job. `serves_tuned` says how a tuned model comes to answer: at once, after a deployment that this program
    makes and removes, or elsewhere, in a way that it knows nothing of.
    """

    id: str
    title: str
    dialect: Literal["openai", "azure"] = "openai"
    base_url: str | None
    address_variable: str | None = None
    key_variable: str | None
    organization_variable: str | None = None
    project_variable: str | None = None
    api_version: str | None = None
    api_version_variable: str | None = None
    job_options: dict[str, str] = Field(default_factory=dict[str, str])
    job_metadata: bool = True
    methods: tuple[Method, ...] = ("supervised",)
    serves_tuned: Literal["at_once", "deployment", "elsewhere"] = "at_once"
    texts_per_request: Annotated[int, Field(ge=1)] = 64
    concurrent_calls: Annotated[int, Field(ge=1)]
    refill_at: Annotated[int, Field(ge=0)]
    poll_seconds: Annotated[float, Field(gt=0)]
    timeout_seconds: Annotated[float, Field(gt=0)]
    source: str
    as_of: date | None = None
    note: str | None = None


class AzureManagement(_Fact):
    """How Azure's deployments are made and removed: addresses, versions and the names of variables.

    `tiers` gives Azure's name for each tier of the catalogue, and `tier` the one used; `capacity` is in thousands of
    tokens a minute. A deployment is waited for as long as `longest_wait_minutes`.
    """

    base_url: str
    address_variable: str
    api_version: str
    subscription_variable: str
    group_variable: str
    resource_variable: str
    token_variable: str
    login_url: str
    login_variable: str
    tenant_variable: str
    client_variable: str
    secret_variable: str
    scope: str
    tier: str
    tiers: dict[str, str]
    capacity: Annotated[int, Field(ge=1)]
    poll_seconds: Annotated[float, Field(gt=0)]
    timeout_seconds: Annotated[float, Field(gt=0)]
    longest_wait_minutes: Annotated[float, Field(gt=0)]
    source: str
    as_of: date
    note: str | None = None


class Connections(_Fact):
    """The whole file."""

    as_of: date
    retries: Retries
    connections: tuple[Connection, ...]
    azure_management: AzureManagement
