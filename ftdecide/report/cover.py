"""The first page of a printed report: what a manager reads in a minute."""

from ftdecide.report.chart import draw_chances
from ftdecide.report.figures import percent
from ftdecide.report.headline import list_cautions, say_answer_so_far
from ftdecide.report.outline import Cover
from ftdecide.report.types import Record
from ftdecide.translation import _

LONGEST_TITLE = 140
_CARRYING = 3
_TURNS = 2
_COUNTED = {"pass": "{n} met", "warn": "{n} to take care of", "block": "{n} not met", "unknown": "{n} not known"}


def make_cover(record: Record) -> Cover:
    """Return the answer, how sure it is, what to do next, why, and what would change it."""
    carrying = [reason.text for reason in record.reasons if reason.weight > 0][:_CARRYING]
    unmet = [gate for status in ("block", "warn") for gate in record.gates if gate.status == status][:_CARRYING]
    turns = [f"{flip.question} {flip.now} → {flip.then}: {flip.verdict}" for flip in record.flips[:_TURNS]]
    return Cover(
        question=f"{_('Should we fine-tune?')} · {_('as of')} {record.as_of.isoformat()}",
        title=short_title(record.title),
        verdict=say_answer_so_far(record),
        meaning=record.verdict_meaning,
        sureness=f"{_('Probability')} {percent(record.confidence)}",
        cautions=list_cautions(record),
        next_step=(_("Next step"), record.next_step),
        lists=(
            *(((_("Because"), tuple(carrying)),) if carrying else ()),
            (_count_conditions(record), tuple(f"{gate.title}: {gate.text}" for gate in unmet)),
            *(((_("What would change it first"), tuple(turns)),) if turns else ()),
        ),
        chances=draw_chances(record),
    )


def short_title(title: str, longest: int = LONGEST_TITLE) -> str:
    """Return a title as far as there is room for it, by default in a heading."""
    return title if len(title) <= longest else title[: longest - 1].rstrip() + "…"


def _count_conditions(record: Record) -> str:
    """Return how many conditions stand in which state, such as "6 met, 1 not known"."""
    statuses = [gate.status for gate in record.gates]
    counted = [_(_COUNTED[status]).format(n=n) for status in _COUNTED if (n := statuses.count(status))]
    return f"{_('Conditions for fine-tuning')}: {', '.join(counted)}"
