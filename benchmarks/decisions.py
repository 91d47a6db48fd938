"""How often the decision engine agrees with published outcomes, as it is and with its weights refitted by source.

    python benchmarks/decisions.py [FILE] [--json]

`strict`: the verdict is the expected one. `lenient`: it is one that a fair expert would also accept. `cost`: the mean
of 3 for a wrong `fine_tune`, 1 for any other wrong verdict, 0.25 for one that is acceptable but not expected. The
reference is to fine-tune always. The weights in `data/evidence/effects.yml` were set by hand while these cases could be
seen, so the first line flatters; the cross-validated lines refit weights without the cases of the source that is
judged. The rules themselves stay.
"""

import argparse
import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.decisions_refit import TARGETS, Case, refitted
from ftdecide.assessment.types import read_assessment
from ftdecide.decision.answers import read_answers
from ftdecide.decision.judge import judge
from ftdecide.decision.score import compiled_rules, weights_of
from ftdecide.decision.types import Verdict
from ftdecide.decision.verdict import decide
from ftdecide.documents import read_document

CASES = Path(__file__).resolve().parents[1] / "data" / "evidence" / "decision_cases.yaml"
TODAY = date(2026, 11, 22)
WRONG_TUNE_COST, WRONG_COST, ACCEPTED_COST = 3.0, 1.0, 0.25


def read_cases(path: Path) -> list[Case]:
    document = read_document(path)
    assert isinstance(document, dict)
    return [_case(raw) for raw in document["cases"]]


def _case(raw: dict[str, Any]) -> Case:
    assessment = read_assessment(raw["assessment"], raw["id"])
    decision = decide(assessment, TODAY)
    now = judge(read_answers(assessment))
    added = np.zeros((len(compiled_rules()), len(TARGETS)))
    for row, rule in enumerate(compiled_rules()):
        if rule.applies(now.features):
            for target, weight in weights_of(rule, now.features).items():
                added[row, TARGETS.index(target)] += weight
    sums = np.array([now.sums[target] for target in TARGETS])
    return Case(
        id=raw["id"],
        source=raw["source"] or raw["id"],
        expected=Verdict(raw["expected"]),
        acceptable=frozenset(raw["acceptable"]),
        verdict=decision.verdict,
        confidence=decision.confidence,
        start=sums - added.sum(axis=0),
        added=added,
        forbidden=now.forbidden,
        instead=now.instead,
    )


def cost_of(case: Case, verdict: Verdict) -> float:
    if verdict is case.expected:
        return 0.0
    if verdict.value in case.acceptable:
        return ACCEPTED_COST
    return WRONG_TUNE_COST if verdict is Verdict.FINE_TUNE else WRONG_COST


def score(cases: list[Case], verdicts: list[Verdict]) -> dict[str, float]:
    pairs = list(zip(cases, verdicts, strict=True))
    return {
        "cost": sum(cost_of(c, v) for c, v in pairs) / len(pairs),
        "strict": sum(v is c.expected for c, v in pairs) / len(pairs),
        "lenient": sum(v.value in c.acceptable for c, v in pairs) / len(pairs),
        "wrong_fine_tune": sum(v is Verdict.FINE_TUNE and v.value not in c.acceptable for c, v in pairs),
    }


def by_fold(cases: list[Case]) -> list[dict[str, float]]:
    """Hand-set weights on five groups of sources: nothing is fitted, so this shows only how much the figure varies."""
    sources = sorted({case.source for case in cases})
    folds = [[case for case in cases if sources.index(case.source) % 5 == fold] for fold in range(5)]
    return [{"cases": len(fold), **score(fold, [case.verdict for case in fold])} for fold in folds]


def calibration(cases: list[Case]) -> dict[str, float]:
    right = [case.verdict is case.expected for case in cases]
    return {
        "mean_confidence": float(np.mean([case.confidence for case in cases])),
        "brier": float(np.mean([(case.confidence - hit) ** 2 for case, hit in zip(cases, right, strict=True)])),
    }


def measure(path: Path = CASES) -> dict[str, Any]:
    """Return everything this benchmark reports."""
    cases = read_cases(path)
    return {
        "cases": len(cases),
        "sources": len({case.source for case in cases}),
        "hand_set": score(cases, [case.verdict for case in cases]),
        "calibration": calibration(cases),
        "hand_set_by_fold": by_fold(cases),
        "refitted_around_hand_set_by_source": score(cases, refitted(cases, centre=1.0, spread=0.5)),
        "refitted_from_nothing_by_source": score(cases, refitted(cases, centre=0.0, spread=1.0)),
        "always_fine_tune": score(cases, [Verdict.FINE_TUNE] * len(cases)),
        "confusion": [
            {"expected": e, "verdict": v, "cases": n}
            for (e, v), n in sorted(Counter((c.expected.value, c.verdict.value) for c in cases).items())
        ],
        "not_expected": [
            {
                "id": c.id,
                "expected": c.expected.value,
                "verdict": c.verdict.value,
                "accepted": c.verdict in c.acceptable,
            }
            for c in cases
            if c.verdict is not c.expected
        ],
    }


def _line(name: str, result: dict[str, float]) -> str:
    wrong = f"cost {result['cost']:.2f}  wrong fine_tune {result['wrong_fine_tune']:.0f}"
    return f"{name:58} strict {result['strict']:.2f}  lenient {result['lenient']:.2f}  {wrong}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=CASES)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = measure(arguments.file)
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{result['cases']} published cases from {result['sources']} sources")
    print(_line("weights as set by hand (cases seen while setting them)", result["hand_set"]))
    for number, fold in enumerate(result["hand_set_by_fold"], start=1):
        print(_line(f"  fold {number} of sources, {fold['cases']} cases (nothing fitted)", fold))
    print(_line("each source left out, weights refitted around hand-set", result["refitted_around_hand_set_by_source"]))
    print(_line("each source left out, weights refitted from nothing", result["refitted_from_nothing_by_source"]))
    print(_line("reference: always fine-tune", result["always_fine_tune"]))
    shown = result["calibration"]
    print(f"mean confidence {shown['mean_confidence']:.2f}, Brier score of the verdict {shown['brier']:.3f}")
    print("\nexpected -> verdict")
    for row in result["confusion"]:
        print(f"  {row['expected']:20} {row['verdict']:20} {row['cases']}")
    print("\nverdict differs from the expected one")
    for row in result["not_expected"]:
        mark = "accepted" if row["accepted"] else "WRONG"
        print(f"  {row['id']:34} expected {row['expected']:20} verdict {row['verdict']:20} {mark}")


if __name__ == "__main__":
    main()
