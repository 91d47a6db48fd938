"""What a run's answers look like arm by arm beyond the score: what no arm should do, and labels class by class."""

from ftdecide.experiment.graders import failed, grade
from ftdecide.experiment.guardrails import guardrails
from ftdecide.experiment.label_report import label_report
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Answer, Guardrail, LabelReport, Part, Rows
from ftdecide.store.answers import load_answers
from ftdecide.store.database import Store
from ftdecide.store.runs import load_rows, load_run


class ArmDetail(Part):
    """One arm's guardrails, and its report by labels where answers are labels."""

    arm: str
    guardrails: tuple[Guardrail, ...]
    labels: LabelReport | None


def load_details(store: Store, run_id: str) -> tuple[ArmDetail, ...]:
    """Return the details of every arm that has answered anything, in the plan's order.

    Raises:
        NotFoundError: no such run.
    """
    experiment = Experiment.model_validate(load_run(store, run_id).plan)
    test = Rows.model_validate(load_rows(store, run_id)).test
    references = {row.item: row.reference for row in test}
    stored = [
        Answer.model_validate(each.model_dump(include=set(Answer.model_fields))) for each in load_answers(store, run_id)
    ]
    found: list[ArmDetail] = []
    for arm in experiment.arms:
        mine = [answer for answer in stored if answer.arm == arm.name and answer.item in references]
        if not mine:
            continue
        marks = [
            failed(answer.error)
            if answer.error is not None
            else grade(experiment.grader, references[answer.item], answer.text)
            for answer in mine
        ]
        seen = guardrails(test, mine, marks)
        found.append(ArmDetail(arm=arm.name, guardrails=seen, labels=label_report(experiment.grader, test, mine)))
    return tuple(found)
