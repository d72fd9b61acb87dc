"""The outbox emptied: messages in order within each chat, cards redrawn, errands run; pace, retries, what is set aside (B47).

A worker serves a *chat*, not a row: what is refused for now holds back its own chat only. A crash between a send and the
note of it repeats a message; nothing is ever lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.chat import Chat, Incoming, Receipt
from bot.delivery.desks import Ledger, Work, find_work, next_due
from bot.delivery.round import Round
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store

log = structlog.get_logger()

IDLE = timedelta(seconds=30)
PAUSE_SECONDS = 2.0


class Delivery:
    """Serves all chats that have something waiting, until told to stop."""

    def __init__(
        self,
        store: Store,
        chats: Mapping[str, Chat],
        receive: Callable[[Incoming], Awaitable[Receipt]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._chats = chats
        self._receive = receive
        self._clock = clock
        self._serving: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ledger = Ledger(store)

    def wake(self) -> None:
        """Say that something was put into the outbox; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop`` is set; then finish the messages being sent."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                pause = await self._begin_safely()
                waking = asyncio.create_task(self._woken.wait())
                await asyncio.wait({stopping, waking}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
        finally:
            stopping.cancel()
            await asyncio.gather(*self._serving.values(), return_exceptions=True)
            await self._ledger.settled()

    async def settle(self) -> None:
        """Deliver everything that can be delivered now."""
        while await self._begin() or self._serving:
            if self._serving:
                await asyncio.wait(self._serving.values())
            await self._ledger.settled()

    async def _begin_safely(self) -> float:
        """Begin serving what waits; give how many seconds may pass before the next look."""
        try:
            await self._begin()
            due = await asyncio.to_thread(self._read_next_due)
        except UnavailableError:
            log.warning("the database is not available; delivery waits")
            return PAUSE_SECONDS
        if due is None:
            return IDLE.total_seconds()
        return min(IDLE.total_seconds(), max(0.05, (due - self._clock()).total_seconds()))

    def _read_next_due(self) -> datetime | None:
        with self._store.read() as connection:
            return next_due(connection, self._clock())

    async def _begin(self) -> bool:
        """Begin a worker for each chat that has work and none yet; say whether there was any."""
        gone = self._ledger.deleted()
        found = await asyncio.to_thread(self._find)
        fresh = [work for work in found if work.chat not in self._serving and work.platform in self._chats]
        for work in fresh:
            work.letters = [row for row in work.letters if not self._ledger.known(row.id)]
        fresh = [work for work in fresh if work.letters or work.cards or work.errands]
        self._ledger.forget(gone)
        for work in fresh:
            task = asyncio.create_task(self._serve(work))
            self._serving[work.chat] = task
            task.add_done_callback(lambda _task, chat=work.chat: self._served(chat))  # type: ignore[misc]
        return bool(fresh)

    def _find(self) -> list[Work]:
        with self._store.read() as connection:
            return find_work(connection, self._clock())

    def _served(self, chat: tuple[str, str]) -> None:
        del self._serving[chat]
        self._woken.set()

    async def _serve(self, work: Work) -> None:
        serving = Round(self._store, self._chats[work.platform], self._receive, self._clock, self._ledger)
        try:
            await serving.serve(work)
        except UnavailableError:
            log.warning("the database is not available; delivery waits")
            await asyncio.sleep(PAUSE_SECONDS)
