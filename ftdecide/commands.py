"""What each command does: parsed arguments in, a JSON-ready document and an exit status out."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

from ftdecide.assessment.types import read_assessment
from ftdecide.documents import document_name, read_document
from ftdecide.errors import FtdecideError, InputError
from ftdecide.settings import load_settings

DONE, SAYS_NO, UNUSABLE = 0, 1, 2

Result = tuple[object, int]
"""What a command answers: a JSON-ready document (or the text for people), and the exit status."""


def run_on_documents(chosen: argparse.Namespace) -> Result:
    """Answer one document, or with `--batch` each of a list."""
    if (chosen.file is None) == (chosen.batch is None):
        raise InputError(f"{chosen.name} needs either FILE or --batch FILE; see 'ftdecide {chosen.name} --help'")
    if chosen.batch is None:
        answer = TOLD[chosen.name] if chosen.name in TOLD and not chosen.json else chosen.answer
        return answer(read_document(chosen.file), document_name(chosen.file)), DONE
    return _batch(chosen.batch, chosen.answer)


def answer_assessment(document: object, name: str) -> object:
    """Decide one assessment."""
    from ftdecide.catalog.load import load_catalog
    from ftdecide.decision.verdict import decide, decision_json

    return decision_json(decide(read_assessment(document, name), today(), load_catalog()))


def answer_scenario(document: object, name: str) -> object:
    """Cost the options of one scenario."""
    from ftdecide.catalog.load import load_catalog
    from ftdecide.costs.estimate import estimate, estimate_json
    from ftdecide.costs.scenario import read_scenario

    return estimate_json(estimate(read_scenario(document, name), today(), load_catalog()))


def tell_scenario(document: object, name: str) -> str:
    """Cost the options of one scenario, as text for people."""
    from ftdecide.catalog.load import load_catalog
    from ftdecide.costs.estimate import estimate
    from ftdecide.costs.scenario import read_scenario
    from ftdecide.costs.telling import tell_estimate

    return tell_estimate(estimate(read_scenario(document, name), today(), load_catalog()))


def answer_training_job(document: object, name: str) -> object:
    """Estimate one training run, with the speed of this machine where it was measured."""
    from ftdecide.costs.compute.measured import load_measured, measured_file
    from ftdecide.costs.compute.training import estimate_training, training_json
    from ftdecide.costs.training_job import read_training_job

    measured = load_measured(measured_file(load_settings().home))
    return training_json(estimate_training(read_training_job(document, name), today(), measured=measured))


ANSWERS = (
    ("decide", "decide whether an assessment speaks for fine-tuning", "assessment", answer_assessment),
    ("estimate", "cost several ways to serve the same traffic, side by side", "scenario", answer_scenario),
    ("training", "estimate memory, time and cost of one training run", "training job", answer_training_job),
)
"""The commands that answer documents: name, summary, what a document is, and the function that answers one."""

TOLD: dict[str, Callable[[object, str], str]] = {"estimate": tell_scenario}
"""The commands whose answer has a text for people, unless --json asks for the document."""


def _batch(path: str, answer: Callable[[object, str], object]) -> Result:
    """Answer each item of the list in `path`; one that cannot be read becomes an error in its place."""
    items = read_document(path)
    if not isinstance(items, list):
        raise InputError(f"{document_name(path)!r}: expected a list of documents")
    answers: list[object] = []
    failed = False
    for number, item in enumerate(cast("list[object]", items), start=1):
        try:
            answers.append(answer(item, f"{document_name(path)}, item {number}"))
        except FtdecideError as error:
            answers.append({"error": str(error)})
            failed = True
    return answers, SAYS_NO if failed else DONE


def run_measure(chosen: argparse.Namespace) -> Result:
    """Time a few real training steps on this machine, and keep them for later estimates."""
    from ftdecide.costs.training_job import read_training_job
    from ftdecide.local.step_speed import measure_steps

    job = read_training_job(read_document(chosen.file), document_name(chosen.file))
    return measure_steps(load_settings(), job, today(), tell).model_dump(mode="json"), DONE


def run_audit(chosen: argparse.Namespace) -> Result:
    """Check a data set; findings of severity error make the status say no."""
    from ftdecide.dataset.checks import audit

    test = Path(chosen.test) if chosen.test else None
    found = audit(Path(chosen.file), model=chosen.model, provider=chosen.provider, test_path=test)
    status = SAYS_NO if any(finding.severity == "error" for finding in found.findings) else DONE
    return found.model_dump(mode="json"), status


def run_compare(chosen: argparse.Namespace) -> Result:
    """Run a comparison from its preflight to its result."""
    from ftdecide.experiment.plan import read_experiment
    from ftdecide.experiment.run_commands import compare

    experiment = read_experiment(read_document(chosen.file), document_name(chosen.file))
    folder = Path() if chosen.file == "-" else Path(chosen.file).parent
    answer = compare(load_settings(), experiment, folder, approve=lambda asked: chosen.yes or _ask(asked), tell=tell)
    return answer, DONE if answer["state"] == "succeeded" else SAYS_NO


def run_verb(chosen: argparse.Namespace) -> Result:
    """Ask for the state of a run, go on with it or cancel it."""
    from ftdecide.experiment import run_commands

    verbs = {"status": run_commands.status, "resume": run_commands.resume, "cancel": run_commands.cancel}
    answer = verbs[chosen.verb](load_settings(), chosen.run)
    return answer, SAYS_NO if answer["state"] == "failed" else DONE


def run_report(chosen: argparse.Namespace) -> Result:
    """Write the decision record of an assessment."""
    from ftdecide.catalog.load import load_catalog
    from ftdecide.decision.verdict import decide
    from ftdecide.experiment.run_commands import result
    from ftdecide.report.record import make_record
    from ftdecide.report.write import write_record

    assessment = read_assessment(read_document(chosen.file), document_name(chosen.file))
    run = result(load_settings(), chosen.run) if chosen.run is not None else None
    path = Path(chosen.output)
    write_record(make_record(assessment, decide(assessment, today(), load_catalog()), run), chosen.format, path)
    return {"path": str(path)}, DONE


def run_verify(chosen: argparse.Namespace) -> Result:
    """Work a decision record out again from itself; any difference makes the status say no."""
    from ftdecide.report.verification_words import tell_verification
    from ftdecide.report.verify import verify_record

    found = verify_record(chosen.file)
    answer = found.model_dump(mode="json") if chosen.json else tell_verification(found)
    return answer, DONE if found.verified else SAYS_NO


def run_catalog(chosen: argparse.Namespace) -> Result:
    """List what can be tuned on a day."""
    from ftdecide.catalog.listing import list_tunable, tell_tunable
    from ftdecide.catalog.load import load_catalog

    rows = list_tunable(load_catalog(), chosen.as_of, chosen.provider)
    return (rows if chosen.json else tell_tunable(rows)), DONE


def run_serve_local(chosen: argparse.Namespace) -> Result:
    """Serve the local model until it is stopped."""
    from ftdecide.local.server import serve

    serve(load_settings(), chosen.host, chosen.port)
    return None, DONE


def work(_: argparse.Namespace) -> Result:
    """Run what the app or another command asked for, until it is stopped."""
    from ftdecide.experiment.hosting import withdraw_left
    from ftdecide.experiment.workflow import WORKFLOWS
    from ftdecide.jobs.worker import run_worker

    run_worker(load_settings(), WORKFLOWS, withdraw_left)


def today() -> date:
    """Return the day in UTC."""
    return datetime.now(UTC).date()


def tell(line: str) -> None:
    """Write a line for people to standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress belongs on standard error


def _ask(question: str) -> bool:
    """Ask on the terminal; without one the answer is no."""
    if not sys.stdin.isatty():
        return False
    tell(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
