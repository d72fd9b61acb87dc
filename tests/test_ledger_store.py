"""The store when things go wrong: full disk, bad job, lost connection, a second process, files that are not ours."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, literal, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.ledger.errors import (
    UnavailableError,
)
from bot.ledger.prepared import Prepared
from bot.ledger.store import Store
from bot.ledger.tables import FACT
from tests.bookkeeping import Bookkeeper, Job, receive


@pytest.fixture
def keeper(sqlite_store: Store) -> Bookkeeper:
    return Bookkeeper(sqlite_store)


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


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1), ("secure_delete", 1)],
)
def test_what_is_acknowledged_is_on_disk_and_guarded(sqlite_store: Store, setting: str, value: object) -> None:
    """B3, B46: a power cut is not to be had in a test, so the settings that outlast one are looked at (2: FULL)."""
    kept = sqlite_store.write(lambda connection: connection.exec_driver_sql(f"PRAGMA {setting}").scalar_one())
    assert kept.result() == value


def test_readers_write_nothing(store: Store) -> None:
    Bookkeeper(store)
    with pytest.raises(UnavailableError, match=r"(?i)read.?only"), store.read() as connection:
        connection.exec_driver_sql("UPDATE book SET facts = 99")


@pytest.mark.parametrize("odd", ["l'eau", "100 %s", "a\\'b", '"?" :x', "--", None])
def test_a_constant_of_a_prepared_statement_is_what_it_is(store: Store, odd: str | None) -> None:
    """It is written into the statement's words, and there are quotes in French."""
    given = bindparam("given", type_=FACT.c.body.type)
    prepared = Prepared(select(literal(odd, FACT.c.body.type).label("kept"), given.label("given")))
    with store.read() as connection:
        assert prepared.row(connection, {"given": "?"}) == (odd, "?")


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
