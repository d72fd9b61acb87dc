"""Bringing a database up to date at start: under a lock, after a copy, in one transaction, then audited.

Triggers are dropped first and installed again last: SQLite's table rebuilds fail on triggers that name the table, and
drop its own silently. Alembic is imported only where there is something to upgrade: it weighs ten megabytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from bot.ledger import triggers
from bot.ledger.audit import audit
from bot.ledger.closing import closed_books
from bot.ledger.copies import copy_database
from bot.ledger.errors import DatabaseUnusableError, NewerDatabaseError, NoDatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 7_281_930
KEPT_COPIES = 3


def bring_up_to_date(engine: Engine, *, create: bool) -> None:
    """Upgrade the schema to this program's, if it is older; make it, if ``create``.

    Raises NewerDatabaseError when a newer program has written it, NoDatabaseError when it is empty and not to be made,
    DatabaseUnusableError when the upgraded books do not add up (nothing is changed then).
    """
    with _alone(engine):
        with engine.connect() as connection:
            current = revision(connection)
            ours = current is not None or not inspect(connection).get_table_names()
        if current == head():
            return
        place = engine.url.database or ""
        if not ours:
            raise DatabaseUnusableError(place, "elle appartient à un autre programme")
        if current is None and not create:
            raise NoDatabaseError(place)
        if current is not None and current not in known():
            raise NewerDatabaseError(place, current)
        if current is not None:
            _keep_copy(engine, head())
        _upgrade(engine)


def revision(connection: Connection) -> str | None:
    """Give the revision a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def known() -> list[str]:
    """List this program's revisions, the oldest first: each file of migrations begins with its own."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """Give the revision of an up-to-date database."""
    return known()[-1]


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alone(engine: Engine) -> Generator[None]:
    """Keep two processes from migrating at once; a SQLite file is locked for its process already."""
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": ADVISORY_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": ADVISORY_LOCK})


def _keep_copy(engine: Engine, head: str) -> None:
    """Keep the database as it was before an upgrade, and the copies of a few upgrades before."""
    if engine.dialect.name != "sqlite":
        return
    path = Path(engine.url.database or "")
    copy = path.with_name(f"{path.name}.before-{head}")
    copy.unlink(missing_ok=True)
    copy_database(path, copy)
    copies = sorted(path.parent.glob(f"{path.name}.before-*"), key=lambda found: found.stat().st_mtime)
    for old in copies[:-KEPT_COPIES]:
        old.unlink()


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - see above

    config = _config()
    with engine.connect() as connection:
        lite = connection.dialect.name == "sqlite"
        if lite:  # a pragma is ignored inside a transaction
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                triggers.remove(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                triggers.install(connection)
                _check(connection, engine.url.database or "")
        finally:
            if lite:
                _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, setting: str) -> None:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute("PRAGMA " + setting)


def _check(connection: Connection, place: str) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise DatabaseUnusableError(place, "des liens entre tables sont rompus")
    closed = set(closed_books(connection))
    found = [wrong for wrong in audit(connection) if wrong.serious and wrong.group not in closed]
    if found:
        raise DatabaseUnusableError(place, f"les comptes ne tombent pas juste ({found[0]})")
