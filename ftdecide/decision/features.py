"""What the rules look at: a flat mapping of plain values, worked out from the answers and nothing else."""

import math
from collections.abc import Mapping
from functools import cache

from ftdecide.assessment.types import Assessment, Range
from ftdecide.decision.evidence import Assumptions, load_effects
from ftdecide.decision.posterior import p_better

Answers = dict[str, object]
"""Known answers by dotted field path; ranges stand as their middle, goals as a tuple."""
Features = dict[str, object]

_EFFORT = {"none": 0, "basic": 1, "systematic": 2}
_CHANGING = frozenset(("monthly", "weekly", "daily"))
_BLOCKS = ("use_case", "traffic", "alternatives", "costs", "benefits")
_UNREAD = frozenset(("description", "domain", "metric", "model"))
_GOALS = ("quality", "format", "style", "knowledge", "cost", "latency", "privacy", "tool_use", "safety")
_RIVALS = ("prompt_engineering", "few_shot", "rag", "change_base_model", "classical_model")


def read_answers(assessment: Assessment) -> Answers:
    """Return the known answers that may move a verdict; titles, descriptions and domains are left out on purpose."""
    answers: Answers = {}
    for block in _BLOCKS:
        _collect(answers, block, vars(getattr(assessment, block)))
    return answers


def _collect(answers: Answers, prefix: str, part: Mapping[str, object]) -> None:
    for name, value in part.items():
        if value is None or value == () or name in _UNREAD:
            continue
        if isinstance(value, Range):
            answers[f"{prefix}.{name}"] = middle(value)
        elif isinstance(value, str | int | float | tuple):
            answers[f"{prefix}.{name}"] = value
        else:
            _collect(answers, f"{prefix}.{name}", vars(value))


def middle(amount: Range) -> float:
    """Return the middle of a 90 % interval: geometric where both ends are positive, as for costs and volumes."""
    return math.sqrt(amount.low * amount.high) if amount.low > 0 else (amount.low + amount.high) / 2


@cache
def _families() -> dict[str, str]:
    return {task: family for family, tasks in load_effects().families.items() for task in tasks}


def number(answers: Answers, path: str) -> float | None:
    """Return a numeric answer, or None if it is not known."""
    value = answers.get(path)
    return float(value) if isinstance(value, int | float) else None


def features_of(answers: Answers) -> Features:
    """Work out everything that rules, gates and texts refer to; None means "not known"."""
    found: Features = {}
    _use_case(found, answers)
    _alternatives(found, answers)
    _costs(found, answers)
    _measurement(found, answers)
    _payback(found, answers)
    return found


def _use_case(found: Features, answers: Answers) -> None:
    get = answers.get
    task = get("use_case.task")
    goals = get("use_case.goals") or ()
    goals = goals if isinstance(goals, tuple) else ()
    found["task"] = task
    found["family"] = _families().get(str(task)) if task is not None else None
    for goal in _GOALS:
        found["goal_" + goal] = goal in goals
    found["goals_count"] = len(goals)
    changes = get("use_case.knowledge.changes")
    found["label_scheme"] = get("use_case.label_scheme")
    found["output_format"] = get("use_case.output_format")
    found["frontier"] = get("use_case.needs_frontier_reasoning")
    found["citations"] = get("use_case.knowledge.citations_required")
    found["k_source"] = get("use_case.knowledge.source")
    found["k_changes"] = changes
    # Facts that change matter only where the answer rests on facts: a ticket router does not care about daily news.
    rests_on_facts = "knowledge" in goals or found["citations"] is True or found["family"] == "knowledge"
    found["changing_facts"] = rests_on_facts and changes in _CHANGING
    found["needs_facts"] = "knowledge" in goals or found["citations"] is True or found["changing_facts"]
    found["cost_or_latency"] = "cost" in goals or "latency" in goals
    found["saves_both"] = ("cost" in goals and "latency" in goals) or "privacy" in goals
    found["target"] = number(answers, "use_case.target_score")
    found["requests"] = number(answers, "traffic.requests_per_month")


def _alternatives(found: Features, answers: Answers) -> None:
    scores = {name: number(answers, f"alternatives.{name}.score") for name in _RIVALS}
    known = [score for score in scores.values() if score is not None]
    best = max(known) if known else None
    efforts = [answers.get("alternatives.prompt_engineering.effort"), answers.get("alternatives.few_shot.effort")]
    levels = [_EFFORT[str(effort)] for effort in efforts if effort is not None]
    target = found["target"]
    found["best_alternative"] = best
    # "Best" takes a rival: one score alone beats nothing.
    compared = len(known) + ("benefits.fine_tuned_score" in answers) > 1
    found["errors"] = None if best is None else 1.0 - best
    found["effort_prompt"] = max(levels) if levels else None
    found["nothing_tried"] = bool(levels) and max(levels) == 0 and not known
    rag_effort = answers.get("alternatives.rag.effort")
    found["rag_score"] = scores["rag"]
    found["rag_tried"] = scores["rag"] is not None or rag_effort in ("basic", "systematic")
    found["rag_best"] = compared and scores["rag"] == best
    found["classical"] = scores["classical_model"]
    found["classical_best"] = compared and scores["classical_model"] == best
    base_effort = answers.get("alternatives.change_base_model.effort")
    found["base_change"] = scores["change_base_model"]
    found["base_change_effort"] = None if base_effort is None else _EFFORT[str(base_effort)]
    found["base_change_best"] = compared and scores["change_base_model"] == best
    prompts = [score for name in ("prompt_engineering", "few_shot") if (score := scores[name]) is not None]
    found["best_prompt"] = max(prompts) if prompts else None
    known_target = isinstance(target, float) and best is not None
    found["target_met"] = isinstance(target, float) and best is not None and best >= target
    found["gap_to_target"] = target - best if known_target and isinstance(target, float) and best is not None else None


