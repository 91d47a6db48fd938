"""The command line: what the pages do, with JSON in and out."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn, cast

import yaml

from ftdecide.assessment.types import read_assessment
from ftdecide.documents import document_name, read_document
from ftdecide.errors import ConflictError, FtdecideError, InputError, ProviderError, UnavailableError
from ftdecide.settings import load_settings

DONE, SAYS_NO, UNUSABLE = 0, 1, 2

Result = tuple[object, int]
"""What a command answers: a JSON-ready document (or the text for people), and the exit status."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 a result that says no, 2 unusable input or usage."""
    try:
        chosen = _parser().parse_args(arguments)
        document, status = chosen.command(chosen)
        if document is not None:
            _print(document, as_json=chosen.json or bool(getattr(chosen, "batch", None)))
    except FtdecideError as error:
        _tell("ftdecide: " + " ".join(str(error).split()))
        # The command was usable, and something it met said no.
        return SAYS_NO if isinstance(error, ConflictError | ProviderError | UnavailableError) else UNUSABLE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return SAYS_NO
    return status


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line that says how to go on."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see '{self.prog} --help'")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m ftdecide", description="Should we fine-tune? The answer, with evidence.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, summary: str, command: Callable[[argparse.Namespace], Result]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(command=command)
        added.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        return added

    decide = add("decide", "decide whether an assessment speaks for fine-tuning", _decide)
    decide.add_argument("file", metavar="FILE", nargs="?", help="assessment as JSON or YAML; - is standard input")
    decide.add_argument("--batch", metavar="FILE", help="a list of assessments, answered in the same order")
    audit = add("audit", "check a data set for fine-tuning", _audit)
    audit.add_argument("file", metavar="FILE", help="JSONL or CSV")
    audit.add_argument("--model", metavar="ID", help="count tokens as this model does")
    audit.add_argument("--test", metavar="FILE", help="the test part, to find rows that occur in both")
    compare = add("compare", "compare a baseline with a fine-tuned model on one locked test set", _compare)
    compare.add_argument("file", metavar="FILE", help="experiment as JSON or YAML; - is standard input")
    compare.add_argument("--yes", action="store_true", help="spend what the preflight says without asking")
    for name, summary in (("status", "say how far a run is"), ("resume", "go on with a run"), ("cancel", "end a run")):
        add(name, summary, _on_run).add_argument("run", metavar="RUN", help="the run's id")
        commands.choices[name].set_defaults(verb=name)
    report = add("report", "write the decision record of an assessment", _report)
    report.add_argument("file", metavar="FILE", help="assessment as JSON or YAML; - is standard input")
    report.add_argument("--format", choices=("html", "md", "json"), default="html", help="default: %(default)s")
    report.add_argument("--run", metavar="RUN", help="cite this comparison as evidence")
    report.add_argument("-o", "--output", metavar="OUT", required=True, help="the file to write")
    catalog = add("catalog", "list what can be fine-tuned, at what price and until when", _catalog)
    catalog.add_argument("--as-of", type=_day, default=_today(), metavar="DAY", help="a day such as 2027-02-01")
    catalog.add_argument("--provider", metavar="P", help="only this provider")
    serve = add("serve-local", "serve the local model through an OpenAI-compatible interface", _serve_local)
    serve.add_argument("--host", default="127.0.0.1", help="a loopback address; default: %(default)s")
    serve.add_argument("--port", type=int, default=0, help="default: any free port")
    add("worker", "run comparisons that were asked for, until it is stopped", _worker)
    return parser


def _decide(chosen: argparse.Namespace) -> Result:
    if (chosen.file is None) == (chosen.batch is None):
        raise InputError("decide needs one assessment FILE or --batch FILE; see 'python -m ftdecide decide --help'")
    if chosen.batch is None:
        return _decide_one(read_document(chosen.file), document_name(chosen.file)), DONE
    return _batch(chosen.batch, _decide_one)


def _decide_one(document: object, name: str) -> object:
    from ftdecide.catalog.load import load_catalog
    from ftdecide.decision.verdict import decide, decision_json

    return decision_json(decide(read_assessment(document, name), _today(), load_catalog()))


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


def _audit(chosen: argparse.Namespace) -> Result:
    from ftdecide.dataset.checks import audit

    found = audit(Path(chosen.file), model=chosen.model, test_path=Path(chosen.test) if chosen.test else None)
    status = SAYS_NO if any(finding.severity == "error" for finding in found.findings) else DONE
    return found.model_dump(mode="json"), status


def _compare(chosen: argparse.Namespace) -> Result:
    from ftdecide.experiment.plan import read_experiment
    from ftdecide.experiment.run_commands import compare

    experiment = read_experiment(read_document(chosen.file), document_name(chosen.file))
    folder = Path() if chosen.file == "-" else Path(chosen.file).parent
    answer = compare(load_settings(), experiment, folder, approve=lambda asked: chosen.yes or _ask(asked), tell=_tell)
    return answer, DONE if answer["state"] == "succeeded" else SAYS_NO


def _on_run(chosen: argparse.Namespace) -> Result:
    from ftdecide.experiment import run_commands

    verbs = {"status": run_commands.status, "resume": run_commands.resume, "cancel": run_commands.cancel}
    answer = verbs[chosen.verb](load_settings(), chosen.run)
    return answer, SAYS_NO if answer["state"] == "failed" else DONE


def _report(chosen: argparse.Namespace) -> Result:
    from ftdecide.catalog.load import load_catalog
    from ftdecide.decision.verdict import decide
    from ftdecide.experiment.run_commands import result
    from ftdecide.report.record import make_record
    from ftdecide.report.write import write_record

    assessment = read_assessment(read_document(chosen.file), document_name(chosen.file))
    run = result(load_settings(), chosen.run) if chosen.run is not None else None
    path = Path(chosen.output)
    write_record(make_record(assessment, decide(assessment, _today(), load_catalog()), run), chosen.format, path)
    return {"path": str(path)}, DONE


def _catalog(chosen: argparse.Namespace) -> Result:
    from ftdecide.catalog.listing import list_tunable, tell_tunable
    from ftdecide.catalog.load import load_catalog

    rows = list_tunable(load_catalog(), chosen.as_of, chosen.provider)
    return (rows if chosen.json else tell_tunable(rows)), DONE


def _serve_local(chosen: argparse.Namespace) -> Result:
    from ftdecide.local.server import serve

    serve(load_settings(), chosen.host, chosen.port)
    return None, DONE


def _worker(_: argparse.Namespace) -> Result:
    from ftdecide.experiment.workflow import WORKFLOWS
    from ftdecide.jobs.worker import run_worker

    run_worker(load_settings(), WORKFLOWS)


def _today() -> date:
    return datetime.now(UTC).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2027-02-01") from None


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress belongs on standard error


def _ask(question: str) -> bool:
    """Ask on the terminal; without one the answer is no."""
    if not sys.stdin.isatty():
        return False
    _tell(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _print(document: object, *, as_json: bool) -> None:
    if as_json:
        text = json.dumps(document, ensure_ascii=False, indent=2)
    elif isinstance(document, str):
        text = document
    else:
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    try:
        sys.stdout.buffer.write(text.rstrip().encode() + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnavailableError(f"standard output cannot be written ({error.strerror}); check the disk") from error
