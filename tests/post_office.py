"""A delivery over a fake platform, with a clock moved by hand and naps that take no time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, func, select, update
from sqlmodel import SQLModel

from bot import outbox
from bot.cards import PENDING
from bot.chat import Incoming, Message, Place, Receipt
from bot.delivery import Delivery
from bot.demo_group import seed
from bot.groups.tables import LinkedAddress, Room
from bot.ledger import journal
from bot.ledger.errors import UnavailableError
from bot.ledger.facts import Method, PaymentDeclared
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.outbox import Letter
from tests.fake_chat import PLATFORM, FakeChat

T = TypeVar("T")
BEGINNING = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
SALON = Place(PLATFORM, "salon", private=False)


class PostOffice:
    """``deliver`` settles what can be delivered now; ``restart`` forgets all that was in memory, as a crash does.

    ``slept`` lists the seconds delivery wanted to nap; ``received`` what it handed to the desk.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = BEGINNING
        self.chat = FakeChat()
        self.slept: list[float] = []
        self.received: list[Incoming] = []
        self.receive_troubles: list[Exception] = []
        self.delivery = self.restart()

    def restart(self) -> Delivery:
        """Begin again with an empty memory."""
        self.delivery = Delivery(
            self.store, {PLATFORM: self.chat}, self.receive, lambda: self.now, sleep=self.nap, chance=lambda: 1.0
        )
        return self.delivery

    async def nap(self, seconds: float) -> None:
        """Move the clock instead of sleeping."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    async def receive(self, incoming: Incoming) -> Receipt:
        """Stand in for the desk."""
        if self.receive_troubles:
            raise self.receive_troubles.pop(0)
        self.received.append(incoming)
        return Receipt()

    def write(self, job: Callable[[Connection], T]) -> T:
        """Have something written now."""
        return self.store.write(job).result()

    def people(self) -> int:
        """Make the demo's group, with its people and its room on our platform; give its number."""

        def job(connection: Connection) -> int:
            number = seed(connection, BEGINNING)
            connection.execute(update(LinkedAddress).values(platform=PLATFORM))
            connection.execute(update(Room).values(platform=PLATFORM, chat=SALON.chat))
            return number

        return self.write(job)

    def post(self, chat: str, *texts: str, edits: str = "", useful_until: datetime | None = None) -> None:
        """Put messages for one private chat into the outbox."""
        self.post_all([Letter(Place(PLATFORM, chat), Message(text), edits, useful_until) for text in texts])

    def post_all(self, letters: Sequence[Letter]) -> None:
        """Put messages into the outbox."""
        self.write(lambda connection: outbox.post(connection, letters))

    def rows(self, table: type[SQLModel]) -> int:
        """Count what a table holds."""
        with self.store.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def break_writing(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        """Let the database refuse the next writes, as with a full disk."""
        write, left = self.store.write, iter(range(times))

        def refused(job: Callable[[Connection], T]) -> Future[T]:
            if next(left, None) is None:
                return write(job)
            answer: Future[T] = Future()
            answer.set_exception(UnavailableError("disk full"))
            return answer

        monkeypatch.setattr(self.store, "write", refused)

    def count_writing(self, monkeypatch: pytest.MonkeyPatch) -> itertools.count[int]:
        """Count the jobs written from now on; the next number is how many there were."""
        write, jobs = self.store.write, itertools.count()

        def counted(job: Callable[[Connection], T]) -> Future[T]:
            next(jobs)
            return write(job)

        monkeypatch.setattr(self.store, "write", counted)
        return jobs

    def hold_writing(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """Let nothing reach the disk until what this gives is called."""
        write, held = self.store.write, []

        def hold(job: Callable[[Connection], Any]) -> Future[Any]:
            answer: Future[Any] = Future()
            held.append((job, answer))
            return answer

        def let_go() -> None:
            monkeypatch.setattr(self.store, "write", write)
            while held:
                job, answer = held.pop(0)
                answer.set_result(write(job).result())

        monkeypatch.setattr(self.store, "write", hold)
        return let_go

    def lose_writing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let nothing more reach the disk, as when a kill comes just before; ``monkeypatch.undo()`` ends it."""
        monkeypatch.setattr(self.store, "write", lambda _job: Future())

    def read(self, table: type[SQLModel]) -> list[Any]:
        """List the rows of a table."""
        with self.store.read() as connection:
            return list(connection.execute(select(table)))

    async def deliver(self, **later: float) -> None:
        """Let time pass, and everything that can be delivered be delivered."""
        self.now += timedelta(**later)
        await self.delivery.settle()


def declare(connection: Connection, group: int, key: str) -> None:
    """Have Léa declare a cheque, and the card drawn again."""
    fact = PaymentDeclared(1, Cents(2450), Method.CHEQUE)
    journal.record(connection, group=group, fact=fact, author=1, at=BEGINNING, key=key)
    outbox.redraw_card(connection, group=group, name=PENDING)


def show_card(connection: Connection, group: int, place: Place = SALON) -> None:
    """Show the card of the payments to decide."""
    outbox.show_card(connection, group=group, name=PENDING, place=place, language="fr")
