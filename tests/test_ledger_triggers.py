"""Nothing posted is ever changed or deleted: the database itself refuses it, whoever asks (B3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from bot.ledger.facts import FactReversed, PaymentReceived, PaymentRefused, PaymentValidated, PaymentWithdrawn
from bot.ledger.money import Cents
from bot.ledger.store import Store
from tests.bookkeeping import CASH, Bookkeeper
from tests.databases import audited, new_postgresql


def filled(store: Store) -> Bookkeeper:
    """Facts 1 to 3 open accounts; 4 is declared, 5 validated (500), 6 declared, 7 refused, 8 received (300), 9 waits."""
    keeper = Bookkeeper(store)
    assert keeper.declare(500) == 4
    keeper.record(PaymentValidated(1, 4, Cents(500), CASH))
    assert keeper.declare(100) == 6
    keeper.record(PaymentRefused(1, 6))
    keeper.record(PaymentReceived(1, Cents(300), CASH))
    assert keeper.declare(700) == 9
    return keeper


@pytest.fixture
def keeper(store: Store) -> Bookkeeper:
    return filled(store)


@pytest.fixture(scope="module")
def lasting(lasting_store: Store) -> Bookkeeper:
    """Books that no test changes, as everything is refused."""
    return filled(lasting_store)


@pytest.fixture(scope="module")
def bare(lasting: Bookkeeper, lasting_url: str) -> Iterator[Stranger]:
    """Somebody at the database's own prompt: no setting of ours, our locks unknown."""
    stranger = Stranger(lasting_url)
    yield stranger
    stranger.close()


class Stranger:
    """Runs a statement by itself, committed where it is accepted."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def run(self, statement: str) -> None:
        """Run it. Raises what the database says."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Leave."""
        self._engine.dispose()


HISTORY = {
    "a fact's body": "UPDATE fact SET body = '{}' WHERE number = 5",
    "a fact's author": "UPDATE fact SET author = 1 WHERE number = 5",
    "nothing really": "UPDATE fact SET key = key",
    "a fact is deleted": "DELETE FROM fact WHERE number = 9",
    "an entry's amount": "UPDATE entry SET amount = 501 WHERE fact = 5",
    "an entry's fact": "UPDATE entry SET fact = 5",
    "an entry is deleted": "DELETE FROM entry WHERE fact = 8",
    "all entries are deleted": "DELETE FROM entry",
    "a payment is deleted": "DELETE FROM payment WHERE number = 9",
    "an account is deleted": "DELETE FROM account WHERE group_id = 2 AND number = 1",
    "an account gets another number": "UPDATE account SET number = 8 WHERE group_id = 2 AND number = 1",
    "an account changes group": "UPDATE account SET group_id = 3 WHERE group_id = 2 AND number = 1",
    "a book is deleted": "DELETE FROM book WHERE group_id = 2",
}


@pytest.mark.parametrize("statement", HISTORY.values(), ids=HISTORY.keys())
def test_the_database_refuses_to_change_history_b3(bare: Stranger, lasting: Bookkeeper, statement: str) -> None:
    before = lasting.rows()
    with pytest.raises(DBAPIError, match=r"is never changed|keeps its number"):
        bare.run(statement)
    assert lasting.rows() == before


def test_the_database_refuses_to_move_or_to_close_what_is_not_at_zero_b44(bare: Stranger, lasting: Bookkeeper) -> None:
    before = lasting.rows()
    for statement in (
        "UPDATE account SET closed = true WHERE group_id = 1 AND number = 1",
        "UPDATE account SET closed = true, balance = 5 WHERE group_id = 1 AND number = 3",
    ):
        with pytest.raises(DBAPIError, match="account is closed"):
            bare.run(statement)
    assert lasting.rows() == before


PAYMENTS = {
    "validated without a fact of its own": "state = 'validated', received = 700, decided = 9, round = 1 WHERE number = 9",
    "from refused to validated": "state = 'validated', received = 100 WHERE number = 6",
    "from validated to refused": "state = 'refused', received = NULL WHERE number = 4",
    "from validated to withdrawn": "state = 'withdrawn', received = NULL WHERE number = 4",
    "reopened in the same round": "state = 'declared', received = NULL, decided = NULL WHERE number = 4",
    "reopened two rounds later": "state = 'declared', received = NULL, decided = NULL, round = 2 WHERE number = 4",
    "reversed though it was declared": "state = 'reversed' WHERE number = 4",
    "another sum received": "received = 501 WHERE number = 4",
    "another amount": "amount = 1 WHERE number = 9",
    "another member": "member = 2 WHERE number = 9",
    "another method": "method = 'cheque' WHERE number = 9",
    "another number": "number = 5 WHERE number = 9",
    "another day": "declared_at = '2020-01-01 00:00:00' WHERE number = 9",
    "an invented state": "state = 'lost' WHERE number = 9",
}


