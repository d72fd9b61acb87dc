"""Lossless long polling: an update is acknowledged once it is on disk, never before (B46)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat import Incoming, Receipt
from bot.chats.telegram.updates import WANTED, incoming
from bot.ledger.errors import UnavailableError

log = structlog.get_logger()

BATCH = 100
POLL_SECONDS = 30
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
ANSWER_SECONDS = 10.0


class TokenRefusedError(Exception):
    """Telegram does not know this token: there is no use in going on."""


class Poller:
    """Fetches updates, hands them to the desk, and acknowledges them by the next fetch."""

    def __init__(
        self,
        bot: Bot,
        receive: Callable[[Incoming], Awaitable[Receipt]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._receive = receive
        self._sleep = sleep
        self._offset: int | None = None
        self._failures = 0
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set. Raises TokenRefusedError."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                fetching = asyncio.create_task(self._fetch())
                await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not fetching.done():
                    fetching.cancel()
                    break
                await self.serve(fetching.result())
        finally:
            stopping.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)

    async def serve(self, updates: list[Update]) -> None:
        """Serve a batch in order; only when all of it is on disk will the next fetch acknowledge it."""
        served = await asyncio.gather(*(self._serve(update) for update in updates), return_exceptions=True)
        for update, result in zip(updates, served, strict=True):
            if isinstance(result, UnavailableError):
                log.warning("the database is not available; updates wait at Telegram")
                await self._back_off()
                return
            if isinstance(result, BaseException):
                raise result
            self._offset = update.update_id + 1

    async def _serve(self, update: Update) -> None:
        await serve_one(self._bot, update, self._receive, self._answering)

    async def _fetch(self) -> list[Update]:
        try:
            found = await self._bot.get_updates(
                offset=self._offset, limit=BATCH, timeout=POLL_SECONDS, allowed_updates=WANTED
            )
        except InvalidToken:
            raise TokenRefusedError from None
        except RetryAfter as trouble:
            after = trouble.retry_after
            await self._sleep(float(after if isinstance(after, int | float) else after.total_seconds()))
            return []
        except (NetworkError, Conflict, TelegramError) as trouble:
            log.warning("Telegram cannot be reached", reason=type(trouble).__name__)
            await self._back_off()
            return []
        self._failures = 0
        return list(found)

    async def _back_off(self) -> None:
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(self._failures, 10))
        self._failures += 1
        await self._sleep(wait * random.uniform(0.75, 1.25))  # noqa: S311 - not a secret


async def serve_one(
    bot: Bot,
    update: Update,
    receive: Callable[[Incoming], Awaitable[Receipt]],
    answering: set[asyncio.Task[None]],
) -> None:
    """Hand one update to the desk; a tapped button is answered once that is on disk, in a lane of its own."""
    found = incoming(update, str(bot.id), bot.username)
    if found is None:
        log.info("an update that concerns nobody here", kind=next(iter(update.to_dict().keys() - {"update_id"}), ""))
        return
    receipt = await receive(found)
    if update.callback_query is not None:
        task = asyncio.create_task(_answer(bot, update.callback_query.id, receipt.toast))
        answering.add(task)
        task.add_done_callback(answering.discard)


async def _answer(bot: Bot, query: str, toast: str) -> None:
    """Stop the button's little clock. If it is too late for that, nothing is lost."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await bot.answer_callback_query(query, text=toast or None)
    except (TelegramError, TimeoutError) as trouble:
        log.info("a tap could not be answered", reason=type(trouble).__name__)
