"""What hangs on the decision to tune: the worth of more correct answers, what tuning costs more, when it pays."""

from dataclasses import dataclass

from ftdecide.assessment.types import Assessment
from ftdecide.catalog.types import Catalog
from ftdecide.decision.answer_costs import extra_cost_of_answers, hosting_usd_per_month
from ftdecide.decision.answers import Answers, middle_of, number
from ftdecide.decision.evidence_value import Pairs, Stakes, value_evidence
from ftdecide.decision.measured import Features, expected_gain
from ftdecide.decision.uncertain import Uncertain, sensible, uncertain

STAKES = "stakes"
"""Where `decide` puts the stakes of an assessment among its answers, as only ranges tell how sure amounts are."""


@dataclass(frozen=True, slots=True)
class UnitStakes:
    """Amounts in USD that do not change with volume or time: `worth` and `answers` are for each request.

    `worth` is that of a right answer, `answers` what an answer costs more after tuning; None: not known.
    """

    worth: Uncertain | None
    answers: Uncertain
    effort: Uncertain
    hosting_usd_per_month: float
    row_usd: float | None


def read_stakes(assessment: Assessment, catalog: Catalog | None) -> UnitStakes | None:
    """Read the stakes; None where effort or traffic are not known.

    The same price for each answer is assumed where the catalogue knows none. A range of requests widens both amounts.
    """
    costs, traffic = assessment.costs, assessment.traffic
    if costs.engineer_hours is None or costs.hourly_rate_usd is None or traffic.requests_per_month is None:
        return None
    middle = middle_of(traffic.requests_per_month)
    if middle <= 0:
        return None
    requests = uncertain(traffic.requests_per_month).scaled(1 / middle)
    value = traffic.value_per_success_usd
    extra = extra_cost_of_answers(assessment, catalog)
    return UnitStakes(
        worth=None if value is None else requests.times(uncertain(value)),
        answers=Uncertain(0.0) if extra is None else requests.times(extra),
        effort=uncertain(costs.engineer_hours).times(uncertain(costs.hourly_rate_usd)),
        hosting_usd_per_month=0.0 if extra is None else hosting_usd_per_month(assessment, catalog),
        row_usd=None if costs.cost_per_label_usd is None else uncertain(costs.cost_per_label_usd).mean,
    )


def add_stakes(found: Features, answers: Answers) -> None:
    """Add how probably fine-tuning pays, what more test rows are worth, and from which worth of an answer it pays."""
    found["evidence_value"] = found["p_pays"] = found["pays_from_usd"] = found["testing_pays"] = None
    stakes, requests, months = answers.get(STAKES), found["requests"], found["life_months"]
    if not isinstance(stakes, UnitStakes) or not isinstance(requests, float) or not isinstance(months, float):
        return
    asked = requests * months
    hosting = Uncertain(stakes.hosting_usd_per_month * months)
    cost = sensible(stakes.effort.plus(stakes.answers.scaled(asked)).plus(hosting))
    if cost is None or asked <= 0:
        return
    gain = expected_gain(found)
    if gain > 0:
        found["pays_from_usd"] = float(f"{max(0.0, cost.mean) / asked / gain:.3g}")
    pairs = _pairs(found, answers)
    worth = None if stakes.worth is None else sensible(stakes.worth.scaled(asked))
    value = value_evidence(pairs, Stakes(worth, cost, stakes.row_usd)) if pairs and worth else None
    if value is not None:
        found["evidence_value"] = value
        found["p_pays"] = value.p_pays
        found["testing_pays"] = value.rows is not None


def _pairs(found: Features, answers: Answers) -> Pairs | None:
    wins, losses, ties = found["wins"], found["losses"], number(answers, "benefits.paired_ties")
    rows = found["test_n"]
    if not isinstance(wins, float) or not isinstance(losses, float):
        return None
    if ties is not None:
        return Pairs(wins, losses, ties)
    if not isinstance(rows, float) or rows < wins + losses:
        return None
    return Pairs(wins, losses, rows - wins - losses)
