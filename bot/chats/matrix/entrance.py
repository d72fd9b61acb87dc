"""Rooms entered, left, followed to where they go on. What must be on disk of it comes back as updates for the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import uuid4

import structlog

from bot.chat import Address, Incoming, Message, Place, RetryLaterError, UndeliverableError
from bot.chats.matrix import contents
from bot.chats.matrix.guests import Arrival, Welcome, coordinators_rooms, welcome
from bot.chats.matrix.manners import Manners, Wire
from bot.chats.matrix.remembered import language_at, who_talks_in
from bot.chats.matrix.rooms import Rooms
from bot.chats.matrix.shown import PLATFORM
from bot.chats.matrix.turns import Turn, gone_from, place_of
from bot.chats.matrix.wire.events import Departure, Invitation
from bot.words import _, speaking

log = structlog.get_logger()

TRIES = 5
WAIT_SECONDS = 2.0


class Entrance:
    """Knows which rooms are being entered. An invitation that is lost in a crash comes again at the next start."""

    def __init__(
        self,
        wire: Wire,
        rooms: Rooms,
        manners: Manners,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._wire = wire
        self._rooms = rooms
        self._manners = manners
        self._clock = clock
        self._sleep = sleep
        self._arriving: dict[str, Arrival] = {}
        self._followed: set[str] = set()

    async def invited(self, invitations: Sequence[Invitation]) -> None:
        """Accept invitations or refuse them. Raises UnavailableError."""
        successors = [new for _old, new in await self._replaced()] if invitations else []
        for invitation in invitations:
            if invitation.room in self._arriving:
                continue
            decided = await self._rooms.write(
                lambda connection, one=invitation: welcome(connection, one, successors, self._clock())  # type: ignore[misc]
            )
            self._manners.beside.do(self._enter, Arrival(invitation.room, invitation.sender, decided))

    async def arrived(self) -> list[Turn]:
        """Give what is to be said in rooms that are known by now: greetings."""
        known = [room for room in self._arriving if self._wire.room(room) is not None]
        arrivals = [self._arriving.pop(room) for room in known]
        self._rooms.entering -= {room for room in self._rooms.entering if self._wire.room(room) is not None}
        found = [await self._met(one) for one in arrivals]
        return [turn for turn in found if turn is not None]

    async def upgraded(self) -> list[Turn]:
        """Give the updates that say that coordinators' rooms go on elsewhere; enter those that we are not in yet."""
        found = []
        for old, new in await self._replaced():
            if self._wire.room(new) is not None:
                place = Place(PLATFORM, old, private=False)
                moved = Incoming(
                    bot=self._wire.user, key=f"moved {old}", address=Address(PLATFORM, self._wire.user), place=place,
                    moved_to=new,
                )  # fmt: skip
                found.append(Turn(moved, old, ""))
            elif new not in self._followed:
                self.follow(new)
        return found

    def follow(self, successor: str) -> None:
        """Try to enter the room that replaces one: where it is closed, somebody has to invite us."""
        self._followed.add(successor)
        self._manners.beside.do(self._enter, Arrival(successor, "", Welcome.ENTER))

    async def departed(self, departures: Sequence[Departure]) -> list[Turn]:
        """Give the updates that say where we were shown the door."""
        found = []
        for one in departures:
            if one.sender != self._wire.user:
                found += await self._shown_the_door(one)
        return found

    async def _shown_the_door(self, one: Departure) -> list[Turn]:
        user = await self._rooms.read(lambda connection: who_talks_in(connection, one.room))
        place = Place(PLATFORM, user) if user else Place(PLATFORM, one.room, private=False)
        return [gone_from(one.room, place, user or one.sender, f"gone {one.room} {uuid4().hex}", self._wire.user)]

    async def _replaced(self) -> list[tuple[str, str]]:
        """List the coordinators' rooms that were upgraded, with the rooms that replace them."""
        infos = [self._wire.room(place.chat) for place in await self._rooms.read(coordinators_rooms)]
        return [(info.id, info.moved_to) for info in infos if info is not None and info.moved_to]

    async def _enter(self, arrival: Arrival) -> None:
        if arrival.welcome is Welcome.REFUSE:
            await self._rooms.leave(arrival.room)
            return
        self._arriving[arrival.room] = arrival
        for attempt in range(TRIES):
            try:
                await self._rooms.join(arrival.room)
            except RetryLaterError as trouble:
                await self._sleep(trouble.after_seconds or WAIT_SECONDS * 2**attempt)
            except UndeliverableError:
                break  # the invitation was taken back, or is not needed
            else:
                return
        self._arriving.pop(arrival.room, None)
        log.info("a room could not be entered")

    async def _met(self, arrival: Arrival) -> Turn | None:
        if arrival.welcome is Welcome.TELL:
            self._manners.beside.do(self._tell, arrival.room)
        if arrival.welcome is Welcome.EXPLAIN:
            self._manners.beside.do(self._explain, arrival)
        if arrival.welcome is not Welcome.GREET:
            return None
        info, me = self._wire.room(arrival.room), self._wire.user
        assert info is not None
        place = await self._rooms.read(lambda connection: place_of(connection, info, arrival.inviter, me))
        name = info.members[arrival.inviter].name if arrival.inviter in info.members else ""
        hello = Incoming(
            bot=me, key=f"arrived {arrival.room}", address=Address(PLATFORM, arrival.inviter), place=place, text="!start",
            name=name,
        )  # fmt: skip
        return Turn(hello, arrival.room, "") if place.private else None

    async def _explain(self, arrival: Arrival) -> None:
        """Tell a coordinator how a room becomes the coordinators'."""
        language = await self._rooms.read(lambda c: language_at(c, Place(PLATFORM, arrival.inviter)))
        with speaking(language):
            said = _("Pour que ce salon devienne celui des coordinateurs, écrivez-y /lier.")
        await self._wire.send(arrival.room, contents.text(contents.here(Message(said)), notice=True), uuid4().hex)

    async def _tell(self, room: str) -> None:
        """Tell a stranger who we are, once, and go."""
        said = _("Bonjour ! Je suis Ardoise, je tiens les comptes de groupes d'achat. Je ne parle qu'avec leurs adhérents : "
                 "demandez une invitation à un coordinateur de votre groupe, puis écrivez-moi.")  # fmt: skip
        await self._wire.send(room, contents.text(Message(said), notice=True), f"stranger {room}")
        await self._rooms.leave(room)
