"""What is wrong or weak about a plan and its rows, said before anything is spent."""

from collections.abc import Sequence

from ftdecide.experiment.arm_plan import examples_wanted, uses_retrieval
from ftdecide.experiment.plan import Experiment, arm_named
from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import Row, Rows
from ftdecide.experiment.warning import warn_repeats, warn_size
from ftdecide.experiment.workload import Workload
from ftdecide.translation import _, plural

SHOWN_GROUPS = 3


def warn_plan(experiment: Experiment, rows: Rows, work: Workload) -> tuple[str, ...]:
    """Return plain sentences on test rows, groups, the prompt budget, retrieval and repeats."""
    found = [
        warn_size(len(rows.test)),
        warn_repeats(rows.test),
        _warn_groups(rows),
        *_warn_budget(experiment, rows, work),
    ]
    return tuple(text for text in (*found, _warn_passages(experiment, rows)) if text)


def _warn_groups(rows: Rows) -> str:
    shared = sorted({row.group for row in rows.train} & {row.group for row in rows.test} - {""})
    if not shared:
        return ""
    names = [*map(repr, shared[:SHOWN_GROUPS]), *(["…"] if len(shared) > SHOWN_GROUPS else [])]
    text = _(
        "Groups with rows in both parts, {names}: what is learnt of them may help on their test rows more than it will"
        " on new ones."
    )
    return text.format(names=", ".join(names))


def _warn_budget(experiment: Experiment, rows: Rows, work: Workload) -> list[str]:
    found: list[str] = []
    for each in work.arms:
        arm = arm_named(experiment, each.arm)
        wanted = min(examples_wanted(arm), len(rows.train))
        if each.examples < wanted:
            text = _("{arm}: {fit} of {wanted} examples fit into the prompt budget of {tokens} tokens.")
            found.append(_fill(text, each.arm, each.examples, wanted, experiment))
        if uses_retrieval(arm) and any(rows.test[0].passages) and each.added_tokens == 0:
            text = _("{arm}: not even one passage fits into the prompt budget of {tokens} tokens; raise it.")
            found.append(_fill(text, each.arm, 0, 0, experiment))
    return found


def _fill(text: str, arm: str, fit: int, wanted: int, experiment: Experiment) -> str:
    words = arm_words(arm)
    return text.format(
        arm=words[:1].upper() + words[1:], fit=fit, wanted=wanted, tokens=experiment.prompt_budget_tokens
    )


def _warn_passages(experiment: Experiment, rows: Rows) -> str:
    if rows.unread or not any(map(uses_retrieval, experiment.arms)):
        return ""
    without = _without_passages(rows.test)
    return (
        plural(
            "{n} test question has no word in common with any document, so it is asked without a passage.",
            "{n} test questions have no word in common with any document, so they are asked without a passage.",
            without,
        )
        if without
        else ""
    )


def _without_passages(test: Sequence[Row]) -> int:
    return sum(not row.passages for row in test)
