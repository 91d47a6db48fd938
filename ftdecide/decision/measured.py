"""What was measured about fine-tuning, and whether the effort is earned back."""

import math

from ftdecide.decision.answers import Answers, number
from ftdecide.decision.evidence import Assumptions, load_effects
from ftdecide.decision.posterior import p_better

_LARGEST_RATIO = 1000.0

Features = dict[str, object]
"""What rules, gates and texts refer to by name; None means "not known"."""


def add_measurement(found: Features, answers: Answers) -> None:
    """Add how sure the measured gain is; paired counts go before scores."""
    assumed: Assumptions = load_effects().assumptions
    wins, losses = number(answers, "benefits.paired_wins"), number(answers, "benefits.paired_losses")
    ties = number(answers, "benefits.paired_ties")
    tuned, best = number(answers, "benefits.fine_tuned_score"), found["best_alternative"]
    stated = number(answers, "alternatives.evaluation_examples")
    pairs = wins is not None and losses is not None
    if stated is None and wins is not None and losses is not None and ties is not None:
        stated = wins + losses + ties
    by_scores = _p_better_by_scores(tuned, best, stated, assumed)
    by_pairs = p_better(wins, losses) if wins is not None and losses is not None else None
    chance = by_scores if by_pairs is None else by_pairs
    if by_pairs is not None and by_scores is not None and by_scores < 0.5:
        # Pairs are the better evidence, but not for a gain that the scores deny.
        chance = min(by_pairs, by_scores)
    counted = (wins or 0.0) + (losses or 0.0) + (ties or 0.0)
    found["pairs_exceed_test"] = stated is not None and counted > stated
    found["test_n"] = stated
    found["tuned_score"] = tuned
    found["wins"], found["losses"] = wins, losses
    found["pairs_known"] = pairs
    proves = found["trust"] != "none" and (counted if stated is None else stated) >= assumed.smallest_test.value
    limit = 1.0 if proves or (stated is None and not pairs) else assumed.most_certain_without_a_test.value
    found["p_better"] = None if chance is None else min(chance, limit)
    found["p_better_shown"] = None if chance is None else min(max(chance, 0.001), 0.999)
    found["measured"] = chance is not None
    matches = tuned is not None and isinstance(best, float) and best >= tuned
    found["alternative_matches_tuned"] = matches
    # A classical model stands until a measured tuned model beats its score.
    classical = found["classical"]
    found["classical_holds"] = isinstance(classical, float) and (tuned is None or classical >= tuned)
    found["measured_gain"] = _measured_gain(wins, losses, stated, tuned, best)
    if wins is not None and losses is not None and tuned is not None and isinstance(best, float):
        found["inconsistent"] = (wins - losses) * (tuned - best) < 0
    else:
        found["inconsistent"] = False
    found["cheaper_to_run"] = found["smaller"] is True and bool(found["cost_or_latency"] or found["goal_privacy"])


def _p_better_by_scores(tuned: float | None, best: object, stated: float | None, assumed: Assumptions) -> float | None:
    """Return how sure a gain is of which only the two scores are known, with an assumed share of disagreements."""
    if tuned is None or not isinstance(best, float):
        return None
    n = assumed.test_examples_when_not_stated.value if stated is None else stated
    gain = (tuned - best) * n
    unlike = max(assumed.discordant_share_when_not_counted.value * n, abs(gain))
    return p_better((unlike + gain) / 2, (unlike - gain) / 2)


def _measured_gain(
    wins: float | None, losses: float | None, n: float | None, tuned: float | None, best: object
) -> float | None:
    """Return the measured gain as a share: from the pairs where their number is known, else from the scores."""
    if wins is not None and losses is not None and n is not None and n >= wins + losses > 0:
        return (wins - losses) / n
    return tuned - best if tuned is not None and isinstance(best, float) else None


def add_payback(found: Features, answers: Answers) -> None:
    """Months until the effort is earned back by more correct answers, where effort, traffic and value are known."""
    assumed = load_effects().assumptions
    hours, rate = number(answers, "costs.engineer_hours"), number(answers, "costs.hourly_rate_usd")
    value, requests = number(answers, "traffic.value_per_success_usd"), found["requests"]
    horizon = number(answers, "traffic.horizon_months") or assumed.horizon_months_when_not_stated.value
    retires = found["retires_months"]
    life = min(horizon, retires) if isinstance(retires, float) else horizon
    found["life_months"] = life
    found["payback_months"] = found["payback_lives"] = found["pays_back"] = None
    budget = found["budget"]
    found["over_budget"] = found["effort_budgets"] = None
    if hours is not None and rate is not None and isinstance(budget, float):
        found["over_budget"] = hours * rate > budget
        found["effort_budgets"] = _ratio(hours * rate, budget)
    if hours is None or rate is None or value is None or not isinstance(requests, float):
        return
    monthly = requests * value * max(0.0, expected_gain(found))
    months = hours * rate / monthly if monthly > 0 else math.inf
    found["payback_months"] = None if math.isinf(months) else months
    found["payback_lives"] = _ratio(months, life)
    found["pays_back"] = months <= life


def _ratio(part: float, whole: float) -> float:
    """Return how often `whole` goes into `part`, as far as that makes a difference."""
    return 0.0 if part == 0 else min(part / whole, _LARGEST_RATIO) if whole > 0 else _LARGEST_RATIO


def expected_gain(found: Features) -> float:
    """Return the gain to reckon with, as a share: measured, else the published median where there is headroom."""
    measured, best = found["measured_gain"], found["best_alternative"]
    if isinstance(measured, float):
        return measured
    assumed = load_effects().assumptions
    full = isinstance(best, float) and best >= assumed.gain_ends_at_prompt_score.value
    return 0.0 if full else assumed.published_gain.p50
