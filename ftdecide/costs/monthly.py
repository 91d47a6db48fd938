"""What a month costs on every model that can be tuned or could take its place."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.availability import Availability, model_availability
from ftdecide.catalog.figures import is_stale
from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.costs.amounts import Figure, hosting_figure, inference_figure, needs_machine, no_fee, training_figure
from ftdecide.costs.traffic import Traffic
from ftdecide.translation import _


class MonthlyCost(BaseModel):
    """One way to serve the traffic: a model as it is, or its tuned version.

    `inference` and `hosting` are for a month, `training` for one run; None where the price is not known. A dedicated
    machine answers without a price a token, so its `inference` is zero.
    """

    model_config = ConfigDict(frozen=True)

    provider: Provider
    model: TunableModel
    fine_tuned: bool
    available: Availability
    inference: Figure | None
    hosting: Figure | None
    training: Figure | None

    @property
    def month_usd(self) -> Decimal | None:
        """Inference and hosting of a month, or None if one of them is not known."""
        if self.inference is None or self.hosting is None:
            return None
        return self.inference.usd + self.hosting.usd

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The amounts that are known."""
        return tuple(figure for figure in (self.inference, self.hosting, self.training) if figure is not None)

    def stale(self, today: date) -> bool:
        """Say whether any of its prices was read more than 90 days ago."""
        return any(is_stale(figure.as_of, today) for figure in self.figures)


def list_monthly_costs(
    catalog: Catalog,
    traffic: Traffic,
    today: date,
    existing_customer: bool | None = None,  # noqa: FBT001 - an answer
) -> tuple[MonthlyCost, ...]:
    """Cost every model that still answers on `today`, as it is and tuned, cheapest month first, unknown ones last.

    A tuned version that may no longer be made by this organisation stays in the list; its availability says so.
    """
    rows: list[MonthlyCost] = []
    for provider, model in catalog.models():
        available = model_availability(provider, model, today, existing_customer=existing_customer)
        if not _retired(available.base_retires_on, today):
            rows.append(_base(catalog, provider, model, available, traffic))
        if model.tunable and not _retired(available.retires_on, today):
            rows.append(_tuned(catalog, provider, model, available, traffic))
    known = [row for row in rows if row.figures]
    return tuple(sorted(known, key=_cheapest_first))


def shortlist(rows: tuple[MonthlyCost, ...], provider: str | None, model: str | None) -> tuple[MonthlyCost, ...]:
    """Keep of every provider the cheapest model as it is and the cheapest that can still be tuned.

    The named model (ids) and the one that its provider names as its replacement stay too; what only existing customers
    may tune counts as tunable.
    """
    named = {
        (row.provider.id, id_)
        for row in rows
        if (row.provider.id, row.model.id) == (provider, model)
        for id_ in (row.model.id, row.model.replaced_by)
    }
    kept: list[MonthlyCost] = []
    seen: set[tuple[str, bool]] = set()
    for row in rows:
        key = (row.provider.id, row.fine_tuned)
        first = key not in seen and row.month_usd is not None
        if first and not (row.fine_tuned and row.available.state == "closed"):
            seen.add(key)
            kept.append(row)
        elif (row.provider.id, row.model.id) in named:
            kept.append(row)
    return tuple(kept)


def _cheapest_first(row: MonthlyCost) -> tuple[bool, Decimal, bool, Decimal, str]:
    month, training = row.month_usd, row.training
    unknown = Decimal(0)
    run = training.usd if training else unknown
    return (month is None, unknown if month is None else month, training is None, run, row.model.display)


def _retired(day: date | None, today: date) -> bool:
    return day is not None and today >= day


def _base(
    catalog: Catalog, provider: Provider, model: TunableModel, available: Availability, traffic: Traffic
) -> MonthlyCost:
    inference = inference_figure(catalog, provider, model, traffic, fine_tuned=False)
    return MonthlyCost(
        provider=provider,
        model=model,
        fine_tuned=False,
        available=available,
        inference=inference,
        hosting=inference and no_fee(inference),
        training=None,
    )


def _tuned(
    catalog: Catalog, provider: Provider, model: TunableModel, available: Availability, traffic: Traffic
) -> MonthlyCost:
    inference = inference_figure(catalog, provider, model, traffic, fine_tuned=True)
    hosting = hosting_figure(provider, model, inference)
    if hosting is not None and needs_machine(provider):
        inference = Figure(usd=Decimal(0), how=_("within the machine"), source=hosting.source, as_of=hosting.as_of)
    return MonthlyCost(
        provider=provider,
        model=model,
        fine_tuned=True,
        available=available,
        inference=inference,
        hosting=hosting,
        training=training_figure(provider, model, traffic),
    )
