"""The outbox emptied: messages in order within each chat, cards redrawn, errands run; retries, what is set aside (B47).

A worker serves a *chat*, not a row: what is refused for now holds back its own chat only. A crash between a send and
the note of it repeats a message; nothing is ever lost. Pace is the platform's own affair: a send takes as long as it
takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.chat import Chat, Incoming, Receipt
from bot.delivery.asking_providers import Nowhere
from bot.delivery.errands import prune_files
from bot.delivery.notes import PAUSE_SECONDS, Notes
from bot.delivery.round import serve
from bot.delivery.showing import Means
from bot.delivery.work import Found, Lane, Work, look, next_due
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.outbox import Waiting
from bot.providers.accounts import Accounts

__all__ = ["Delivery"]

log = structlog.get_logger()

IDLE_SECONDS = 30.0
BUG_PAUSE_SECONDS = 60.0
STOP_SECONDS = 5.0
MOST_SERVED = 500
PRUNED_EVERY = timedelta(hours=1)


class Delivery:
    """Serves all chats that have something waiting, several at once. Made inside the event loop that runs it.

    ``accounts``: the providers to which there may be errands, ``back_url`` where they send people back to. ``sleep`` and
    ``chance`` (a number from 0 to 1) are given by tests.
    """

    def __init__(
        self,
        store: Store,
        chats: Mapping[str, Chat],
        receive: Callable[[Incoming], Awaitable[Receipt]],
        clock: Callable[[], datetime],
        *,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        accounts: Accounts | None = None,
        back_url: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._notes = Notes(store, sleep, self._noted)
        self._ending = asyncio.Event()
        shared = Means(
            store, Nowhere(), receive, clock, self._notes, chance, self._ending, accounts or Accounts(), back_url
        )
        self._means = {platform: replace(shared, chat=chat) for platform, chat in chats.items()}
        if accounts is not None:
            self._means[Nowhere.platform] = shared
        self._serving: dict[Lane, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._more = False
        self._pruned_at: datetime | None = None
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Say that something was put into the outbox; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended: what waits is found at the next start
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop`` is set; then finish the messages in hand, for a few seconds at most."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                await self._rest(stopping, await self._look_safely())
        finally:
            stopping.cancel()
            self._ending.set()
            await self._finish()

    async def settle(self) -> None:
        """Deliver everything that can be delivered now. Raises UnavailableError when the database cannot be read."""
        while True:
            busy = bool(self._serving)
            found = await self._look()
            if self._serving:
                await asyncio.wait(self._serving.values(), return_when=asyncio.FIRST_COMPLETED)
                continue
            await self._notes.settled()
            if not (busy or found.work):
                return

    async def next_due(self) -> datetime | None:
        """Tell when the next retry is due, None if nothing waits for one."""

        def read() -> datetime | None:
            with self._store.read() as connection:
                return next_due(connection, self._clock())

        return await asyncio.to_thread(read)

    async def _look_safely(self) -> float:
        """Begin to serve what waits; give the seconds after which to look again if nobody wakes us."""
        try:
            found = await self._look()
        except UnavailableError:
            log.warning("the database cannot be read; delivery waits")
            return PAUSE_SECONDS
        if found.due is None:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.0, (found.due - self._clock()).total_seconds()))

    async def _look(self) -> Found:
        """Begin a worker for each lane that has work and none yet.

        Lanes served while we look are left out by the query itself: what it read of them may be no longer true.
        """
        await self._prune()
        busy = frozenset(self._serving)
        found = await asyncio.to_thread(self._read, busy)
        for work in found.work:
            work.rows = [row for row in work.rows if not (isinstance(row, Waiting) and self._notes.known(row.id))]
        self._notes.forget()
        self._more = found.full
        for work in [work for work in found.work if work.rows][: MOST_SERVED - len(busy)]:
            self._begin(work)
        return found

    def _read(self, busy: frozenset[Lane]) -> Found:
        with self._store.read() as connection:
            return look(connection, self._clock(), platforms=self._means, busy=busy)

    def _noted(self) -> None:
        """Look again once what was sent is deleted, if it filled the last look."""
        if self._more:
            self._woken.set()

    def _begin(self, work: Work) -> None:
        def served(_task: asyncio.Task[None]) -> None:
            del self._serving[work.lane]
            self._woken.set()

        task = self._serving[work.lane] = asyncio.create_task(self._serve(work))
        task.add_done_callback(served)

    async def _serve(self, work: Work) -> None:
        try:
            await serve(self._means[work.platform], work)
        except UnavailableError:
            log.warning("the database cannot be read; delivery waits")
            await self._sleep(PAUSE_SECONDS)
        except Exception:  # an edge: one lane's bug must not keep the others from being served
            log.exception("bug", reference=secrets.token_hex(2).upper(), platform=work.platform)
            await self._sleep(BUG_PAUSE_SECONDS)

    async def _prune(self) -> None:
        now = self._clock()
        if self._pruned_at is None or now >= self._pruned_at + PRUNED_EVERY:
            await asyncio.wrap_future(self._store.write(lambda connection: prune_files(connection, now)))
            self._pruned_at = now

    async def _rest(self, stopping: asyncio.Task[bool], seconds: float) -> None:
        """Wait until woken, told to stop, or the time is over."""
        waking, resting = asyncio.create_task(self._woken.wait()), asyncio.create_task(self._sleep(seconds))
        try:
            await _first_of(stopping, waking, resting)
        finally:
            await _cancelled(waking, resting)

    async def _finish(self) -> None:
        """Let the messages in hand be sent and noted; what takes too long is left for the next start."""
        grace = asyncio.create_task(self._sleep(STOP_SECONDS))
        await _first_of(asyncio.gather(*self._serving.values(), return_exceptions=True), grace)
        await _cancelled(*self._serving.values())
        noted = asyncio.create_task(self._notes.settled())
        await _first_of(noted, grace)
        await _cancelled(noted, grace)


async def _first_of(*waited: asyncio.Future[Any]) -> None:
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
