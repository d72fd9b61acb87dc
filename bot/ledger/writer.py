"""The one writer: jobs queue up, and on SQLite those that wait are committed together, each in a savepoint.

A commit costs a disk's patience, whatever it holds: sharing it among the jobs that wait is what makes
``synchronous=FULL`` affordable.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

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
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Connection], T]) -> Future[T]:
        """Have a job run and committed; its result comes once it is on disk.

        A job may run more than once before one of its runs is kept: it must act through the connection only. What it
        raises undoes it alone and is given to the future; UnavailableError when the database cannot be written now.
        """
        if self._closed:
            raise UnavailableError("closed")
        promise: Future[T] = Future()
        self._queue.put(_Job(run, promise))
        return promise

    def close(self) -> None:
        """Finish what waits, then stop."""
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
        """Commit jobs in one transaction; say whether it was. If not, nothing of it is kept and no promise is touched.

        A full disk rolls the whole transaction back inside a savepoint while COMMIT says nothing: so any trouble with
        the database abandons the batch, and its jobs are served one by one.
        """
        results: list[tuple[Any, Exception | None]] = []
        try:
            with self._engine.connect() as connection, connection.begin():
                results = [_in_savepoint(connection, job) for job in jobs]
                _refuse_lost_transaction(connection)
        except (DBAPIError, _TransactionLostError):
            return False
        for job, (result, trouble) in zip(jobs, results, strict=True):
            _settle(job, result, trouble)
        return True

    def _alone(self, job: _Job) -> None:
        """Commit one job; a deadlock or a lost connection is tried again."""
        for last in [False] * (TRIES - 1) + [True]:
            try:
                with self._engine.connect() as connection, connection.begin():
                    result = job.run(connection)
                    _refuse_lost_transaction(connection)
            except (OperationalError, _TransactionLostError) as trouble:
                if last or not _passing(trouble):
                    return _settle(job, None, UnavailableError(type(getattr(trouble, "orig", trouble)).__name__))
            except Exception as trouble:  # noqa: BLE001 - whatever a job raises belongs to who asked for it
                return _settle(job, None, trouble)
            else:
                return _settle(job, result, None)
        return None


class _TransactionLostError(Exception):
    """The database has ended the transaction by itself."""


def _in_savepoint(connection: Connection, job: _Job) -> tuple[Any, Exception | None]:
    connection.exec_driver_sql("SAVEPOINT job")
    try:
        result = job.run(connection)
    except OperationalError:
        raise
    except Exception as trouble:  # noqa: BLE001 - whatever a job raises belongs to who asked for it
        _refuse_lost_transaction(connection)
        connection.exec_driver_sql("ROLLBACK TO job")
        connection.exec_driver_sql("RELEASE job")
        return None, trouble
    connection.exec_driver_sql("RELEASE job")
    return result, None


def _refuse_lost_transaction(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's own
        raise _TransactionLostError


def _passing(trouble: Exception) -> bool:
    """Tell whether trying again at once may help: a deadlock, a serialization failure, a connection found dead."""
    state = getattr(getattr(trouble, "orig", None), "sqlstate", None)
    return state in {"40P01", "40001"} or bool(getattr(trouble, "connection_invalidated", False))


def _settle(job: _Job, result: Any, trouble: Exception | None) -> None:
    if not job.promise.set_running_or_notify_cancel():
        return
    if trouble is None:
        job.promise.set_result(result)
    else:
        job.promise.set_exception(trouble)
