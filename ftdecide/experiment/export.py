"""A run for other programs: as JSON, as a table with one line an answer, and as a promptfoo file."""

import csv
import io
from typing import cast

from ftdecide.dataset.export import guard_cell
from ftdecide.experiment.evidence import summary_json
from ftdecide.experiment.item_table import ItemLine, load_items
from ftdecide.experiment.judge.view import judgements_json
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.promptfoo.write import write_promptfoo
from ftdecide.experiment.run_view import view_json, view_run
from ftdecide.experiment.types import Rows
from ftdecide.store.database import Store
from ftdecide.store.runs import load_rows, load_run
from ftdecide.store.tunes import load_tunes

Document = dict[str, object]


def export_json(store: Store, run_id: str) -> Document:
    """Return everything that is known of a run as a JSON-ready document: plan, estimate, result and every answer.

    Raises:
        NotFoundError: no such run.
    """
    view = view_run(store, run_id)
    return {
        **view_json(view),
        "created_at": view.created_at.isoformat(),
        "finished_at": view.finished_at.isoformat() if view.finished_at else None,
        "plan": view.experiment.model_dump(mode="json"),
        "preflight": view.preflight.model_dump(mode="json"),
        "result": summary_json(view.summary) if view.summary else None,
        "judgements": judgements_json(store, run_id),
        "items": [item.model_dump(mode="json") for item in load_items(store, run_id)],
    }


def export_csv(store: Store, run_id: str) -> str:
    """Return one line for every answer of a run; no cell can be taken for a formula.

    Raises:
        NotFoundError: no such run.
    """
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(ItemLine.model_fields)
    for item in load_items(store, run_id):
        rows.writerow([_cell(value) for value in cast("dict[str, object]", item.model_dump(mode="json")).values()])
    return out.getvalue()


def export_promptfoo(store: Store, run_id: str) -> str:
    """Return the arms and test rows of a run as a promptfoo configuration in YAML.

    Raises:
        NotFoundError: no such run.
    """
    experiment = Experiment.model_validate(load_run(store, run_id).plan)
    rows = Rows.model_validate(load_rows(store, run_id))
    tuned = {tune.arm: tune.model for tune in load_tunes(store, run_id) if tune.model is not None}
    return write_promptfoo(experiment, rows, tuned)


def _cell(value: object) -> str:
    return "" if value is None else guard_cell(str(value))
