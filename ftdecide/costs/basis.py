"""What a cost scenario takes over from an assessment, and which of it was answered rather than assumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftdecide.assessment.types import Amount, Assessment
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.types import Catalog
from ftdecide.costs.span import Span
from ftdecide.errors import NotFoundError

FOLLOWED = ("requests_per_month", "input_tokens", "output_tokens", "horizon_months", "as_of")
"""The fields of a scenario that follow the assessment's answers until somebody changes them in the scenario."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Basis:
    """The numbers to fill a scenario with; `answered` names those of the assessment, the others are assumed.

    `model` is the (provider id, model id) that the assessment names and the catalogue knows, `problem` why it does not.
    """

    amounts: Mapping[str, Amount]
    answered: frozenset[str] = frozenset()
    model: tuple[str, str] | None = None
    wants_knowledge: bool = False
    as_of: str | None = None
    problem: str | None = None

    def span(self, name: str) -> Span:
        """Return the two ends of a number."""
        return Span.of(self.amounts[name])


def take_over(assessment: Assessment | None, assumed: Mapping[str, Amount], catalog: Catalog) -> Basis:
    """Return an assessment's answers, with `assumed` numbers where it has none."""
    if assessment is None:
        return Basis(assumed)
    traffic, costs = assessment.traffic, assessment.costs
    given: dict[str, Amount | None] = {
        "requests_per_month": traffic.requests_per_month,
        "prompt_tokens": traffic.prompt_tokens,
        "input_tokens": traffic.input_tokens,
        "output_tokens": traffic.output_tokens,
        "horizon_months": traffic.horizon_months,
        "training_examples": costs.training_examples,
        "engineer_hours": costs.engineer_hours,
        "hourly_rate_usd": costs.hourly_rate_usd,
        "cost_per_label_usd": costs.cost_per_label_usd,
        "retraining_per_year": costs.retraining_per_year,
    }
    model, problem = _named_model(assessment, catalog)
    answered = {name: amount for name, amount in given.items() if amount is not None}
    return Basis(
        amounts={**assumed, **answered},
        answered=frozenset([*answered, *(["as_of"] if assessment.as_of else [])]),
        model=model,
        wants_knowledge="knowledge" in assessment.use_case.goals,
        as_of=assessment.as_of.isoformat() if assessment.as_of else None,
        problem=problem,
    )


def begin(basis: Basis, options: list[Document]) -> Document:
    """Return a new scenario document in which every number follows the basis."""
    return follow({"schema_version": 1, "traffic": {}, "options": options}, (), basis)


def follow(document: Document, own: tuple[str, ...], basis: Basis) -> Document:
    """Return the document with the basis' numbers wherever it has none of its own."""
    new = {**document, "traffic": dict(document.get("traffic", {}))}
    for name in FOLLOWED:
        if name in own:
            continue
        if name == "as_of":
            new.pop("as_of", None)
            if basis.as_of:
                new["as_of"] = basis.as_of
        elif name == "horizon_months":
            new[name] = int(basis.span(name).low)
        else:
            new["traffic"][name] = basis.span(name).amount()
    return new


def _named_model(assessment: Assessment, catalog: Catalog) -> tuple[tuple[str, str] | None, str | None]:
    costs = assessment.costs
    if not costs.provider or not costs.base_model:
        return None, None
    try:
        provider = find_provider(catalog, costs.provider)
        return (provider.id, find_model(catalog, provider.id, costs.base_model).id), None
    except NotFoundError as error:
        return None, str(error)
