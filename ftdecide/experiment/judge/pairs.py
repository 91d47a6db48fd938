"""Two arms' answers to the same row as one thing: what a judge or a person compares without knowing whose they are."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from ftdecide.experiment.identity import seeded_order
from ftdecide.experiment.plan import Experiment, baseline_name, contrast_names
from ftdecide.experiment.types import Answer, Row, Rows

Side = Literal["arm", "baseline"]


class AnswerPair(NamedTuple):
    """What an arm and its baseline answered to one row; None where an answer failed for good.

    `digest` names the pair for good: another text is another pair.
    """

    arm: str
    baseline: str
    row: Row
    answer: str | None
    baseline_answer: str | None
    digest: str

    @property
    def settled(self) -> float | None:
        """What needs no judge: a failed answer loses, equal answers tie; None where somebody has to judge."""
        if self.answer is None or self.baseline_answer is None:
            return float((self.answer is not None) - (self.baseline_answer is not None))
        return 0.0 if self.answer.strip() == self.baseline_answer.strip() else None

    def text_of(self, side: Side) -> str:
        """Return one of the two answers."""
        return (self.answer if side == "arm" else self.baseline_answer) or ""


def pair_answers(
    experiment: Experiment, rows: Rows, answers: Iterable[Answer]
) -> dict[tuple[str, str], tuple[AnswerPair, ...]]:
    """Return for each declared contrast, named by arm and baseline, the pairs of answers in the order of the rows.

    Rows that one of the two has not answered yet are left out. Of several answers to a row the first is taken.
    """
    given = {(each.arm, each.item): each for each in answers if each.repeat == 0}
    baseline = baseline_name(experiment)
    return {
        (arm, baseline): tuple(
            _pair(arm, baseline, row, given[arm, row.item], given[baseline, row.item])
            for row in rows.test
            if (arm, row.item) in given and (baseline, row.item) in given
        )
        for arm in contrast_names(experiment)
    }


def shuffle(pairs: Sequence[AnswerPair], seed: int) -> tuple[AnswerPair, ...]:
    """Return the pairs in a random order that the seed settles, so that any first part of them is a random sample."""
    return tuple(sorted(pairs, key=lambda pair: seeded_order(seed, pair.digest)))


def first_side(pair: AnswerPair, seed: int) -> Side:
    """Return whose answer a person is shown first, drawn by the seed: what tells nothing of the arms."""
    return "arm" if int(seeded_order(seed, f"side {pair.digest}"), 16) % 2 else "baseline"


def _pair(arm: str, baseline: str, row: Row, mine: Answer, theirs: Answer) -> AnswerPair:
    texts = [None if each.error is not None else each.text for each in (mine, theirs)]
    named = json.dumps([arm, baseline, row.item, row.prompt, *texts])
    digest = hashlib.sha256(named.encode()).hexdigest()
    return AnswerPair(arm, baseline, row, texts[0], texts[1], digest)
