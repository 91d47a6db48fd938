"""What a file of rows holds, and a first guess at how its answers are best marked."""

from collections.abc import Sequence

from ftdecide.dataset.facts import dataset_facts
from ftdecide.dataset.read import read_examples
from ftdecide.experiment.answer_json import read_object
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders import reference_problem
from ftdecide.experiment.groups import read_groups
from ftdecide.experiment.own_files import files_folder
from ftdecide.experiment.types import Part
from ftdecide.settings import Settings

_SHORT_CHARACTERS = 80
_SHORT_SHARE = 0.95
_LONGEST_UNIT = 4


class FileFacts(Part):
    """What a file of rows holds; `grader` is a first guess at how its answers are best marked.

    `labels` are the answers where they are few, `fields` the names in answers that are JSON objects.
    """

    rows: int
    groups: int
    has_system: bool
    longest_answer: int
    labels: tuple[str, ...]
    fields: tuple[str, ...]
    grader: GraderPlan


def look_at(settings: Settings, kept: str) -> FileFacts:
    """Return what a kept file holds.

    Raises:
        InputError: a line cannot be read.
    """
    path = files_folder(settings) / kept
    examples = read_examples(path)
    groups = read_groups(path)
    answers = [example.answer.strip() for example in examples]
    labels, fields = _labels(answers), _fields(answers)
    return FileFacts(
        rows=len(examples),
        groups=len(set(groups.values())),
        has_system=any(message.role == "system" for example in examples for message in example.messages),
        longest_answer=max((len(answer) for answer in answers), default=0),
        labels=labels,
        fields=fields,
        grader=_guess(answers, labels, fields),
    )


def _guess(answers: Sequence[str], labels: Sequence[str], fields: Sequence[str]) -> GraderPlan:
    if len(fields) == 1 and _labels([_only_value(answer) for answer in answers]):
        return GraderPlan(kind="label", field=fields[0])
    if fields:
        return GraderPlan(kind="fields")
    if labels:
        return GraderPlan(kind="label", labels=tuple(labels))
    if answers and all(_is_number(answer) for answer in answers):
        return GraderPlan(kind="number")
    short = sum(len(answer) <= _SHORT_CHARACTERS for answer in answers)
    return GraderPlan(kind="contains" if short >= _SHORT_SHARE * len(answers) else "text")


def _is_number(answer: str) -> bool:
    """Say whether an answer is a number with at most a unit, not a sentence with a number in it."""
    letters = sum(character.isalpha() for character in answer)
    return letters <= _LONGEST_UNIT and reference_problem(GraderPlan(kind="number"), answer) is None


def _labels(answers: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct answers where they are so few, and each so frequent, that they must be labels."""
    rule, distinct = dataset_facts().few_distinct_answers, sorted(set(answers))
    few = len(distinct) <= rule.maximum_answers and len(answers) >= len(distinct) * rule.examples_per_answer
    return tuple(distinct) if few else ()


def _fields(answers: Sequence[str]) -> tuple[str, ...]:
    records = [read_object(answer) for answer in answers]
    known = [record for record in records if record is not None]
    return tuple(dict.fromkeys(name for record in known for name in record)) if len(known) == len(answers) else ()


def _only_value(answer: str) -> str:
    return str(next(iter((read_object(answer) or {}).values()), ""))
