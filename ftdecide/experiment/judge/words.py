"""A judgement in words: the headline, and what has to be kept in mind with it."""

from ftdecide.experiment.judge.types import Judgement
from ftdecide.experiment.prediction_powered import LEAST_KAPPA
from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.statistics import LEAST_ITEMS
from ftdecide.translation import _, plural

# Above this share a verdict depends on the order more than a reader would expect.
MANY_FLIPS = 0.2


def headline(found: Judgement) -> str:
    """Return in a sentence or two what was found, and by whom."""
    if found.difference is None:
        return _("Nobody has compared these answers yet.")
    said = _compare(found, found.difference)
    if found.interval is None:
        return f"{said} {_source(found)} {_('There are too few labels to say how sure that is.')}"
    between = _("With 95 % confidence the difference is between {low} and {high} points.").format(
        low=signed(found.interval.low), high=signed(found.interval.high)
    )
    sure = "" if found.interval.low > 0 or found.interval.high < 0 else " " + _("So it may be none at all.")
    return f"{said} {between}{sure} {_source(found)}"


def signed(difference: float) -> str:
    """Return a difference in points with its sign; nothing has none."""
    text = f"{100 * difference:+.0f}"
    return "0" if text in ("+0", "-0") else text


def _compare(found: Judgement, difference: float) -> str:
    arm, baseline, points = arm_words(found.arm), arm_words(found.baseline), abs(100 * difference)
    if round(points) == 0:
        text = _("“{arm}” gives the better answer as often as the worse one, set against “{baseline}”.")
    elif difference > 0:
        text = _("“{arm}” gives the better answer more often than “{baseline}”, by {points:.0f} points.")
    else:
        text = _("“{arm}” gives the better answer less often than “{baseline}”, by {points:.0f} points.")
    return text.format(arm=arm, baseline=baseline, points=points)


def _source(found: Judgement) -> str:
    labels = plural("{n} pair labelled by people", "{n} pairs labelled by people", found.labelled)
    if found.naive is None:
        return _("From {labels}.").format(labels=labels)
    if found.by_people is None:
        text = _("From the judge {model} alone, which nobody has checked: label some pairs to correct what it likes.")
        return text.format(model=found.model)
    text = _("From {n} pairs by the judge {model}, corrected by {labels}; the judge alone says {naive} points.")
    return text.format(n=found.n, model=found.model, labels=labels, naive=signed(found.naive))


def notes_on(found: Judgement, *, grouped: bool) -> tuple[str, ...]:
    """Return what limits the result, the most important first."""
    notes: list[str] = []
    if found.secondary and found.kappa is not None:
        text = _("The judge agrees with people too little (kappa {kappa:.2f} < {least}): treat it as secondary.")
        notes.append(text.format(kappa=found.kappa, least=LEAST_KAPPA))
    elif found.model is not None and 0 < found.labelled < LEAST_ITEMS:
        text = _("How well the judge agrees with people can be said from {least} labelled pairs on.")
        notes.append(text.format(least=LEAST_ITEMS))
    if found.flip_rate is not None and found.flip_rate > MANY_FLIPS:
        text = _(
            "In {share:.0f} % of the pairs the judge's verdict changed with the order of the answers; each is a tie."
        )
        notes.append(text.format(share=100 * found.flip_rate))
    if found.unreadable:
        one, many = (
            "{n} pair has a verdict that could not be read, even after asking again; it counts as a tie.",
            "{n} pairs have a verdict that could not be read, even after asking again; they count as ties.",
        )
        notes.append(plural(one, many, found.unreadable))
    if found.unjudged:
        one, many = (
            "{n} pair has no verdict yet, so the judge's verdicts do not count; go on with the run.",
            "{n} pairs have no verdict yet, so the judge's verdicts do not count; go on with the run.",
        )
        notes.append(plural(one, many, found.unjudged))
    if grouped:
        notes.append(
            _("Rows come in groups that are alike; the interval takes them for independent and is too narrow.")
        )
    return tuple(notes)
