"""Where the books are kept: one SQLite file or a PostgreSQL database, one writer, readers apart."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.ledger import migrate
from bot.ledger.copies import copy_database, empty_log
from bot.ledger.engines import reading_engine, sqlite_path, writing_engine
from bot.ledger.errors import DatabaseUnusableError, NoDatabaseError, StoreLockedError, UnavailableError
from bot.ledger.writer import Writer, is_fault, unavailable

T = TypeVar("T")


class Store:
    """An open database. ``write`` for everything that changes it; ``read`` for the rest."""

    def __init__(self, url: str, lock: int | None) -> None:
        self._engines = writing_engine(url), reading_engine(url)
        self._lock = lock
        self._path = sqlite_path(url)
        self._writer = Writer(self._engines[0], together=self._path is not None)

    @classmethod
    def open(cls, url: str, *, create: bool = False, beside: bool = False) -> Store:
        """Open a database, bring its tables up to date, and keep other processes from writing to the same file.

        ``beside`` is for a short command next to a running bot: where the tables are up to date, nobody is kept out
        (SQLite itself lets one write at a time).

        Raises NoDatabaseError (nothing there, and not ``create``), StoreLockedError, NewerDatabaseError,
        DatabaseUnusableError (read-only, not a database, server unreachable).
        """
        path = sqlite_path(url)
        if path is not None and not path.exists() and not create:
            raise NoDatabaseError(str(path))
        if beside and _up_to_date(url):
            return cls(url, None)
        lock = _locked(path) if path is not None else None
        try:
            _make_private(path)
            _prepare(url, create=create)
        except BaseException:
            _unlock(lock)
            raise
        return cls(url, lock)

    def write(self, job: Callable[[Connection], T]) -> Future[T]:
        """Have a job run by the writer; see :meth:`bot.ledger.writer.Writer.submit`."""
        return self._writer.submit(job)

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Read in one consistent transaction. Raises UnavailableError when the database cannot be read now."""
        try:
            with self._engines[1].connect() as connection, connection.begin():
                yield connection
        except DBAPIError as trouble:
            if is_fault(trouble):
                raise unavailable(trouble) from trouble
            raise
        except PoolTimeoutError as trouble:
            raise UnavailableError("trop de lectures à la fois") from trouble

    def backup(self, target: Path) -> None:
        """Copy the database, consistent, while it is in use; the copy is for its owner only, and checked.

        Raises DatabaseUnusableError on PostgreSQL (which has its own tool), where the copy exists already or cannot be
        written, and when it is not whole.
        """
        if self._path is None:
            raise DatabaseUnusableError("PostgreSQL", "sauvegardez-la avec pg_dump")
        copy_database(self._path, target)

    def forget(self) -> None:
        """Empty the log of what was written lately, so that nothing erased is left in it; PostgreSQL does so by itself (B44).

        While somebody reads an older state, that log stays until next time. Raises UnavailableError when it cannot be done now.
        """
        if self._path is not None:
            empty_log(self._path)

    def close(self) -> None:
        """Finish what waits, close, let others in."""
        self._writer.close()
        for engine in self._engines:
            engine.dispose()
        _unlock(self._lock)
        self._lock = None


def _up_to_date(url: str) -> bool:
    """Tell whether the tables are this program's; of a database that cannot be read, another will say why."""
    path, engine = sqlite_path(url), reading_engine(url)
    if path is not None and not path.exists():
        return False
    try:
        with engine.connect() as connection:
            return migrate.revision(connection) == migrate.head()
    except DBAPIError:
        return False
    finally:
        engine.dispose()


def _make_private(path: Path | None) -> None:
    """Make the file before SQLite does, for its owner only: SQLite's other files beside it follow it in this."""
    if path is None or path.exists():
        return
    try:
        path.touch(mode=0o600)
    except OSError as trouble:
        raise DatabaseUnusableError(str(path), _reason(trouble)) from trouble


def _prepare(url: str, *, create: bool) -> None:
    """Bring the tables up to date, and make sure that the database can be written."""
    engine = writing_engine(url)
    try:
        migrate.bring_up_to_date(engine, create=create)
        with engine.connect() as connection, connection.begin():
            # SQLite lets anybody BEGIN IMMEDIATE on a read-only file: only a statement that could write is refused
            connection.exec_driver_sql("DELETE FROM alembic_version WHERE 0 = 1")
    except DBAPIError as trouble:
        raise DatabaseUnusableError(str(sqlite_path(url) or "PostgreSQL"), _reason(trouble)) from trouble
    finally:
        engine.dispose()


def _reason(trouble: OSError | DBAPIError) -> str:
    """Say why in one line, without any statement nor value."""
    if isinstance(trouble, OSError):
        return trouble.strerror or type(trouble).__name__
    return str(trouble.orig).strip().splitlines()[0]


def _locked(path: Path) -> int:
    """Take the lock beside a file; it goes with the process, however that ends."""
    try:
        lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as trouble:
        raise DatabaseUnusableError(str(path), _reason(trouble)) from trouble
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as trouble:
        os.close(lock)
        raise StoreLockedError(str(path)) from trouble
    return lock


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
