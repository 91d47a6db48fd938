"""Reading what a pilot showed from where its answers are kept."""

from ftdecide.experiment.pilot import Pilot, read_pilot
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Answer, Rows
from ftdecide.store.answers import load_answers
from ftdecide.store.database import Store
from ftdecide.store.runs import load_rows, load_run


def pilot_of(store: Store, run_id: str) -> Pilot | None:
    """Return what the answers of a run that was a pilot show; None without any.

    Raises:
        NotFoundError: no such run.
    """
    plan, rows = Experiment.model_validate(load_run(store, run_id).plan), Rows.model_validate(load_rows(store, run_id))
    fields = set(Answer.model_fields)
    answers = [Answer.model_validate(each.model_dump(include=fields)) for each in load_answers(store, run_id)]
    return read_pilot(plan, rows, answers)
