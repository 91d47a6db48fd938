"""The store keeps what was entered, refuses to lose the newer of two versions, and can be opened by several at once."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from ftdecide.errors import ConflictError, InputError, NotFoundError, UnavailableError
from ftdecide.settings import Settings
from ftdecide.store import assessments
from ftdecide.store.database import Store, open_store
from ftdecide.store.tables import metadata

DOCUMENT = {"schema_version": 1, "title": "Routing", "use_case": {"task": "classification"}}


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


def test_what_is_saved_is_loaded_by_whoever_opens_the_store_next(settings: Settings, store: Store) -> None:
    saved = assessments.create(store, DOCUMENT, title="Routing")
    assert assessments.load(open_store(settings), saved.id) == saved


def test_the_second_of_two_tabs_is_told_and_overwrites_nothing(store: Store) -> None:
    saved = assessments.create(store, DOCUMENT, title="Routing")
    first = {**DOCUMENT, "use_case": {"task": "extraction"}}
    assessments.save(store, saved.id, first, expected_version=saved.version)
    with pytest.raises(ConflictError, match="load the newer one"):
        assessments.save(store, saved.id, DOCUMENT, expected_version=saved.version)
    assert assessments.load(store, saved.id).document == first


def test_a_deleted_assessment_is_gone_until_it_is_restored(store: Store) -> None:
    saved = assessments.create(store, DOCUMENT, title="Routing")
    assessments.delete(store, saved.id)
    assert assessments.list_all(store) == []
    with pytest.raises(NotFoundError):
        assessments.load(store, saved.id)
    with pytest.raises(NotFoundError):
        assessments.save(store, saved.id, DOCUMENT, expected_version=1)
    assert assessments.restore(store, saved.id).document == DOCUMENT


def test_a_copy_lives_a_life_of_its_own(store: Store) -> None:
    saved = assessments.create(store, DOCUMENT, title="Routing")
    copy = assessments.duplicate(store, saved.id)
    assessments.save(store, copy.id, {"schema_version": 1}, expected_version=copy.version)
    assert assessments.load(store, saved.id).document == DOCUMENT
    assert copy.title == "Copy of Routing"


def test_renaming_changes_the_title_in_the_document_too(store: Store) -> None:
    saved = assessments.create(store, DOCUMENT, title="Routing")
    renamed = assessments.rename(store, saved.id, "  Ticket\n routing ", expected_version=saved.version)
    assert (renamed.title, renamed.document["title"]) == ("Ticket routing", "Ticket routing")


def test_the_migrations_build_the_tables_as_they_are_declared(store: Store) -> None:
    found = inspect(store.engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        unique = {constraint["name"] for constraint in found.get_unique_constraints(table.name)} - {None}
        assert unique == {constraint.name for constraint in table.constraints if constraint.name}
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        assert indexes == {index.name for index in table.indexes}


def test_several_processes_open_a_new_store_at_once(settings: Settings) -> None:
    program = (
        "from ftdecide.settings import load_settings\n"
        "from ftdecide.store.database import open_store\n"
        "open_store(load_settings())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={"FTDECIDE_HOME": str(settings.home), "PYTHONPATH": str(Path(__file__).parents[1])},
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()


def test_a_file_that_is_no_database_is_named_with_the_mend(settings: Settings) -> None:
    (settings.home / "ftdecide.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(UnavailableError, match="FTDECIDE_HOME"):
        open_store(settings)


def test_the_password_of_a_database_is_not_in_the_message(settings: Settings) -> None:
    url = "postgresql+psycopg://ana:s3cret@127.0.0.1:1/none"
    with pytest.raises(UnavailableError) as caught:
        open_store(settings.model_copy(update={"database_url": url}))
    assert "s3cret" not in str(caught.value)


def test_readers_are_not_blocked_by_a_writer(settings: Settings, store: Store) -> None:
    saved = assessments.create(store, DOCUMENT, title="Routing")
    with sqlite3.connect(settings.home / "ftdecide.sqlite", isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert assessments.load(store, saved.id) == saved
        writer.execute("ROLLBACK")


@pytest.mark.parametrize("address", ["nonsense", "oracle+nothing://secret@host/x", "://"])
def test_an_unusable_address_of_a_database_is_told_without_showing_it(address: str, settings: Settings) -> None:
    with pytest.raises(InputError, match="FTDECIDE_DATABASE_URL cannot be used") as caught:
        open_store(settings.model_copy(update={"database_url": address}))
    assert "secret" not in str(caught.value)
