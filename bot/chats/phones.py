"""The demo's platform: phones in memory, each showing what its chat has received, as a messenger would."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.chat import (
    Address,
    Document,
    FileRef,
    Incoming,
    Message,
    MessageGoneError,
    Option,
    Place,
    Receipt,
    UndeliverableError,
)

PLATFORM = "demo"


@dataclass
class Shown:
    """A message on a phone. ``said_by`` is who wrote it, the bot if empty; ``edits`` counts how often it changed."""

    id: str
    chat: str
    message: Message
    document: Document | None = None
    said_by: str = ""
    edits: int = 0
    at: datetime | None = None


class Phones:
    """A platform that keeps everything in memory and tells its watchers of each change."""

    platform = PLATFORM

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.chats: dict[str, list[Shown]] = defaultdict(list)
        self.watchers: list[Callable[[Shown], None]] = []
        self._now = now
        self._numbers = itertools.count(1)
        self._sent_files: dict[str, Document] = {}

    async def send(self, place: Place, message: Message, document: Document | None) -> str:
        """Show a message."""
        return self._show(Shown("", place.chat, message, document))

    async def edit(self, place: Place, message_id: str, message: Message) -> None:
        """Show something else in the place of a message."""
        shown = self.find(place.chat, message_id)
        if shown is None:
            raise MessageGoneError(message_id)
        if shown.message != message:
            shown.message, shown.edits = message, shown.edits + 1
            self._tell(shown)

    async def fetch(self, file: FileRef, limit_bytes: int) -> bytes:
        """Give a file somebody sent."""
        found = self._sent_files.get(file.id)
        if found is None or len(found.content) > limit_bytes:
            raise UndeliverableError("file gone or too large")
        return found.content

    def find(self, chat: str, message_id: str) -> Shown | None:
        """Find a message on a phone."""
        return next((shown for shown in self.chats[chat] if shown.id == message_id), None)

    def say(self, chat: str, who: str, text: str, document: Document | None = None) -> None:
        """Show what a person wrote."""
        self._show(Shown("", chat, Message(text), document, said_by=who))

    def keep_file(self, document: Document) -> FileRef:
        """Keep a file somebody sends, until it is fetched."""
        number = str(next(self._numbers))
        self._sent_files[number] = document
        return FileRef(number, document.name, len(document.content), document.mime)

    def _show(self, shown: Shown) -> str:
        shown.id, shown.at = str(next(self._numbers)), self._now()
        self.chats[shown.chat].append(shown)
        self._tell(shown)
        return shown.id

    def _tell(self, shown: Shown) -> None:
        for watcher in self.watchers:
            watcher(shown)


@dataclass
class Demo:
    """What both faces of the demo work with: the phones, the desk behind them, the clock in our hands.

    ``settle`` comes back once everything that waits is delivered; ``advance`` moves the clock, and what became due happens.
    """

    phones: Phones
    people: dict[str, str]
    coordinators: tuple[str, ...]
    room: Place
    receive: Callable[[Incoming], Awaitable[Receipt]]
    settle: Callable[[], Awaitable[None]]
    now: Callable[[], datetime]
    advance: Callable[[datetime], Awaitable[None]]
    keys: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    session: str = "demo"

    def place(self, who: str, *, in_room: bool) -> Place:
        """Give the chat somebody speaks in."""
        return self.room if in_room else Place(PLATFORM, who)

    async def say(self, who: str, text: str, *, in_room: bool = False) -> Receipt:
        """Have somebody say something, and the bot answer."""
        return await self._serve(who, in_room=in_room, text=text)

    async def tap(self, who: str, shown: Shown, option: Option, *, in_room: bool = False) -> Receipt:
        """Have somebody tap a button, and the bot answer."""
        return await self._serve(who, in_room=in_room, tapped=option.data, message=shown.id)

    async def send_file(self, who: str, document: Document, *, in_room: bool = False) -> Receipt:
        """Have somebody send a file, and the bot answer."""
        return await self._serve(who, in_room=in_room, file=self.phones.keep_file(document))

    async def _serve(self, who: str, *, in_room: bool, **parts: object) -> Receipt:
        key = f"{self.session}-{next(self.keys)}"
        place = self.place(who, in_room=in_room)
        incoming = Incoming(bot=PLATFORM, key=key, address=Address(PLATFORM, who), place=place, **parts)  # type: ignore[arg-type]  # its own fields
        receipt = await self.receive(incoming)
        await self.settle()
        return receipt
