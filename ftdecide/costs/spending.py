"""Where an option's money goes: every line of its bill in one of a few groups that everybody understands."""

from decimal import Decimal, localcontext
from enum import StrEnum

from ftdecide.costs.charges import EXACT
from ftdecide.costs.types import Line, OptionCost
from ftdecide.translation import _


class Group(StrEnum):
    """What money is spent on, in the order in which it falls due."""

    TRAINING = "training"
    PEOPLE = "people"
    ANSWERS = "answers"
    READY = "ready"
    SEARCH = "search"
    AFTER = "after"


GROUP_OF_CODE = {
    "training": Group.TRAINING,
    "retraining": Group.TRAINING,
    "engineering": Group.PEOPLE,
    "upkeep": Group.PEOPLE,
    "labels": Group.PEOPLE,
    "migration": Group.AFTER,
    "input_tokens": Group.ANSWERS,
    "cached_input_tokens": Group.ANSWERS,
    "output_tokens": Group.ANSWERS,
    "input_tokens_batch": Group.ANSWERS,
    "cached_input_tokens_batch": Group.ANSWERS,
    "output_tokens_batch": Group.ANSWERS,
    "hosting": Group.READY,
    "machines": Group.READY,
    "storage": Group.READY,
    "retrieval": Group.SEARCH,
    "embedding": Group.SEARCH,
}
"""The group of a line by its code, as long as the option's own model answers."""


def group_names() -> dict[Group, str]:
    """Return what each group is called for people."""
    return {
        Group.TRAINING: _("Training"),
        Group.PEOPLE: _("Labels and people"),
        Group.ANSWERS: _("Answers"),
        Group.READY: _("Machines, keeping it ready"),
        Group.SEARCH: _("Search index"),
        Group.AFTER: _("After the model stops"),
    }


def group_of(line: Line) -> Group:
    """Return the group of a line; whatever its code, what falls due after the model has stopped is a group of its own.

    A code that `GROUP_OF_CODE` does not hold is an error of the program, so it is a KeyError.
    """
    return Group.AFTER if line.phase == "after_retirement" else GROUP_OF_CODE[line.code]


def spending(option: OptionCost) -> dict[Group, Decimal]:
    """Return US dollars over the horizon by group, at the middle of every range; groups that cost nothing are left out.

    Groups stand in the order of `Group`, and add up to the sum of the lines exactly.
    """
    usd = dict.fromkeys(Group, Decimal(0))
    with localcontext(EXACT):
        for line in option.lines:
            usd[group_of(line)] += line.usd
    return {group: amount for group, amount in usd.items() if amount}
