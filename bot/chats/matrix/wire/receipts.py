"""Read receipts, not more often than a person's eye can follow: in a burst, the newest stands for those before it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from bot.chat import RetryLaterError, UndeliverableError

READ_EVERY_SECONDS = 5.0


class Receipts:
    """Sends the first receipt of a room at once, then the newest, at most every few seconds; ``close`` lets the rest be."""

    def __init__(
        self, send: Callable[[str, str], Awaitable[None]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._send = send
        self._sleep = sleep
        self._newest: dict[str, str] = {}
        self._resting: dict[str, asyncio.Task[None]] = {}

    async def read(self, room: str, event: str) -> None:
        """Show that an event was read, now or soon. Raises what sending raises, if it is sent now."""
        if room in self._resting:
            self._newest[room] = event
            return
        self._resting[room] = asyncio.create_task(self._rest(room))
        await self._send(room, event)

    async def close(self) -> None:
        """Give up what was not sent yet."""
        resting = list(self._resting.values())
        for task in resting:
            task.cancel()
        await asyncio.gather(*resting, return_exceptions=True)

    async def _rest(self, room: str) -> None:
        await self._sleep(READ_EVERY_SECONDS)
        del self._resting[room]
        newest = self._newest.pop(room, "")
        if newest:
            with contextlib.suppress(RetryLaterError, UndeliverableError):  # nobody waits for it, and more will follow
                await self.read(room, newest)
