"""What is found by comparing pairs of answers: verdicts, what they took, and the judgement of two arms."""

from decimal import Decimal
from typing import NamedTuple

from ftdecide.experiment.prediction_powered import merge_orders
from ftdecide.experiment.types import Interval, Part


class Verdict(NamedTuple):
    """What a judge said of a pair with the arm's answer first, and with the baseline's first; None if unreadable."""

    arm_first: float | None
    baseline_first: float | None

    @property
    def merged(self) -> float:
        """One verdict: a tie where the orders disagree or one of them could not be read."""
        if self.arm_first is None or self.baseline_first is None:
            return 0.0
        return merge_orders(self.arm_first, self.baseline_first)


class Spent(NamedTuple):
    """What the verdicts of a judge took."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)


class Judgement(Part):
    """How two arms' answers compare, in the eyes of a judge and of people; differences are in favour of `arm`.

    A difference is the share of pairs in which the arm's answer is better less that in which it is worse. `difference`
    is the headline: the judge's corrected by people's labels where there are both, else what there is; null without
    either. `naive` is the judge's alone and `by_people` the labels' alone. `settled` of the `n` pairs needed neither,
    because the answers are equal or one failed. `judged` pairs have a verdict in both orders, `unreadable` have one
    that could not be read and counts as a tie, `unjudged` none yet. `labelled` counts people's labels alone.
    `flip_rate` is how often the verdict changed with the order; `kappa` is Cohen's, between judge and people over the
    pairs that both have looked at. `secondary` says that the judge agrees with people too little to be relied on.
    """

    arm: str
    baseline: str
    model: str | None
    n: int
    settled: int
    judged: int
    unreadable: int
    unjudged: int
    ties: int
    flip_rate: float | None
    flip_interval: Interval | None
    labelled: int
    kappa: float | None
    secondary: bool
    naive: float | None
    by_people: float | None
    difference: float | None
    interval: Interval | None
    p_value: float | None
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal
    text: str
    notes: tuple[str, ...]
