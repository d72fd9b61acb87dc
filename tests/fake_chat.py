"""A platform in memory whose refusals are scripted, for tests of delivery.

chat = FakeChat()
chat.refuse("send", "lea", RetryLaterError("busy"))       the next send to that chat is refused, once
chat.refuse("send", "lea", *[UndeliverableError("no")] * 3)  three times
chat.down = RetryLaterError("no network")                 everything is, until it is None again
chat.hold("lea")                                          sends to that chat hang, until chat.release("lea")
chat.texts("lea")                                         what that chat shows now
chat.tried                                                every call, refused or not: ("send", "lea"), …
chat.tokens                                               the token of every send and edit
chat.lose_answer("salon")                                 the next send there is done, but nobody hears so
chat.lose("lea", "1")                                     somebody deletes a message
"""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from bot.chat import Document, FileRef, Message, MessageGoneError, Place, RetryLaterError, UndeliverableError, plain

PLATFORM = "fake"
PATIENCE_SECONDS = 30


@dataclass
class Shown:
    """A message as a chat shows it now."""

    id: str
    place: Place
    message: Message
    document: Document | None = None
    edits: int = 0


class FakeChat:
    """See the module's docstring for how to drive it. ``fetch`` is refused by the file's id.

    ``once``: the same token again is the same message, as on Matrix.
    """

    platform = PLATFORM

    def __init__(self) -> None:
        self.screens: dict[str, list[Shown]] = defaultdict(list)
        self.once = False
        self._by_token: dict[tuple[str, str], str] = {}
        self._unheard: list[str] = []
        self.files: dict[str, bytes] = {}
        self.tried: list[tuple[str, str]] = []
        self.tokens: list[str] = []
        self.down: Exception | None = None
        self.at_once = 0
        self.most_at_once = 0
        self._refusals: dict[tuple[str, str], list[Exception]] = defaultdict(list)
        self._held: dict[str, asyncio.Event] = {}
        self._numbers = itertools.count(1)
        self._happened = asyncio.Event()

    async def send(self, place: Place, message: Message, document: Document | None, token: str = "", /) -> str:
        """Show a message, if nothing is scripted against it."""
        self.tokens.append(token)
        await self._admit("send", place.chat)
        if self.once and (place.chat, token) in self._by_token:
            return self._by_token[place.chat, token]
        shown = Shown(str(next(self._numbers)), place, message, document)
        self.screens[place.chat].append(shown)
        self._by_token[place.chat, token] = shown.id
        self._happened.set()
        if place.chat in self._unheard:
            self._unheard.remove(place.chat)
            raise RetryLaterError("no answer")
        return shown.id

    async def edit(self, place: Place, message_id: str, message: Message, token: str = "", /) -> None:
        """Change a message that is there."""
        self.tokens.append(token)
        await self._admit("edit", place.chat)
        shown = next((shown for shown in self.screens[place.chat] if shown.id == message_id), None)
        if shown is None:
            raise MessageGoneError("message to edit not found")
        shown.message, shown.edits = message, shown.edits + 1

    async def fetch(self, file: FileRef, limit_bytes: int) -> bytes:
        """Give a file of ``files``."""
        await self._admit("fetch", file.id)
        content = self.files.get(file.id)
        if content is None or len(content) > limit_bytes:
            raise UndeliverableError("file too large or gone")
        return content

    def refuse(self, verb: str, chat: str, *troubles: Exception) -> None:
        """Refuse the next calls, one trouble each."""
        self._refusals[verb, chat] += troubles

    def lose_answer(self, chat: str) -> None:
        """Let the next send to a chat be done, and its answer get lost."""
        self._unheard.append(chat)

    def hold(self, chat: str) -> None:
        """Let calls for a chat hang."""
        self._held[chat] = asyncio.Event()

    def release(self, chat: str) -> None:
        """Let calls for a chat go on."""
        self._held.pop(chat).set()

    def lose(self, chat: str, message_id: str) -> None:
        """Delete a message, as a person does."""
        self.screens[chat] = [shown for shown in self.screens[chat] if shown.id != message_id]

    def texts(self, chat: str) -> list[str]:
        """List what a chat shows, without bold marks."""
        return [plain(shown.message.text) for shown in self.screens[chat]]

    def tries(self, chat: str) -> int:
        """Count the calls for a chat."""
        return sum(1 for _verb, where in self.tried if where == chat)

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait until something holds, looking again at each call; fail when it does not come to pass."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not what():
                self._happened.clear()
                await self._happened.wait()

    async def _admit(self, verb: str, chat: str) -> None:
        self.tried.append((verb, chat))
        self._happened.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if chat in self._held:
                await self._held[chat].wait()
        finally:
            self.at_once -= 1
        if self.down is not None:
            raise self.down
        if self._refusals[verb, chat]:
            raise self._refusals[verb, chat].pop(0)
