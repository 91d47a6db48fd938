"""What providers accept of a training file: their limits in the catalogue, the strictest first."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ftdecide.catalog import Provider, find_model, find_provider, load_catalog
from ftdecide.catalog.figures import Limits
from ftdecide.dataset.facts import dataset_facts
from ftdecide.errors import NotFoundError


class Limit(NamedTuple):
    """A number and whose it is."""

    value: int
    provider: str


class FileLimits(NamedTuple):
    """The limits that hold for a file; None where none is known.

    `file_mb` are millions of bytes, `training_tokens` those of all epochs; `epochs` is the number of passes that the
    provider chooses when nobody does, `least_epochs` and `most_epochs` what it takes.
    """

    minimum_examples: Limit
    recommended_examples: int
    maximum_examples: Limit | None = None
    file_mb: Limit | None = None
    example_tokens: Limit | None = None
    training_tokens: Limit | None = None
    epochs: int | None = None
    least_epochs: Limit | None = None
    most_epochs: Limit | None = None


def find_limits(model: str | None, provider: str | None = None) -> FileLimits:
    """The limits of a provider, or the strictest of all that tune the model where none is named.

    Raises:
        NotFoundError: the provider is unknown.
    """
    facts = dataset_facts()
    owners = [find_provider(load_catalog(), provider)] if provider else _owners(model)
    known = [(owner, owner.limits) for owner in owners if owner.limits and _holds(owner.limits, model)]
    minimum = _strictest(known, lambda limits: limits.min_examples, max)
    recommended = max((limits.recommended_examples or 0 for _owner, limits in known), default=0)
    epochs = [owner.epochs_default for owner in owners if owner.epochs_default]
    return FileLimits(
        minimum_examples=minimum or Limit(facts.minimum_examples.value, ""),
        recommended_examples=recommended or facts.recommended_examples.value,
        maximum_examples=_strictest(known, lambda limits: limits.max_examples, min),
        file_mb=_strictest(known, lambda limits: limits.max_file_mb, min),
        example_tokens=_strictest(known, lambda limits: limits.max_tokens_per_example, min),
        training_tokens=_strictest(known, lambda limits: limits.max_tokens_times_epochs, min),
        epochs=epochs[0] if epochs else None,
        least_epochs=_strictest(known, lambda limits: limits.min_epochs, max),
        most_epochs=_strictest(known, lambda limits: limits.max_epochs, min),
    )


def _owners(model: str | None) -> list[Provider]:
    return list(_tuning(model)) if model else []


def _tuning(model: str) -> Iterator[Provider]:
    for owner in load_catalog().providers.values():
        try:
            find_model(load_catalog(), owner.id, model)
        except NotFoundError:
            continue
        if owner.status != "closed":
            yield owner


def _holds(limits: Limits, model: str | None) -> bool:
    """Whether limits are those of a model; versions and dates after its name do not make it another one."""
    if limits.for_model is None:
        return True
    name = (model or "").strip().lower().rsplit("/", 1)[-1]
    return re.fullmatch(rf"{re.escape(limits.for_model)}(?:[-@]\d+)*", name) is not None


def _strictest(
    known: list[tuple[Provider, Limits]],
    pick: Callable[[Limits], int | None],
    choose: Callable[[list[Limit]], Limit],
) -> Limit | None:
    found = [Limit(value, owner.name) for owner, limits in known if (value := pick(limits)) is not None]
    return choose(found) if found else None


def default_epochs(examples: int, limits: FileLimits) -> int:
    """How often a provider goes over the data when nobody says.

    That is what the catalogue says of the provider, else OpenAI's rule in `data/dataset.yml`, within the provider's
    limits.
    """
    if not examples:
        return 0
    epochs = limits.epochs or _rule(examples)
    if limits.most_epochs:
        epochs = min(epochs, limits.most_epochs.value)
    return max(epochs, limits.least_epochs.value) if limits.least_epochs else epochs


def _rule(examples: int) -> int:
    rule = dataset_facts().default_epochs
    if examples * rule.target < rule.minimum_examples_seen:
        return min(rule.maximum, rule.minimum_examples_seen // examples)
    if examples * rule.target > rule.maximum_examples_seen:
        return max(rule.minimum, rule.maximum_examples_seen // examples)
    return rule.target
