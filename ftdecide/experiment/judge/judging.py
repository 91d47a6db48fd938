"""A model that judges pairs of answers: asked in both orders, never told whose an answer is, nothing asked twice."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ftdecide.experiment.answering import ask_all
from ftdecide.experiment.arm_plan import StrongerBase
from ftdecide.experiment.judge.facts import JudgePrompt, judge_facts, refuse_kin
from ftdecide.experiment.judge.pairs import AnswerPair, Side, pair_answers
from ftdecide.experiment.judge.plan import JudgePlan
from ftdecide.experiment.judge.prompt import judge_messages, mend_messages, read_verdict
from ftdecide.experiment.judge.types import Spent, Verdict
from ftdecide.experiment.outcome import Question, Terms
from ftdecide.experiment.spending import price_calls
from ftdecide.experiment.types import Answer, Row
from ftdecide.experiment.work import Work
from ftdecide.providers.base import Message
from ftdecide.providers.connections import load_connections
from ftdecide.providers.pace import load_pacing
from ftdecide.store.answers import SavedAnswer, answered_items, load_answers
from ftdecide.store.calls import charge_lost_calls

# The name under which verdicts are kept among the answers of a run; no arm's name begins with a colon.
JUDGE = ":judge"
SIDES: tuple[Side, Side] = ("arm", "baseline")
_FIRST, _MENDED = 0, 1


def judge_answers(work: Work) -> None:
    """Get the verdicts that are missing, in both orders; one that cannot be read is asked for once more.

    Raises:
        InputError: the judge is kin to a model that it judges.
        StopError: the run is to end, or its budget has no room for another call.
        ProviderError, UnavailableError: going on is pointless.
    """
    judge = work.experiment.judge
    if judge is None:
        return
    refuse_kin(work.experiment)
    charge_lost_calls(work.store, work.run.id)
    saved = load_answers(work.store, work.run.id)
    pairs = open_pairs(work, saved)
    _ask(work, judge, pairs, _FIRST, {})
    configuration = judge_configuration(judge)
    said = {
        each.item: each.text
        for each in load_answers(work.store, work.run.id)
        if each.arm == JUDGE and each.configuration == configuration and each.repeat == _FIRST and each.error is None
    }
    unreadable = {item: text for item, text in said.items() if read_verdict(text, "arm") is None}
    if unreadable:
        _ask(work, judge, pairs, _MENDED, unreadable)


def open_pairs(work: Work, saved: Iterable[SavedAnswer]) -> list[AnswerPair]:
    """Return the pairs of all declared contrasts that somebody has to judge."""
    answers = [answer_of(each) for each in saved if each.arm != JUDGE]
    contrasts = pair_answers(work.experiment, work.rows, answers)
    return [pair for pairs in contrasts.values() for pair in pairs if pair.settled is None]


def answer_of(saved: SavedAnswer) -> Answer:
    """Return a stored answer as a result is made of it."""
    return Answer.model_validate(saved.model_dump(include=set(Answer.model_fields)))


def judge_configuration(judge: JudgePlan) -> str:
    """Return the hash of everything besides the answers that shapes a verdict."""
    shaped = [
        judge.provider.model_dump(),
        judge.criterion,
        judge_facts().prompt.model_dump(exclude={"source", "likely_output_tokens"}),
    ]
    return hashlib.sha256(json.dumps(shaped).encode()).hexdigest()


def verdicts_in(saved: Iterable[SavedAnswer], judge: JudgePlan) -> tuple[dict[str, Verdict], dict[str, Spent]]:
    """Return by pair, named by digest, the verdicts that are there in both orders, and what its calls took."""
    configuration = judge_configuration(judge)
    mine = [each for each in saved if each.arm == JUDGE and each.configuration == configuration]
    said: dict[str, dict[Side, float | None]] = {}
    spent: dict[str, Spent] = {}
    for each in sorted(mine, key=lambda answer: answer.repeat):
        digest, first = _named(each.item)
        said.setdefault(digest, {})[first] = read_verdict(each.text, first)
        spent[digest] = add_spent(
            spent.get(digest, Spent()), Spent(each.calls, each.prompt_tokens, each.completion_tokens, each.cost_usd)
        )
    both = {digest: each for digest, each in said.items() if len(each) == len(SIDES)}
    return {digest: Verdict(each["arm"], each["baseline"]) for digest, each in both.items()}, spent


def add_spent(one: Spent, other: Spent) -> Spent:
    """Return what two lots of calls took together."""
    return Spent(
        one.calls + other.calls,
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cost_usd + other.cost_usd,
    )


def _ask(work: Work, judge: JudgePlan, pairs: Sequence[AnswerPair], repeat: int, unreadable: Mapping[str, str]) -> None:
    """Ask what has no verdict of this repeat yet; the second asks for `unreadable` ones alone."""
    prompt, configuration = judge_facts().prompt, judge_configuration(judge)
    chats: dict[str, list[Message]] = {}
    for pair in pairs:
        for first in SIDES:
            item = f"{pair.digest}:{first}"
            asked = judge_messages(prompt, judge.criterion, pair, first)
            if repeat == _FIRST:
                chats[item] = asked
            elif item in unreadable:
                chats[item] = mend_messages(prompt, asked, unreadable[item])
    have = answered_items(work.store, work.run.id, JUDGE, configuration, work.run.started_at)
    missing = [Question(_row(item), repeat) for item in chats if (item, repeat) not in have]
    if missing:
        arm = StrongerBase(kind="stronger_base", name="judge", model=judge.provider.model)
        asking = _as_judge(work, judge, chats, prompt)
        terms = Terms(
            arm=JUDGE,
            configuration=configuration,
            model=judge.provider.model,
            max_tokens=prompt.max_output_tokens,
            chat_of=lambda row: chats[row.item],
            price=price_calls(asking.experiment, arm),
            retries=load_connections().retries,
            pacing=load_pacing(),
        )
        asyncio.run(ask_all(asking, terms, arm, missing))


def _as_judge(work: Work, judge: JudgePlan, chats: Mapping[str, Sequence[Message]], prompt: JudgePrompt) -> Work:
    """Return the run as one whose provider is the judge's, with an estimate of what a verdict takes at most."""
    experiment = work.experiment.model_copy(
        update={"provider": judge.provider, "max_output_tokens": prompt.max_output_tokens}
    )
    # No text has more tokens than bytes, so no first call costs more than what is set aside for it.
    most = max(sum(len(each["content"].encode()) for each in chat) for chat in chats.values())
    preflight = {"calls_by_arm": [{"arm": "judge", "calls": 1, "prompt_tokens": most}]}
    return replace(work, experiment=experiment, run=work.run.model_copy(update={"preflight": preflight}))


def _row(item: str) -> Row:
    return Row(item=item, prompt="", reference="", line=0)


def _named(item: str) -> tuple[str, Side]:
    digest, _colon, first = item.partition(":")
    return digest, "arm" if first == "arm" else "baseline"
