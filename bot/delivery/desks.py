"""What delivery reads and writes: the work that can be done now, and the notes of what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, func, or_, select
from sqlmodel import col

from bot.ledger.store import Store
from bot.outbox import CardPlace, Errand, Waiting

T = TypeVar("T")
MOST_AT_ONCE = 500


@dataclass
class Work:
    """What waits for one chat: messages in order, then cards, then errands."""

    platform: str
    chat: tuple[str, str]
    letters: list[Any] = field(default_factory=list)
    cards: list[Any] = field(default_factory=list)
    errands: list[Any] = field(default_factory=list)


def find_work(connection: Connection, now: datetime) -> list[Work]:
    """Find what can be done now, by chat. A chat whose first message waits for a retry waits whole."""
    waiting = select(Waiting).where(col(Waiting.state) == "waiting").order_by(col(Waiting.id)).limit(MOST_AT_ONCE)
    found: dict[tuple[str, str], Work] = {}
    held: set[tuple[str, str]] = set()
    for row in connection.execute(waiting):
        chat = (row.platform, row.chat)
        if chat in held:
            continue
        if row.next_at is not None and row.next_at > now and chat not in found:
            held.add(chat)
            continue
        found.setdefault(chat, Work(row.platform, chat)).letters.append(row)
    for row in connection.execute(_wanted_cards()):
        chat = (row.platform, row.chat)
        if chat not in held and (row.next_at is None or row.next_at <= now):
            found.setdefault(chat, Work(row.platform, chat)).cards.append(row)
    for row in connection.execute(select(Errand).order_by(col(Errand.id)).limit(MOST_AT_ONCE)):
        if row.next_at is None or row.next_at <= now:
            platform = row.platform
            found.setdefault((platform, f"errand {row.id}"), Work(platform, (platform, f"errand {row.id}"))).errands.append(row)
    return list(found.values())


def _wanted_cards() -> Any:
    wanted = or_(col(CardPlace.wanted) > col(CardPlace.shown), col(CardPlace.resend))
    return select(CardPlace).where(wanted)


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """Tell when the next retry is due."""
    moments = [
        connection.execute(select(func.min(column)).where(column > now)).scalar()
        for column in (col(Waiting.next_at), col(CardPlace.next_at), col(Errand.next_at))
    ]
    return min((moment for moment in moments if moment is not None), default=None)


class Ledger:
    """Notes of what was sent, written together: one job for all that was sent since the last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sent: set[int] = set()
        self._deleted: set[int] = set()
        self._writing: asyncio.Task[None] | None = None

    def sent(self, number: int) -> None:
        """Note that a message was sent: it is deleted soon, and not taken up again before."""
        self._sent.add(number)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    def known(self, number: int) -> bool:
        """Tell whether a message was sent already."""
        return number in self._sent

    def deleted(self) -> set[int]:
        """List what is deleted on disk: a look that begins now no longer finds it."""
        return set(self._deleted)

    def forget(self, numbers: set[int]) -> None:
        """Forget messages that no look can find any more."""
        self._sent -= numbers
        self._deleted -= numbers

    async def settled(self) -> None:
        """Wait until everything sent is noted on disk. Raises UnavailableError when it cannot be now."""
        if self._writing is not None and self._writing.done() and self._sent - self._deleted:
            self._writing = asyncio.create_task(self._write())
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while numbers := self._sent - self._deleted:
            await self.write(_deletion(numbers))
            self._deleted |= numbers

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Have a job written, and wait for it."""
        return await asyncio.wrap_future(self._store.write(job))


def _deletion(numbers: set[int]) -> Callable[[Connection], int]:
    return lambda connection: connection.execute(delete(Waiting).where(col(Waiting.id).in_(numbers))).rowcount
