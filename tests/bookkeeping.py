"""Books kept by a test: short words to open groups, record facts and read what came of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Table

from bot.ledger import journal
from bot.ledger.books import Books
from bot.ledger.facts import AccountOpened, Fact, Method, PaymentDeclared, PaymentReceived
from bot.ledger.journal import Recorded
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.ledger.tables import ACCOUNT, BOOK, ENTRY, FACT, PAYMENT
from bot.ledger.tables import CHEQUE as CHEQUES

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
ANNE = 7
CASH, CHEQUE, TRANSFER = Method.CASH, Method.CHEQUE, Method.TRANSFER

T = TypeVar("T")
Job = Callable[[Connection], object]


def open_group(connection: Connection, group: int, *members: int) -> None:
    """Open the books of a group and its members' accounts."""
    journal.open_book(connection, group)
    for member in members:
        journal.record(
            connection, group=group, fact=AccountOpened(member), author=None, at=NOW, key=f"account:{member}"
        )


class Bookkeeper:
    """Keeps the books of a store: group 1 with members 1 to 3, group 2 with members 1 and 2.

    Each fact is recorded a minute after the one before, by Anne, under a key of its own unless one is given.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._counter = itertools.count(1)
        store.write(lambda connection: open_group(connection, 1, 1, 2, 3)).result()
        store.write(lambda connection: open_group(connection, 2, 1, 2)).result()

    def record(self, fact: Fact, *, group: int = 1, key: str | None = None) -> Recorded:
        """Record a fact in a transaction of its own. Raises what the journal raises."""
        count = next(self._counter)
        at, given = NOW + timedelta(minutes=count), key or f"key:{count}"
        return self.store.write(
            lambda connection: journal.record(connection, group=group, fact=fact, author=ANNE, at=at, key=given)
        ).result()

    def declare(self, amount: int, *, member: int = 1, method: Method = CASH, group: int = 1) -> int:
        """Declare a payment; give its number."""
        return self.record(PaymentDeclared(member, Cents(amount), method), group=group).number

    def read(self, question: Callable[[Books], T], *, group: int = 1) -> T:
        """Ask the books something."""
        with self.store.read() as connection:
            return question(Books(connection, group, NOW))

    def balance(self, member: int = 1, *, group: int = 1) -> int:
        """Give a member's balance, in cents."""
        return self.read(lambda books: books.balance(member), group=group)

    def state(self, payment: int, *, group: int = 1) -> tuple[str, int]:
        """Give the state and round of a payment."""
        found = self.read(lambda books: books.payment(payment), group=group)
        assert found is not None
        return found.state, found.round

    def run(self, statement: str) -> None:
        """Run a statement of SQL as the writer, committed."""

        def job(connection: Connection) -> None:
            connection.exec_driver_sql(statement)

        self.store.write(job).result()

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Read every row of the books."""
        with self.store.read() as connection:
            return everything(connection)


def everything(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of the books, to see whether two databases, or two moments, hold the same."""
    return {table.name: _rows(connection, table) for table in (BOOK, ACCOUNT, FACT, ENTRY, PAYMENT, CHEQUES)}


def _rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key.columns))]


def receive(key: str, amount: int = 100) -> Job:
    """Make a job that records a payment."""
    fact = PaymentReceived(1, Cents(amount), CASH)
    return lambda connection: journal.record(connection, group=1, fact=fact, author=ANNE, at=NOW, key=key)
