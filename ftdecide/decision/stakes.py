"""What hangs on the decision to tune: the worth of more correct answers, what tuning costs more, when it pays."""

from ftdecide.assessment.types import Assessment
from ftdecide.catalog.types import Catalog
from ftdecide.decision.answer_costs import extra_cost_of_answers, months_of_use
from ftdecide.decision.evidence_value import Pairs, Stakes, value_evidence
from ftdecide.decision.measured import Features, expected_gain
from ftdecide.decision.types import EvidenceValue
from ftdecide.decision.uncertain import Uncertain, sensible, uncertain


def read_evidence_value(assessment: Assessment, found: Features, catalog: Catalog | None) -> EvidenceValue | None:
    """What more test rows are worth; None without paired results, or where worth or effort are not known."""
    traffic = assessment.traffic
    cost, requests = _extra_cost(assessment, found, catalog), _requests(assessment, found)
    pairs = _pairs(assessment, found)
    if pairs is None or cost is None or requests is None or traffic.value_per_success_usd is None:
        return None
    worth = sensible(requests.times(uncertain(traffic.value_per_success_usd)))
    row = assessment.costs.cost_per_label_usd
    row_usd = None if row is None else uncertain(row).mean
    return None if worth is None else value_evidence(pairs, Stakes(worth, cost, row_usd))


def read_needed_worth(assessment: Assessment, found: Features, catalog: Catalog | None) -> float | None:
    """From which worth of one more correct answer, in USD, fine-tuning pays on average; None: not known, or never.

    The gain is the measured one, or else the median of published ones.
    """
    cost, requests = _extra_cost(assessment, found, catalog), _requests(assessment, found)
    gain = expected_gain(found)
    if cost is None or requests is None or requests.mean <= 0 or gain <= 0:
        return None
    return float(f"{max(0.0, cost.mean) / requests.mean / gain:.3g}")


def _requests(assessment: Assessment, found: Features) -> Uncertain | None:
    asked = assessment.traffic.requests_per_month
    return None if asked is None else sensible(uncertain(asked).scaled(months_of_use(assessment, found)))


def _extra_cost(assessment: Assessment, found: Features, catalog: Catalog | None) -> Uncertain | None:
    """Effort, and what the answers cost more; the same price for each answer is assumed where none is known."""
    costs = assessment.costs
    if costs.engineer_hours is None or costs.hourly_rate_usd is None:
        return None
    effort = uncertain(costs.engineer_hours).times(uncertain(costs.hourly_rate_usd))
    answers = extra_cost_of_answers(assessment, found, catalog)
    return sensible(effort.plus(answers) if answers else effort)


def _pairs(assessment: Assessment, found: Features) -> Pairs | None:
    measured, rows = assessment.benefits, found["test_n"]
    if measured.paired_wins is None or measured.paired_losses is None:
        return None
    unlike = measured.paired_wins + measured.paired_losses
    if measured.paired_ties is not None:
        return Pairs(measured.paired_wins, measured.paired_losses, measured.paired_ties)
    if not isinstance(rows, float) or rows < unlike:
        return None
    return Pairs(measured.paired_wins, measured.paired_losses, rows - unlike)
