"""How old the catalogue's figures are, file by file."""

from collections.abc import Iterator
from datetime import date
from typing import cast

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.figures import Cited, Part, earliest_day, is_stale
from ftdecide.catalog.types import Catalog


class Age(BaseModel):
    """The readings of one file: how many, from when to when, and how many are older than 90 days or undated."""

    model_config = ConfigDict(frozen=True)

    name: str
    figures: int
    stale: int
    oldest: date | None
    newest: date | None


def list_ages(catalog: Catalog, today: date) -> tuple[Age, ...]:
    """Return the age of every provider's file and of the GPU prices on a day."""
    parts = [(provider.name, provider) for provider in catalog.providers.values()] + [("GPU prices", catalog.gpus)]
    return tuple(_age(name, tuple(readings(part)), today) for name, part in parts)


def readings(part: object) -> Iterator[Cited]:
    """Yield everything in a part of the catalogue that was read somewhere, the part itself included."""
    if isinstance(part, Cited):
        yield part
    if isinstance(part, Part):
        for name in type(part).model_fields:
            yield from readings(getattr(part, name))
    elif isinstance(part, tuple):
        for item in cast("tuple[object, ...]", part):
            yield from readings(item)
    elif isinstance(part, dict):
        for item in cast("dict[str, object]", part).values():
            yield from readings(item)


def _age(name: str, found: tuple[Cited, ...], today: date) -> Age:
    days = [day for reading in found if (day := earliest_day(reading.as_of)) is not None]
    return Age(
        name=name,
        figures=len(found),
        stale=sum(is_stale(reading.as_of, today) for reading in found),
        oldest=min(days, default=None),
        newest=max(days, default=None),
    )
