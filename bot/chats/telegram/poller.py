"""Lossless long polling: an update is acknowledged once it is on disk, never before (B46)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.chats.backoff import Backoff
from bot.chats.telegram.intake import Intake
from bot.chats.telegram.refusals import patience_seconds
from bot.chats.telegram.updates import WANTED
from bot.ledger.errors import UnavailableError
from bot.stopping import unless

log = structlog.get_logger()

BATCH = 100
POLL_SECONDS = 30

Fetch = Callable[[Mapping[str, Any]], Awaitable[Sequence[Mapping[str, Any]]]]
"""Calls getUpdates with the parameters given; updates come as Telegram writes them."""


class TokenRefusedError(Exception):
    """Telegram does not know this token: there is no use in going on."""


class Poller:
    """Fetches updates, hands them to the desk, and acknowledges them by the next fetch."""

    def __init__(
        self, bot: Bot, fetch: Fetch, intake: Intake, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._bot = bot
        self._fetch_updates = fetch
        self._intake = intake
        self._sleep = sleep
        self._offset: int | None = None
        self._backoff = Backoff()
        self._pause_seconds = 0.0
        self._webhook_may_be_set = True

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set. Raises TokenRefusedError."""
        try:
            while not stop.is_set():
                updates = await unless(stop, self._fetch())
                if updates is not None:
                    await self.serve(updates)
        finally:
            await self._intake.settled()

    async def serve(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Serve a batch in order; the next fetch acknowledges what is on disk, up to the first that is not."""
        served = await asyncio.gather(*map(self._intake.take, updates), return_exceptions=True)
        for update, trouble in zip(updates, served, strict=True):
            if isinstance(trouble, UnavailableError):
                log.warning("the database is not available; updates wait at Telegram")
                self._pause_seconds = self._backoff.failed()
                return
            if trouble is not None:
                raise trouble
            self._offset = int(update["update_id"]) + 1
        if updates:
            self._backoff.succeeded()

    async def _fetch(self) -> Sequence[Mapping[str, Any]]:
        if self._pause_seconds:
            await self._sleep(self._pause_seconds)
            self._pause_seconds = 0.0
        try:
            return await self._fetched()
        except InvalidToken:
            raise TokenRefusedError from None
        except RetryAfter as trouble:
            self._pause_seconds = patience_seconds(trouble)
        except Conflict:
            self._webhook_may_be_set = True  # if it is no webhook, it is another poller: there, no harm in trying
            log.warning("another program fetches this bot's updates: only one may run with its token")
            self._pause_seconds = self._backoff.failed()
        except TelegramError as trouble:
            log.warning("Telegram cannot be reached", reason=type(trouble).__name__)
            self._pause_seconds = self._backoff.failed()
        return []

    async def _fetched(self) -> Sequence[Mapping[str, Any]]:
        """Fetch once. When nothing waits any more all is acknowledged, and the offset is forgotten.

        It must be: after a silent week Telegram's ids begin anew anywhere, and a higher offset would skip them.
        """
        if self._webhook_may_be_set:
            await self._bot.delete_webhook(drop_pending_updates=False)
            self._webhook_may_be_set = False
        found = await self._fetch_updates({"offset": self._offset, "limit": BATCH, "allowed_updates": WANTED})
        if not found:
            self._offset = None
            self._backoff.succeeded()
        return found
