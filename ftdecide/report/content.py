"""What stands in a printed report: the first page, and the sections behind it in their order."""

from collections.abc import Iterator, Sequence

from ftdecide.decision.types import Quantiles
from ftdecide.report.chart import draw_targets, draw_values
from ftdecide.report.comparison_content import outline_comparison
from ftdecide.report.cover import make_cover, short_title
from ftdecide.report.figures import UNKNOWN, money, percent, span
from ftdecide.report.outline import (
    Block,
    Bullets,
    Column,
    Heading,
    Line,
    Outline,
    Picture,
    Span,
    Table,
    Tone,
    note,
    plain_lines,
    tabulate,
)
from ftdecide.report.sources import cite_source, list_addresses
from ftdecide.report.types import Check, Point, Record
from ftdecide.translation import _

_LONGEST_FOOT = 80
_TONES: dict[str, Tone] = {"pass": "good", "warn": "care", "block": "bad", "unknown": "soft"}


def outline_record(record: Record) -> Outline:
    """Return the record as a printed report; the same record gives the same outline."""
    addresses = list_addresses(record)
    blocks = (
        *_reasons(record, addresses),
        *_gates(record, addresses),
        *(outline_comparison(record.comparison) if record.comparison else ()),
        *_list(_("What is missing, most valuable first"), [asked.question for asked in record.missing], numbered=True),
        *_flips(record),
        *_list(_("Risks"), record.risks),
        *_options(record),
        *_list(_("Does it pay, and is it worth testing on?"), record.pays),
        *_answers(record),
        *_list(_("Method and limits"), record.method),
        *_sources(addresses),
        *_origin(record),
    )
    return Outline(
        title=short_title(record.title),
        foot=short_title(record.title, _LONGEST_FOOT),
        day=record.as_of.isoformat(),
        cover=make_cover(record),
        blocks=blocks,
        page=(_("Page"), _("of")),
    )


def _list(title: str, texts: Sequence[str], *, numbered: bool = False) -> Iterator[Block]:
    if texts:
        yield Heading(level=1, text=title)
        yield Bullets(items=plain_lines(*texts), numbered=numbered)


def _reasons(record: Record, addresses: Sequence[str]) -> Iterator[Block]:
    if not record.reasons:
        return
    yield Heading(level=1, text=_("Reasons"))
    yield note(_("The weight says how strongly a reason speaks for (+) or against (−) this verdict."))  # noqa: RUF001
    columns = (
        Column(title=_("Weight"), share=0.11, right=True),
        Column(title=_("Reason"), share=0.61),
        Column(title=_("From"), share=0.28),
    )
    yield Table(columns=columns, rows=tuple(_reason(reason, addresses) for reason in record.reasons))


def _reason(reason: Point, addresses: Sequence[str]) -> tuple[Line, ...]:
    weight = f"{reason.weight:+.2f}".replace("-", "\N{MINUS SIGN}")
    shown = Span(text=weight, strong=True, tone="good" if reason.weight > 0 else "bad")
    return (shown,), (Span(text=reason.text),), (Span(text=reason.origin), *cite_source(reason.source, addresses))


def _gates(record: Record, addresses: Sequence[str]) -> Iterator[Block]:
    yield Heading(level=1, text=_("Conditions for fine-tuning"))
    columns = (Column(title=_("State"), share=0.14), Column(title=_("Condition"), share=0.86))
    yield Table(columns=columns, rows=tuple(_gate(gate, addresses) for gate in record.gates))


def _gate(gate: Check, addresses: Sequence[str]) -> tuple[Line, ...]:
    said = (Span(text=f"{gate.title}.", strong=True), Span(text=f" {gate.text}"))
    state = Span(text=gate.state, strong=True, tone=_TONES[gate.status])
    return (state,), (*said, *cite_source(gate.source, addresses))


def _flips(record: Record) -> Iterator[Block]:
    if not record.flips:
        return
    yield Heading(level=1, text=_("What would change the verdict"))
    titles = (_("Question"), _("Answer now"), _("If it were"), _("Verdict then"))
    rows = [(flip.question, flip.now, flip.then, flip.verdict) for flip in record.flips]
    yield tabulate(titles, (0.4, 0.2, 0.2, 0.2), rows, figures=False)


def _options(record: Record) -> Iterator[Block]:
    yield Heading(level=1, text=_("Options until the horizon"))
    yield note(_("Middle value, with the range that holds in 8 of 10 cases. A dash means that too little is known."))
    for chart in (draw_values(record), draw_targets(record)):
        if chart:
            yield Picture(chart=chart)
    columns = (
        Column(title=_("Option"), share=0.2),
        Column(title=_("Reaches the target"), share=0.12, right=True),
        Column(title=_("Cost, USD"), share=0.18, right=True),
        Column(title=_("Net value, USD"), share=0.18, right=True),
        Column(title=_("Basis"), share=0.32),
    )
    rows = [
        (
            (Span(text=name),),
            (Span(text=percent(option.p_meets_target)),),
            _amount(option.cost_usd),
            _amount(option.net_value_usd),
            (Span(text=option.basis, tone="soft"),),
        )
        for name, option in zip(record.option_names, record.options, strict=True)
    ]
    yield Table(columns=columns, rows=tuple(rows))


def _amount(amount: Quantiles | None) -> Line:
    if amount is None:
        return (Span(text=UNKNOWN),)
    ends = span(money(amount.p10), money(amount.p90))
    return (Span(text=money(amount.p50)), Span(text=f"\n{ends}", tone="soft"))


def _answers(record: Record) -> Iterator[Block]:
    shown_whole = short_title(record.title) == record.title
    if record.chapters or not shown_whole:
        yield Heading(level=1, text=_("Answers"))
    if not shown_whole:
        yield _given([(_("Title"), record.title)])
    for chapter in record.chapters:
        yield Heading(level=2, text=chapter.title)
        yield _given([(given.question, given.answer) for given in chapter.answers])


def _given(pairs: Sequence[tuple[str, str]], share: float = 0.42) -> Table:
    columns = (Column(title=_("Question"), share=share), Column(title=_("Answer"), share=1 - share))
    rows = tuple(((Span(text=question, tone="soft"),), (Span(text=answer),)) for question, answer in pairs)
    return Table(columns=columns, rows=rows, head=False)


def _sources(addresses: Sequence[str]) -> Iterator[Block]:
    if addresses:
        yield Heading(level=1, text=_("Sources"))
        yield Bullets(items=tuple((Span(text=address, url=address),) for address in addresses), numbered=True)


def _origin(record: Record) -> Iterator[Block]:
    yield Heading(level=1, text=_("This record"))
    rows = [(_("Made by"), f"ftdecide {record.version}"), (_("Fingerprint of the input"), record.fingerprint)]
    if record.run is not None:
        rows.append((_("SHA-256 of the cited run's result"), record.run.sha256))
    yield _given([*rows, (_("Checksum of the record"), record.checksum)], share=0.25)
