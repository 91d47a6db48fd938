# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# sacrebleu's types are partial; its score passes through float() here.
"""How alike two texts are, from 0 to 1, by measures that the field knows."""

import re
from functools import cache
from typing import Protocol, cast

from ftdecide.experiment.identity import normalise

LONGEST_TEXT = 200_000
"""Characters beyond which texts are not compared: far more than an answer has, and still quick to compare."""

_WORD = re.compile(r"\w+")


class _Score(Protocol):
    score: float


class _Metric(Protocol):
    def sentence_score(self, hypothesis: str, references: list[str]) -> _Score: ...


def chrf(reference: str, answer: str) -> float:
    """Return chrF2: the F-score of runs of 1 to 6 characters, recall counting twice (Popović, WMT 2015), by sacrebleu.

    White space does not count, case does.
    """
    if reference.split() == answer.split():
        return 1.0
    return min(1.0, float(_chrf().sentence_score(_whole(answer), [_whole(reference)]).score) / 100)


def rouge_l(reference: str, answer: str) -> float:
    """Return ROUGE-L's F1: of the longest common subsequence of words (Lin, ACL 2004), counted by RapidFuzz.

    Words are runs of letters and digits of any script, without case and without stemming; for plain English texts this
    is what the package rouge-score calls rougeL. Languages that write no blanks are better served by chrF.
    """
    from rapidfuzz.distance import LCSseq

    wanted, given = words(reference), words(answer)
    if not wanted or not given:
        return 0.0
    return 2 * LCSseq.similarity(wanted, given) / (len(wanted) + len(given))


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(normalise(text))


@cache
def _chrf() -> _Metric:
    from sacrebleu.metrics.chrf import CHRF

    return cast("_Metric", CHRF())


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
