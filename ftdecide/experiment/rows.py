"""The rows of a comparison: read from files, capped the same way every time, no row in both train and test."""

from collections.abc import Sequence
from pathlib import Path

from ftdecide.dataset.read import Example, Message, read_examples
from ftdecide.dataset.rules import question_digest
from ftdecide.dataset.samples import load_sample
from ftdecide.errors import InputError
from ftdecide.experiment.graders import reference_problem
from ftdecide.experiment.groups import read_groups
from ftdecide.experiment.identity import hash_rows, seeded_order
from ftdecide.experiment.look_up import look_up
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Row, Rows

SHOWN_LINES = 10


def build_rows(experiment: Experiment, folder: Path | None = None) -> Rows:
    """Read the rows that the plan names; relative paths start at `folder`, by default the current one.

    Test rows come in the order in which they are asked, which the plan's seed and their own text settle, so that the
    rows answered so far are a fair sample at any time. Rows have their passages where an arm uses retrieval.

    Raises:
        InputError: a file or line cannot be used, or a question of the training file also occurs in the test file; the
            message names the lines of both.
        NotFoundError: no such sample.
    """
    train_path, test_path = _paths(experiment, folder or Path())
    train, test = _read(train_path, "train"), _read(test_path, "test")
    _refuse_overlap(train, test, train_path, test_path)
    _refuse_references(experiment, train, train_path)
    _refuse_references(experiment, test, test_path)
    data = experiment.data
    train = tuple(sorted(_first(train, data.train_rows, experiment.seed), key=lambda row: row.line))
    test = _first(test, data.test_rows, experiment.seed)
    rows = Rows(train=train, test=test, train_hash=hash_rows(train), test_hash=hash_rows(test))
    return look_up(experiment, rows, folder or Path())


def overlap(train: Sequence[Row], test: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    """Return (train line, test line) of every training row whose question also occurs in the test rows.

    Questions are compared as the data check does: case and runs of white space make no difference.
    """
    lines = {_digest(row): row.line for row in reversed(test)}
    return tuple((row.line, lines[_digest(row)]) for row in train if _digest(row) in lines)


def _digest(row: Row) -> bytes:
    return question_digest(Example((Message("user", row.prompt), Message("assistant", row.reference)), row.line))


def _paths(experiment: Experiment, folder: Path) -> tuple[Path, Path]:
    data = experiment.data
    if data.sample is not None:
        sample = load_sample(data.sample)
        return Path(sample.train_path), Path(sample.test_path)
    return folder / Path(data.train or "").expanduser(), folder / Path(data.test or "").expanduser()


def _read(path: Path, part: str) -> tuple[Row, ...]:
    examples = read_examples(path)
    if not examples:
        raise InputError(f"{str(path)!r} has no rows; the {part} file needs at least one question with its answer")
    groups = read_groups(path)
    return tuple(_row(example, path, part, groups.get(example.line, "")) for example in examples)


def _row(example: Example, path: Path, part: str, group: str) -> Row:
    turns = [message for message in example.messages if message.role != "system"]
    if [message.role for message in turns] != ["user", "assistant"]:
        found = ", ".join(message.role for message in example.messages) or "nothing"
        raise InputError(
            f"{str(path)!r}, line {example.line}: a comparison needs one question (user) and one answer"
            f" (assistant) a row, found {found}; split longer conversations"
        )
    question, answer = (message.content or "" for message in turns)
    if not question.strip() or not answer.strip():
        which = "answer" if question.strip() else "question"
        raise InputError(f"{str(path)!r}, line {example.line}: the {which} is empty; fill it in or remove the row")
    system = "\n".join(message.content or "" for message in example.messages if message.role == "system")
    item, line = f"{part}-{example.line}", example.line
    return Row(item=item, prompt=question, reference=answer, line=line, system=system, group=group)


def _first(rows: tuple[Row, ...], most: int | None, seed: int) -> tuple[Row, ...]:
    """Return the `most` rows with the lowest seeded hash, the lowest first."""
    return tuple(sorted(rows, key=lambda row: (seeded_order(seed, row.prompt), row.line))[:most])


def _refuse_overlap(train: tuple[Row, ...], test: tuple[Row, ...], train_path: Path, test_path: Path) -> None:
    shared = overlap(train, test)
    if shared:
        shown = ", ".join(f"{mine} (test line {theirs})" for mine, theirs in shared[:SHOWN_LINES])
        more = f" and {len(shared) - SHOWN_LINES} more" if len(shared) > SHOWN_LINES else ""
        raise InputError(
            f"{str(train_path)!r}: {len(shared)} questions also occur in {str(test_path)!r}, so the test would be known"
            f" beforehand: line {shown}{more}; remove them from one of the two files"
        )


def _refuse_references(experiment: Experiment, rows: tuple[Row, ...], path: Path) -> None:
    for row in rows:
        problem = reference_problem(experiment.grader, row.reference)
        if problem:
            raise InputError(f"{str(path)!r}, line {row.line}: {problem}")
