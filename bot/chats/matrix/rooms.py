"""Which room is whose: people are written to where they are alone with the bot, in a room made for that if there is none.

To the rest of the program a private chat is named by its person, whatever rooms come and go: nothing private is ever sent
where somebody else reads along (B40).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from bot import outbox
from bot.chat import Message, Place, RetryLaterError, UndeliverableError
from bot.chats.matrix.remembered import crowded_name, direct_room, first_time, language_at, talks_in
from bot.chats.matrix.shown import PLATFORM
from bot.chats.matrix.wire.events import RoomInfo
from bot.groups.voices import room_at
from bot.ledger.store import Store
from bot.outbox import Letter
from bot.words import _, speaking

T = TypeVar("T")

SOON_SECONDS = 1.0


class Wire(Protocol):
    """What rooms need of the wire."""

    @property
    def user(self) -> str:
        """Give the bot's own user id."""
        ...

    def room(self, room: str, /) -> RoomInfo | None:
        """Tell what is known of a room; None if the bot is not in it."""
        ...

    async def direct_rooms(self) -> dict[str, list[str]]:
        """Tell which rooms are for one person."""
        ...

    async def create_direct(self, user: str, /) -> str:
        """Make a room for somebody and the bot."""
        ...

    async def join(self, room: str, /) -> None:
        """Accept an invitation."""
        ...

    async def leave(self, room: str, /) -> None:
        """Leave a room, or refuse an invitation."""
        ...


class Rooms:
    """Knows the rooms that are somebody's. ``entering`` are those we have joined and know nothing of yet."""

    def __init__(self, wire: Wire, store: Store, clock: Callable[[], datetime]) -> None:
        self._wire = wire
        self._clock = clock
        self._store = store
        self.entering: set[str] = set()

    def alone(self, room: str, user: str) -> bool:
        """Tell whether somebody is alone with the bot in a room that is still in use; invited ones count as there."""
        info = self._wire.room(room)
        return info is not None and not info.moved_to and set(info.members) == {self._wire.user, user}

    async def room_of(self, place: Place) -> str:
        """Give the room in which a place's messages are shown. Raises RetryLaterError and UndeliverableError."""
        room = await self._private(place.chat) if place.private else place.chat
        if room in self.entering and self._wire.room(room) is None:
            raise RetryLaterError("a room just entered is not known yet", after_seconds=SOON_SECONDS)
        return room

    async def join(self, room: str) -> None:
        """Enter a room."""
        self.entering.add(room)
        try:
            await self._wire.join(room)
        except (RetryLaterError, UndeliverableError):
            self.entering.discard(room)
            raise

    async def leave(self, room: str) -> None:
        """Leave a room."""
        self.entering.discard(room)
        await self._wire.leave(room)

    async def _private(self, user: str) -> str:
        noted = await self.read(lambda connection: _private_room(connection, user))
        known, info = self._successor(noted), self._wire.room(noted)
        if info is not None and not info.moved_to and user not in info.members:
            raise UndeliverableError("they have left the room", unreachable=True)
        found = known if known and (self.alone(known, user) or known in self.entering) else await self._other(user)
        if found != known:
            await self.write(lambda connection: self._goes_on(connection, user, known, found))
        return found

    def _goes_on(self, connection: Connection, user: str, known: str, found: str) -> None:
        """Remember where one goes on with somebody; where they are no longer alone, it is said."""
        talks_in(connection, user, found)
        info, now = self._wire.room(known), self._clock()
        if info is None or info.moved_to or not first_time(connection, crowded_name(known), now):
            return
        with speaking(language_at(connection, Place(PLATFORM, user))):
            said = _("Nous ne sommes plus seuls ici : je continue avec vous dans une discussion à part.")
        outbox.post(connection, [Letter(Place(PLATFORM, known, private=False), Message(said))])

    def _successor(self, room: str) -> str:
        """Follow a room that was upgraded, where we have followed it."""
        info = self._wire.room(room)
        if info is None or not info.moved_to or self._wire.room(info.moved_to) is None:
            return room
        return info.moved_to

    async def _other(self, user: str) -> str:
        """Find another room in which we are alone with somebody, or make one."""
        rooms = (await self._wire.direct_rooms()).get(user, [])
        linked = await self.read(lambda c: {room for room in rooms if room_at(c, Place(PLATFORM, room)) is not None})
        found = next((room for room in reversed(rooms) if room not in linked and self.alone(room, user)), "")
        return found or await self._wire.create_direct(user)

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Read in the database, beside the event loop. Raises UnavailableError."""

        def reading() -> T:
            with self._store.read() as connection:
                return job(connection)

        return await asyncio.to_thread(reading)

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Have something written. Raises UnavailableError."""
        return await asyncio.wrap_future(self._store.write(job))


def _private_room(connection: Connection, user: str) -> str:
    """Give the room in which one talks to somebody, unless it has become the coordinators'."""
    found = direct_room(connection, user)
    return found if room_at(connection, Place(PLATFORM, found)) is None else ""
