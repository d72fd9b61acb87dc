"""Messages out to Telegram: send, edit, fetch; its refusals in our words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import Bot, ForceReply, InputFile, LabeledPrice, LinkPreviewOptions
from telegram import Message as Sent
from telegram.constants import ParseMode
from telegram.error import InvalidToken

from bot.chat import Document, FileRef, Invoice, Message, MessageGoneError, Place, UndeliverableError
from bot.chats.telegram.markup import CAPTION_UNITS, as_html, keyboard, pieces, shortened, to_be_typed, units
from bot.chats.telegram.pace import Pace
from bot.chats.telegram.refusals import TopicGoneError, in_our_words
from bot.chats.telegram.updates import PLATFORM

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
TITLE_UNITS, DESCRIPTION_UNITS = 32, 255


class Sender:
    """The side of Telegram that delivery knows (bot.chat.Chat)."""

    platform = PLATFORM

    def __init__(self, bot: Bot, *, paced: bool = True, tokens: Mapping[str, str] | None = None) -> None:
        self._bot = bot
        self._tokens = tokens or {}
        self._pace = Pace() if paced else None
        self._clock: Callable[[], float] = time.monotonic
        self._sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def send(self, place: Place, message: Message, document: Document | None, _token: str = "", /) -> str:
        """Show a message, in several pieces if it is long; give the id of the last, which has the buttons.

        In a topic that is no longer there it is shown in the chat itself.
        """
        try:
            return await self._send(place, message, document)
        except TopicGoneError:
            return await self._send(Place(place.platform, place.chat, private=place.private), message, document)

    async def edit(self, place: Place, message_id: str, message: Message, _token: str = "", /) -> None:
        """Show something else in the place of a message; MessageGoneError if it cannot be."""
        if _forced(place, message):
            raise MessageGoneError("only a new message can ask for a reply")
        text = as_html(shortened(message.text))
        await self._wait(place)
        with in_our_words():
            await self._bot.edit_message_text(
                text, chat_id=int(place.chat), message_id=int(message_id), parse_mode=ParseMode.HTML,
                reply_markup=keyboard(message), link_preview_options=NO_PREVIEW,
            )  # fmt: skip

    async def take_away(self, place: Place, message_id: str) -> None:
        """Delete a message of a person: in a private chat, or where the bot is an administrator with that right."""
        with in_our_words():
            await self._bot.delete_message(int(place.chat), int(message_id))

    async def fetch(self, file: FileRef, limit_bytes: int) -> bytes:
        """Download a file; UndeliverableError if it is larger than the limit, or gone."""
        with in_our_words():
            found = await self._bot.get_file(file.id)
            if (found.file_size or 0) > limit_bytes:
                raise UndeliverableError("file too large")
            try:
                content = bytes(await found.download_as_bytearray())
            except InvalidToken:  # the library takes any 404 for it; the token was good a moment ago
                raise UndeliverableError("file gone") from None
        if len(content) > limit_bytes:
            raise UndeliverableError("file too large")
        return content

    async def _send(self, place: Place, message: Message, document: Document | None) -> str:
        if document is not None:
            return await self._send_document(place, message, document)
        *first, last = pieces(message.text)
        for piece in first:
            await self._send_text(place, piece, None)
        if message.invoice is not None:
            if last:
                await self._send_text(place, last, None)
            return await self._send_invoice(place, message.invoice)
        return await self._send_text(place, last, _markup(place, message))

    async def _send_text(self, place: Place, text: str, markup: Any) -> str:
        await self._wait(place)
        with in_our_words():
            sent = await self._bot.send_message(
                int(place.chat), as_html(text), parse_mode=ParseMode.HTML, reply_markup=markup,
                message_thread_id=_topic(place), link_preview_options=NO_PREVIEW,
            )  # fmt: skip
        return str(sent.message_id)

    async def _send_invoice(self, place: Place, invoice: Invoice) -> str:
        """Show an invoice, with Telegram's own button to pay. Whoever taps it on a forwarded copy is refused by the desk."""
        token = self._tokens.get(invoice.account)
        if token is None:
            raise UndeliverableError("no provider token for this invoice")
        await self._wait(place)
        with in_our_words():
            sent = await self._bot.send_invoice(
                int(place.chat), shortened(invoice.title, TITLE_UNITS), shortened(invoice.description, DESCRIPTION_UNITS),
                invoice.reference, invoice.currency, [LabeledPrice(shortened(invoice.title, TITLE_UNITS), invoice.cents)],
                provider_token=token,
            )  # fmt: skip
        return str(sent.message_id)

    async def _send_document(self, place: Place, message: Message, document: Document) -> str:
        """Send a file with its text as caption; a text too long for that goes ahead of it."""
        fits = units(message.text) <= CAPTION_UNITS
        if not fits:
            await self._send(place, Message(message.text), None)
        await self._wait(place)
        with in_our_words():
            sent = await self._show_file(place, document, message.text if fits else "", keyboard(message))
        return str(sent.message_id)

    async def _show_file(self, place: Place, document: Document, caption: str, markup: Any) -> Sent:
        file = InputFile(document.content, filename=document.name)
        if document.mime.startswith("image/"):
            return await self._bot.send_photo(
                int(place.chat), file, caption=as_html(caption) or None, parse_mode=ParseMode.HTML, reply_markup=markup,
                message_thread_id=_topic(place),
            )  # fmt: skip
        return await self._bot.send_document(
            int(place.chat), file, caption=as_html(caption) or None, parse_mode=ParseMode.HTML, reply_markup=markup,
            message_thread_id=_topic(place),
        )  # fmt: skip

    async def _wait(self, place: Place) -> None:
        while self._pace is not None:
            wait = self._pace.wait(place.chat, self._clock(), private=place.private)
            if wait == 0.0:
                return
            await self._sleep(wait)


def _markup(place: Place, message: Message) -> Any:
    return ForceReply(selective=False) if _forced(place, message) else keyboard(message)


def _forced(place: Place, message: Message) -> bool:
    """In a group, privacy mode hides plain words from bots: a question that is to be typed asks for a reply."""
    return not place.private and to_be_typed(message)


def _topic(place: Place) -> int | None:
    return int(place.topic) if place.topic else None
