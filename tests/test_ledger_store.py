"""The store when things go wrong: full disk, bad job, lost connection, a second process, files that are not ours."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.ledger import journal
from bot.ledger.errors import (
    DatabaseUnusableError,
    NewerDatabaseError,
    NoDatabaseError,
    StoreLockedError,
    UnavailableError,
)
from bot.ledger.facts import PaymentReceived
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.bookkeeping import ANNE, CASH, NOW, Bookkeeper
from tests.databases import audited, new_postgresql, without_privileges

Job = Callable[[Connection], object]


@pytest.fixture
def keeper(sqlite_store: Store) -> Bookkeeper:
    return Bookkeeper(sqlite_store)


def receive(key: str, amount: int = 100) -> Job:
    """Make a job that records a payment."""
    fact = PaymentReceived(1, Cents(amount), CASH)
    return lambda connection: journal.record(connection, group=1, fact=fact, author=ANNE, at=NOW, key=key)


def together(store: Store, *jobs: Job) -> list[Future[object]]:
    """Have jobs committed in one batch: the writer is kept busy until all of them wait."""
    begun, go_on = threading.Event(), threading.Event()

    def keep_busy(_connection: Connection) -> None:
        begun.set()
        assert go_on.wait(10)

    busy = store.write(keep_busy)
    assert begun.wait(10)
    promises = [store.write(job) for job in jobs]
    go_on.set()
    busy.result()
    return promises


def limit_pages(store: Store, more: int) -> None:
    """Let the file grow by so many pages and no more: what SQLite then says is what it says of a full disk."""

    def job(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")

    store.write(job).result()


def fill_disk(connection: Connection) -> None:
    """Write more than there is room for."""
    receive("big", 7)(connection)
    connection.execute(text("INSERT INTO note (group_id, fact, text) VALUES (1, 1, :words)"), {"words": "x" * 2**20})


def fill_disk_and_go_on(connection: Connection) -> None:
    """Swallow the error, as no job should: SQLite has rolled back everything, the rest runs outside any transaction."""
    try:
        fill_disk(connection)
    except OperationalError:
        return


def test_jobs_that_wait_are_committed_together(keeper: Bookkeeper) -> None:
    seen: list[int] = []

    def count(connection: Connection) -> None:
        seen.append(connection.exec_driver_sql("SELECT COUNT(*) FROM entry").scalar_one())

    promises = together(keeper.store, receive("a"), count, receive("b"), count)
    assert [promise.exception() for promise in promises] == [None] * 4
    assert seen == [1, 2]
    assert keeper.balance() == 200


def test_a_bad_job_undoes_itself_alone(keeper: Bookkeeper) -> None:
    def bad(connection: Connection) -> None:
        receive("bad")(connection)
        raise LookupError("a bug")

    first, broken, last = together(keeper.store, receive("a"), bad, receive("b"))
    assert (first.exception(), last.exception()) == (None, None)
    assert isinstance(broken.exception(), LookupError)
    assert keeper.balance() == 200


def test_a_wrong_statement_is_a_bug_and_no_passing_fault(keeper: Bookkeeper) -> None:
    def wrong(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    first, broken = together(keeper.store, receive("a"), wrong)
    assert first.exception() is None
    assert isinstance(broken.exception(), OperationalError)


def test_a_full_disk_inside_a_group_commit_loses_only_what_did_not_fit_b48(keeper: Bookkeeper) -> None:
    limit_pages(keeper.store, 20)
    first, big, last = together(keeper.store, receive("a"), fill_disk, receive("b"))
    assert (first.exception(), last.exception()) == (None, None)
    assert isinstance(big.exception(), UnavailableError)
    assert "full" in str(big.exception())
    assert keeper.balance() == 200, "nothing of the job that did not fit is there, nothing of the others is missing"

    limit_pages(keeper.store, 10_000)
    keeper.store.write(fill_disk).result()
    assert keeper.balance() == 207, "the same job is served once there is room"


def test_a_full_disk_that_a_job_keeps_to_itself_is_noticed(keeper: Bookkeeper) -> None:
    """SQLite has rolled back the whole transaction; COMMIT alone would say nothing, and what follows would be lost."""
    limit_pages(keeper.store, 20)
    first, silent, last = together(keeper.store, receive("a"), fill_disk_and_go_on, receive("b"))
    assert (first.exception(), last.exception()) == (None, None)
    assert isinstance(silent.exception(), UnavailableError)
    assert keeper.balance() == 200


def test_a_disk_that_stays_full_acknowledges_nothing(keeper: Bookkeeper) -> None:
    limit_pages(keeper.store, 0)
    promises = together(keeper.store, *[receive(f"k{n}", 1) for n in range(200)])
    kept = sum(promise.exception() is None for promise in promises)
    refused = [promise.exception() for promise in promises if promise.exception() is not None]
    assert kept < 200
    assert {type(trouble) for trouble in refused} == {UnavailableError}
    assert keeper.balance() == kept, "acknowledged and there, or refused and not there"
    with keeper.store.read() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM fact WHERE group_id = 1").scalar_one() == 3 + kept
    limit_pages(keeper.store, 10_000)


def test_a_closed_store_keeps_what_waited_and_takes_no_more(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}", create=True)
    keeper = Bookkeeper(store)
    promises = [keeper.store.write(receive(f"k{n}")) for n in range(50)]
    store.close()
    assert [promise.exception() for promise in promises] == [None] * 50
    assert isinstance(store.write(receive("late")).exception(), UnavailableError)
    store.close()


def test_readers_write_nothing(store: Store) -> None:
    Bookkeeper(store)
    with pytest.raises(UnavailableError, match=r"(?i)read.?only"), store.read() as connection:
        connection.exec_driver_sql("UPDATE book SET facts = 99")


def test_a_wrong_question_is_a_bug_and_no_passing_fault(store: Store) -> None:
    with pytest.raises(DBAPIError, match="nowhere"), store.read() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_a_reader_sees_one_moment(store: Store) -> None:
    keeper = Bookkeeper(store)
    with store.read() as connection:
        count = text("SELECT COUNT(*) FROM entry")
        before = connection.execute(count).scalar_one()
        store.write(receive("a")).result()
        assert connection.execute(count).scalar_one() == before
    assert keeper.balance() == 100


# Files


def test_a_missing_database_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoDatabaseError, match="ardoise group add"):
        Store.open(f"sqlite:///{tmp_path / 'ardoise.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError):
        Store.open(f"sqlite:///{tmp_path / 'nowhere' / 'ardoise.db'}", create=True)


def test_an_empty_database_is_made_only_on_purpose(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).touch()
    with pytest.raises(NoDatabaseError):
        Store.open(empty_url)
    Store.open(empty_url, create=True).close()
    Store.open(empty_url).close()


def test_a_new_database_is_for_its_owner_only(tmp_path: Path) -> None:
    with audited(f"sqlite:///{tmp_path / 'ardoise.db'}") as store:
        Bookkeeper(store)
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert "ardoise.db-wal" in modes


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ardoise.db"
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(DatabaseUnusableError, match="not a database"):
        Store.open(f"sqlite:///{path}", create=True)
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_another_programs_database_is_refused_and_left_alone(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        with closing(sqlite3.connect(empty_url.removeprefix("sqlite:///"))) as theirs:
            theirs.execute("CREATE TABLE recipe (name TEXT)")
    else:
        _run(empty_url, "CREATE TABLE recipe (name TEXT)")
    with pytest.raises(DatabaseUnusableError, match="autre programme"):
        Store.open(empty_url, create=True)
    assert _tables(empty_url) == {"recipe"}


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    with audited(database_url) as store:
        Bookkeeper(store)
        store.write(_newer).result()
    with pytest.raises(NewerDatabaseError, match="9999"):
        Store.open(database_url, create=True)
    assert _scalar(database_url, "SELECT version_num FROM alembic_version") == "9999"


def _newer(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter and write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_a_read_only_file_is_said_b48(open_folder: Path) -> None:
    path = open_folder / "ardoise.db"
    with audited(f"sqlite:///{path}") as store:
        Bookkeeper(store)
    path.chmod(0o444)
    (open_folder / "ardoise.db.lock").unlink()
    with without_privileges(), pytest.raises(DatabaseUnusableError, match="readonly"):
        Store.open(f"sqlite:///{path}")


def test_a_read_only_folder_is_said_b48(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with without_privileges(), pytest.raises(DatabaseUnusableError):
        Store.open(f"sqlite:///{open_folder / 'ardoise.db'}", create=True)


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError, match="PostgreSQL"):
        Store.open(f"postgresql+psycopg:///ardoise?host={tmp_path}")


# Processes


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


# PostgreSQL


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
    assert len(runs) == 3, "one of the two ran again"


def _cut_all(url: str) -> None:
    """End every other connection to a database, as a server that restarts does."""
    _scalar(
        url,
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


# Copies


def test_a_backup_is_whole_private_and_taken_in_use(keeper: Bookkeeper, tmp_path: Path) -> None:
    for n in range(20):
        keeper.store.write(receive(f"k{n}")).result()
    before = keeper.rows()
    promises = [keeper.store.write(receive(f"meanwhile{n}")) for n in range(100)]
    target = tmp_path / "copy.db"
    keeper.store.backup(target)
    assert [promise.exception() for promise in promises] == [None] * 100
    assert target.stat().st_mode & 0o777 == 0o600
    with audited(f"sqlite:///{target}") as copy, copy.read() as connection:
        count = connection.exec_driver_sql("SELECT COUNT(*) FROM entry").scalar_one()
    assert len(before["entry"]) <= count <= 120


def test_a_backup_never_writes_over_anything(keeper: Bookkeeper, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(DatabaseUnusableError, match="exists"):
        keeper.store.backup(target)
    assert target.read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_nothing(keeper: Bookkeeper, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError):
        keeper.store.backup(tmp_path / "nowhere" / "copy.db")
    (tmp_path / "ardoise.db").rename(tmp_path / "away.db")
    (tmp_path / "ardoise.db").write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseUnusableError, match="not a database"):
        keeper.store.backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    (tmp_path / "away.db").rename(tmp_path / "ardoise.db")


def test_postgresql_is_saved_by_its_own_tool(postgresql_template: str, tmp_path: Path) -> None:
    with (
        audited(new_postgresql(postgresql_template, template="ready")) as store,
        pytest.raises(DatabaseUnusableError, match="pg_dump"),
    ):
        store.backup(tmp_path / "copy.db")


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _scalar(url: str, query: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        found: object = connection.exec_driver_sql(query).scalar_one()
    engine.dispose()
    return found


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names
