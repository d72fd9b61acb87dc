"""Our own sync loop: nothing is lost when the process is killed, nothing is skipped, and a homeserver in trouble is left in peace.

The library's own loop stores its token before a batch is handled, does not fill gaps, and spins when the homeserver fails.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog

from bot.chats.backoff import Backoff
from bot.chats.matrix.wire.calls import OutOfReachError, RefusedError, SessionRefusedError
from bot.chats.matrix.wire.events import Batch
from bot.chats.matrix.wire.intake import Intake
from bot.chats.matrix.wire.late import Late
from bot.chats.matrix.wire.wire import Wire
from bot.ledger.errors import UnavailableError

log = structlog.get_logger()

POLL_SECONDS = 30.0
POLL_WHILE_WAITING_SECONDS = 2.0
READ_SECONDS = 30.0
FIRST_READ_SECONDS = 300.0
BURST, BREATH_SECONDS = 5, 0.2
"""While many speak at once, rounds are fewer and larger: each costs the homeserver as much as some messages do."""

MOST_EVENTS = 100
"""For each room; a homeserver gives no more. What is between two rounds beyond that is asked for."""


def _wanted() -> str:
    """Say what we want to be told: what is written and who is there; not who types or reads, nor our own settings."""
    nothing: dict[str, Any] = {"types": []}
    timeline, state = {"limit": MOST_EVENTS}, {"lazy_load_members": False}
    rooms = {"timeline": timeline, "state": state, "ephemeral": nothing, "account_data": nothing}
    return json.dumps({"room": rooms, "presence": nothing, "account_data": nothing})


class Progress(Protocol):
    """Where the loop has got to, kept where the updates are kept."""

    async def since(self) -> str:
        """Give the token of the last batch that is on disk; nothing at the very first start."""
        ...

    async def late(self) -> list[Late]:
        """List the events that wait for their key."""
        ...

    async def keep(self, token: str, more: list[Late], over: list[str]) -> None:
        """Note that a batch is on disk: its token, events that wait for their key, those that no longer do."""
        ...


class Listener:
    """Brings batches, one after the other. ``serve`` returns once all of a batch is on disk; only then is its token kept.

    ``serve`` raises UnavailableError when the database cannot be written: the same batch comes again.
    """

    def __init__(
        self,
        wire: Wire,
        serve: Callable[[Batch], Awaitable[None]],
        progress: Progress,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._wire = wire
        self._serve = serve
        self._progress = progress
        self._sleep = sleep
        self._intake = Intake(wire)
        self._backoff = Backoff()
        self._ready = asyncio.Event()

    async def ready(self) -> None:
        """Wait until the rooms are known: nothing can be sent before."""
        await self._ready.wait()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop`` is set; the batch in hand is served to its end. Raises SessionRefusedError."""
        stopping = asyncio.create_task(stop.wait())
        fetching: asyncio.Task[dict[str, Any]] | None = None
        try:
            since = await self._progress.since()
            self._intake.expect(await self._progress.late())
            fetching = asyncio.create_task(self._fetched(since, first=True))
            while await _before(fetching, stopping):
                raw = fetching.result()
                batch = await self._taken(raw, since)
                self._ready.set()
                since = str(raw["next_batch"])
                # The next is asked for meanwhile: should we be killed, this one comes again, its token is not kept yet.
                fetching = asyncio.create_task(self._fetched(since, breath=len(batch.events) > BURST))
                await self._served(batch)
        finally:
            stopping.cancel()
            if fetching is not None:
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)

    async def _served(self, batch: Batch) -> None:
        """Serve a batch until it is on disk, its token with it."""
        backoff, (more, over) = Backoff(), self._intake.news()
        while True:
            try:
                await self._serve(batch)
                await self._progress.keep(batch.token, more, over)
            except UnavailableError:
                log.warning("the database is not available; events wait at the homeserver")
                await self._sleep(backoff.failed())
            else:
                return

    async def _taken(self, raw: dict[str, Any], since: str) -> Batch:
        """Make a batch of a round. What fails while its gaps are filled is tried again."""
        while True:
            try:
                return await self._intake.take(raw, since)
            except OutOfReachError as trouble:
                await self._pause(str(trouble), self._backoff.failed())
            except RefusedError as trouble:
                await self._refused(trouble)

    async def _refused(self, trouble: RefusedError) -> None:
        """Wait as long as we are asked to. Raises SessionRefusedError where waiting will not mend it."""
        if trouble.signed_out:
            raise SessionRefusedError(str(trouble)) from None
        await self._pause(str(trouble), trouble.after_seconds or self._backoff.failed())

    async def _fetched(self, since: str, *, first: bool = False, breath: bool = False) -> dict[str, Any]:
        """Fetch once, however long that takes, after a ``breath`` or at once. Raises SessionRefusedError."""
        if breath:
            await self._sleep(BREATH_SECONDS)
        while True:
            try:
                found = await self._fetch(since, first=first)
            except OutOfReachError as trouble:
                await self._pause(str(trouble), self._backoff.failed())
            except RefusedError as trouble:
                await self._refused(trouble)
            else:
                if self._backoff.succeeded():
                    log.info("the homeserver answers again")
                return found

    async def _fetch(self, since: str, *, first: bool) -> dict[str, Any]:
        poll = 0.0 if first else POLL_WHILE_WAITING_SECONDS if self._intake.waits else POLL_SECONDS
        given = {"filter": _wanted(), "timeout": str(int(poll * 1000)), "set_presence": "offline"}
        given |= {"since": since} if since else {}
        given |= {"full_state": "true"} if first else {}
        patience = FIRST_READ_SECONDS if first else poll + READ_SECONDS
        found = await self._wire.calls.ask("GET", "sync", given=given, timeout_seconds=patience)
        if not isinstance(found.get("next_batch"), str):
            raise OutOfReachError("a sync without its token")
        return found

    async def _pause(self, reason: str, seconds: float) -> None:
        log.warning("the homeserver cannot be reached", reason=reason)
        await self._sleep(seconds)


async def _before(fetching: asyncio.Task[Any], stopping: asyncio.Task[bool]) -> bool:
    """Wait for a fetch; say whether it was done before we were told to stop."""
    await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
    return not stopping.done()
