"""The demo's platform: phones in memory, each showing what its chat has received, as a messenger would."""

from __future__ import annotations

import asyncio
import itertools
import secrets
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
from bot.providers.demo import ADDRESS

PLATFORM = "demo"
GONE = "(message effacé)"
MOST_SHOWN = 300
"""Messages kept in each chat; what people sent is kept as long."""


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
    """A platform that keeps everything in memory and tells its watchers of each change.

    Ids carry the session: a card of an earlier one, in a file that was kept, is gone, and is sent again.
    """

    platform = PLATFORM

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.chats: dict[str, list[Shown]] = defaultdict(list)
        self.watchers: list[Callable[[Shown], None]] = []
        self.session = secrets.token_hex(3)
        self._now = now
        self._numbers = itertools.count(1)
        self._sent_files: dict[str, Document] = {}

    async def send(self, place: Place, message: Message, document: Document | None, _token: str = "", /) -> str:
        """Show a message."""
        return self._show(Shown("", place.chat, message, document))

    async def edit(self, place: Place, message_id: str, message: Message, _token: str = "", /) -> None:
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

    async def take_away(self, place: Place, message_id: str) -> None:
        """Show that somebody's message is gone."""
        shown = self.find(place.chat, message_id)
        if shown is None:
            raise MessageGoneError(message_id)
        shown.message, shown.document, shown.edits = Message(GONE), None, shown.edits + 1
        self._tell(shown)

    def find(self, chat: str, message_id: str) -> Shown | None:
        """Find a message on a phone."""
        return next((shown for shown in self.chats[chat] if shown.id == message_id), None)

    def say(self, chat: str, who: str, text: str, document: Document | None = None) -> str:
        """Show what a person wrote; give its id."""
        return self._show(Shown("", chat, Message(text), document, said_by=who))

    def keep_file(self, document: Document) -> FileRef:
        """Keep a file somebody sends, until it is fetched."""
        number = str(next(self._numbers))
        self._sent_files[number] = document
        if len(self._sent_files) > MOST_SHOWN:
            del self._sent_files[next(iter(self._sent_files))]
        return FileRef(number, document.name, len(document.content), document.mime)

    def _show(self, shown: Shown) -> str:
        shown.id, shown.at = f"{self.session}-{next(self._numbers)}", self._now()
        chat = self.chats[shown.chat]
        chat.append(shown)
        del chat[:-MOST_SHOWN]
        self._tell(shown)
        return shown.id

    def _tell(self, shown: Shown) -> None:
        for watcher in self.watchers:
            watcher(shown)


@dataclass(frozen=True)
class Behind:
    """What stands behind the phones: the desk, the clock in our hands, the menus.

    ``settle`` comes back once everything that waits is delivered; ``advance`` moves the clock, and ``catch_up`` does what
    is due; ``menu`` gives somebody's commands, in private or in the room; ``pay`` opens the address of a payment, and pays.
    """

    receive: Callable[[Incoming], Awaitable[Receipt]]
    settle: Callable[[], Awaitable[None]]
    now: Callable[[], datetime]
    advance: Callable[[datetime], Awaitable[None]]
    catch_up: Callable[[], Awaitable[None]]
    greet: Callable[[], Awaitable[None]]
    menu: Callable[[str, bool], Awaitable[list[tuple[str, str]]]]
    pay: Callable[[str], Awaitable[Receipt]]


@dataclass(frozen=True)
class Demo:
    """What both faces of the demo work with: the phones, who holds them, the room, and what stands behind.

    One thing happens at a time, whoever asks for it: two browser tabs are two people.
    """

    phones: Phones
    group: str
    people: dict[str, str]
    coordinators: tuple[str, ...]
    room: Place
    behind: Behind
    keys: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def now(self) -> datetime:
        """Tell the demo's present moment."""
        return self.behind.now()

    def place(self, who: str, *, in_room: bool) -> Place:
        """Give the chat somebody speaks in."""
        return self.room if in_room else Place(PLATFORM, who)

    async def say(self, who: str, text: str, *, in_room: bool = False) -> Receipt:
        """Have somebody say something, and the bot answer."""
        message = self.phones.say(self.place(who, in_room=in_room).chat, who, text)
        return await self._serve(who, in_room=in_room, text=text, message=message)

    async def tap(self, who: str, shown: Shown, option: Option, *, in_room: bool = False) -> Receipt:
        """Have somebody tap a button, and the bot answer; one that opens an address to pay at pays there."""
        address = option.opens or option.data
        if address.startswith(ADDRESS):
            async with self.turn:
                receipt = await self.behind.pay(address)
                await self.behind.settle()
            return receipt
        return await self._serve(who, in_room=in_room, tapped=option.data, message=shown.id)

    async def send_file(self, who: str, document: Document, *, in_room: bool = False) -> Receipt:
        """Have somebody send a file, and the bot answer."""
        self.phones.say(self.place(who, in_room=in_room).chat, who, "", document)
        return await self._serve(who, in_room=in_room, file=self.phones.keep_file(document))

    async def advance(self, to: datetime) -> None:
        """Move the clock to a later moment; what becomes due on the way happens."""
        async with self.turn:
            await self.behind.advance(to)

    async def catch_up(self) -> None:
        """Do what has become due while nobody spoke."""
        async with self.turn:
            await self.behind.catch_up()

    async def greet(self) -> None:
        """Have the bot say hello to everybody, so that a newcomer sees what can be done."""
        async with self.turn:
            for who in self.people:
                await self.behind.receive(self._incoming(who, in_room=False, text="/start"))
            await self.behind.greet()

    async def _serve(self, who: str, *, in_room: bool, **parts: object) -> Receipt:
        async with self.turn:
            receipt = await self.behind.receive(self._incoming(who, in_room=in_room, **parts))
            await self.behind.settle()
        return receipt

    def _incoming(self, who: str, *, in_room: bool, **parts: object) -> Incoming:
        key = f"{self.phones.session}-{next(self.keys)}"
        place = self.place(who, in_room=in_room)
        return Incoming(bot=PLATFORM, key=key, address=Address(PLATFORM, who), place=place, **parts)  # type: ignore[arg-type]  # its own fields
