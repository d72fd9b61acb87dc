"""The demo put together: an invented group, a clock in our hands, the same desk and delivery as the real bot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot import demo_group, handlers, logs
from bot.chat import Address, Incoming, Receipt
from bot.chats.phones import PLATFORM, Behind, Demo, Phones
from bot.complaints import HostError
from bot.delivery import Delivery
from bot.desk import Desk, utc_now
from bot.groups.people import Right
from bot.groups.registry import list_groups, set_handle
from bot.groups.voices import room_at, speakers
from bot.ledger.books import Books
from bot.ledger.store import Store
from bot.online.answers import Noticed, brought
from bot.providers import Notification
from bot.providers.accounts import EVERY_GROUP, Account, Accounts
from bot.providers.demo import DemoProvider
from bot.schedule import Schedule
from bot.words import speaking

T = TypeVar("T")

STEP = timedelta(hours=1)
MOST_STEPS = 500


class NotTheDemoError(HostError):
    """The file kept for the demo is another group's, perhaps a real one's."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} n'est pas un fichier de la démo : il contient un autre groupe. Rien n'y a été changé."
        )


class Clock:
    """A clock that is moved by hand: it runs from where it was set, or stands still if it was fixed."""

    def __init__(self, fixed: datetime | None) -> None:
        self._fixed = fixed.astimezone(UTC) if fixed else None
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Tell the demo's present moment, in UTC."""
        return (self._fixed or utc_now()) + self._ahead

    def move(self, to: datetime) -> None:
        """Move to a later moment; time never goes back."""
        self._ahead += max(timedelta(0), to - self.now())


class Stage:
    """The demo's group in its file, served by the real desk, delivery and schedule."""

    def __init__(self, store: Store, clock: Clock, group: int) -> None:
        self.phones = Phones(clock.now)
        self._store = store
        self._clock = clock
        self._group = group
        self._provider = DemoProvider(self.phones.session)
        accounts = Accounts([Account(self._provider)])
        self._desk = Desk(store, clock.now, accounts=accounts)
        self._delivery = Delivery(store, {PLATFORM: self.phones}, self._receive, clock.now, accounts=accounts)
        self._schedule = Schedule(store, clock.now, zone=ZoneInfo("Europe/Paris"), backups=None)

    def demo(self) -> Demo:
        """Hand out what the faces work with."""
        people = {user: name for user, (name, _right, _balance) in demo_group.PEOPLE.items()}
        coordinators = tuple(user for user, (_n, right, _b) in demo_group.PEOPLE.items() if right is Right.TREASURY)
        behind = Behind(
            receive=self._receive, settle=self._delivery.settle, now=self._clock.now, advance=self._advance,
            catch_up=self._catch_up, greet=self._greet, menu=self._menu, pay=self._pay,
        )  # fmt: skip
        return Demo(self.phones, demo_group.NAME, people, coordinators, demo_group.ROOM, behind)

    async def _pay(self, url: str) -> Receipt:
        """Pay at an address of the invented provider, which then tells the bot, as a real one does."""
        reference = self._provider.pay(url)
        if not reference:
            return Receipt("Cette page de paiement n'est plus valable.")
        told = Noticed(self._provider.name, EVERY_GROUP, Notification(reference))
        return await self._receive(brought(told, f"paid:{url}"))

    async def _receive(self, incoming: Incoming) -> Receipt:
        return await asyncio.wrap_future(self._desk.receive(incoming))

    async def _advance(self, to: datetime) -> None:
        """Let the hours pass one by one, at most so many: what becomes due happens at its time."""
        step = max(STEP, (to - self._clock.now()) / MOST_STEPS)
        while self._clock.now() < to:
            self._clock.move(min(to, self._clock.now() + step))
            await self._catch_up()

    async def _catch_up(self) -> None:
        await asyncio.to_thread(self._schedule.tick)
        await self._delivery.settle()

    async def _greet(self) -> None:
        await self._write(lambda connection: demo_group.greet_room(connection, self._group))
        await self._delivery.settle()

    async def _menu(self, who: str, in_room: bool) -> list[tuple[str, str]]:  # noqa: FBT001 - as Behind has it
        return await asyncio.to_thread(self._commands, who, in_room=in_room)

    def _commands(self, who: str, *, in_room: bool) -> list[tuple[str, str]]:
        with self._store.read() as connection:
            found = speakers(connection, Address(PLATFORM, who))
        if not found:
            return []
        with speaking(found[0].language):
            return handlers.menu(found[0].person.right, found[0].language, in_room=in_room)

    async def _write(self, job: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._store.write(job))


@contextlib.asynccontextmanager
async def opened(data: Path | None, date: datetime | None) -> AsyncGenerator[Demo]:
    """Open the demo's group, in a temporary file or one that is kept, and have it delivered to phones in memory.

    Raises StoreError and NotTheDemoError for a file that cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="ardoise-demo-") as folder:
        path = data or Path(folder) / "demo.db"
        clock = Clock(date)
        store = await asyncio.to_thread(Store.open, f"sqlite:///{path.absolute()}", create=True)
        try:
            group = await asyncio.to_thread(_group, store, clock, path)
            yield Stage(store, clock, group).demo()
        finally:
            await asyncio.to_thread(store.close)


def _group(store: Store, clock: Clock, path: Path) -> int:
    """Find the demo's group or make it. In a file that was kept, time goes on from what was recorded last."""
    with store.read() as connection:
        there = list_groups(connection)
        room = room_at(connection, demo_group.ROOM)
        last = Books(connection, room[0], clock.now()).journal(limit=1) if room else []
    if there and not room:
        raise NotTheDemoError(path)
    if last:
        clock.move(last[0].at)
    return room[0] if room else store.write(lambda connection: _begun(connection, clock.now())).result()


def _begun(connection: Connection, now: datetime) -> int:
    set_handle(connection, PLATFORM, "Ardoise")
    return demo_group.furnish(connection, now)


def play(*, web: bool, port: int, data: Path | None, date: datetime | None) -> None:
    """Play the demo, in the terminal or as a page, until it is ended: by « :quit », Ctrl-C or SIGTERM.

    Raises HostError and StoreError: one line that says what is in the way.
    """
    logs.set_up(sys.stderr, level=logging.WARNING)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_play(web=web, port=port, data=data, date=date))


async def _play(*, web: bool, port: int, data: Path | None, date: datetime | None) -> None:
    with _ended_by_signals():
        async with opened(data, date) as demo:
            if web:
                from bot.chats.web.server import serve  # noqa: PLC0415 - aiohttp's server is for the page only

                await serve(demo, port, announce)
            else:
                from bot.chats.terminal import run  # noqa: PLC0415 - only one face is needed

                await run(demo)


@contextlib.contextmanager
def _ended_by_signals() -> Generator[None]:
    """End as Ctrl-C does when told to stop or when the terminal is closed, so that the temporary file goes too."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    heeded = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in heeded:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)


def announce(address: str) -> None:
    """Say where the page is, and show it where there is a screen and somebody at the keyboard."""
    sys.stdout.write(f"La démo est ouverte : {address}\nCtrl-C pour l'arrêter.\n")
    sys.stdout.flush()
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and sys.stdin.isatty():
        webbrowser.open(address)
