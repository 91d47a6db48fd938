"""Refits the weights of the decision engine without one source of cases at a time."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ftdecide.decision.score import GROUPS, probabilities
from ftdecide.decision.types import Verdict

TARGETS = ("tune", "evidence", *(verdict.value for verdict in Verdict))


@dataclass(frozen=True)
class Case:
    """One published case: its judgement, and what each rule added to each group or verdict (weights as set by hand)."""

    id: str
    source: str
    expected: Verdict
    acceptable: frozenset[str]
    verdict: Verdict
    confidence: float
    start: np.ndarray
    added: np.ndarray
    forbidden: frozenset[Verdict]
    instead: Verdict | None


def verdict_of(case: Case, sums: np.ndarray) -> Verdict:
    chances = probabilities(dict(zip(TARGETS, map(float, sums), strict=True)), case.forbidden, case.instead)
    return max(Verdict, key=chances.__getitem__)


def refitted(cases: list[Case], *, centre: float, spread: float) -> list[Verdict]:
    """Leave out one source at a time and refit one factor per rule and target, with a normal prior around `centre`."""
    verdicts: dict[str, Verdict] = {}
    for source in {case.source for case in cases}:
        factors = _fit([case for case in cases if case.source != source], centre, spread)
        for case in cases:
            if case.source == source:
                verdicts[case.id] = verdict_of(case, case.start + (case.added * factors).sum(axis=0))
    return [verdicts[case.id] for case in cases]


def _fit(cases: list[Case], centre: float, spread: float) -> np.ndarray:
    shape = cases[0].added.shape
    used = np.any([case.added != 0 for case in cases], axis=0)
    full = np.ones(shape)

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        full[used] = values
        total, slope = ((values - centre) ** 2).sum() / (2 * spread**2), np.zeros(shape)
        for case in cases:
            value, gradient = _log_loss(case, case.start + (case.added * full).sum(axis=0))
            total += value
            slope += case.added * gradient
        return float(total), slope[used] + (values - centre) / spread**2

    result = minimize(loss, np.full(int(used.sum()), centre), jac=True, method="L-BFGS-B")
    full[used] = result.x
    return full.copy()


def _log_loss(case: Case, sums: np.ndarray) -> tuple[float, np.ndarray]:
    """Negative log-probability of the expected verdict (before vetoes) and its slope in the sums."""
    by_name = dict(zip(TARGETS, sums, strict=True))
    heads = np.array([by_name["tune"], 0.0, by_name["evidence"]])
    shares = np.exp(heads - np.logaddexp.reduce(heads))
    index = next(i for i, verdicts in enumerate(GROUPS.values()) if case.expected in verdicts)
    leaves = list(GROUPS.values())[index]
    logits = np.array([by_name[verdict.value] for verdict in leaves])
    inside = np.exp(logits - np.logaddexp.reduce(logits))
    slope = np.zeros(len(TARGETS))
    slope[TARGETS.index("tune")], slope[TARGETS.index("evidence")] = shares[0], shares[2]
    if index != 1:
        slope[TARGETS.index(("tune", "", "evidence")[index])] -= 1
    for verdict, share in zip(leaves, inside, strict=True):
        slope[TARGETS.index(verdict.value)] = share - (verdict is case.expected)
    return float(-np.log(shares[index] * inside[leaves.index(case.expected)])), slope
