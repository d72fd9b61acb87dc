"""What delivery writes down: what was sent, what must wait, what is set aside. It insists until that is on disk.

Were a note given up because the disk is full, the same message would be sent again every few seconds until it is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import TypeVar

import structlog
from sqlalchemy import Connection, delete
from sqlmodel import col

from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.outbox import Waiting, note_arrived

T = TypeVar("T")
log = structlog.get_logger()

PAUSE_SECONDS = 2.0
"""Between two tries at a database that is not available."""

MOST_TOGETHER = 1_000


class Notes:
    """Remembers which messages were sent until they are deleted on disk, all that were sent meanwhile in one job."""

    def __init__(
        self, store: Store, sleep: Callable[[float], Awaitable[None]], written: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._written = written
        self._sleep = sleep
        self._sent: set[int] = set()
        self._deleted: set[int] = set()
        self._receipts: dict[int, str] = {}
        self._writing: asyncio.Task[None] | None = None

    def sent(self, number: int | None, receipt: str = "") -> None:
        """Note that a message was sent, or is not worth it: it is deleted soon, and not taken up again before.

        ``receipt`` names one that was sent and whose delivery matters.
        """
        assert number is not None
        self._sent.add(number)
        if receipt:
            self._receipts[number] = receipt
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._delete())

    def known(self, number: int | None) -> bool:
        """Tell whether a message was sent already."""
        return number in self._sent

    def forget(self) -> None:
        """Forget what is deleted on disk: the next look no longer finds it."""
        self._sent -= self._deleted
        for number in self._deleted:
            self._receipts.pop(number, None)
        self._deleted.clear()

    async def settled(self) -> None:
        """Wait until everything sent is noted on disk."""
        if self._writing is not None:
            await self._writing

    async def insist(self, job: Callable[[Connection], T]) -> T:
        """Have a job written, and try again until it is; give its result."""
        while True:
            try:
                return await asyncio.wrap_future(self._store.write(job))
            except UnavailableError:
                log.warning("the database cannot be written; delivery waits")
                await self._sleep(PAUSE_SECONDS)

    async def _delete(self) -> None:
        while numbers := list(islice(self._sent - self._deleted, MOST_TOGETHER)):
            await self.insist(deletion(numbers, [self._receipts[n] for n in numbers if n in self._receipts]))
            self._deleted.update(numbers)
            self._written()


def deletion(numbers: list[int], receipts: Sequence[str] = ()) -> Callable[[Connection], None]:
    """Make the job that deletes messages once they are sent, and notes the delivery of those that matter."""

    def job(connection: Connection) -> None:
        note_arrived(connection, receipts)
        connection.execute(delete(Waiting).where(col(Waiting.id).in_(numbers)))

    return job