@pytest.mark.parametrize("change", PAYMENTS.values(), ids=PAYMENTS.keys())
def test_the_database_refuses_what_a_payment_cannot_become_b21(
    bare: Stranger, lasting: Bookkeeper, change: str
) -> None:
    before = lasting.rows()
    with pytest.raises(DBAPIError):
        bare.run(f"UPDATE payment SET {change}")
    assert lasting.rows() == before


ENTRY = "INSERT INTO entry (group_id, account, seq, contra, amount, balance_after, fact) VALUES"
BROKEN = {
    "a gap": f"{ENTRY} (1, 1, 4, -1, 5, 805, 8)",
    "the same place twice": f"{ENTRY} (1, 1, 2, -1, 300, 800, 8)",
    "a balance that is not the account's": f"{ENTRY} (1, 1, 3, -1, 5, 806, 8)",
    "an entry the account does not know": f"{ENTRY} (1, 1, 3, -1, 5, 805, 8)",
    "nothing moved": f"{ENTRY} (1, 1, 3, -1, 0, 800, 8)",
    "another member on the other side": f"{ENTRY} (1, 1, 3, 2, 5, 805, 8)",
    "an account on both sides": f"{ENTRY} (1, -1, 1, -1, 5, 805, 8)",
    "an account of another group": f"{ENTRY} (2, 3, 1, -1, 5, 5, 1)",
    "a fact that is not there": f"{ENTRY} (1, 1, 3, -1, 5, 805, 99)",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN.keys())
def test_the_database_refuses_an_entry_that_does_not_go_on(lasting: Bookkeeper, statement: str) -> None:
    before = lasting.rows()
    with pytest.raises(DBAPIError):
        lasting.run(statement)
    assert lasting.rows() == before


def test_an_account_moved_without_its_entry_takes_no_more_entries(keeper: Bookkeeper) -> None:
    """A balance changed behind the journal's back breaks the chain: the next entry of that account is refused."""
    keeper.run("UPDATE account SET balance = balance + 5 WHERE group_id = 1 AND number = 1")
    with pytest.raises(DBAPIError, match="does not continue"):
        keeper.record(PaymentReceived(1, Cents(100), CASH))
    keeper.run("UPDATE account SET balance = balance - 5 WHERE group_id = 1 AND number = 1")


def test_the_database_refuses_a_second_fact_under_a_key_and_a_second_reversal(keeper: Bookkeeper) -> None:
    keeper.record(FactReversed(1, 8))
    fact = "INSERT INTO fact (group_id, number, kind, version, body, at, key, reverses) VALUES"
    with pytest.raises(DBAPIError):
        keeper.run(f"{fact} (1, 11, 'FactReversed', 1, '{{}}', '2026-11-24 18:00:00', 'new', 8)")
    with pytest.raises(DBAPIError):
        keeper.run(f"{fact} (1, 10, 'FactReversed', 1, '{{}}', '2026-11-24 18:00:00', 'new', NULL)")
    with pytest.raises(DBAPIError):
        keeper.run(f"{fact} (1, 11, 'FactReversed', 1, '{{}}', '2026-11-24 18:00:00', 'new', 12)")


TABLES = ("fact", "entry", "payment", "account", "book")


@pytest.fixture(scope="module")
def on_postgresql(postgresql_template: str) -> Iterator[Bookkeeper]:
    with audited(new_postgresql(postgresql_template, template="ready")) as opened:
        yield filled(opened)


@pytest.mark.parametrize("table", TABLES)
def test_postgresql_refuses_to_empty_a_table_b3(on_postgresql: Bookkeeper, table: str) -> None:
    before = on_postgresql.rows()
    with pytest.raises(DBAPIError, match="is never changed"):
        on_postgresql.run(f"TRUNCATE {table} CASCADE")
    assert on_postgresql.rows() == before


def test_postgresql_refuses_an_upsert_b3(on_postgresql: Bookkeeper) -> None:
    before = on_postgresql.rows()
    with pytest.raises(DBAPIError, match="is never changed"):
        on_postgresql.run(
            "INSERT INTO fact SELECT * FROM fact ON CONFLICT (group_id, number) DO UPDATE SET body = '{}'"
        )
    assert on_postgresql.rows() == before


