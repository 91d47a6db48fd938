"""The command line: what the pages do, with JSON in and out."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import NoReturn

import yaml

from ftdecide import commands
from ftdecide.commands import SAYS_NO, UNUSABLE, Result
from ftdecide.errors import ConflictError, FtdecideError, InputError, ProviderError, UnavailableError

_FORMATS = "default: %(default)s; json is the record that 'verify' works out again"


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 a result that says no, 2 unusable input or usage."""
    try:
        chosen = _parser().parse_args(arguments)
        document, status = chosen.command(chosen)
        if document is not None:
            _print(document, as_json=chosen.json or bool(getattr(chosen, "batch", None)))
    except FtdecideError as error:
        commands.tell("ftdecide: " + " ".join(str(error).split()))
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
    known = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, summary: str, command: Callable[[argparse.Namespace], Result]) -> argparse.ArgumentParser:
        added = known.add_parser(name, help=summary, description=summary)
        added.set_defaults(command=command)
        added.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        return added

    for name, summary, noun, answer in commands.ANSWERS:
        added = add(name, summary, commands.run_on_documents)
        added.add_argument("file", metavar="FILE", nargs="?", help=f"{noun} as JSON or YAML; - is standard input")
        added.add_argument("--batch", metavar="FILE", help=f"a list: each {noun} is answered, in the same order")
        added.set_defaults(name=name, answer=answer)
    measure = add("measure", "time a few training steps on this machine, for later estimates", commands.run_measure)
    measure.add_argument("file", metavar="FILE", help="training job as JSON or YAML; - is standard input")
    audit = add("audit", "check a data set for fine-tuning", commands.run_audit)
    audit.add_argument("file", metavar="FILE", help="JSONL or CSV")
    audit.add_argument("--model", metavar="ID", help="count tokens as this model does")
    audit.add_argument("--provider", metavar="ID", help="whose limits hold (default: all that tune the model)")
    audit.add_argument("--test", metavar="FILE", help="the test part, to find rows that occur in both")
    compare = add("compare", "compare a baseline with a fine-tuned model on one locked test set", commands.run_compare)
    compare.add_argument("file", metavar="FILE", help="experiment as JSON or YAML; - is standard input")
    compare.add_argument("--yes", action="store_true", help="spend what the preflight says without asking")
    for name, summary in (("status", "say how far a run is"), ("resume", "go on with a run"), ("cancel", "end a run")):
        add(name, summary, commands.run_verb).add_argument("run", metavar="RUN", help="the run's id")
        known.choices[name].set_defaults(verb=name)
    report = add("report", "write the decision record of an assessment", commands.run_report)
    report.add_argument("file", metavar="FILE", help="assessment as JSON or YAML; - is standard input")
    report.add_argument("--format", choices=("html", "pdf", "docx", "md", "json"), default="html", help=_FORMATS)
    report.add_argument("--run", metavar="RUN", help="cite this comparison as evidence")
    report.add_argument("-o", "--output", metavar="OUT", required=True, help="the file to write")
    verify = add("verify", "work a decision record out again and say where it differs", commands.run_verify)
    verify.add_argument("file", metavar="RECORD", help="what 'report --format json' wrote; - is standard input")
    catalog = add("catalog", "list what can be fine-tuned, at what price and until when", commands.run_catalog)
    catalog.add_argument("--as-of", type=_day, default=commands.today(), metavar="DAY", help="a day such as 2027-02-01")
    catalog.add_argument("--provider", metavar="P", help="only this provider")
    serve = add("serve-local", "serve the local model through an OpenAI-compatible interface", commands.run_serve_local)
    serve.add_argument("--host", default="127.0.0.1", help="a loopback address; default: %(default)s")
    serve.add_argument("--port", type=int, default=0, help="default: any free port")
    add("worker", "run comparisons that were asked for, until it is stopped", commands.work)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2027-02-01") from None


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
