"""Giving every question its passages: before the run by their words, or in the run by the provider's embeddings."""

from collections.abc import Sequence
from pathlib import Path

from ftdecide.dataset.samples import load_sample
from ftdecide.errors import InputError
from ftdecide.experiment.arm_plan import uses_retrieval
from ftdecide.experiment.knowledge import cut_passages, read_documents
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.retrieval import Embeds, find_by_meaning, find_by_words
from ftdecide.experiment.types import Row, Rows
from ftdecide.translation import _


def look_up(experiment: Experiment, rows: Rows, folder: Path) -> Rows:
    """Return the rows with their passages, or with all passages to look them up in once the provider may be asked.

    Without an arm that uses retrieval they stay as they are. Training rows get passages only if an arm learns with
    them.

    Raises:
        InputError: the documents cannot be read, or none are named.
    """
    plan = experiment.retrieval
    if plan is None or not any(uses_retrieval(arm) for arm in experiment.arms):
        return rows
    passages = cut_passages(read_documents(_documents(experiment, folder)), plan.passage_words)
    if plan.method == "embeddings":
        return rows.model_copy(update={"unread": passages})
    found = find_by_words(passages, _questions(experiment, rows), plan.passages)
    return _with_passages(experiment, rows, found)


def look_up_by_meaning(experiment: Experiment, rows: Rows, provider: Embeds) -> Rows:
    """Return the rows with the passages whose embeddings are nearest; rows that have theirs already stay as they are.

    Raises:
        ProviderError: as the provider.
    """
    plan = experiment.retrieval
    if plan is None or plan.embedding_model is None or not rows.unread:
        return rows
    questions = _questions(experiment, rows)
    found = find_by_meaning(provider, plan.embedding_model, rows.unread, questions, plan.passages)
    return _with_passages(experiment, rows, found).model_copy(update={"unread": ()})


def _documents(experiment: Experiment, folder: Path) -> Path:
    named = experiment.retrieval.documents if experiment.retrieval else None
    if named is not None:
        return folder / Path(named).expanduser()
    sample = load_sample(experiment.data.sample) if experiment.data.sample else None
    if sample is None or sample.documents is None:
        raise InputError(_("retrieval.documents is missing: name a folder of texts or a JSON Lines file to look in"))
    return sample.documents


def _learnt(experiment: Experiment, rows: Rows) -> tuple[Row, ...]:
    learns = any(arm.kind == "fine_tuned" and arm.retrieval for arm in experiment.arms)
    return rows.train if learns else ()


def _questions(experiment: Experiment, rows: Rows) -> list[str]:
    return [row.prompt for row in (*rows.test, *_learnt(experiment, rows))]


def _with_passages(experiment: Experiment, rows: Rows, found: Sequence[tuple[str, ...]]) -> Rows:
    asked = len(rows.test)
    test = _each(rows.test, found[:asked])
    train = _each(rows.train, found[asked:]) if _learnt(experiment, rows) else rows.train
    return rows.model_copy(update={"test": test, "train": train})


def _each(rows: Sequence[Row], found: Sequence[tuple[str, ...]]) -> tuple[Row, ...]:
    pairs = zip(rows, found, strict=True)
    return tuple(row.model_copy(update={"passages": passages}) for row, passages in pairs)
