"""One update taken in: read, handed to the desk, and its button answered, in a lane of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.chat import Incoming, Receipt
from bot.chats.telegram.markup import shortened
from bot.chats.telegram.updates import incoming
from bot.ledger.errors import UnavailableError
from bot.words import _, speaking

log = structlog.get_logger()

ANSWER_SECONDS = 10.0

DECIDE_SECONDS = 6.0
"""Telegram cancels a payment that nobody has agreed to within ten seconds: by then the no must have arrived."""

MOST_WHY = 200
"""Units of what is shown to somebody who may not pay."""


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
        if update.pre_checkout_query is not None:
            await self._decide(update, update.pre_checkout_query.id)
            return
        found = incoming(update, str(self._bot.id), self._bot.username)
        if found is None:
            log.info("an update that concerns nobody here", kind=_kind(raw))
        receipt = await self._receive(found) if found is not None else Receipt()
        self._answer(raw, receipt.toast)

    async def _decide(self, update: Update, query: str) -> None:
        """Answer somebody who is about to pay; where it cannot be decided in time the answer is no, and nothing is lost."""
        found = incoming(update, str(self._bot.id), self._bot.username)
        assert found is not None
        with speaking(found.language[:2]):
            unsure = _("Je n'ai pas pu vérifier cette facture. Rien n'a été débité : réessayez dans un instant.")
            again = _("Cette facture est déjà traitée.")
        receipt = Receipt(unsure)
        try:
            async with asyncio.timeout(DECIDE_SECONDS):
                receipt = await self._receive(found)
        except (UnavailableError, TimeoutError) as trouble:
            log.warning("a payment could not be looked at in time", reason=type(trouble).__name__)
        why_not = None if receipt.may_pay else shortened(receipt.toast or again, MOST_WHY)
        self._later(self._decided(query, why_not))

    async def _decided(self, query: str, why_not: str | None) -> None:
        """Tell Telegram yes or no. If that is too late, it has cancelled the payment by itself."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._bot.answer_pre_checkout_query(query, ok=why_not is None, error_message=why_not)
        except (TelegramError, TimeoutError) as trouble:
            log.warning("a payment could not be answered", reason=type(trouble).__name__)

    def _later(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _answer(self, raw: Mapping[str, Any], toast: str) -> None:
        """Answer a tap, whatever came of it; never paced, since the person looks at a turning wheel."""
        query = raw.get("callback_query")
        if isinstance(query, Mapping) and isinstance(query.get("id"), str):
            self._later(self._answered(query["id"], toast))

    async def _answered(self, query: str, toast: str) -> None:
        """Stop the button's little clock. If it is too late for that, nothing is lost."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._bot.answer_callback_query(query, text=toast or None)
        except (TelegramError, TimeoutError) as trouble:
            log.info("a tap could not be answered", reason=type(trouble).__name__)


def _kind(raw: Mapping[str, Any]) -> str:
    return next((str(name)[:40] for name in raw if name != "update_id"), "")