@pytest.fixture(scope="module")
def sqlite_keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bookkeeper]:
    with audited(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'ardoise.db'}") as opened:
        keeper = Bookkeeper(opened)
        assert keeper.declare(500) == 4
        keeper.record(PaymentReceived(1, Cents(300), CASH))
        yield keeper


@pytest.fixture(scope="module")
def prompt(sqlite_keeper: Bookkeeper) -> Iterator[sqlite3.Connection]:
    """SQLite's own prompt: no foreign keys, no recursive triggers."""
    with sqlite_keeper.store.read() as connection:
        path = str(connection.engine.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as connected:
        yield connected


REPLACED = {
    "a fact": "INSERT OR REPLACE INTO fact SELECT group_id, number, kind, version, '{}', author, at, 'new', reverses"
    " FROM fact WHERE group_id = 1 AND number = 5",
    "an entry": "INSERT OR REPLACE INTO entry SELECT group_id, account, seq, contra, 1, balance_after, fact FROM entry",
    "a payment": "REPLACE INTO payment SELECT group_id, number, member, method, 1, state, round, received, decided,"
    " declared_at, decided_at FROM payment WHERE number = 4",
    "an account": "REPLACE INTO account SELECT group_id, number, 0, 0, 0 FROM account WHERE number = 1",
    "a book": "REPLACE INTO book SELECT group_id, 0, 1 FROM book",
}


@pytest.mark.parametrize("statement", REPLACED.values(), ids=REPLACED.keys())
def test_sqlite_refuses_to_replace_what_is_there_b3(
    sqlite_keeper: Bookkeeper, prompt: sqlite3.Connection, statement: str
) -> None:
    before = sqlite_keeper.rows()
    with pytest.raises(sqlite3.IntegrityError, match="is there already"):
        prompt.execute(statement)
    assert sqlite_keeper.rows() == before


def test_sqlite_lets_no_fact_take_the_place_of_another_under_its_key_b3(
    sqlite_keeper: Bookkeeper, prompt: sqlite3.Connection
) -> None:
    before = sqlite_keeper.rows()
    prompt.execute(
        "INSERT OR REPLACE INTO fact SELECT group_id, 77, kind, version, '{}', author, at, key, NULL FROM fact"
    )
    assert sqlite_keeper.rows() == before


WHOLE = {
    "an entry's amount": f"{ENTRY} (1, 1, 2, -1, 1.5, 301.5, 5)",
    "an entry's words": f"{ENTRY} (1, 1, 2, -1, 'cinq', 305, 5)",
    "an account's balance": "UPDATE account SET balance = 300.5 WHERE group_id = 1 AND number = 1",
    "an account that opens with half a cent": "INSERT INTO account (group_id, number, balance, entries) VALUES (1, 8, 0.5, 0)",
    "what was received": "UPDATE payment SET state = 'validated', decided = 5, received = 499.5 WHERE number = 4",
    "a payment declared with half a cent": "INSERT INTO payment SELECT group_id, 5, member, method, 0.5, state, round,"
    " received, decided, declared_at, decided_at FROM payment WHERE number = 4",
}


@pytest.mark.parametrize("statement", WHOLE.values(), ids=WHOLE.keys())
def test_sqlite_refuses_what_is_not_whole_cents(
    sqlite_keeper: Bookkeeper, prompt: sqlite3.Connection, statement: str
) -> None:
    """PostgreSQL's columns hold whole numbers only; SQLite's would hold anything."""
    before = sqlite_keeper.rows()
    with pytest.raises(sqlite3.IntegrityError, match="whole numbers only"):
        prompt.execute(statement)
    assert sqlite_keeper.rows() == before


def test_a_balance_never_turns_into_a_float_where_64_bits_end(sqlite_keeper: Bookkeeper) -> None:
    """SQLite adds past 64 bits in floating point: the trigger refuses it, nothing is posted."""
    before = sqlite_keeper.rows()
    with pytest.raises(DBAPIError, match="whole numbers only"):
        sqlite_keeper.run(f"UPDATE account SET balance = balance + {2**63 - 1} WHERE group_id = 1 AND number = 1")
    assert sqlite_keeper.rows() == before


def test_what_the_journal_does_is_let_through(keeper: Bookkeeper) -> None:
    """The same triggers stand in nobody's way (or the tests above would prove nothing)."""
    keeper.record(PaymentWithdrawn(1, 9))
    keeper.record(FactReversed(1, 5))
    keeper.record(PaymentValidated(1, 4, Cents(450), CASH, round=1))
    assert keeper.state(4) == ("validated", 1)
    assert keeper.balance() == 750
