"""What stands in a printed report about the comparison that a record cites."""

from collections.abc import Iterator

from ftdecide.report.chart import draw_scores
from ftdecide.report.comparison import Arm, Comparison, Pair, say_caution
from ftdecide.report.figures import UNKNOWN, count, p_value, percent, points, span
from ftdecide.report.outline import Block, Bullets, Heading, Picture, Span, Text, note, plain_lines, tabulate
from ftdecide.translation import _


def outline_comparison(found: Comparison) -> Iterator[Block]:
    """Return what was measured: every option with its interval, and one against the other."""
    yield Heading(level=1, text=_("Measured comparison"))
    about = [found.title, found.model, found.run_id]
    if found.test_rows is not None:
        about.append(f"{found.test_rows} {_('test examples')}")
    yield note(" · ".join(filter(None, about)))
    if caution := say_caution(found):
        yield Text(line=(Span(text=caution, strong=True, tone="care"),))
    if found.partial:
        yield Text(line=(Span(text=_("The run has not finished; nothing is concluded from it."), tone="care"),))
    if chart := draw_scores(found):
        yield Picture(chart=chart)
    titles = [_("Option"), _("Score"), _("95 % interval"), _("Examples"), _("Failed"), _("Cost"), _("Median time")]
    yield tabulate(titles, (0.27, 0.09, 0.17, 0.13, 0.1, 0.12, 0.12), [_arm(arm) for arm in found.arms])
    if found.pairs:
        yield Heading(level=2, text=_("One against the other, example by example"))
        titles = [_("Compared"), _("Difference, points"), _("95 % interval"), "p"]
        titles += [_("Probability of being better"), _("Wins / losses"), _("Reading")]
        yield tabulate(titles, (0.23, 0.14, 0.16, 0.1, 0.15, 0.1, 0.12), [_pair(pair) for pair in found.pairs])
    if found.warnings:
        yield Bullets(items=plain_lines(*found.warnings))


def _arm(arm: Arm) -> list[str]:
    cost = f"{arm.cost_usd} USD" if arm.cost_usd is not None else UNKNOWN
    interval = span(percent(arm.low), percent(arm.high))
    time = count(arm.latency_p50_ms, "ms")
    return [arm.name, percent(arm.score), interval, count(arm.n), count(arm.failed), cost, time]


def _pair(pair: Pair) -> list[str]:
    interval = span(points(pair.low), points(pair.high))
    record = f"{count(pair.wins)} / {count(pair.losses)}"
    better = percent(pair.p_better)
    return [
        f"{pair.arm} / {pair.baseline}",
        points(pair.difference),
        interval,
        p_value(pair.p_value),
        better,
        record,
        pair.reading,
    ]
