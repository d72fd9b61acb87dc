"""The one writer: jobs queue up, and on SQLite those that wait are committed together.

A commit costs a disk's patience, whatever it holds: sharing it among the jobs that wait is what makes
``synchronous=FULL`` affordable. A batch in which anything goes wrong is abandoned whole, and its jobs are served one by
one: that is rare, and costs less than a savepoint around each.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from bot.ledger.errors import UnavailableError

T = TypeVar("T")

MOST_TOGETHER = 64
TRIES = 5


@dataclass(frozen=True)
class _Job:
    run: Callable[[Connection], Any]
    promise: Future[Any]


class Writer:
    """A thread with the only connection that writes."""

    def __init__(self, engine: Engine, *, together: bool) -> None:
        self._engine = engine
        self._most = MOST_TOGETHER if together else 1
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Connection], T]) -> Future[T]:
        """Have a job run and committed; its result comes once it is on disk.

        A job may run more than once before one of its runs is kept: it must act through the connection only. What it
        raises undoes it alone and is given to the future; UnavailableError when the database cannot be written now.
        Callbacks of the future run in the writer's thread: they must not wait for another job.
        """
        promise: Future[T] = Future()
        with self._door:
            if not self._closed:
                self._queue.put(_Job(run, promise))
                return promise
        promise.set_exception(UnavailableError("fermée"))
        return promise

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        going = True
        while going:
            jobs, going = self._next_jobs()
            if len(jobs) > 1 and self._together(jobs):
                continue
            for job in jobs:
                self._alone(job)

    def _next_jobs(self) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        found = self._queue.get()
        while found is not None:
            jobs.append(found)
            if len(jobs) == self._most:
                return jobs, True
            try:
                found = self._queue.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _together(self, jobs: list[_Job]) -> bool:
        """Commit jobs in one transaction; say whether it was. If not, nothing of it is kept and no promise is touched."""
        try:
            with self._engine.connect() as connection, connection.begin():
                results = [job.run(connection) for job in jobs]
                refuse_lost_transaction(connection)
        except Exception:  # noqa: BLE001 - served one by one, each job meets its own trouble again
            return False
        for job, result in zip(jobs, results, strict=True):
            _keep_promise(job, result)
        return True

    def _alone(self, job: _Job) -> None:
        """Commit one job; a deadlock or a connection found dead is tried again."""
        for left in reversed(range(TRIES)):
            try:
                with self._engine.connect() as connection, connection.begin():
                    result = job.run(connection)
                    refuse_lost_transaction(connection)
            except Exception as trouble:  # noqa: BLE001 - whatever a job raises belongs to who asked for it
                if not (left and _worth_another_try(trouble)):
                    return _break_promise(job, trouble)
            else:
                return _keep_promise(job, result)
        return None


class TransactionLostError(Exception):
    """The database has ended the transaction by itself."""


def refuse_lost_transaction(connection: Connection) -> None:
    """Raise TransactionLostError if there is nothing left to commit.

    A full disk makes SQLite roll the whole transaction back; whoever swallowed that error would see COMMIT succeed.
    """
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection) and not raw.in_transaction:
        raise TransactionLostError


_SQLITE_FAULTS = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL),
    *(sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOTADB),
}
_READ_ONLY = "25006"
_WORTH_ANOTHER_TRY = {"40P01", "40001"}  # deadlock, serialization failure


def is_fault(trouble: Exception) -> bool:
    """Tell a fault of the place (disk, lock, network: another time it may work) from a wrong statement (a bug)."""
    if isinstance(trouble, TransactionLostError):
        return True
    if not isinstance(trouble, DBAPIError):
        return False
    code = getattr(trouble.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_FAULTS
    return isinstance(trouble, OperationalError | InterfaceError) or _sqlstate(trouble) == _READ_ONLY


def unavailable(trouble: Exception) -> UnavailableError:
    """Say a fault in one line, without the statement nor its values."""
    orig = getattr(trouble, "orig", None) or trouble
    lines = str(orig).strip().splitlines()
    return UnavailableError(lines[0] if lines else type(orig).__name__)


def _worth_another_try(trouble: Exception) -> bool:
    dead = isinstance(trouble, DBAPIError) and trouble.connection_invalidated
    return dead or isinstance(trouble, TransactionLostError) or _sqlstate(trouble) in _WORTH_ANOTHER_TRY


def _sqlstate(trouble: Exception) -> str | None:
    return getattr(getattr(trouble, "orig", None), "sqlstate", None)


def _keep_promise(job: _Job, result: object) -> None:
    if job.promise.set_running_or_notify_cancel():
        job.promise.set_result(result)


def _break_promise(job: _Job, trouble: Exception) -> None:
    if job.promise.set_running_or_notify_cancel():
        job.promise.set_exception(unavailable(trouble) if is_fault(trouble) else trouble)
