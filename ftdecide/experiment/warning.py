"""What a reader must know before believing a comparison."""

from collections.abc import Sequence

from ftdecide.experiment.clusters import FEW_GROUPS, number_groups
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.statistics import FEW_ITEMS, LEAST_ITEMS
from ftdecide.experiment.types import ArmResult, Row, Rows
from ftdecide.translation import _, plural

# From this share on, the form of the answers and not their content decides an arm's score.
MANY_FORMAT_BREAKS = 0.2


def warn(experiment: Experiment, rows: Rows, arms: Sequence[ArmResult], *, partial: bool) -> tuple[str, ...]:
    """Return plain sentences on too few items, failed rows, answers in a wrong form, repeats, and an early end."""
    found = [warn_size(len(rows.test)), warn_groups([row.group for row in rows.test]), warn_repeats(rows.test)]
    if partial:
        done = min(arm.n for arm in arms)
        found.append(
            _(
                "The run ended early: {done} of {total} rows are answered by every arm. Two arms are compared"
                " on the rows both have answered, and nothing is claimed."
            ).format(done=done, total=len(rows.test))
        )
    found += [_warn_failed(arm) for arm in arms if arm.failed]
    found += [_warn_form(arm) for arm in arms if arm.n and arm.format_breaks / arm.n >= MANY_FORMAT_BREAKS]
    if experiment.grader.labels and len(rows.train) < len(experiment.grader.labels):
        found.append(_("There are fewer training rows than labels, so some labels cannot be learnt."))
    return tuple(text for text in found if text)


def warn_size(n: int) -> str:
    """Return what a test set of `n` rows is too small for, or "" when it is large enough."""
    if n < LEAST_ITEMS:
        text = _("Only {n} test rows: with fewer than {least} nothing can be inferred. Add rows before you decide.")
        return text.format(n=n, least=LEAST_ITEMS)
    if n < FEW_ITEMS:
        text = _("Only {n} test rows: only very large differences can be seen. {few} or more are advisable.")
        return text.format(n=n, few=FEW_ITEMS)
    return ""


def warn_groups(names: Sequence[str]) -> str:
    """Return that the rows come in too few groups, or "" where there are 15 or more or each row stands alone."""
    numbers = number_groups(names)
    if numbers is None or len(set(numbers)) >= FEW_GROUPS:
        return ""
    text = _(
        "The test rows come in only {count} groups. Rows of one group go together, so the intervals are wide and"
        " rest on few cases: {few} groups or more are advisable, and more rows of the same groups help little."
    )
    return text.format(count=len(set(numbers)), few=FEW_GROUPS)


def warn_repeats(test: Sequence[Row]) -> str:
    """Return how many test rows repeat another one's question, or ""."""
    repeats = len(test) - len({normalise(row.prompt) for row in test})
    return (
        plural(
            "{n} test row repeats another's question, so the intervals are a little too narrow.",
            "{n} test rows repeat another's question, so the intervals are too narrow.",
            repeats,
        )
        if repeats
        else ""
    )


def _warn_failed(arm: ArmResult) -> str:
    low, high = arm.band or (0.0, 1.0)
    text = _(
        "{arm}: {failed} of {n} rows failed and count as wrong; if all of them were right, the score would be {high}"
        " instead of {low}."
    )
    return text.format(
        arm=arm_words(arm.name).capitalize(), failed=arm.failed, n=arm.n, low=f"{low:.0%}", high=f"{high:.0%}"
    )


def _warn_form(arm: ArmResult) -> str:
    return _(
        "{arm}: {breaks} of {n} answers are not in the form asked for, which counts as wrong; a clearer prompt or the"
        " provider's JSON mode may raise this score."
    ).format(arm=arm_words(arm.name).capitalize(), breaks=arm.format_breaks, n=arm.n)
