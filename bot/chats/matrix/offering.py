"""The bot's own reactions under its messages: set beside the sending, so that no message waits for them; always those of now."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from bot.chat import RetryLaterError, UndeliverableError
from bot.chats.matrix import shown
from bot.chats.matrix.beside import Beside
from bot.chats.matrix.marks import tappable
from bot.chats.matrix.rooms import Rooms
from bot.chats.matrix.shown import Shown, room_and_event

log = structlog.get_logger()

PAUSE_SECONDS = 600.0
"""Where a homeserver counts what the bot sends, its messages come first: for a while no reactions are set."""


class Wire(Protocol):
    """What it takes to set and take away reactions."""

    async def react(self, room: str, event: str, key: str, token: str, /) -> str:
        """Put a reaction under an event; give its id."""
        ...

    async def redact(self, room: str, event: str, token: str, /) -> None:
        """Take an event back."""
        ...


class Offering:
    """Sets the reactions that are to be tapped. They are extras: what is refused is done without, numbers can be typed."""

    def __init__(self, wire: Wire, rooms: Rooms, beside: Beside, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._rooms = rooms
        self._beside = beside
        self._clock = clock
        self._paused_until = 0.0
        self._wanted: dict[str, Shown] = {}
        self._working: set[str] = set()

    def offer(self, now: Shown) -> None:
        """Have the reactions under a message be those of its present state."""
        self._wanted[now.message] = now
        if now.message not in self._working:
            self._working.add(now.message)
            self._beside.do(self._work, now.message)

    async def _work(self, message: str) -> None:
        """Bring one message up to date, until nothing newer is wanted."""
        try:
            noted = await self._rooms.read(lambda connection: shown.find(connection, message))
            there = dict(noted.reactions) if noted is not None else {}
            while (now := self._wanted.pop(message, None)) is not None:
                before = dict(there)
                await self._bring(now, there)
                if there != before:
                    await self._rooms.write(lambda connection: shown.put_reactions(connection, message, there))
        finally:
            self._working.discard(message)

    async def _bring(self, now: Shown, there: dict[str, str]) -> None:
        wanted = [] if now.over else tappable(now.options, now.version)
        room, event = room_and_event(now.message)
        for key in [key for key in there if key not in wanted]:
            await self._tried(self._wire.redact, room, there.pop(key), f"{event} {key} over")
        for key in [key for key in wanted if key not in there]:
            if now.message in self._wanted or self._clock() < self._paused_until:
                return  # it has changed meanwhile: these are no longer what is to be tapped; or we are to be quiet
            found = await self._tried(self._wire.react, room, event, key, f"{now.message} {now.version} {key}")
            if found is not None:
                there[key] = found

    async def _tried(self, call: Callable[..., Awaitable[str | None]], *given: str) -> str | None:
        try:
            return await call(*given)
        except UndeliverableError as trouble:
            log.info("a reaction is done without", reason=str(trouble)[:80])
        except RetryLaterError as trouble:
            self._paused_until = self._clock() + PAUSE_SECONDS
            log.warning("no reactions are set for a while", reason=str(trouble), minutes=PAUSE_SECONDS / 60)
        return None
