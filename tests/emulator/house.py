"""The real bot over the emulator: Telegram by polling, desk, delivery, a group of five neighbours in a SQLite file.

    async with opened(tmp_path) as house:
        house.lea.says("/solde")
        await house.settle()             every update served and acknowledged, everything to send sent
        house.lea.texts
        room = await house.room()        a coordinators' room, linked from both sides
        await house.crash()              everything in memory is gone; updates not acknowledged come again
        house.now += timedelta(…)        time passes

Nothing is polled nor served where ``listening`` is not asked for: tests then call ``house.telegram`` themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, func, select
from sqlmodel import SQLModel

from bot.chat import Incoming, Receipt
from bot.chats.telegram import Telegram
from bot.delivery import Delivery
from bot.desk import Desk
from bot.groups import apply as people_apply
from bot.groups.facts import AddressLinked, InvitationMade
from bot.groups.people import Right
from bot.groups.registry import Beginnings, add_group, add_member, invite
from bot.ledger import journal
from bot.ledger.facts import Fact, OpeningBalanceEntered
from bot.ledger.money import Cents
from bot.ledger.store import Store
from bot.providers.accounts import Account, Accounts
from bot.providers.telegram import TelegramPayments
from tests.databases import new_sqlite
from tests.emulator import TOKEN, BotApi, Group, Person, Town
from tests.emulator.invoices import PROVIDER_TOKEN
from tests.emulator.world import Query

T = TypeVar("T", bound=SQLModel)
BEGINNING = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
PEOPLE = {
    "Léa": (Right.MEMBER, -2450), "Bruno": (Right.MEMBER, 700), "Awa": (Right.MEMBER, 0),
    "Camille": (Right.TREASURY, 0), "Sofiane": (Right.TREASURY, 0),
}  # fmt: skip


class House:
    """See the module's docstring for how to drive it. ``heard`` lists what reached the desk."""

    def __init__(self, api: BotApi, store: Store) -> None:
        self.api = api
        self.store = store
        self.town = Town(api)
        self.now = BEGINNING
        self.heard: list[Incoming] = []
        self.people = {name: self.town.person(name) for name in PEOPLE}
        self.lea, self.bruno, self.awa, self.camille, self.sofiane = self.people.values()
        self.group = store.write(self._seed).result()
        self.accounts = Accounts([Account(TelegramPayments())])

    async def start(self, *, listening: bool = True, paced: bool = False) -> None:
        """Connect, with an empty memory; poll, if ``listening``."""
        self.stop = asyncio.Event()
        self.desk = Desk(self.store, lambda: self.now, accounts=self.accounts)
        self.telegram = await Telegram.connect(TOKEN, self.api.url, paced=paced, tokens={"": PROVIDER_TOKEN})
        self.delivery = Delivery(
            self.store, {"telegram": self.telegram}, self.receive, lambda: self.now, accounts=self.accounts
        )
        polling = self.telegram.poll(self.receive, self.stop) if listening else self.stop.wait()
        self.polling = asyncio.ensure_future(polling)

    async def end(self) -> None:
        """Stop as a system does."""
        self.stop.set()
        try:
            await self.polling
        finally:
            await self.telegram.close()

    async def crash(self) -> None:
        """Lose everything in memory, and begin again."""
        self.polling.cancel()
        await asyncio.gather(self.polling, return_exceptions=True)
        await self.telegram.close()
        await self.start()

    async def receive(self, incoming: Incoming) -> Receipt:
        """Hand an update to the desk."""
        self.heard.append(incoming)
        return await asyncio.wrap_future(self.desk.receive(incoming))

    async def settle(self) -> None:
        """Wait until every update is acknowledged, every tap answered, and everything that can be sent is sent."""
        await self.api.until(lambda: not self.api.updates.waiting)
        await self.delivery.settle()
        await self.api.until(lambda: all(query.answered or query.old for query in self.api.world.queries.values()))
        await self.api.until(lambda: all(asked.ok is not None for asked in self.api.world.checkouts.values()))

    async def says(self, person: Person, text: str, where: Group | None = None) -> None:
        """Have somebody write, and be answered."""
        person.says(text, where)
        await self.settle()

    async def taps(self, person: Person, label: str, where: Group | None = None) -> Query:
        """Have somebody tap a button, and be answered."""
        query = person.taps(label, where=where)
        await self.settle()
        return query

    async def room(self, kind: str = "group", *, forum: bool = False, topic: str = "") -> Group:
        """Make a coordinators' room, linked from both sides: the room shows a code, Camille writes it in private."""
        room = self.town.group("Coordination", self.camille, self.sofiane, self.lea, kind=kind, forum=forum)
        room.add_bot(self.camille)
        number = room.topic(topic) if topic else 0
        self.camille.says("/lier", room, topic=number)
        await self.settle()
        found = re.search(r"/lier (\S+)", room.last.text)
        assert found is not None, room.texts
        await self.says(self.camille, f"/lier {found[1]}")
        await self.taps(self.camille, "Oui")
        return room

    def invitation(self, name: str, code: str = "abcd-efgh-jkmn") -> str:
        """Make an invitation on the host's command line; give its code."""
        self.store.write(lambda c: invite(c, self.group, name, code, self.now, coordinator=False)).result()
        return code

    def rows(self, table: type[SQLModel]) -> int:
        """Count what a table holds."""
        with self.store.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def read(self, table: type[T]) -> list[T]:
        """List the rows of a table."""
        with self.store.read() as connection:
            return [table(**row._mapping) for row in connection.execute(select(table))]

    def _seed(self, connection: Connection) -> int:
        begun = BEGINNING - timedelta(days=12)
        group = add_group(connection, "Les Paniers du Canal", Beginnings(), begun)
        for name, (right, cents) in PEOPLE.items():
            member = add_member(connection, group, name, begun, right=right).number
            user = str(self.people[name].user.id)
            self.people[name].chat.bot = "member"
            facts: list[Fact] = [
                InvitationMade(member, f"seed-{user}"),
                AddressLinked(member, "telegram", 1, user=user, chat=user, code=f"seed-{user}"),
            ]
            facts += [OpeningBalanceEntered(member, Cents(cents))] if cents else []
            for fact in facts:
                _record(connection, group, fact, f"{user}/{type(fact).__name__}", begun)
        return group


def _record(connection: Connection, group: int, fact: Fact, key: str, at: datetime) -> None:
    recorded = journal.record(connection, group=group, fact=fact, author=None, at=at, key=key)
    people_apply.apply(connection, recorded)


@contextlib.asynccontextmanager
async def opened(folder: Path, *, listening: bool = True, paced: bool = False) -> AsyncGenerator[House]:
    """Open the house, and close it as a system does."""
    store = Store.open(new_sqlite(folder / "ardoise.db"))
    try:
        async with BotApi() as api:
            house = House(api, store)
            await house.start(listening=listening, paced=paced)
            try:
                yield house
            finally:
                await house.end()
    finally:
        store.close()
