"""The decision record as Markdown; what people typed is text and never markup or links."""

import re

from ftdecide.decision.types import Quantiles
from ftdecide.report.comparison import Arm, Comparison, Pair, say_caution
from ftdecide.report.figures import UNKNOWN, count, money, p_value, percent, points, span
from ftdecide.report.headline import list_cautions, say_answer_so_far
from ftdecide.report.printable import printable
from ftdecide.report.types import Point, Record, Source
from ftdecide.translation import _

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$@=^-])")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_SHOWN_FLIPS = 12


def escape(text: str) -> str:
    """Return text on one line so that any Markdown reader shows it as typed: no markup, no links, no HTML."""
    line = _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))
    line = _LIST_NUMBER.sub(r"\1\\\2", line)
    return re.sub(r"(?i)www\.", r"www\\.", line.replace("://", r"\://"))


def render(record: Record) -> str:
    """Return the whole record as Markdown; the same record gives the same text."""
    parts = (
        _head(record),
        _section(_("Reasons"), [_reason(reason) for reason in record.reasons]),
        _section(_("Conditions"), [_gate_line(record, index) for index in range(len(record.gates))]),
        _comparison(record.comparison) if record.comparison else [],
        _section(_("What is missing, most valuable first"), [escape(asked.question) for asked in record.missing]),
        _flips(record),
        _section(_("Risks"), [escape(risk) for risk in record.risks]),
        _options(record),
        _section(_("Does it pay, and is it worth testing on?"), [escape(line) for line in record.pays]),
        _answers(record),
        _section(_("Method and limits"), [escape(line) for line in record.method]),
        [
            _(
                "Made by ftdecide {version}. Fingerprint of the input: `{digest}`. Checksum of the record: `{sum}`"
            ).format(version=record.version, digest=record.fingerprint, sum=record.checksum),
            "",
        ],
    )
    return "\n".join(line for part in parts for line in part)


def _head(record: Record) -> list[str]:
    chances = ", ".join(f"{escape(chance.name)} {percent(chance.probability)}" for chance in record.chances)
    cautions = [f"**{_('Take care')}:** {escape(caution)}" for caution in list_cautions(record)]
    return [
        f"# {_('Should we fine-tune?')} {escape(record.title)}",
        "",
        f"**{escape(say_answer_so_far(record))}** · {_('probability')} {percent(record.confidence)} · "
        f"{_('as of')} {record.as_of.isoformat()}",
        "",
        escape(record.verdict_meaning),
        "",
        *(line for caution in cautions for line in (caution, "")),
        f"**{_('Next step')}:** {escape(record.next_step)}",
        "",
        f"{_('All verdicts')}: {chances}",
        "",
    ]


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {line}" for line in lines), ""] if lines else []


def _source(source: Source) -> str:
    if source.url is None:
        return escape(source.text)
    address = source.url.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    return f"[{_('source')}](<{address}>)"


def _reason(reason: Point) -> str:
    origin = ", ".join(filter(None, (escape(reason.origin), _source(reason.source))))
    return f"{escape(reason.text)} ({reason.weight:+.2f}, {origin})"


def _gate_line(record: Record, index: int) -> str:
    gate = record.gates[index]
    source = f" ({found})" if (found := _source(gate.source)) else ""
    return f"**{escape(gate.title)}: {escape(gate.state)}.** {escape(gate.text)}{source}"


def _comparison(found: Comparison) -> list[str]:
    lines = [f"## {_('Measured comparison')}", ""]
    if caution := say_caution(found):
        lines += [f"**{escape(caution)}**", ""]
    if found.partial:
        lines += [_("The run has not finished; nothing is concluded from it."), ""]
    head = [_("Option"), _("Score"), _("95 % interval"), _("Examples"), _("Failed"), _("Cost"), _("Median time")]
    lines += [*_table(head, [_arm(arm) for arm in found.arms]), ""]
    head = [
        _("Compared"),
        _("Difference"),
        _("95 % interval"),
        _("p"),
        _("Probability of being better"),
        _("Wins / losses"),
        _("Reading"),
    ]
    if found.pairs:
        lines += [*_table(head, [_pair(pair) for pair in found.pairs]), ""]
    return [*lines, *(f"- {escape(warning)}" for warning in found.warnings), ""]


def _arm(arm: Arm) -> list[str]:
    time = count(arm.latency_p50_ms, "ms")
    cost = f"{arm.cost_usd} USD" if arm.cost_usd is not None else UNKNOWN
    interval = span(percent(arm.low), percent(arm.high))
    return [arm.name, percent(arm.score), interval, count(arm.n), count(arm.failed), cost, time]


def _pair(pair: Pair) -> list[str]:
    return [
        f"{pair.arm} / {pair.baseline}",
        points(pair.difference),
        span(points(pair.low), points(pair.high)),
        p_value(pair.p_value),
        percent(pair.p_better),
        f"{count(pair.wins)} / {count(pair.losses)}",
        pair.reading,
    ]


def _flips(record: Record) -> list[str]:
    rows = [[flip.question, flip.now, flip.then, flip.verdict] for flip in record.flips[:_SHOWN_FLIPS]]
    if not rows:
        return []
    head = [_("Question"), _("Answer now"), _("If it were"), _("Verdict then")]
    return [f"## {_('What would change the verdict')}", "", *_table(head, rows), ""]


def _options(record: Record) -> list[str]:
    rows = [
        [name, percent(option.p_meets_target), _range(option.cost_usd), _range(option.net_value_usd), option.basis]
        for name, option in zip(record.option_names, record.options, strict=True)
    ]
    head = [_("Option"), _("Reaches the target"), _("Cost, USD"), _("Net value, USD"), _("Basis")]
    note = _("Middle value, with the range that holds in 8 of 10 cases.")
    return [f"## {_('Options until the horizon')}", "", note, "", *_table(head, rows), ""]


def _range(amount: Quantiles | None) -> str:
    return UNKNOWN if amount is None else f"{money(amount.p50)} ({span(money(amount.p10), money(amount.p90))})"


def _answers(record: Record) -> list[str]:
    lines: list[str] = [f"## {_('Answers')}", ""]
    for chapter in record.chapters:
        lines += [f"### {escape(chapter.title)}", ""]
        lines += [f"- {escape(given.question)} **{escape(given.answer)}**" for given in chapter.answers]
        lines.append("")
    return lines if record.chapters else []


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [[escape(cell) for cell in row] for row in (head, *rows)]
    shown = ["| " + " | ".join(line) + " |" for line in lines]
    return [shown[0], "|" + " --- |" * len(head), *shown[1:]]
