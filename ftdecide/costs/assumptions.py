"""What the cost engine assumes where nobody says anything, from `data/cost_assumptions.yml`."""

from functools import cache

from ftdecide.catalog.figures import Cited, Part, Source
from ftdecide.catalog.load import read_cited
from ftdecide.catalog.rates import Money
from ftdecide.settings import DATA


class Assumption(Cited):
    """One assumed amount, its unit, and why it is what it is."""

    value: Money
    unit: str
    why: str


class AssumedAmounts(Part):
    """All of them by name."""

    hours_per_month: Assumption
    peak_factor: Assumption
    engineering_usd_per_hour: Assumption
    migration_hours: Assumption
    epochs: Assumption
    evaluations: Assumption
    adapter_gb: Assumption
    embedding_usd_per_mtok: Assumption
    swing_share: Assumption


class _File(Part):
    sources: dict[str, Source]
    assumptions: AssumedAmounts


@cache
def load_assumptions() -> AssumedAmounts:
    """Read the assumptions, once.

    Raises:
        InputError: `data/cost_assumptions.yml` is not as it should be.
    """
    return read_cited(_File, DATA / "cost_assumptions.yml").assumptions
