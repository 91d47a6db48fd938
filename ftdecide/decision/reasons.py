"""The reasons behind a verdict, each with its exact effect on it."""

from math import log

from ftdecide.decision.judge import Judgement
from ftdecide.decision.score import compiled_rules, probabilities, weights_of
from ftdecide.decision.types import Reason
from ftdecide.translation import _

_NO_EFFECT = 0.005


def read_reasons(judgement: Judgement) -> tuple[Reason, ...]:
    """Return every rule that applies, strongest first.

    `weight` is the change in the verdict's log-odds that this rule alone makes: with all rules against all but this.
    Rules without any effect on the verdict are left out.
    """
    found = judgement.features
    with_all = _log_odds(judgement.probabilities[judgement.verdict])
    reasons: list[Reason] = []
    for compiled in compiled_rules():
        if not compiled.applies(found):
            continue
        sums = dict(judgement.sums)
        for target, weight in weights_of(compiled, found).items():
            sums[target] -= weight
        without = probabilities(sums, judgement.forbidden, judgement.instead)[judgement.verdict]
        effect = with_all - _log_odds(without)
        if abs(effect) < _NO_EFFECT:
            continue
        rule = compiled.rule
        reasons.append(
            Reason(
                code=rule.code,
                text=_(rule.text).format_map(found),
                source=rule.source if rule.source.startswith("http") else _(rule.source),
                verdict=judgement.verdict,
                weight=round(effect, 4),
                origin=rule.origin,
            )
        )
    return tuple(sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.code)))


def _log_odds(p: float) -> float:
    bounded = min(max(p, 1e-12), 1 - 1e-12)
    return log(bounded / (1 - bounded))
