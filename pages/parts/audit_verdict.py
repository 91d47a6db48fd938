"""One sentence on a data set: usable, usable with care, or not usable, and why."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ftdecide.dataset.checks import Audit
from ftdecide.dataset.clean import NOTHING_READ
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.wording import finding_words
from ftdecide.translation import _, plural

Usable = Literal["usable", "with_care", "not_usable"]
_REASONS = 2
_LEFT_OUT = {"empty_answer", "test_overlap"}


class Verdict(NamedTuple):
    """Whether a file can be trained on, the sentence, and what helps most."""

    kind: Usable
    text: str
    hint: str = ""


def judge(result: Audit) -> Verdict:
    """Judge by the gravest findings: an error means that a provider refuses the file, or that a score would mislead."""
    errors = [finding for finding in result.findings if finding.severity == "error"]
    warnings = [finding for finding in result.findings if finding.severity == "warning"]
    if errors:
        text = _("Not usable as it is, because {reasons}.").format(reasons=_join(errors))
        mendable = all(is_left_out(finding) for finding in errors)
        hint = _("The cleaned file below leaves these lines out.") if mendable else _first_mend(errors)
        return Verdict("not_usable", text, hint)
    if warnings:
        text = _("Usable with care, because {reasons}.").format(reasons=_join(warnings))
        return Verdict("with_care", text, _("Nothing stops a training run; read below what it would learn."))
    if result.test_examples is None:
        return Verdict(
            "usable", _("Usable, because every line can be read and nothing was found that should be mended.")
        )
    text = _("Usable, because every line can be read, nothing stands in both parts and nothing has to be mended.")
    return Verdict("usable", text)


def is_left_out(finding: Finding) -> bool:
    """Whether a cleaned file can do without all lines of a finding, whatever their number."""
    return finding.part == "train" and (finding.code in _LEFT_OUT or is_unreadable(finding))


def is_unreadable(finding: Finding) -> bool:
    """Whether a finding is about lines that could not be read at all."""
    is_line = bool(finding_words(finding.code).line) and finding.severity == "error"
    return is_line and finding.code not in NOTHING_READ


def can_be_cleaned(result: Audit) -> bool:
    """Whether anything of the training part could be read as lines."""
    return not any(finding.code in NOTHING_READ and finding.part == "train" for finding in result.findings)


def _first_mend(errors: Sequence[Finding]) -> str:
    # What concerns the whole file, such as too few examples, often follows from lines that could not be read.
    gravest = next((finding for finding in errors if finding.lines and not is_left_out(finding)), errors[0])
    return _("Begin with this: {mend}").format(mend=gravest.mend)


def _join(findings: Sequence[Finding]) -> str:
    """Name the first reasons, and how many more there are."""
    said = [_reason(finding) for finding in findings[:_REASONS]]
    more = len(findings) - len(said)
    if more:
        said.append(plural("{n} other thing", "{n} other things", more))
    if len(said) == 1:
        return said[0]
    return _("{first} and {last}").format(first=_(", ").join(said[:-1]), last=said[-1])


def _reason(finding: Finding) -> str:
    """A finding's first sentence, as a part of another one."""
    text = finding.text.split(". ", maxsplit=1)[0].rstrip(".")
    text = f"{text[:1].lower()}{text[1:]}"
    return _("in the test part {text}").format(text=text) if finding.part == "test" else text
