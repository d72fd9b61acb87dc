"""Where the books are kept: one SQLite file or a PostgreSQL database, one writer, readers apart."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.ledger import migrate
from bot.ledger.errors import (
    DatabaseUnusableError,
    NoDatabaseError,
    StoreLockedError,
    UnavailableError,
)
from bot.ledger.writer import Writer

T = TypeVar("T")

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")


class Store:
    """An open database. ``write`` for everything that changes it; ``read`` for the rest."""

    def __init__(self, engine: Engine, lock: int | None) -> None:
        self.engine = engine
        self._lock = lock
        self._writer = Writer(engine, together=engine.dialect.name == "sqlite")

    @classmethod
    def open(cls, url: str, *, create: bool = False) -> Store:
        """Open a database, bring its tables up to date, and keep other processes from writing to the same file.

        Raises NoDatabaseError (nothing there, and not ``create``), StoreLockedError, NewerDatabaseError,
        DatabaseUnusableError (read-only, not a database, server unreachable).
        """
        path = sqlite_path(url)
        if path is not None and not path.exists() and not create:
            raise NoDatabaseError(str(path))
        lock = _locked(path) if path is not None else None
        try:
            engine = engine_for(url)
            migrate.bring_up_to_date(engine, create=create)
        except DBAPIError as trouble:
            _unlock(lock)
            raise DatabaseUnusableError(_place(url), str(trouble.orig).strip().splitlines()[0]) from trouble
        except Exception:
            _unlock(lock)
            raise
        return cls(engine, lock)

    def write(self, job: Callable[[Connection], T]) -> Future[T]:
        """Have a job run by the writer; see :meth:`bot.ledger.writer.Writer.submit`."""
        return self._writer.submit(job)

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Read in one consistent transaction. Raises UnavailableError when the database cannot be read now."""
        try:
            with self.engine.connect().execution_options(readonly=True) as connection, connection.begin():
                yield connection
        except OperationalError as trouble:
            raise UnavailableError(type(trouble.orig).__name__) from trouble

    def backup(self, target: Path) -> None:
        """Copy the database, consistent, while it is in use; the copy is checked.

        Raises DatabaseUnusableError on PostgreSQL (which has its own tool) and when the copy is not whole.
        """
        if self.engine.dialect.name != "sqlite":
            raise DatabaseUnusableError("PostgreSQL", "pg_dump")
        source = self.engine.raw_connection()
        try:
            source.cursor().execute("VACUUM INTO ?", (str(target),))
        finally:
            source.close()
        target.chmod(0o600)
        with sqlite3.connect(target) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.close()
        if found != "ok":
            raise DatabaseUnusableError(str(target), found)

    def close(self) -> None:
        """Finish what waits, close, let others in."""
        self._writer.close()
        self.engine.dispose()
        _unlock(self._lock)


def sqlite_path(url: str) -> Path | None:
    """Give the file of a SQLite address; None for another database."""
    made = make_url(url)
    return Path(made.database or "") if made.get_backend_name() == "sqlite" else None


def engine_for(url: str) -> Engine:
    """Make the engine: SQLite with its transactions in our hands, PostgreSQL with READ COMMITTED."""
    if sqlite_path(url) is None:
        return create_engine(url, pool_size=5, pool_pre_ping=True)
    engine = create_engine(url, pool_size=5, connect_args={"check_same_thread": False, "timeout": 10})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: Any, _record: object) -> None:
    raw.isolation_level = None
    for pragma in PRAGMAS:
        raw.execute("PRAGMA " + pragma)


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _locked(path: Path) -> int:
    """Take the lock beside a file; it goes with the process, however that ends."""
    try:
        lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as trouble:
        raise DatabaseUnusableError(str(path), trouble.strerror or "") from trouble
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as trouble:
        os.close(lock)
        raise StoreLockedError(str(path)) from trouble
    return lock


def _unlock(lock: int | None) -> None:
    if lock is not None:
        with suppress(OSError):
            os.close(lock)


def _place(url: str) -> str:
    path = sqlite_path(url)
    return str(path) if path is not None else "PostgreSQL"
