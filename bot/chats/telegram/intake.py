"""One update taken in: read, handed to the desk, and its button answered, in a lane of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.chat import Incoming, Receipt
from bot.chats.telegram.updates import incoming
from bot.ledger.errors import UnavailableError

log = structlog.get_logger()

ANSWER_SECONDS = 10.0


class Intake:
    """Takes updates as Telegram writes them. One that nobody can read, now or ever, must not hold up those behind it."""

    def __init__(self, bot: Bot, receive: Callable[[Incoming], Awaitable[Receipt]]) -> None:
        self._bot = bot
        self._receive = receive
        self._answering: set[asyncio.Task[None]] = set()

    async def take(self, raw: Mapping[str, Any]) -> None:
        """Serve an update; once this returns it may be acknowledged. Raises UnavailableError: it must come again."""
        try:
            await self._take(raw)
        except UnavailableError:
            raise
        except Exception:  # an edge: were it not acknowledged, it would come back for ever
            log.exception("bug", reference=secrets.token_hex(2).upper(), update=raw.get("update_id"), kind=_kind(raw))
            self._answer(raw, "")

    async def settled(self) -> None:
        """Wait until every tap is answered, or given up."""
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _take(self, raw: Mapping[str, Any]) -> None:
        update = Update.de_json(dict(raw), self._bot)
        found = incoming(update, str(self._bot.id), self._bot.username)
        if found is None:
            log.info("an update that concerns nobody here", kind=_kind(raw))
        receipt = await self._receive(found) if found is not None else Receipt()
        self._answer(raw, receipt.toast)

    def _answer(self, raw: Mapping[str, Any], toast: str) -> None:
        """Answer a tap, whatever came of it; never paced, since the person looks at a turning wheel."""
        query = raw.get("callback_query")
        if isinstance(query, Mapping) and isinstance(query.get("id"), str):
            task = asyncio.create_task(self._answered(query["id"], toast))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answered(self, query: str, toast: str) -> None:
        """Stop the button's little clock. If it is too late for that, nothing is lost."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._bot.answer_callback_query(query, text=toast or None)
        except (TelegramError, TimeoutError) as trouble:
            log.info("a tap could not be answered", reason=type(trouble).__name__)


def _kind(raw: Mapping[str, Any]) -> str:
    return next((str(name)[:40] for name in raw if name != "update_id"), "")
