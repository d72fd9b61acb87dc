"""Matrix: rooms, reactions and edits above; below, in ``wire``, the only place that knows the Matrix client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.chat import Incoming, Receipt
from bot.chats.matrix.beside import Beside
from bot.chats.matrix.intake import Intake
from bot.chats.matrix.manners import Manners
from bot.chats.matrix.rooms import Rooms
from bot.chats.matrix.sender import Sender
from bot.chats.matrix.wire.calls import SessionRefusedError
from bot.chats.matrix.wire.listener import Listener
from bot.chats.matrix.wire.progress import Kept
from bot.chats.matrix.wire.session import Account
from bot.chats.matrix.wire.wire import Wire
from bot.ledger.store import Store

__all__ = ["Account", "Matrix", "SessionRefusedError"]

NAME = "Ardoise"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Matrix(Sender):
    """The bot on Matrix: sends, edits, fetches (Sender), and listens. Nothing can be sent before it is ``ready``."""

    def __init__(self, wire: Wire, store: Store, clock: Callable[[], datetime] = _utc_now) -> None:
        self._rooms, self._beside = Rooms(wire, store, clock), Beside()
        super().__init__(wire, self._rooms, self._beside, clock)
        self._session = wire
        self._store = store
        self._manners = Manners(wire, self._beside)
        self._ready = asyncio.Event()

    @classmethod
    async def connect(cls, account: Account, folder: Path, store: Store) -> Matrix:
        """Connect, logging in once. Raises SessionRefusedError, and ConnectionError when it cannot be reached."""
        return cls(await Wire.connect(account, folder), store)

    @property
    def username(self) -> str:
        """Give the bot's user id, for links."""
        return self._session.user

    async def listen(
        self,
        receive: Callable[[Incoming], Awaitable[Receipt]],
        stop: asyncio.Event,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Listen until ``stop`` is set; the batch in hand is served to its end. Raises SessionRefusedError.

        ``wake`` is called when something of our own waits in the outbox.
        """
        intake = Intake(self._session, self._rooms, self, self._manners, receive, self._clock, wake)
        listener = Listener(self._session, intake.serve, Kept(self._store, self._session.user))
        announcing = asyncio.create_task(self._announce(listener))
        try:
            await listener.run(stop)
        finally:
            announcing.cancel()
            await self._beside.settled()

    async def ready(self) -> None:
        """Wait until the rooms are known."""
        await self._ready.wait()

    async def settled(self) -> None:
        """Wait until all small courtesies are done."""
        await self._beside.settled()

    async def close(self) -> None:
        """Close the connections and the store of the keys."""
        await self._session.close()

    async def _announce(self, listener: Listener) -> None:
        await listener.ready()
        self._ready.set()
        self._beside.do(self._introduce)

    async def _introduce(self) -> None:
        """Have a name that people read, where the host has given none: a new account is called as its address begins."""
        user = self._session.user
        if await self._session.name_of(user) in {"", user[1:].partition(":")[0]}:
            await self._session.call_oneself(NAME)
