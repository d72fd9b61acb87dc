"""The demo put together: an invented group, a clock in our hands, the same desk and delivery as the real bot."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import tempfile
from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path

from bot.chat import Incoming, Receipt
from bot.chats.phones import PLATFORM, Demo, Phones
from bot.delivery import Delivery
from bot.demo_group import PEOPLE, ROOM, seed
from bot.desk import Desk, utc_now
from bot.groups.people import Right
from bot.groups.registry import list_groups, set_handle
from bot.ledger.store import Store


class Clock:
    """A clock that is moved by hand: it runs from where it was set, or stands still if it was fixed."""

    def __init__(self, fixed: datetime | None) -> None:
        self._fixed = fixed
        self._ahead = utc_now() - utc_now()

    def now(self) -> datetime:
        """Tell the demo's present moment, in UTC."""
        return (self._fixed or utc_now()) + self._ahead

    def move(self, to: datetime) -> None:
        """Move to a later moment."""
        self._ahead += to - self.now()


@contextlib.asynccontextmanager
async def opened(data: Path | None, date: datetime | None) -> AsyncGenerator[Demo]:
    """Open the demo's group, in a temporary file or one that is kept, and have it delivered to phones in memory."""
    with tempfile.TemporaryDirectory(prefix="ardoise-demo-") as folder:
        path = data or Path(folder) / "demo.db"
        store = await asyncio.to_thread(Store.open, f"sqlite:///{path.absolute()}", create=True)
        try:
            yield await _demo(store, Clock(date))
        finally:
            await asyncio.to_thread(store.close)


async def _demo(store: Store, clock: Clock) -> Demo:
    with store.read() as connection:
        empty = not list_groups(connection)
    if empty:
        await asyncio.wrap_future(store.write(lambda connection: seed(connection, clock.now())))
        await asyncio.wrap_future(store.write(lambda connection: set_handle(connection, PLATFORM, "Ardoise")))
    phones = Phones(clock.now)
    desk = Desk(store, clock.now)

    async def receive(incoming: Incoming) -> Receipt:
        return await asyncio.wrap_future(desk.receive(incoming))

    delivery = Delivery(store, {PLATFORM: phones}, receive, clock.now)

    async def advance(to: datetime) -> None:
        clock.move(to)
        await delivery.settle()

    people = {user: name for user, (name, _right, _balance) in PEOPLE.items()}
    coordinators = tuple(user for user, (_name, right, _balance) in PEOPLE.items() if right is Right.TREASURY)
    keys = itertools.count(1)
    session = secrets.token_hex(4)
    return Demo(phones, people, coordinators, ROOM, receive, delivery.settle, clock.now, advance, keys, session)


def play(*, web: bool, port: int, data: Path | None, date: datetime | None) -> None:
    """Play the demo, in the terminal or as a page, until it is ended."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_play(web=web, port=port, data=data, date=date))


async def _play(*, web: bool, port: int, data: Path | None, date: datetime | None) -> None:
    async with opened(data, date) as demo:
        if web:
            from bot.chats.web.server import serve  # noqa: PLC0415 - aiohttp's server is for the page only

            await serve(demo, port)
        else:
            from bot.chats.terminal import run  # noqa: PLC0415 - only one face is needed

            await run(demo)
