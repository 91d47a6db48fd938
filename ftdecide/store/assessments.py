"""Keeping assessments: every change is a new version, and an older version never overwrites a newer one."""

import secrets
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping, select

from ftdecide.errors import ConflictError, NotFoundError
from ftdecide.store.database import Store
from ftdecide.store.scenarios import copy_scenario
from ftdecide.store.tables import assessments
from ftdecide.translation import _

_TITLE_LENGTH = 200

Document = dict[str, Any]


class Saved(BaseModel):
    """One stored assessment; `origins` names for a field path where its value was measured, as "run:<id>"."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    document: Document
    origins: dict[str, str]
    example: bool
    created_at: datetime
    updated_at: datetime


def create(
    store: Store, document: Document, *, title: str, example: bool = False, origins: dict[str, str] | None = None
) -> Saved:
    """Keep a new assessment and return it with its id."""
    now = datetime.now(UTC)
    row = Saved(
        id=secrets.token_urlsafe(9),
        version=1,
        title=_clean_title(title),
        document=document,
        origins=origins or {},
        example=example,
        created_at=now,
        updated_at=now,
    )
    with store.engine.begin() as connection:
        connection.execute(assessments.insert().values(**row.model_dump()))
    return row


def load(store: Store, assessment_id: str) -> Saved:
    """Return the newest version.

    Raises:
        NotFoundError: no such assessment, or it was deleted.
    """
    query = select(assessments).where(assessments.c.id == assessment_id, assessments.c.deleted_at.is_(None))
    with store.engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(
            _("No assessment has the id {id!r}, or it was deleted; open one from the start page").format(
                id=assessment_id
            )
        )
    return _saved(row)


def save(
    store: Store,
    assessment_id: str,
    document: Document,
    *,
    expected_version: int,
    origins: dict[str, str] | None = None,
) -> Saved:
    """Replace version `expected_version` by `document`; `origins` stay as they are when not given.

    Raises:
        ConflictError: another tab or person saved a newer version meanwhile; nothing was changed.
        NotFoundError: no such assessment, or it was deleted.
    """
    values: dict[str, object] = {
        "document": document,
        "version": expected_version + 1,
        "updated_at": datetime.now(UTC),
    }
    if origins is not None:
        values["origins"] = origins
    title = document.get("title")
    if isinstance(title, str) and title.strip():
        values["title"] = _clean_title(title)
    change = (
        assessments.update()
        .where(
            assessments.c.id == assessment_id,
            assessments.c.version == expected_version,
            assessments.c.deleted_at.is_(None),
        )
        .values(**values)
    )
    with store.engine.begin() as connection:
        changed = connection.execute(change).rowcount
    newest = load(store, assessment_id)
    if not changed:
        raise ConflictError(
            _("This assessment was changed elsewhere (version {newest}, yours is {yours}); load the newer one").format(
                newest=newest.version, yours=expected_version
            )
        )
    return newest


def list_all(store: Store) -> list[Saved]:
    """Return all assessments that are not deleted, last changed first."""
    query = select(assessments).where(assessments.c.deleted_at.is_(None)).order_by(assessments.c.updated_at.desc())
    with store.engine.connect() as connection:
        return [_saved(row) for row in connection.execute(query).mappings()]


def duplicate(store: Store, assessment_id: str) -> Saved:
    """Keep a copy, its cost scenario included, under a title of its own and return the copy.

    Raises:
        NotFoundError: no such assessment, or it was deleted.
    """
    original = load(store, assessment_id)
    title = _("Copy of {title}").format(title=original.title)
    document = {**original.document, "title": _clean_title(title)}
    copy = create(store, document, title=title, example=original.example, origins=original.origins)
    copy_scenario(store, original.id, copy.id)
    return copy


def rename(store: Store, assessment_id: str, title: str, *, expected_version: int) -> Saved:
    """Give an assessment another title.

    Raises:
        ConflictError, NotFoundError: as in `save`.
    """
    document = {**load(store, assessment_id).document, "title": _clean_title(title)}
    return save(store, assessment_id, document, expected_version=expected_version)


def delete(store: Store, assessment_id: str) -> None:
    """Take an assessment out of every list; `restore` brings it back."""
    _mark_deleted(store, assessment_id, datetime.now(UTC))


def restore(store: Store, assessment_id: str) -> Saved:
    """Undo `delete`.

    Raises:
        NotFoundError: there never was such an assessment.
    """
    _mark_deleted(store, assessment_id, None)
    return load(store, assessment_id)


def _mark_deleted(store: Store, assessment_id: str, at: datetime | None) -> None:
    with store.engine.begin() as connection:
        connection.execute(assessments.update().where(assessments.c.id == assessment_id).values(deleted_at=at))


def _clean_title(title: str) -> str:
    return " ".join(title.split())[:_TITLE_LENGTH] or _("Untitled assessment")


def _saved(row: RowMapping) -> Saved:
    """Read a row; SQLite returns times without a zone, and all are kept in UTC."""
    values = {name: value for name, value in row.items() if name in Saved.model_fields}
    for name in ("created_at", "updated_at"):
        if values[name].tzinfo is None:
            values[name] = values[name].replace(tzinfo=UTC)
    return Saved.model_validate(values)
