"""What a comparison contributes elsewhere: fields of the assessment, and the JSON of the command line."""

from ftdecide.experiment.curve_types import CurveResult
from ftdecide.experiment.summary import PROMPT_KINDS, best_arm
from ftdecide.experiment.types import ArmResult, Contrast, Interval, Summary, TwoByTwo

DIGITS = 4
_FIELD_OF_KIND = {
    "zero_shot": "alternatives.prompt_engineering",
    "few_shot": "alternatives.few_shot",
    "classical": "alternatives.classical_model",
    "stronger_base": "alternatives.change_base_model",
}
_RETRIEVAL = "alternatives.rag"


def evidence_from(summary: Summary) -> dict[str, object]:
    """Return what a finished comparison says about the assessment, by dotted field path; nothing for a partial one.

    The effort is "basic": one run of one plan. A team that tried harder keeps its own answer. Wins, losses and ties are
    those of the tuned arm against the best of the others.
    """
    if summary.partial:
        return {}
    found: dict[str, object] = {}
    for kind, path in _FIELD_OF_KIND.items():
        arm = best_arm(summary.arms, (kind,))
        if arm is None or arm.score is None:
            continue
        found |= {f"{path}.effort": "basic", f"{path}.score": round(arm.score, DIGITS)}
        if kind != "classical":
            found[f"{path}.model"] = arm.model or summary.model
        if kind == "few_shot":
            found[f"{path}.examples_in_prompt"] = arm.examples_in_prompt
    looking = best_arm(summary.arms, PROMPT_KINDS, retrieval=True)
    if looking is not None and looking.score is not None:
        found |= {f"{_RETRIEVAL}.effort": "basic", f"{_RETRIEVAL}.score": round(looking.score, DIGITS)}
        found[f"{_RETRIEVAL}.model"] = looking.model or summary.model
    found |= {"alternatives.evaluation_examples": summary.test_rows, "alternatives.evaluation_trust": "automatic"}
    tuned = best_arm(summary.arms, ("fine_tuned",))
    if tuned and tuned.score is not None:
        found["benefits.fine_tuned_score"] = round(tuned.score, DIGITS)
        if summary.prompt_tokens_removed_share is not None:
            found["benefits.prompt_tokens_removed_share"] = round(summary.prompt_tokens_removed_share, DIGITS)
    if pairs := summary.tuned_against_best:
        found |= {
            "benefits.paired_wins": pairs.wins,
            "benefits.paired_losses": pairs.losses,
            "benefits.paired_ties": pairs.ties,
        }
    return found


def summary_json(summary: Summary) -> dict[str, object]:
    """Return the result as the command line prints it; amounts are plain numbers there."""
    return {
        "title": summary.title,
        "provider": summary.provider,
        "model": summary.model,
        "baseline": summary.baseline,
        "margin": summary.margin,
        "metric": summary.metric,
        "partial": summary.partial,
        "train_hash": summary.train_hash,
        "test_hash": summary.test_hash,
        "arms": [_arm_json(arm) for arm in summary.arms],
        "contrasts": [_contrast_json(contrast) for contrast in summary.contrasts],
        "flips": [
            contrast.model_dump(mode="json", include={"arm", "baseline", "wins", "losses", "ties"})
            for contrast in summary.contrasts
        ],
        "flipped_rows": [flip.model_dump(mode="json") for flip in summary.flips],
        "tuned_against_best": _contrast_json(summary.tuned_against_best) if summary.tuned_against_best else None,
        "prompt_tokens_removed_share": summary.prompt_tokens_removed_share,
        "two_by_two": _table_json(summary.two_by_two) if summary.two_by_two else None,
        "learning_curve": _curve_json(summary.learning_curve) if summary.learning_curve else None,
        "groups": summary.groups,
        "forgetting": [
            {**each.model_dump(mode="json"), "interval": _pair(each.interval)} for each in summary.forgetting
        ],
        "warnings": list(summary.warnings),
    }


def _arm_json(arm: ArmResult) -> dict[str, object]:
    interval = [arm.interval.low, arm.interval.high] if arm.interval else None
    rails = [
        {**rail.model_dump(mode="json"), "interval": _pair(rail.interval) if rail.interval else None}
        for rail in arm.guardrails
    ]
    plain = {"interval": interval, "cost_usd": float(arm.cost_usd), "guardrails": rails}
    return {**arm.model_dump(mode="json"), **plain}


def _contrast_json(contrast: Contrast) -> dict[str, object]:
    interval = [contrast.interval.low, contrast.interval.high] if contrast.interval else None
    return {**contrast.model_dump(mode="json"), "interval": interval}


def _table_json(table: TwoByTwo) -> dict[str, object]:
    return {**table.model_dump(mode="json"), "contrasts": [_contrast_json(each) for each in table.contrasts]}


def _curve_json(curve: CurveResult) -> dict[str, object]:
    points = [{**each.model_dump(mode="json"), "interval": _pair(each.interval)} for each in curve.points]
    return {**curve.model_dump(mode="json"), "points": points, "interval": _pair(curve.interval)}


def _pair(interval: Interval) -> list[float]:
    return [interval.low, interval.high]
