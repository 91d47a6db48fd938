"""The core: from answers to probabilities over the verdicts, cheap enough to be asked "what if" hundreds of times."""

from dataclasses import dataclass

from ftdecide.decision.answers import Answers
from ftdecide.decision.features import features_of
from ftdecide.decision.gates import vetoes
from ftdecide.decision.measured import Features
from ftdecide.decision.score import probabilities, total
from ftdecide.decision.types import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from a set of answers."""

    features: Features
    sums: dict[str, float]
    forbidden: frozenset[Verdict]
    instead: Verdict | None
    probabilities: dict[Verdict, float]
    verdict: Verdict


def judge(answers: Answers) -> Judgement:
    """Weigh the answers; the verdict is the most probable one, and of equals the one named first in `Verdict`."""
    found = features_of(answers)
    sums = total(found)
    forbidden, instead = vetoes(found)
    chances = probabilities(sums, forbidden, instead)
    verdict = max(Verdict, key=chances.__getitem__)
    return Judgement(found, sums, forbidden, instead, chances, verdict)
