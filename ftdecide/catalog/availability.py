"""Says whether a model may still be tuned on a day, by whom, and how long the result will live."""

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.figures import Windows, earliest_day
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.types import Catalog, Provider, State, TunableModel
from ftdecide.catalog.wording import Situation, describe
from ftdecide.errors import NotFoundError


class Availability(BaseModel):
    """What holds on a day; a null date is one that is not known.

    `last_job_date` is the last day on which a job can be created, `retires_on` the first day on which a tuned model no
    longer answers. `minimum` says that the vendor promises the last day only as "not before".
    """

    model_config = ConfigDict(frozen=True)

    state: State
    last_job_date: date | None
    retires_on: date | None
    base_retires_on: date | None
    new_customers_until: date | None
    existing_customers_until: date | None
    minimum: bool
    text: str
    source: str | None
    as_of: str | None


def availability(
    catalog: Catalog,
    provider: str,
    model: str | None,
    as_of: date,
    existing_customer: bool | None = None,  # noqa: FBT001 - an answer, not a switch
) -> Availability:
    """Say whether `model` of `provider` may be tuned on the day `as_of`.

    `existing_customer` is None where nobody knows: then windows that differ give "existing_customers_only". Without a
    model, or with one unknown at a provider that has closed, the provider's own windows are used.

    Raises:
        NotFoundError: the provider is unknown, or the model is and the provider has not closed.
    """
    owner = find_provider(catalog, provider)
    found: TunableModel | None = None
    if model is not None:
        try:
            found = find_model(catalog, provider, model)
        except NotFoundError:
            if owner.status != "closed":
                raise
    return model_availability(owner, found, as_of, existing_customer=existing_customer)


def model_availability(
    provider: Provider, model: TunableModel | None, as_of: date, *, existing_customer: bool | None = None
) -> Availability:
    """As `availability`, for a provider and model that were already found."""
    windows = effective_windows(provider, model)
    own = newest(model.windows) if model else None
    source = own or newest(provider.windows)
    can_tune = model is None or model.tunable
    new_open = can_tune and not (model and model.by_invitation) and _open(as_of, windows.new_customers_until)
    existing_open = can_tune and _open(as_of, windows.existing_customers_until)
    state = _state(new_open=new_open, existing_open=existing_open, existing_customer=existing_customer)
    new_counts = existing_customer is False or (state == "open" and existing_customer is None)
    last_job_date = windows.new_customers_until if new_counts else windows.existing_customers_until
    counted = "new_customers_until" if new_counts else "existing_customers_until"
    return Availability(
        state=state,
        last_job_date=last_job_date if can_tune else None,
        retires_on=windows.deployment_retires_on or windows.base_retires_on,
        base_retires_on=windows.base_retires_on,
        new_customers_until=windows.new_customers_until,
        existing_customers_until=windows.existing_customers_until,
        minimum=counted in windows.no_earlier_than,
        text=describe(Situation(provider, model, windows, state, as_of, existing_customer)),
        source=source.source if source else None,
        as_of=source.as_of if source else None,
    )


def effective_windows(provider: Provider, model: TunableModel | None) -> Windows:
    """The windows that hold for a model: its own, else its provider's, and no later than the retirement dates.

    Tuning stops the day before the base retires, unless the model's own entry gives existing customers longer (Azure
    does). Dates that are not known stay None.
    """
    own = newest(model.windows) if model else None
    general = newest(provider.windows)
    read = own or general or Windows(source="", as_of="undated")
    base, deployment = read.base_retires_on, read.deployment_retires_on
    day_before_base = base - timedelta(days=1) if base else None
    new = _earliest(own and own.new_customers_until, general and general.new_customers_until, day_before_base)
    own_existing = own.existing_customers_until if own else None
    existing = own_existing or _earliest(general and general.existing_customers_until, day_before_base)
    return Windows(
        new_customers_until=_earliest(new, existing),
        existing_customers_until=existing,
        base_retires_on=base,
        deployment_retires_on=deployment,
        no_earlier_than=read.no_earlier_than,
        no_later_than=read.no_later_than,
        source=read.source,
        as_of=read.as_of,
        note=read.note,
    )


def newest(readings: tuple[Windows, ...]) -> Windows | None:
    """The reading with the latest day; of two on one day the one written last."""
    chosen: Windows | None = None
    for reading in readings:
        if chosen is None or (earliest_day(reading.as_of) or date.min) >= (earliest_day(chosen.as_of) or date.min):
            chosen = reading
    return chosen


def _state(*, new_open: bool, existing_open: bool, existing_customer: bool | None) -> State:
    if existing_customer is True:
        return "open" if existing_open else "closed"
    if new_open:
        return "open"
    return "existing_customers_only" if existing_open and existing_customer is None else "closed"


def _open(as_of: date, last_day: date | None) -> bool:
    return last_day is None or as_of <= last_day


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
