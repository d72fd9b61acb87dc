"""Copies of a SQLite database in use: whole, checked, for their owner only."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.ledger.errors import DatabaseUnusableError, UnavailableError


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, others writing meanwhile.

    Raises DatabaseUnusableError where the copy exists already, cannot be written or is not whole; nothing is left of it then.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as trouble:
        raise DatabaseUnusableError(str(target), trouble.strerror or type(trouble).__name__) from trouble
    try:
        _copy(source, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def empty_log(path: Path) -> None:
    """Bring the write-ahead log of a database into it, and empty the log. Raises UnavailableError when it cannot be done now."""
    try:
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as trouble:
        raise UnavailableError(str(trouble)) from trouble


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=10)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        with closing(sqlite3.connect(target)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as trouble:
        raise DatabaseUnusableError(str(target), str(trouble)) from trouble
    if found != "ok":
        raise DatabaseUnusableError(str(target), str(found))
