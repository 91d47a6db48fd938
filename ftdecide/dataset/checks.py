"""The audit of a training file: its tokens, and what is wrong or doubtful on which lines."""

from array import array
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.facts import EncodingName, dataset_facts
from ftdecide.dataset.measure import Bin, TokenCounts, TokenMeter, count_tokens, default_epochs, distribution
from ftdecide.dataset.read import Source, source_bytes, stream_examples
from ftdecide.dataset.rules import ExampleRules, question_digest
from ftdecide.dataset.tally import Finding, Tally
from ftdecide.dataset.tokens import encoding_for
from ftdecide.dataset.types import Problem
from ftdecide.dataset.wording import SEVERITIES

# Loading the fast counter takes as long as counting this much with the other.
_BIG_FILE_BYTES = 10_000_000


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


def audit(
    source: Source, *, model: str | None = None, test_path: Source | None = None, name: str = "", test_name: str = ""
) -> Audit:
    """Check a training file, also against a test part where one is given; files are read once, line by line.

    Args:
        source: path, "-" or binary stream of the training part.
        model: id of the model to be tuned, for its encoding and its longest example.
        test_path: path or stream of the test part.
        name: what the training part is called, for streams: its ending tells the format.
        test_name: likewise for the test part.

    Raises:
        InputError: a file cannot be opened. What is wrong inside is a finding, not an exception.
    """
    known = encoding_for(model)
    test = _TestPart()
    if test_path is not None:
        test.read(test_path, test_name)
    tally, rules, lines = Tally(), ExampleRules(frozenset(test.questions)), array("Q")
    meter = TokenMeter(known.encoding, big_file=source_bytes(source) > _BIG_FILE_BYTES)
    for item in stream_examples(source, name):
        if isinstance(item, Problem):
            tally.add_problem(item)
            continue
        for code in rules.find(item):
            tally.add(code, item.line)
        lines.append(item.line)
        meter.add(item)
    lengths = meter.lengths()
    limit = known.maximum_example_tokens or max(lengths, default=0)
    _find_too_long(tally, lines, lengths, limit)
    _judge_whole(tally, len(lines), rules.answer_counts())
    if model and not known.exact:
        tally.set("encoding_estimated", len(lines), model=model)
    findings = tally.findings() + test.tally.findings()
    return Audit(
        examples=len(lines),
        encoding=known.encoding,
        encoding_is_exact=known.exact,
        tokens=count_tokens(lengths, meter.assistant_tokens),
        training_tokens_per_epoch=sum(min(tokens, limit) for tokens in lengths),
        default_epochs=default_epochs(len(lines)),
        findings=tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))),
        test_examples=test.examples if test_path is not None else None,
        maximum_example_tokens=known.maximum_example_tokens,
        distribution=distribution(lengths),
    )


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


def _find_too_long(tally: Tally, lines: Sequence[int], lengths: Sequence[int], limit: int) -> None:
    for line, tokens in zip(lines, lengths, strict=True):
        if tokens > limit:
            tally.add("too_long", line)
    tally.fill("too_long", limit=limit)


def _judge_whole(tally: Tally, examples: int, answers: tuple[int, ...]) -> None:
    """Find what only the whole file shows: too few examples, few different answers (counts of each, largest first)."""
    facts = dataset_facts()
    minimum, recommended = facts.minimum_examples.value, facts.recommended_examples.value
    if examples < minimum:
        tally.set("too_few_examples", examples, minimum=minimum, recommended=recommended)
    elif examples < recommended:
        tally.set("few_examples", examples, recommended=recommended)
    if len(answers) == 1:
        tally.set("one_answer", examples)
    elif answers:
        share, rarest = answers[0] / sum(answers), answers[-1]
        tally.set("few_distinct_answers", len(answers), share=f"{share:.0%}", rarest=rarest)
