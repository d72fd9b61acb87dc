"""The updates that wait for the bot: kept until a later offset acknowledges them, or a webhook has taken them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.emulator.refusals import conflict
from tests.emulator.world import Json

LEFT_OUT = {"chat_member", "message_reaction", "message_reaction_count"}
"""Kinds that are sent to those only who ask for them by name."""

OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    """The queue. ``webhook`` is the address set, empty while the bot polls; ``fetches`` counts the getUpdates served."""

    def __init__(self) -> None:
        self.webhook: Json = {}
        self.fetches = 0
        self.closing = False
        self._allowed: list[str] | None = None
        self._waiting: deque[Json] = deque()
        self._numbers = itertools.count(random.randrange(1_000, 500_000_000))
        self._ended = [""]
        self._more = asyncio.Event()
        self.told: Callable[[], None] = lambda: None

    @property
    def waiting(self) -> list[Json]:
        """List the updates that are not acknowledged yet."""
        return list(self._waiting)

    def allow(self, kinds: list[Any] | None) -> None:
        """Take up ``allowed_updates``; what is not given stays as it was. What waits already is not touched."""
        if kinds is not None:
            self._allowed = [str(kind) for kind in kinds]

    def add(self, kind: str, body: Json, *, forced: bool = False) -> Json | None:
        """Have an update wait, unless the bot has not asked for its kind (``forced``: all the same)."""
        wanted = kind in self._allowed if self._allowed else kind not in LEFT_OUT
        if not (wanted or forced):
            return None
        update = {"update_id": next(self._numbers), kind: body}
        self.put(update)
        return update

    def put(self, update: Json) -> None:
        """Have an update wait as it is: the same one again, or one that nobody could read."""
        self._waiting.append(update)
        self._changed()

    async def fetch(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Serve getUpdates: forget what ``offset`` acknowledges, wait for something, give it without forgetting it.

        A second poller ends the first one's request; a webhook forbids polling. Raises RefusedError (409).
        """
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self.end_poll(OTHER_POLLER)
        self._acknowledge(offset)
        self.fetches += 1
        self.told()
        if not self._waiting and seconds > 0:
            await self._long(seconds)
        return list(itertools.islice(self._waiting, max(1, min(limit or 100, 100))))

    def end_poll(self, why: str) -> None:
        """End a request that waits for updates with a 409."""
        self._ended[0] = why
        self._changed()

    def taken(self, update: Json) -> None:
        """Forget an update that the webhook has taken."""
        self._waiting.remove(update)
        self._changed()

    def clear(self) -> None:
        """Drop everything that waits, as ``drop_pending_updates`` does."""
        self._waiting.clear()
        self._changed()

    async def changed(self) -> None:
        """Wait until something is added, taken or closed."""
        await self._more.wait()

    def close(self) -> None:
        """Let those who wait go."""
        self.closing = True
        self._changed()

    def _acknowledge(self, offset: int) -> None:
        if offset < 0:
            while len(self._waiting) > -offset:
                self._waiting.popleft()
        while offset > 0 and self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()

    async def _long(self, seconds: float) -> None:
        """Wait for an update. Raises RefusedError if the request is ended meanwhile, as by a second poller."""
        ended = self._ended = [""]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (self._waiting or self.closing or ended[0]):
                    await self._more.wait()
        if ended[0]:
            raise conflict(ended[0])

    def wake(self) -> None:
        """Have those look again who wait for something."""
        self._changed()

    def _changed(self) -> None:
        self._more.set()
        self._more = asyncio.Event()
        self.told()
