"""Messages out to Telegram: send, edit, fetch; its refusals in our words."""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
from collections.abc import Generator
from typing import Any

from telegram import Bot, ForceReply, InputFile, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat import Document, FileRef, Message, MessageGoneError, Place, RetryLaterError, UndeliverableError
from bot.chats.telegram.markup import CAPTION_UNITS, as_html, keyboard, pieces, shortened, units
from bot.chats.telegram.pace import Pace
from bot.chats.telegram.updates import PLATFORM

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_CHAT = ("chat not found", "user is deactivated", "peer_id_invalid", "bot was kicked", "group chat was deactivated")


class Sender:
    """The side of Telegram that delivery knows (bot.chat.Chat)."""

    platform = PLATFORM

    def __init__(self, bot: Bot, *, paced: bool = True) -> None:
        self._bot = bot
        self._pace = Pace() if paced else None

    async def send(self, place: Place, message: Message, document: Document | None) -> str:
        """Show a message, in several pieces if it is long; give the id of the last, which has the buttons."""
        if document is not None:
            return await self._send_document(place, message, document)
        *first, last = pieces(message.text)
        for piece in first:
            await self._send_text(place, piece, None)
        return await self._send_text(place, last, self._markup(place, message))

    async def edit(self, place: Place, message_id: str, message: Message) -> None:
        """Show something else in the place of a message; MessageGoneError if it cannot be."""
        text = as_html(shortened(message.text))
        await self._wait(place)
        with _refusals():
            await self._bot.edit_message_text(
                text, chat_id=int(place.chat), message_id=int(message_id), parse_mode=ParseMode.HTML,
                reply_markup=keyboard(message), link_preview_options=NO_PREVIEW,
            )  # fmt: skip

    async def fetch(self, file: FileRef, limit_bytes: int) -> bytes:
        """Download a file; UndeliverableError if it is larger than the limit, or gone."""
        with _refusals():
            found = await self._bot.get_file(file.id)
            if (found.file_size or 0) > limit_bytes:
                raise UndeliverableError("file too large")
            content = bytes(await found.download_as_bytearray())
        if len(content) > limit_bytes:
            raise UndeliverableError("file too large")
        return content

    async def _send_text(self, place: Place, text: str, markup: Any) -> str:
        await self._wait(place)
        with _refusals():
            sent = await self._bot.send_message(
                int(place.chat), as_html(text), parse_mode=ParseMode.HTML, reply_markup=markup,
                message_thread_id=_topic(place), link_preview_options=NO_PREVIEW,
            )  # fmt: skip
        return str(sent.message_id)

    async def _send_document(self, place: Place, message: Message, document: Document) -> str:
        await self._wait(place)
        caption = message.text if units(message.text) <= CAPTION_UNITS else ""
        if not caption:
            await self.send(place, Message(message.text), None)
        options = {
            "caption": as_html(caption) or None, "parse_mode": ParseMode.HTML, "reply_markup": keyboard(message),
            "message_thread_id": _topic(place),
        }  # fmt: skip
        file = InputFile(io.BytesIO(document.content), filename=document.name)
        with _refusals():
            if document.mime.startswith("image/"):
                sent = await self._bot.send_photo(int(place.chat), file, **options)  # type: ignore[arg-type]  # a dict of its own arguments
            else:
                sent = await self._bot.send_document(int(place.chat), file, **options)  # type: ignore[arg-type]
        return str(sent.message_id)

    @staticmethod
    def _markup(place: Place, message: Message) -> Any:
        """In a group, privacy mode hides plain words from bots: a question that is to be typed forces a reply."""
        buttons = keyboard(message)
        typed = message.asks and not place.private and sum(len(row) for row in message.options) <= 2
        return ForceReply(selective=False) if typed else buttons

    async def _wait(self, place: Place) -> None:
        while self._pace is not None:
            wait = self._pace.wait(place.chat, time.monotonic(), private=place.private)
            if wait == 0.0:
                return
            await asyncio.sleep(wait)


def _topic(place: Place) -> int | None:
    return int(place.topic) if place.topic else None


@contextlib.contextmanager
def _refusals() -> Generator[None]:
    """Say Telegram's refusals in our words. An edit that changes nothing is a success."""
    try:
        yield
    except RetryAfter as trouble:
        after = trouble.retry_after
        seconds = after if isinstance(after, int | float) else after.total_seconds()
        raise RetryLaterError("too many requests", after_seconds=float(seconds)) from None
    except ChatMigrated as trouble:
        raise UndeliverableError("the group has a new id", moved_to=str(trouble.new_chat_id)) from None
    except (Forbidden, InvalidToken) as trouble:
        unreachable = isinstance(trouble, Forbidden)
        raise UndeliverableError(str(trouble), unreachable=unreachable) from None
    except BadRequest as trouble:
        _bad_request(trouble)
    except NetworkError as trouble:
        raise RetryLaterError(type(trouble).__name__) from None
    except TelegramError as trouble:
        raise RetryLaterError(type(trouble).__name__) from None


def _bad_request(trouble: BadRequest) -> None:
    said = str(trouble).lower()
    if "message is not modified" in said:
        return
    if any(words in said for words in GONE):
        raise MessageGoneError(said) from None
    raise UndeliverableError(said, unreachable=any(words in said for words in NO_CHAT)) from None
