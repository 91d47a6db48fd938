"""What a judge will take, counted before anything is spent."""

import math
from typing import NamedTuple

from ftdecide.catalog import Catalog, find_provider
from ftdecide.catalog.prices import Request
from ftdecide.dataset.tokens import encoder, encoding_for
from ftdecide.errors import NotFoundError
from ftdecide.experiment.judge.facts import judge_facts
from ftdecide.experiment.judge.pairs import AnswerPair
from ftdecide.experiment.judge.prompt import judge_messages
from ftdecide.experiment.plan import Experiment, contrast_names
from ftdecide.experiment.price import CostLine, price_answer
from ftdecide.experiment.prompt_budget import TOKENS_AROUND_A_MESSAGE
from ftdecide.experiment.speed import Minutes, remote_minutes, run_figures
from ftdecide.experiment.types import Rows
from ftdecide.experiment.workload import OtherWork, Workload
from ftdecide.translation import _

_ORDERS = 2
_TRIES = 2


class JudgeEstimate(NamedTuple):
    """Calls, cost and time of a judge; nothing where there is none."""

    other: tuple[OtherWork, ...]
    lines: tuple[CostLine, ...]
    minutes: Minutes


def estimate_judge(experiment: Experiment, rows: Rows, catalog: Catalog) -> JudgeEstimate:
    """Return what the plan's judge will take.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    work = judge_work(experiment, rows)
    if work is None:
        return JudgeEstimate((), (), Minutes(p50=0, p95=0))
    line = price_judge(experiment, work, catalog)
    alone = Workload(arms=(), encoding="", exact=True, other=(work,))
    minutes = remote_minutes(alone, run_figures().remote, experiment.concurrency)
    return JudgeEstimate((work,), (line,) if line else (), minutes)


def judge_work(experiment: Experiment, rows: Rows) -> OtherWork | None:
    """Return the calls of the plan's judge, with answers as long as the references, or None where there is no judge.

    Equal and failed answers need none of them, so there will be fewer.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    judge, contrasts = experiment.judge, len(contrast_names(experiment))
    if judge is None or not contrasts or not rows.test:
        return None
    prompt = judge_facts().prompt
    chats = [
        judge_messages(prompt, judge.criterion, AnswerPair("", "", row, row.reference, row.reference, row.item), "arm")
        for row in rows.test
    ]
    counter = encoder(encoding_for(judge.provider.model).encoding)
    texts = [message["content"] for chat in chats for message in chat]
    tokens = sum(counter.count_all(texts)) + TOKENS_AROUND_A_MESSAGE * len(texts)
    calls = _ORDERS * contrasts * len(chats)
    return OtherWork(
        role="judge",
        model=judge.provider.model,
        calls=calls,
        prompt_tokens=_ORDERS * contrasts * tokens,
        completion_tokens=prompt.likely_output_tokens * calls,
    )


def price_judge(experiment: Experiment, work: OtherWork, catalog: Catalog) -> CostLine | None:
    """Return the cost of the judge's calls, or None where it runs at home.

    The upper end takes both answers and every verdict as long as allowed, and every verdict asked for twice.
    """
    judge = experiment.judge
    if judge is None or judge.provider.id == "local":
        return None
    item = _("judge: {calls} comparisons").format(calls=work.calls)
    unknown = CostLine(
        item=item, p50_usd=None, p95_usd=None, origin="assumed", source=judge.provider.id, as_of="undated"
    )
    try:
        provider = find_provider(catalog, judge.provider.id)
    except NotFoundError:
        return unknown
    prompt, inputs = judge_facts().prompt, math.ceil(work.prompt_tokens / work.calls)
    likely = Request(input_tokens=inputs, output_tokens=prompt.likely_output_tokens)
    most = Request(input_tokens=inputs + 2 * experiment.max_output_tokens, output_tokens=prompt.max_output_tokens)
    prices = [price_answer(catalog, provider, work.model, request) for request in (likely, most)]
    if prices[0] is None or prices[1] is None:
        return unknown
    return CostLine(
        item=item,
        p50_usd=prices[0].usd * work.calls,
        p95_usd=prices[1].usd * work.calls * _TRIES,
        origin="quoted",
        source=prices[0].source,
        as_of=prices[0].as_of,
    )
