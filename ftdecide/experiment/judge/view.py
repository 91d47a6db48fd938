"""The judgements of a run as they stand now: verdicts come while it runs, labels after it has ended."""

from dataclasses import dataclass
from functools import reduce

from ftdecide.experiment.judge.facts import labels_wanted
from ftdecide.experiment.judge.judging import JUDGE, add_spent, answer_of, verdicts_in
from ftdecide.experiment.judge.labelling import Sheet, labels_of, open_sheet
from ftdecide.experiment.judge.pairs import AnswerPair, pair_answers
from ftdecide.experiment.judge.result import judge_pairs
from ftdecide.experiment.judge.types import Judgement, Spent, Verdict
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Rows
from ftdecide.store.answers import load_answers
from ftdecide.store.database import Store
from ftdecide.store.runs import load_rows, load_run


@dataclass(frozen=True)
class JudgedPairs:
    """The pairs of every declared contrast, with what the judge said; as they are in a run that has ended."""

    run_id: str
    experiment: Experiment
    contrasts: tuple[tuple[AnswerPair, ...], ...]
    verdicts: dict[str, Verdict]
    spent: dict[str, Spent]


def load_pairs(store: Store, run_id: str) -> JudgedPairs:
    """Return the pairs of a run.

    Raises:
        NotFoundError: no such run.
    """
    experiment = Experiment.model_validate(load_run(store, run_id).plan)
    rows, saved = Rows.model_validate(load_rows(store, run_id)), load_answers(store, run_id)
    pairs = pair_answers(experiment, rows, [answer_of(each) for each in saved if each.arm != JUDGE])
    verdicts, spent = verdicts_in(saved, experiment.judge) if experiment.judge else ({}, {})
    contrasts = tuple(each for each in pairs.values() if each)
    return JudgedPairs(run_id=run_id, experiment=experiment, contrasts=contrasts, verdicts=verdicts, spent=spent)


def sheet_of(store: Store, found: JudgedPairs, place: int) -> Sheet:
    """Return what people are to label, and have labelled, of the contrast at `place`."""
    wanted = labels_wanted(found.experiment.judge)
    return open_sheet(store, found.run_id, found.contrasts[place], found.experiment.seed, wanted)


def judge_contrast(store: Store, found: JudgedPairs, place: int) -> Judgement | None:
    """Return what the pairs of the contrast at `place` show with the labels that there are now."""
    pairs, judge = found.contrasts[place], found.experiment.judge
    spent = reduce(add_spent, (found.spent[each.digest] for each in pairs if each.digest in found.spent), Spent())
    labels = labels_of(sheet_of(store, found, place))
    return judge_pairs(pairs, found.verdicts, labels, model=judge.provider.model if judge else None, spent=spent)


def judgements_json(store: Store, run_id: str) -> list[dict[str, object]]:
    """Return the judgements as the command line prints them: amounts are plain numbers there.

    Raises:
        NotFoundError: no such run.
    """
    found = view_judgements(store, run_id)
    return [{**each.model_dump(mode="json"), "cost_usd": float(each.cost_usd)} for each in found]


def view_judgements(store: Store, run_id: str) -> tuple[Judgement, ...]:
    """Return the judgement of every declared contrast whose arms have answered.

    Raises:
        NotFoundError: no such run.
    """
    found = load_pairs(store, run_id)
    judged = (judge_contrast(store, found, place) for place in range(len(found.contrasts)))
    return tuple(each for each in judged if each is not None)
