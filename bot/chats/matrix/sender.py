"""Messages out to Matrix: sent, edited in place, their buttons noted; questions closed once answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

import structlog

from bot.chat import (
    Document,
    FileRef,
    Message,
    MessageGoneError,
    Place,
    RetryLaterError,
    UndeliverableError,
)
from bot.chats.matrix import contents, shown
from bot.chats.matrix.beside import Beside
from bot.chats.matrix.marks import of
from bot.chats.matrix.markup import pieces
from bot.chats.matrix.offering import Offering
from bot.chats.matrix.rooms import SOON_SECONDS, Rooms
from bot.chats.matrix.rooms import Wire as RoomWire
from bot.chats.matrix.shown import PLATFORM, Shown, name_of, room_and_event
from bot.words import _, speaking

log = structlog.get_logger()

Content = Mapping[str, Any]


class Wire(RoomWire, Protocol):
    """What sending needs of the wire."""

    async def send(self, room: str, content: Content, token: str, /) -> str:
        """Send a message; give its event's id."""
        ...

    async def react(self, room: str, event: str, key: str, token: str, /) -> str:
        """Put a reaction under an event; give its id."""
        ...

    async def redact(self, room: str, event: str, token: str, /) -> None:
        """Take an event back."""
        ...

    async def upload(self, room: str, content: bytes, name: str, mime: str, /) -> dict[str, Any]:
        """Upload a file for a room."""
        ...

    async def download(self, source: Content, limit_bytes: int, /) -> bytes:
        """Download a file."""
        ...


class Sender:
    """The side of Matrix that delivery knows (bot.chat.Chat). A message's id names its room and its event."""

    platform = PLATFORM

    def __init__(self, wire: Wire, rooms: Rooms, beside: Beside, clock: Callable[[], datetime]) -> None:
        self._wire = wire
        self._rooms = rooms
        self._offering = Offering(wire, rooms, beside)
        self._clock = clock

    async def send(self, place: Place, message: Message, document: Document | None, token: str = "", /) -> str:
        """Show a message, in several events if it is long; give the id of the last, which has the buttons."""
        room, name = await self._rooms.room_of(place), token or uuid4().hex
        try:
            return await self._send(room, place, contents.here(message), document, name)
        except UndeliverableError as trouble:
            raise self._moved(place, trouble) from None

    async def edit(self, place: Place, message_id: str, message: Message, token: str = "", /) -> None:
        """Show something else in the place of a message; MessageGoneError if it cannot be, or is where nobody looks."""
        room, event = room_and_event(message_id)
        known = await self._rooms.read(lambda connection: shown.find(connection, message_id))
        if room != await self._rooms.room_of(place) or (known is not None and known.over and not known.options):
            raise MessageGoneError(message_id)
        message = contents.here(message)
        before = known or Shown(message_id, place.chat)
        now = _shown(message, message_id, place, before)
        await self._wire.send(room, contents.edit(message, event, now.version), token or uuid4().hex)
        if known is not None or now.options:
            await self._put(now)
            self._offering.offer(now)

    async def fetch(self, file: FileRef, limit_bytes: int) -> bytes:
        """Download a file; UndeliverableError if it is larger than the limit, or gone."""
        return await self._wire.download(json.loads(file.id), limit_bytes)

    async def take_away(self, _place: Place, message_id: str, /) -> None:
        """Redact a message of a person: in a room of the bot's own, or where its power allows."""
        room, event = room_and_event(message_id)
        await self._wire.redact(room, event, f"taken away {event}")

    async def close_answered(self, questions: Sequence[Shown], language: str) -> None:
        """Show that questions are no longer asked. Cosmetics: what fails is done after a later message."""
        try:
            for question in questions:
                await self._close(question, language)
        except (RetryLaterError, UndeliverableError) as trouble:
            log.info("a question stays open to the eye", reason=type(trouble).__name__)

    async def take_back(self, room: str, event: str) -> None:
        """Take away a reaction that has had its effect, so that the same can be tapped again; where we may."""
        try:
            await self._wire.redact(room, event, f"tapped {event}")
        except (RetryLaterError, UndeliverableError) as trouble:
            log.info("a reaction stays", reason=type(trouble).__name__)

    async def _send(self, room: str, place: Place, message: Message, document: Document | None, name: str) -> str:
        sent = ""
        if document is not None:
            uploaded = await self._wire.upload(room, document.content, document.name, document.mime)
            sent = name_of(room, await self._wire.send(room, contents.file(document, uploaded), f"{name} file"))
            if not message.text and not of(message):
                return sent
        *first, last = pieces(message.text)
        for rank, piece in enumerate(first):
            await self._wire.send(room, contents.text(replace(message, text=piece, options=())), f"{name} {rank}")
        last_message = replace(message, text=last)
        event = await self._wire.send(room, contents.text(last_message), name)
        now = _shown(last_message, name_of(room, event), place, Shown("", place.chat))
        if now.options:
            await self._put(now)
            self._offering.offer(now)
        return now.message

    async def _close(self, question: Shown, language: str) -> None:
        room, event = room_and_event(question.message)
        with speaking(language):
            message = Message(f"{question.text}\n{_('(question close)')}")
        await self._wire.send(room, contents.edit(message, event), f"{question.message} {question.asked} over")
        over = replace(question, over=True, text="")
        await self._put(over)
        self._offering.offer(over)

    async def _put(self, now: Shown) -> None:
        await self._rooms.write(lambda connection: shown.put(connection, now, self._clock()))

    def _moved(self, place: Place, trouble: UndeliverableError) -> Exception:
        """A private chat looks for another room; a room is followed once we are in the new one."""
        if trouble.moved_to and (place.private or self._wire.room(trouble.moved_to) is None):
            return RetryLaterError("the room has been replaced", after_seconds=SOON_SECONDS)
        return trouble


def _shown(message: Message, name: str, place: Place, before: Shown) -> Shown:
    """Make the note of a message as it is shown now; its numbers change their style with its answers."""
    options = tuple(option for option in of(message) if option.data)
    asked = shown.question_of(message)
    return Shown(
        name, place.chat, before.version + (bool(before.options) and options != before.options), options,
        before.reactions, asked, message.text if asked else "",
    )  # fmt: skip
