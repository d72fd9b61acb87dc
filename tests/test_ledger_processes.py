"""Other processes: on one file, beside a running bot; PostgreSQL that cuts connections or finds a deadlock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from bot.ledger.errors import (
    DatabaseUnusableError,
    NoDatabaseError,
    StoreLockedError,
    UnavailableError,
)
from bot.ledger.store import Store
from tests.bookkeeping import Bookkeeper, Job, receive
from tests.databases import audited, new_postgresql


@pytest.fixture
def keeper(sqlite_store: Store) -> Bookkeeper:
    return Bookkeeper(sqlite_store)


HOLD = "import sys; from bot.ledger.store import Store; s = Store.open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
TRY = """
import sys
from bot.ledger.errors import StoreError
from bot.ledger.store import Store
try:
    Store.open(sys.argv[1], create=True).close()
except StoreError as trouble:
    sys.exit(f"{type(trouble).__name__}: {trouble}")
"""


def start(program: str, url: str, **more: Any) -> subprocess.Popen[str]:
    """Start a real second process on a database."""
    return subprocess.Popen([sys.executable, "-c", program, url], text=True, stderr=subprocess.PIPE, **more)


def test_a_second_process_on_one_file_is_refused(keeper: Bookkeeper, tmp_path: Path) -> None:
    second = start(TRY, f"sqlite:///{tmp_path / 'ardoise.db'}")
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert said.startswith("StoreLockedError: Une autre Ardoise")
    keeper.store.write(receive("a")).result()


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ardoise.db'}"
    Store.open(url, create=True).close()
    other = start(HOLD, url, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == "open\n"
    with pytest.raises(StoreLockedError):
        Store.open(url)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate(timeout=60)
    Store.open(url).close()


def test_a_short_command_writes_beside_a_running_bot(keeper: Bookkeeper, tmp_path: Path) -> None:
    beside = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}", beside=True)
    beside.write(receive("a")).result()
    keeper.store.write(receive("b")).result()
    beside.close()
    assert keeper.balance() == 200
    with pytest.raises(StoreLockedError):
        Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}")


def test_beside_waits_for_nobody_where_tables_are_to_be_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ardoise.db'}"
    with pytest.raises(NoDatabaseError):
        Store.open(url, beside=True)
    Store.open(url, create=True, beside=True).close()
    (tmp_path / "ardoise.db").write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseUnusableError):
        Store.open(url, beside=True)


def test_a_connection_lost_between_jobs_is_replaced(postgresql_template: str) -> None:
    url = new_postgresql(postgresql_template, template="ready")
    with audited(url) as store:
        keeper = Bookkeeper(store)
        _cut_all(url)
        keeper.store.write(receive("a")).result()
        assert keeper.balance() == 100


def test_a_connection_lost_within_a_job_is_tried_again_b48(postgresql_template: str) -> None:
    url = new_postgresql(postgresql_template, template="ready")
    runs: list[int] = []

    def cut_short(connection: Connection) -> object:
        done = receive("a")(connection)
        runs.append(1)
        if len(runs) == 1:
            _cut_all(url)
        connection.exec_driver_sql("SELECT 1")
        return done

    with audited(url) as store:
        keeper = Bookkeeper(store)
        store.write(cut_short).result()
        assert (len(runs), keeper.balance()) == (2, 100)


def test_a_connection_that_is_lost_every_time_is_unavailable_in_the_end(postgresql_template: str) -> None:
    url = new_postgresql(postgresql_template, template="ready")

    def always_cut(connection: Connection) -> None:
        receive("a")(connection)
        _cut_all(url)
        connection.exec_driver_sql("SELECT 1")

    with audited(url) as store:
        keeper = Bookkeeper(store)
        with pytest.raises(UnavailableError):
            store.write(always_cut).result()
        assert keeper.balance() == 0


def test_a_deadlock_is_tried_again(postgresql_template: str) -> None:
    url = new_postgresql(postgresql_template, template="ready")
    both_began = threading.Barrier(2)
    runs: list[str] = []

    def locking(first: int, second: int) -> Job:
        def job(connection: Connection) -> None:
            runs.append(f"{first}")
            lock = text("UPDATE account SET entries = entries WHERE group_id = :group AND number = 1")
            connection.execute(lock, {"group": first})
            if len(runs) <= 2:
                both_began.wait(10)
            connection.execute(lock, {"group": second})

        return job

    with audited(url) as store:
        Bookkeeper(store)
        other = Store.open(url)
        promises = [store.write(locking(1, 2)), other.write(locking(2, 1))]
        assert [promise.exception(timeout=30) for promise in promises] == [None, None]
        other.close()
    assert len(runs) >= 3, "one of the two ran again, until both could"


def _cut_all(url: str) -> None:
    """End every other connection to a database, as a server that restarts does."""
    _scalar(
        url,
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def _scalar(url: str, query: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        found: object = connection.exec_driver_sql(query).scalar_one()
    engine.dispose()
    return found