def _costs(found: Features, answers: Answers) -> None:
    get = answers.get
    found["trust"] = get("alternatives.evaluation_trust")
    found["tunable"] = get("costs.tunable")
    found["retires_months"] = number(answers, "costs.base_model_retires_in_months")
    found["examples"] = number(answers, "costs.training_examples")
    found["data_quality"] = get("costs.training_data_quality")
    found["can_collect"] = get("costs.can_collect_more")
    found["rights"] = get("costs.data_rights")
    found["team"] = get("costs.team_experience")
    found["budget"] = number(answers, "costs.budget_usd")
    found["removed_share"] = number(answers, "benefits.prompt_tokens_removed_share")
    found["smaller"] = get("benefits.smaller_model_planned")
    found["domains"] = number(answers, "benefits.domains")
    for name in ("state", "text", "source", "model"):
        found["catalog_" + name] = get("catalog." + name)
    found["model_name"] = found["catalog_model"]


def _measurement(found: Features, answers: Answers) -> None:
    assumed: Assumptions = load_effects().assumptions
    wins, losses = number(answers, "benefits.paired_wins"), number(answers, "benefits.paired_losses")
    ties = number(answers, "benefits.paired_ties")
    tuned, best = number(answers, "benefits.fine_tuned_score"), found["best_alternative"]
    stated = number(answers, "alternatives.evaluation_examples")
    pairs = wins is not None and losses is not None
    if stated is None and wins is not None and losses is not None and ties is not None:
        stated = wins + losses + ties
    chance: float | None = None
    if wins is not None and losses is not None:
        chance = p_better(wins, losses)
    elif tuned is not None and isinstance(best, float):
        n = assumed.test_examples_when_not_stated.value if stated is None else stated
        gain = (tuned - best) * n
        unlike = max(assumed.discordant_share_when_not_counted.value * n, abs(gain))
        chance = p_better((unlike + gain) / 2, (unlike - gain) / 2)
    found["test_n"] = stated
    found["tuned_score"] = tuned
    found["wins"], found["losses"] = wins, losses
    found["pairs_known"] = pairs
    found["p_better"] = chance
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


def _measured_gain(
    wins: float | None, losses: float | None, n: float | None, tuned: float | None, best: object
) -> float | None:
    """Return the measured gain as a share: from the pairs where their number is known, else from the scores."""
    if wins is not None and losses is not None and n is not None and n >= wins + losses > 0:
        return (wins - losses) / n
    return tuned - best if tuned is not None and isinstance(best, float) else None


def _payback(found: Features, answers: Answers) -> None:
    """Months until the effort is earned back by more correct answers, where effort, traffic and value are known."""
    assumed = load_effects().assumptions
    hours, rate = number(answers, "costs.engineer_hours"), number(answers, "costs.hourly_rate_usd")
    value, requests = number(answers, "traffic.value_per_success_usd"), found["requests"]
    horizon = number(answers, "traffic.horizon_months") or assumed.horizon_months_when_not_stated.value
    retires = found["retires_months"]
    life = min(horizon, retires) if isinstance(retires, float) else horizon
    found["life_months"] = life
    found["payback_months"] = found["pays_back"] = None
    budget = found["budget"]
    found["over_budget"] = None
    if hours is not None and rate is not None and isinstance(budget, float):
        found["over_budget"] = hours * rate > budget
    if hours is None or rate is None or value is None or not isinstance(requests, float):
        return
    monthly = requests * value * max(0.0, expected_gain(found))
    months = hours * rate / monthly if monthly > 0 else math.inf
    found["payback_months"] = None if math.isinf(months) else months
    found["pays_back"] = months <= life


def expected_gain(found: Features) -> float:
    """Return the gain to reckon with, as a share: measured, else the published median where there is headroom."""
    measured, best = found["measured_gain"], found["best_alternative"]
    if isinstance(measured, float):
        return measured
    assumed = load_effects().assumptions
    full = isinstance(best, float) and best >= assumed.gain_ends_at_prompt_score.value
    return 0.0 if full else assumed.published_gain.p50
