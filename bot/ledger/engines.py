"""How a database is spoken to: SQLite with its transactions in our hands, PostgreSQL by its own rules."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "recursive_triggers=ON")
"""``recursive_triggers``: without it, INSERT OR REPLACE deletes rows behind the back of the triggers that refuse it."""

WRITING_PRAGMAS = ("secure_delete=ON", "temp_store=MEMORY")
"""What is erased is gone (B44); what a refusal would undo is set aside in memory, not in a file beside."""

READERS = 8


def sqlite_path(url: str) -> Path | None:
    """Give the file of a SQLite address; None for another database."""
    made = make_url(url)
    return Path(made.database or "") if made.get_backend_name() == "sqlite" else None


def writing_engine(url: str) -> Engine:
    """Make the engine of the writer. On SQLite every transaction takes the right to write as it begins."""
    if sqlite_path(url) is None:
        return create_engine(url, pool_size=1, max_overflow=1, pool_pre_ping=True, hide_parameters=True)
    return _sqlite(url, begin="BEGIN IMMEDIATE", pool_size=1, also=WRITING_PRAGMAS)


def reading_engine(url: str) -> Engine:
    """Make the engine of the readers: each transaction sees the database as it was at one moment, and writes nothing."""
    if sqlite_path(url) is None:
        engine = create_engine(
            url, pool_size=READERS, pool_pre_ping=True, isolation_level="REPEATABLE READ", hide_parameters=True
        )
        return engine.execution_options(postgresql_readonly=True)
    return _sqlite(url, begin="BEGIN", pool_size=READERS, also=("query_only=ON",))


def _sqlite(url: str, *, begin: str, pool_size: int, also: tuple[str, ...] = ()) -> Engine:
    """BEGIN is ours: the driver's own begins late, and commits before statements that it should not commit."""
    engine = create_engine(
        url, pool_size=pool_size, connect_args={"check_same_thread": False, "timeout": 10}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        raw = cast(sqlite3.Connection, connection)
        raw.isolation_level = None
        for pragma in (*PRAGMAS, *also):
            raw.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
