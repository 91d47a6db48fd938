"""The audit of a training file: its tokens, and what is wrong or doubtful on which lines."""

import codecs
import os
from collections.abc import Callable, Iterator

from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.batch import Batch, Row, gather
from ftdecide.dataset.facts import EncodingName
from ftdecide.dataset.limits import default_epochs, find_limits
from ftdecide.dataset.measure import Bin, TokenCounts, count_tokens, cut_total, distribution
from ftdecide.dataset.part import Part, Plan, read_part
from ftdecide.dataset.read import stream_examples, tell_kind
from ftdecide.dataset.rules import question_digest
from ftdecide.dataset.segments import find_segments
from ftdecide.dataset.source import Opened, Source, open_source, source_name
from ftdecide.dataset.tally import Finding, Tally
from ftdecide.dataset.tokens import encoding_for
from ftdecide.dataset.types import Example, Problem
from ftdecide.dataset.whole import File, judge_whole
from ftdecide.dataset.wording import code_order
from ftdecide.dataset.worker import read_segment, read_side_by_side, start_readers

# Loading the fast counter takes as long as counting this much with the other.
_BIG_FILE_BYTES = 10_000_000
# Starting a process takes as long as reading this much.
_SEGMENT_BYTES = 32_000_000
# Rows of a table are taken together up to so many of them, or of their characters.
_ROWS_TOGETHER = 2_000
_CHARACTERS_TOGETHER = 1_000_000


class Audit(BaseModel):
    """What an audit found.

    `examples` are those that could be read; `training_tokens_per_epoch` cuts each at the model's limit, which is
    `maximum_example_tokens` (None: not known, so nothing is cut); findings stand errors first.
    """

    model_config = ConfigDict(frozen=True)

    examples: int
    encoding: EncodingName
    encoding_is_exact: bool
    tokens: TokenCounts
    training_tokens_per_epoch: int
    default_epochs: int
    findings: tuple[Finding, ...]
    test_examples: int | None = None
    maximum_example_tokens: int | None = None
    distribution: tuple[Bin, ...] = ()


def audit(  # noqa: PLR0913 - all but the first have names
    source: Source,
    *,
    model: str | None = None,
    provider: str | None = None,
    test_path: Source | None = None,
    name: str = "",
    test_name: str = "",
    processes: int | None = None,
    on_progress: Callable[[float], object] | None = None,
) -> Audit:
    """Check a training file, also against a test part where one is given; memory does not grow with what rows hold.

    Args:
        source: path, "-" or binary stream of the training part.
        model: id of the model to be tuned, for its encoding, its longest example and its providers' limits.
        provider: whose limits hold; None takes the strictest of those that tune the model.
        test_path: path or stream of the test part.
        name: what the training part is called, for streams: its ending tells the format.
        test_name: likewise for the test part.
        processes: how many may read a big file side by side; None takes one for each core.
        on_progress: told the share that was read (0 to 1) after each part of a big file of JSON Lines.

    Raises:
        InputError: a file cannot be opened. What is wrong inside is a finding, not an exception.
        NotFoundError: the provider is unknown.
    """
    known, limits = encoding_for(model), find_limits(model, provider)
    limit = known.maximum_example_tokens or (limits.example_tokens.value if limits.example_tokens else None)
    test = _TestPart()
    if test_path is not None:
        test.read(test_path, test_name)
    questions = frozenset(test.questions)
    with open_source(source) as opened:
        plan = Plan(known.encoding, limit, 0, opened.size > _BIG_FILE_BYTES, questions)
        part = _read(opened, name or source_name(source), plan, processes or _cores(), on_progress)
        size = opened.size
    tally = part.tally
    judge_whole(part, File(size, limit, limits))
    if model and not known.exact:
        tally.set("encoding_estimated", part.examples, model=model)
    findings = (*tally.findings(), *part.watch.finish(), *test.tally.findings())
    return Audit(
        examples=part.examples,
        encoding=known.encoding,
        encoding_is_exact=known.exact,
        tokens=count_tokens(part.lengths, part.learned_tokens),
        training_tokens_per_epoch=cut_total(part.lengths, limit),
        default_epochs=default_epochs(part.examples, limits),
        findings=tuple(sorted(findings, key=_order)),
        test_examples=test.examples if test_path is not None else None,
        maximum_example_tokens=limit,
        distribution=distribution(part.lengths),
    )


def _order(finding: Finding) -> tuple[int, bool, int]:
    severity, place = code_order(finding.code)
    return severity, finding.part == "test", place


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read(opened: Opened, name: str, plan: Plan, processes: int, on_progress: Callable[[float], object] | None) -> Part:
    kind = tell_kind(opened.stream, name)
    processes = min(processes, -(-opened.size // _SEGMENT_BYTES)) if kind == "jsonl" and opened.path else 1
    with start_readers(processes if processes > 1 else 0, plan.encoding) as readers:
        segments, lines = find_segments(opened.stream, _SEGMENT_BYTES)
        plan = plan._replace(lines=lines)
        opened.stream.seek(0)
        if kind != "jsonl":
            return read_part(_gather_rows(opened, name), plan)
        if opened.path and readers:
            parts = read_side_by_side(readers, opened.path, segments, plan)
        else:
            parts = (read_segment(opened.stream, segment, plan) for segment in segments)
        whole = _put_together(parts, len(segments), on_progress)
    _note_marks(opened, whole)
    return whole


def _put_together(parts: Iterator[Part], number: int, on_progress: Callable[[float], object] | None) -> Part:
    whole = next(parts)
    for done, part in enumerate(parts, 2):
        whole.merge(part)
        if on_progress:
            on_progress(done / number)
    return whole


def _note_marks(opened: Opened, part: Part) -> None:
    """Name what was read past: a byte order mark, and line ends of Windows."""
    opened.stream.seek(0)
    if opened.stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
        part.tally.set("byte_order_mark", 1)
    if part.windows_ends:
        part.tally.set("windows_line_ends", part.windows_ends)


def _gather_rows(opened: Opened, name: str) -> Iterator[Batch]:
    waiting: list[Problem | tuple[int, Row]] = []
    characters = 0
    for item in stream_examples(opened.stream, name):
        waiting.append(item if isinstance(item, Problem) else (item.line, item))
        if isinstance(item, Example):
            characters += sum(len(message.content) for message in item.messages)
        if len(waiting) == _ROWS_TOGETHER or characters > _CHARACTERS_TOGETHER:
            yield gather(iter(waiting))
            waiting, characters = [], 0
    yield gather(iter(waiting))


class _TestPart:
    """What is remembered of the test part: its faults and digests of its questions."""

    def __init__(self) -> None:
        self.tally = Tally("test")
        self.questions: set[bytes] = set()
        self.examples = 0

    def read(self, source: Source, name: str) -> None:
        for item in stream_examples(source, name):
            if isinstance(item, Problem):
                self.tally.add_problem(item)
            else:
                self.questions.add(question_digest(item))
                self.examples += 1
