"""What the rules look at: a flat mapping of plain values, worked out from the answers and nothing else."""

from functools import cache

from ftdecide.decision.answers import Answers, goals_in, number
from ftdecide.decision.evidence import load_effects
from ftdecide.decision.measured import Features, add_measurement, add_payback
from ftdecide.decision.stakes import add_stakes

_EFFORT = {"none": 0, "basic": 1, "systematic": 2}
_CHANGING = frozenset(("monthly", "weekly", "daily"))
_TELLING = frozenset(("open", "reasoning", "other"))
_GOALS = ("quality", "format", "style", "knowledge", "cost", "latency", "privacy", "tool_use", "safety")
_RIVALS = ("prompt_engineering", "few_shot", "rag", "change_base_model", "classical_model")


@cache
def _families() -> dict[str, str]:
    return {task: family for family, tasks in load_effects().families.items() for task in tasks}


def features_of(answers: Answers) -> Features:
    """Work out everything that rules, gates and texts refer to; None means "not known"."""
    found: Features = {}
    _use_case(found, answers)
    _alternatives(found, answers)
    _costs(found, answers)
    add_measurement(found, answers)
    add_payback(found, answers)
    add_stakes(found, answers)
    return found


def _use_case(found: Features, answers: Answers) -> None:
    get = answers.get
    task = get("use_case.task")
    goals = goals_in(answers)
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
    tells_own_facts = found["family"] in _TELLING and found["k_source"] == "private"
    rests_on_facts = (
        "knowledge" in goals or found["citations"] is True or found["family"] == "knowledge" or tells_own_facts
    )
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
    found["classical_top"] = best is not None and scores["classical_model"] == best
    found["classical_best"] = compared and scores["classical_model"] == best
    base_effort = answers.get("alternatives.change_base_model.effort")
    found["base_change"] = scores["change_base_model"]
    found["base_change_effort"] = None if base_effort is None else _EFFORT[str(base_effort)]
    found["base_change_best"] = compared and scores["change_base_model"] == best
    prompts = [score for name in ("prompt_engineering", "few_shot") if (score := scores[name]) is not None]
    found["best_prompt"] = max(prompts) if prompts else None
    gap = target - best if isinstance(target, float) and best is not None else None
    classical = scores["classical_model"]
    found["classical_meets_target"] = isinstance(target, float) and classical is not None and classical >= target
    found["gap_to_target"] = gap
    found["gap_points"] = None if gap is None else gap * 100
    found["target_met"] = isinstance(target, float) and best is not None and best >= target


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
    for name in ("state", "text", "source"):
        found["catalog_" + name] = get("catalog." + name)
