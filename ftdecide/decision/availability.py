"""What the catalogue says about the named base model, as answers that the rules can read."""

from datetime import date

from ftdecide.assessment.types import Assessment
from ftdecide.catalog.availability import availability
from ftdecide.catalog.types import Catalog
from ftdecide.decision.answers import Answers
from ftdecide.errors import NotFoundError

_DAYS_PER_MONTH = 365.25 / 12


def catalog_answers(assessment: Assessment, as_of: date, catalog: Catalog | None) -> Answers:
    """Return the catalogue's view of provider and base model as of a day; empty where it does not know them.

    The months until retirement are filled in only where the assessment does not state them.
    """
    costs = assessment.costs
    if catalog is None or not costs.provider:
        return {}
    existing = True if costs.tunable == "yes" else None
    try:
        window = availability(catalog, costs.provider, costs.base_model, as_of, existing)
    except NotFoundError:
        return {}
    found: Answers = {
        "catalog.state": window.state,
        "catalog.text": window.text,
        "catalog.source": window.source or "",
    }
    if costs.base_model_retires_in_months is None and window.retires_on is not None:
        found["costs.base_model_retires_in_months"] = max(0.0, (window.retires_on - as_of).days / _DAYS_PER_MONTH)
    return found
