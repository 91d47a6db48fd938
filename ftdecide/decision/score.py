"""From features to probabilities: log-odds of three groups, then of the verdicts within each group.

Groups are `tune`, `evidence` and the alternatives (whose score is 0). Keeping "does tuning win?" apart from "which
alternative?" makes the first monotone: a better prompt can never help tuning by weakening some other alternative.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from math import exp, inf

from ftdecide.decision.evidence import Between, Condition, Curve, Group, Plain, Rule, load_effects
from ftdecide.decision.measured import Features
from ftdecide.decision.types import Verdict

GROUPS: dict[Group, tuple[Verdict, ...]] = {
    "tune": (Verdict.FINE_TUNE, Verdict.FINE_TUNE_PLUS_RAG),
    "alternatives": (
        Verdict.PROMPT_ENGINEERING,
        Verdict.RAG,
        Verdict.CHANGE_BASE_MODEL,
        Verdict.CLASSICAL_MODEL,
    ),
    "evidence": (Verdict.PILOT_FIRST, Verdict.NOT_NOW),
}


@dataclass(frozen=True, slots=True)
class Test:
    """A condition block, ready to be asked a few hundred times: membership tests and half-open ranges."""

    sets: tuple[tuple[str, frozenset[Plain]], ...]
    ranges: tuple[tuple[str, float, float], ...]

    def holds(self, found: Features) -> bool:
        """Say whether all conditions hold; a block without conditions always does."""
        for name, allowed in self.sets:
            if found[name] not in allowed:
                return False
        for name, low, below in self.ranges:
            value = found[name]
            if not isinstance(value, int | float) or not low <= value < below:
                return False
        return True


def compile_test(condition: Condition) -> Test:
    """Make a `Test` of a condition block as written in the data."""
    sets = tuple((name, frozenset(allowed)) for name, allowed in condition.items() if not isinstance(allowed, Between))
    between = ((name, allowed) for name, allowed in condition.items() if isinstance(allowed, Between))
    return Test(sets, tuple((name, allowed.min, allowed.below) for name, allowed in between))


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule with its tests and its constant weights."""

    rule: Rule
    when: Test
    unless: Test | None
    gives: tuple[tuple[str, float], ...]

    def applies(self, found: Features) -> bool:
        """Say whether this rule counts; forecasts do not once the gain has been measured."""
        if self.rule.forecast and found["measured"]:
            return False
        return self.when.holds(found) and (self.unless is None or not self.unless.holds(found))


@cache
def compiled_rules() -> tuple[Compiled, ...]:
    """Return all rules, ready to be applied."""
    return tuple(
        Compiled(
            rule,
            compile_test(rule.when),
            compile_test(rule.unless) if rule.unless else None,
            tuple((str(target), weight) for target, weight in rule.gives.items()),
        )
        for rule in load_effects().rules
    )


def along(points: tuple[tuple[float, float], ...], x: float) -> float:
    """Return the weight at `x` on straight lines through `points`, flat outside them."""
    index = bisect_right(points, (x, inf))
    if index == 0 or index == len(points):
        return points[0 if index == 0 else -1][1]
    (x0, y0), (x1, y1) = points[index - 1], points[index]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def weights_of(compiled: Compiled, found: Features) -> dict[str, float]:
    """Return what a rule that applies adds, in log-odds by group or verdict."""
    given = dict(compiled.gives)
    curve: Curve | None = compiled.rule.curve
    if curve is not None and isinstance(x := found[curve.feature], int | float):
        if curve.tune:
            given["tune"] = given.get("tune", 0.0) + along(curve.tune, x)
        if curve.evidence:
            given["evidence"] = given.get("evidence", 0.0) + along(curve.evidence, x)
    return given


@cache
def _start() -> dict[str, float]:
    base = load_effects().base
    return {**base.groups, **{str(verdict): score for verdict, score in base.verdicts.items()}}


def total(found: Features) -> dict[str, float]:
    """Return the log-odds of every group and verdict, before any veto."""
    sums = dict(_start())
    for compiled in compiled_rules():
        if compiled.applies(found):
            for target, weight in weights_of(compiled, found).items() if compiled.rule.curve else compiled.gives:
                sums[target] += weight
    return sums


def probabilities(
    sums: dict[str, float], forbidden: frozenset[Verdict], move_to: Verdict | None = None
) -> dict[Verdict, float]:
    """Turn log-odds into probabilities that sum to 1; forbidden verdicts get 0.

    What forbidden verdicts would have had goes to `move_to`, or, without one, is shared in proportion by the rest.
    """
    groups: dict[Group, float] = {"tune": exp(sums["tune"]), "alternatives": 1.0, "evidence": exp(sums["evidence"])}
    weight = sum(groups.values())
    found: dict[Verdict, float] = {}
    for group, verdicts in GROUPS.items():
        parts = [exp(sums[verdict.value]) for verdict in verdicts]
        share = groups[group] / weight / sum(parts)
        for verdict, part in zip(verdicts, parts, strict=True):
            found[verdict] = share * part
    if forbidden:
        lost = sum(found[verdict] for verdict in forbidden)
        for verdict in forbidden:
            found[verdict] = 0.0
        if move_to is not None:
            found[move_to] += lost
        rest = sum(found.values())
        found = {verdict: p / rest for verdict, p in found.items()}
    return found
