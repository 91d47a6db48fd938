"""The reasons behind a verdict, each with its exact effect on it."""

from math import log

from ftdecide.decision.judge import Judgement
from ftdecide.decision.score import GROUPS, compiled_rules, probabilities, weights_of
from ftdecide.decision.types import Gate, Reason, Verdict
from ftdecide.decision.wording import fill
from ftdecide.translation import _

_NO_EFFECT = 0.005
_TINY = 1e-12


def read_reasons(judgement: Judgement, gates: tuple[Gate, ...]) -> tuple[Reason, ...]:
    """Return every blocked gate and every rule that applies, strongest first.

    `weight` is the change in the verdict's log-odds that this rule alone makes: with all rules against all but this.
    The odds are against every verdict outside the own kin: whether tuning comes with retrieval or without does not hide
    how much speaks for tuning. Rules without any effect on the verdict are left out.
    """
    found = judgement.features
    with_all = _log_odds(judgement.probabilities, judgement.verdict)
    reasons = _vetoes(judgement, gates, with_all)
    for compiled in compiled_rules():
        if not compiled.applies(found):
            continue
        sums = dict(judgement.sums)
        for target, weight in weights_of(compiled, found).items():
            sums[target] -= weight
        without = probabilities(sums, judgement.forbidden, judgement.instead)
        effect = with_all - _log_odds(without, judgement.verdict)
        if abs(effect) < _NO_EFFECT:
            continue
        rule = compiled.rule
        reasons.append(
            Reason(
                code=rule.code,
                text=fill(rule.text, found),
                source=rule.source if rule.source.startswith("http") else _(rule.source),
                verdict=judgement.verdict,
                weight=round(effect, 4),
                origin=rule.origin,
            )
        )
    return tuple(sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.code)))


def _vetoes(judgement: Judgement, gates: tuple[Gate, ...], with_all: float) -> list[Reason]:
    """Return the blocked gates as reasons, with what all vetoes together change."""
    free = probabilities(judgement.sums, frozenset(), None)
    effect = with_all - _log_odds(free, judgement.verdict)
    if abs(effect) < _NO_EFFECT:
        return []
    return [
        Reason(
            code=f"gate_{gate.name}",
            text=gate.text,
            source=gate.source,
            verdict=judgement.verdict,
            weight=round(effect, 4),
            origin="quoted" if gate.source.startswith("http") else "answered",
        )
        for gate in gates
        if gate.status == "block"
    ]


def _log_odds(chances: dict[Verdict, float], verdict: Verdict) -> float:
    kin = next(verdicts for verdicts in (GROUPS["tune"], GROUPS["evidence"], (verdict,)) if verdict in verdicts)
    against = sum(p for other, p in chances.items() if other not in kin)
    return log(max(chances[verdict], _TINY)) - log(max(against, _TINY))
