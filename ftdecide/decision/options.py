"""What each option is likely to reach and to cost until the horizon; null where too little is known."""

from dataclasses import dataclass

from ftdecide.assessment.types import Assessment
from ftdecide.catalog.types import Catalog
from ftdecide.decision.answer_costs import cost_of_answers, months_of_use
from ftdecide.decision.evidence import load_effects
from ftdecide.decision.measured import Features
from ftdecide.decision.posterior import p_at_least
from ftdecide.decision.types import Option, Verdict
from ftdecide.decision.uncertain import (
    Uncertain,
    from_quartiles,
    p_above,
    positive_quantiles,
    quantiles,
    sensible,
    uncertain,
)
from ftdecide.translation import _


@dataclass(frozen=True, slots=True)
class Reach:
    """What an option scores: measured, or forecast from published gains; None is not known."""

    score: Uncertain | None
    p_meets_target: float | None
    basis: str


def read_options(assessment: Assessment, found: Features, catalog: Catalog | None) -> tuple[Option, ...]:
    """Return the options that do something, each with its chance of reaching the target, its cost and its net value."""
    tried = assessment.alternatives
    scores = [score for score in (tried.prompt_engineering.score, tried.few_shot.score) if score is not None]
    prompt = max(scores) if scores else None
    reaches = {
        Verdict.FINE_TUNE: _tuned(assessment, found),
        Verdict.FINE_TUNE_PLUS_RAG: Reach(None, None, _("not measured")),
        Verdict.RAG: _measured(tried.rag.score, found),
        Verdict.PROMPT_ENGINEERING: _measured(prompt, found),
        Verdict.CHANGE_BASE_MODEL: _measured(tried.change_base_model.score, found),
        Verdict.CLASSICAL_MODEL: _measured(tried.classical_model.score, found),
    }
    return tuple(_option(verdict, reach, assessment, found, catalog) for verdict, reach in reaches.items())


def _option(verdict: Verdict, reach: Reach, assessment: Assessment, found: Features, catalog: Catalog | None) -> Option:
    cost, cost_basis = _cost(verdict, assessment, found, catalog)
    cost = sensible(cost)
    worth = sensible(_worth(reach.score, assessment, found))
    return Option(
        option=verdict,
        p_meets_target=None if reach.p_meets_target is None else round(reach.p_meets_target, 4),
        net_value_usd=quantiles(worth.minus(cost)) if worth is not None and cost is not None else None,
        cost_usd=positive_quantiles(cost) if cost is not None else None,
        basis="; ".join((reach.basis, cost_basis)),
    )


def _measured(score: float | None, found: Features) -> Reach:
    if score is None:
        return Reach(None, None, _("not measured"))
    n, basis = _test_size(found)
    target = found["target"]
    chance = p_at_least(target, score, n) if isinstance(target, float) else None
    return Reach(Uncertain(score, score * (1 - score) / n if n else 0.25), chance, basis)


def _test_size(found: Features) -> tuple[float, str]:
    stated = found["test_n"]
    if isinstance(stated, float):
        return stated, _("measured on {n:,.0f} test examples").format(n=stated)
    assumed = load_effects().assumptions.test_examples_when_not_stated.value
    return assumed, _("measured; {n:,.0f} test examples assumed").format(n=assumed)


def _tuned(assessment: Assessment, found: Features) -> Reach:
    """A measured tuned model counts as measured; otherwise the best prompt plus the published gain."""
    if assessment.benefits.fine_tuned_score is not None:
        return _measured(assessment.benefits.fine_tuned_score, found)
    best = found["best_prompt"]
    if not isinstance(best, float) or found["needs_facts"]:
        return Reach(None, None, _("no prompt score to start the forecast from"))
    assumed = load_effects().assumptions
    gain = assumed.published_gain
    spread = from_quartiles(gain.p25, gain.p50, gain.p75)
    mean = 0.0 if best >= assumed.gain_ends_at_prompt_score.value else spread.mean
    score = Uncertain(min(1.0, best + mean), min(spread.variance, best * (1 - best)))
    target = found["target"]
    chance = p_above(target, score) if isinstance(target, float) else None
    return Reach(score, chance, _("forecast: best prompt plus the published gain"))


def _worth(score: Uncertain | None, assessment: Assessment, found: Features) -> Uncertain | None:
    """Value of all correct answers until the horizon, in USD."""
    traffic = assessment.traffic
    if score is None or traffic.requests_per_month is None or traffic.value_per_success_usd is None:
        return None
    requests = uncertain(traffic.requests_per_month).scaled(months_of_use(assessment, found))
    return requests.times(uncertain(traffic.value_per_success_usd)).times(score)


def _cost(
    verdict: Verdict, assessment: Assessment, found: Features, catalog: Catalog | None
) -> tuple[Uncertain | None, str]:
    """Effort and answers until the horizon, for the two options whose prices the catalogue knows."""
    if verdict not in (Verdict.FINE_TUNE, Verdict.PROMPT_ENGINEERING):
        return None, _("cost not known")
    tuned = verdict is Verdict.FINE_TUNE
    answers = cost_of_answers(assessment, found, catalog, tuned=tuned)
    if answers is None:
        return None, _("cost not known: traffic, tokens or the model's price are missing")
    if not tuned:
        return answers, _("cost of answers only")
    costs = assessment.costs
    if costs.engineer_hours is None or costs.hourly_rate_usd is None:
        return None, _("cost not known: hours or hourly rate are missing")
    effort = uncertain(costs.engineer_hours).times(uncertain(costs.hourly_rate_usd))
    return effort.plus(answers), _("cost of effort, hosting and answers; training (usually 1 to 50 USD) left out")
