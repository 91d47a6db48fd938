"""Opening the store: one database, brought to the newest layout before anybody reads it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from ftdecide.errors import InputError, UnavailableError
from ftdecide.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_NEWEST = "0003"
_BUSY_TIMEOUT_MS = 15_000


@dataclass(frozen=True)
class Store:
    """An open store; `engine` connects to a database of the newest layout."""

    engine: Engine


def open_store(settings: Settings) -> Store:
    """Connect to the database that `settings` name and bring it to the newest layout.

    Raises:
        InputError: the database's address is none, or of a kind whose driver is not installed.
        UnavailableError: the database cannot be opened or brought up to date.
    """
    try:
        engine = create_engine(settings.database_url)
    except (ArgumentError, ImportError, ValueError) as error:
        # The address is not shown, as it may hold a password.
        raise InputError(
            f"FTDECIDE_DATABASE_URL cannot be used ({error.__class__.__name__}); write it as "
            "'sqlite:////folder/file.sqlite' or 'postgresql+psycopg://user@host/name', and install its driver"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        with FileLock(settings.home / "migration.lock"), engine.begin() as connection:
            _upgrade(connection)
    except (SQLAlchemyError, OSError) as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise UnavailableError(
            f"the store {shown!r} cannot be opened ({error.__class__.__name__}: {str(error).splitlines()[0]}); "
            "check that the disk has room, that you may write there, and FTDECIDE_HOME or FTDECIDE_DATABASE_URL"
        ) from error
    return Store(engine=engine)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Let the app and the worker read while the other writes."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={_BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _upgrade(connection: Connection) -> None:
    if inspect(connection).has_table("alembic_version"):
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if current == _NEWEST:
            return
    from alembic import command

    command.upgrade(migrations(connection), "head")


def migrations(connection: Connection) -> "Config":
    """What alembic needs to change the layout of a store over an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
