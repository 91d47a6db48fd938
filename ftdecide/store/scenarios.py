"""Keeping cost scenarios: one an assessment, every change a new version, none overwritten by an older one."""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping, select
from sqlalchemy.exc import IntegrityError

from ftdecide.errors import ConflictError, NotFoundError
from ftdecide.store.database import Store
from ftdecide.store.tables import scenarios
from ftdecide.translation import _

Document = dict[str, Any]


class SavedScenario(BaseModel):
    """One stored scenario; `own` names the fields that no longer follow the assessment's answers."""

    model_config = ConfigDict(frozen=True)

    id: str
    assessment_id: str
    version: int
    document: Document
    own: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


def load_scenario(store: Store, scenario_id: str) -> SavedScenario:
    """Return the newest version.

    Raises:
        NotFoundError: no such scenario.
    """
    query = select(scenarios).where(scenarios.c.id == scenario_id)
    with store.engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(
            _("No cost scenario has the id {id!r}; open its assessment from the start page").format(id=scenario_id)
        )
    return _saved(row)


def find_scenario(store: Store, assessment_id: str) -> SavedScenario | None:
    """Return the scenario of an assessment, or None where nothing was changed in it yet."""
    query = select(scenarios).where(scenarios.c.assessment_id == assessment_id)
    with store.engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _saved(row)


def save_scenario(
    store: Store, assessment_id: str, document: Document, *, own: Collection[str], expected_version: int
) -> SavedScenario:
    """Replace version `expected_version` by `document`; version 0 is a scenario that was never kept.

    Raises:
        ConflictError: another tab or person saved a newer version meanwhile; nothing was changed.
    """
    now = datetime.now(UTC)
    values = {"document": document, "own": sorted(own), "version": expected_version + 1, "updated_at": now}
    change = scenarios.update().where(
        scenarios.c.assessment_id == assessment_id, scenarios.c.version == expected_version
    )
    try:
        with store.engine.begin() as connection:
            if expected_version == 0:
                fresh = {"id": secrets.token_urlsafe(9), "assessment_id": assessment_id, "created_at": now}
                connection.execute(scenarios.insert().values(**values, **fresh))
                changed = 1
            else:
                changed = connection.execute(change.values(**values)).rowcount
    except IntegrityError:
        changed = 0
    newest = find_scenario(store, assessment_id)
    if newest is None or not changed:
        raise ConflictError(
            _(
                "These costs were changed elsewhere (version {newest}, yours is {yours}); nothing was overwritten. "
                "Load the newer ones and make your change again"
            ).format(newest=newest.version if newest else 0, yours=expected_version)
        )
    return newest


def copy_scenario(store: Store, assessment_id: str, new_assessment_id: str) -> None:
    """Give a copied assessment a copy of its original's scenario, if that has one."""
    original = find_scenario(store, assessment_id)
    if original is not None:
        save_scenario(store, new_assessment_id, original.document, own=original.own, expected_version=0)


def _saved(row: RowMapping) -> SavedScenario:
    """Read a row; SQLite returns times without a zone, and all are kept in UTC."""
    values = dict(row)
    for name in ("created_at", "updated_at"):
        if values[name].tzinfo is None:
            values[name] = values[name].replace(tzinfo=UTC)
    return SavedScenario.model_validate(values)
