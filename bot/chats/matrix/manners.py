"""Small courtesies that no update waits for: receipts, « is typing », a few words beside a button. What fails is let be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol
from uuid import uuid4

import structlog

from bot.chats.matrix import contents
from bot.chats.matrix.beside import Beside
from bot.chats.matrix.sender import Wire as SendingWire

P = ParamSpec("P")
log = structlog.get_logger()

SLOW_SECONDS = 0.4
TYPING_SECONDS = 10.0
CAN_REDACT = 50


class Wire(SendingWire, Protocol):
    """What courtesies need of the wire."""

    async def type(self, room: str, *, seconds: float) -> None:
        """Show that an answer is being written."""
        ...

    async def read(self, room: str, event: str, /) -> None:
        """Show that an event was read."""
        ...


class Manners:
    """Does these things beside everything else."""

    def __init__(self, wire: Wire, beside: Beside, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._wire = wire
        self._sleep = sleep
        self.beside = beside

    def read(self, room: str, event: str) -> None:
        """Show that everything up to an event was read."""
        self.beside.do(self._wire.read, room, event)

    def writing(self, room: str) -> asyncio.Task[None]:
        """Show that an answer is coming, if it does not come at once: the task is to be cancelled when it has."""
        return self.beside.do(self._write_soon, room)

    def may_redact(self, room: str) -> bool:
        """Tell whether we have the power to take away what others put into a room."""
        info = self._wire.room(room)
        ourselves = info.members.get(self._wire.user) if info else None
        return ourselves is not None and ourselves.power >= CAN_REDACT

    async def say_beside(self, room: str, event: str, words: str, name: str) -> None:
        """Say what other platforms show beside a tapped button; in a room, to the one who tapped."""
        await self._wire.send(room, contents.reply(f"{name} : {words}" if name else words, event), uuid4().hex)

    async def _write_soon(self, room: str) -> None:
        await self._sleep(SLOW_SECONDS)
        await self._wire.type(room, seconds=TYPING_SECONDS)
