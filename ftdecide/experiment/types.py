"""What a comparison consists of: rows, answers, grades and what was found; frozen, and JSON reads back as it was."""

from decimal import Decimal
from typing import Literal

from ftdecide.experiment.arm_checks import Forgetting, Guardrail, LabelReport
from ftdecide.experiment.curve_types import CurveResult
from ftdecide.experiment.part import Interval, Part

ArmKind = Literal["zero_shot", "few_shot", "fine_tuned", "classical", "stronger_base"]
Reading = Literal["better", "same", "worse", "not_enough_data"]
GradeReason = Literal["right", "partly_right", "wrong", "format", "empty", "failed"]


class Row(Part):
    """One question with its right answer; `line` is its place in the file, `system` what the file tells the model.

    Rows with the same `group` (customer, document, template) are not independent; "" is a group of its own.
    `passages` are what retrieval found for the question, best first.
    """

    item: str
    prompt: str
    reference: str
    line: int
    system: str = ""
    group: str = ""
    passages: tuple[str, ...] = ()


class Rows(Part):
    """The rows of a comparison after caps; the hashes are SHA-256 over the rows in order and name them for good.

    Test rows stand in the order in which they are asked. `unread` are the passages in which questions are still to be
    looked up by meaning; once each row has its own it is empty.
    """

    train: tuple[Row, ...]
    test: tuple[Row, ...]
    train_hash: str
    test_hash: str
    unread: tuple[str, ...] = ()


class Answer(Part):
    """What one arm answered to one item; `error` says why there is none, and then `text` is empty.

    `repeat` counts from 0 where every item is asked several times. `cost_usd` is this call's share of what was paid,
    `configuration` the hash of everything that shaped the answer. `failure` says in one word why there is no text:
    "empty" and "content_filter" are what a model or its keeper did, others what became of the call.
    """

    arm: str
    item: str
    repeat: int = 0
    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency_ms: float = 0.0
    error: str | None = None
    cost_usd: Decimal = Decimal(0)
    configuration: str = ""
    failure: str | None = None


class Grade(Part):
    """How right an answer is; `tokens` are those a judge needed, 0 for graders that follow a rule."""

    score: float
    passed: bool
    reason: GradeReason
    detail: str = ""
    tokens: int = 0


class Latency(Part):
    """Median and 95th percentile of the time to an answer, in milliseconds."""

    p50: float
    p95: float


class ArmResult(Part):
    """How one arm did; `score`, `interval` and `latency_ms` are null while nothing is answered.

    `failed` rows count as wrong in `score`; `band` is the score if all of them were wrong, and if all were right.
    `format_breaks` counts answers that could not be read in the form asked for, which are also wrong. `retrieval` says
    whether questions came with passages, `train_share` from which share of the training rows a tuned arm has learnt.
    Where items are asked several times, `n` and `failed` count items and the tokens are those of all `repeats`.
    `guardrails` is what the arm should not do whatever its score, `labels` its answers by label where they are labels.
    """

    name: str
    kind: ArmKind
    score: float | None
    interval: Interval | None
    n: int
    failed: int
    band: tuple[float, float] | None
    format_breaks: int
    cost_usd: Decimal
    latency_ms: Latency | None
    prompt_tokens: int
    completion_tokens: int
    examples_in_prompt: int = 0
    retrieval: bool = False
    train_share: float = 1.0
    model: str = ""
    repeats: int = 1
    guardrails: tuple[Guardrail, ...] = ()
    labels: LabelReport | None = None


class Contrast(Part):
    """One arm against the baseline, item by item; positive `difference` is in favour of `arm`.

    With fewer than 15 items `interval`, `p_value`, `p_adjusted` and `p_better` are null: nothing can be inferred.
    `p_adjusted` is `p_value` after Holm over the declared contrasts; `band` is the difference in the worst and in the
    best case for the rows that failed. `groups` is the number of groups that the rows come in, null where each stands
    alone. `more_rows` is how many more would probably settle what there is not enough data for; null where nothing is
    left to settle, nothing may be claimed, or 5,000 would not do.
    """

    arm: str
    baseline: str
    n: int
    difference: float | None
    interval: Interval | None
    p_value: float | None
    p_adjusted: float | None
    p_better: float | None
    reading: Reading
    wins: int
    losses: int
    ties: int
    band: tuple[float, float] | None
    text: str
    groups: int | None = None
    more_rows: int | None = None


class Flip(Part):
    """One item that one arm got right and the baseline did not, or the other way round."""

    arm: str
    baseline: str
    item: str
    line: int
    won: bool
    prompt: str
    reference: str
    answer: str
    baseline_answer: str


class TwoByTwo(Part):
    """The base and the tuned model, each without and with retrieval; a cell without an arm is null.

    `contrasts` are retrieval on the base model against fine-tuning alone, then retrieval added to the base model, to
    the tuned one, and fine-tuning added to retrieval, as far as the arms are there; Holm counts them as one family.
    """

    base: str | None
    base_retrieval: str | None
    tuned: str | None
    tuned_retrieval: str | None
    contrasts: tuple[Contrast, ...]
    text: str


class Summary(Part):
    """What a comparison found; `partial` when it ended before every arm had answered every item.

    `prompt_tokens_removed_share` is how much shorter the tuned arm's average prompt is than the best prompt arm's.
    `tuned_against_best` sets the fine-tuned arm against the best of the others; it is chosen after looking, so it
    describes and is no declared contrast. `forgetting` sets tuned arms against their base on general questions, where
    these were asked.
    """

    title: str
    provider: str
    model: str
    grader: str
    metric: Literal["passed", "score"]
    margin: float
    baseline: str
    train_hash: str
    test_hash: str
    train_rows: int
    test_rows: int
    partial: bool
    arms: tuple[ArmResult, ...]
    contrasts: tuple[Contrast, ...]
    tuned_against_best: Contrast | None
    flips: tuple[Flip, ...]
    warnings: tuple[str, ...]
    prompt_tokens_removed_share: float | None = None
    two_by_two: TwoByTwo | None = None
    learning_curve: CurveResult | None = None
    groups: int = 0
    forgetting: tuple[Forgetting, ...] = ()
