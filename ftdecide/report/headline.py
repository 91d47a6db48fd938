"""The answer in one line, and what a reader must know before relying on it; the same in every format."""

from ftdecide.decision.wording import too_early
from ftdecide.report.comparison import say_caution
from ftdecide.report.types import Record
from ftdecide.translation import _, plural


def say_answer_so_far(record: Record) -> str:
    """Return the verdict, or that it is too early for one and which way the answers lean."""
    if not too_early(gate.status for gate in record.gates):
        return record.verdict_name
    return _("Too early to say; leaning: {verdict}").format(verdict=record.verdict_name)


def list_cautions(record: Record) -> tuple[str, ...]:
    """Return what weakens the answer: open conditions while it is too early, and figures from demonstration data."""
    cautions: list[str] = []
    statuses = [gate.status for gate in record.gates]
    if too_early(statuses):
        open_ones = plural(
            "{n} of {{all}} conditions for fine-tuning is not known.",
            "{n} of {{all}} conditions for fine-tuning are not known.",
            statuses.count("unknown"),
        )
        cautions.append(open_ones.format(all=len(statuses)))
    if record.comparison and record.comparison.cited and (caution := say_caution(record.comparison)):
        cautions.append(caution)
    return tuple(cautions)
