"""A batch taken in: each event read, handed to the desk, answered. Once this is done it may be acknowledged."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, update

from bot import outbox
from bot.chat import Incoming, Receipt
from bot.chats.matrix import shown, turns
from bot.chats.matrix.entrance import Entrance
from bot.chats.matrix.events import Corrected, Deleted, Heard, Membership, Said, Unreadable, Upgraded, heard
from bot.chats.matrix.excuses import Excused, excuses
from bot.chats.matrix.manners import Manners, Wire
from bot.chats.matrix.remembered import language_at, talks_in
from bot.chats.matrix.rooms import Rooms
from bot.chats.matrix.sender import Sender
from bot.chats.matrix.shown import Shown, name_of
from bot.chats.matrix.turns import CARDS, Turn
from bot.chats.matrix.wire.events import Batch, Event, RoomInfo
from bot.ledger.errors import UnavailableError
from bot.words import _, speaking

log = structlog.get_logger()

PRUNED_EVERY = timedelta(hours=12)
GREET_AFTER_SECONDS = 1.5
BUSY = 5
"""With more updates than this in hand, nobody is shown that an answer is being written: that takes time, too."""


class Intake:
    """Takes batches as the wire brings them. One event that nobody can read must not hold up those behind it."""

    def __init__(
        self,
        wire: Wire,
        rooms: Rooms,
        sender: Sender,
        manners: Manners,
        receive: Callable[[Incoming], Awaitable[Receipt]],
        clock: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._wire = wire
        self._rooms = rooms
        self._sender = sender
        self._manners = manners
        self._receive = receive
        self._clock = clock
        self._wake = wake
        self._entrance = Entrance(wire, rooms, manners, clock)
        self._begun = False
        self._pruned_at: datetime | None = None
        self._greeting: set[tuple[str, str]] = set()
        self._serving: list[asyncio.Task[None]] = []

    async def serve(self, batch: Batch) -> None:
        """Serve a batch to its end. Raises UnavailableError: it must come again."""
        try:
            await self._all(batch)
        finally:
            ended = await asyncio.gather(*self._serving, return_exceptions=True)
            self._serving.clear()
        for trouble in ended:
            if isinstance(trouble, BaseException):
                raise trouble

    async def _all(self, batch: Batch) -> None:
        await self._prune()
        found = [(event, heard(event, self._wire.user)) for event in batch.events]
        await self._entrance.invited(batch.invitations)
        for turn in await self._entrance.arrived():
            self._greeting.add((turn.room, turn.incoming.address.user))
            self._manners.beside.do(self._greet, turn)
        self._greeting -= {(one.room, one.sender) for _event, one in found if isinstance(one, Said)}
        for turn in await self._entrance.departed(batch.departures):
            await self._hand(turn)
        for event, one in found:
            if one is not None:
                await self._take(event, one)
        if not self._begun or batch.invitations or any(isinstance(one, Upgraded | Membership) for _e, one in found):
            for turn in await self._entrance.upgraded():
                await self._hand(turn)
        self._begun = True
        for room, event_id in {one.room: one.event for _event, one in found if isinstance(one, Said)}.items():
            self._manners.read(room, event_id)

    async def _greet(self, turn: Turn) -> None:
        """Greet somebody who has brought us into a room, unless they speak first: their words may come a moment later."""
        whom = (turn.room, turn.incoming.address.user)
        await asyncio.sleep(GREET_AFTER_SECONDS)
        if whom in self._greeting:
            self._greeting.discard(whom)
            await self._rooms.write(lambda connection: talks_in(connection, whom[1], whom[0]))
            await self._served(turn)

    async def _prune(self) -> None:
        """Forget what was shown long ago, now and then."""
        now = self._clock()
        if self._pruned_at is None or now >= self._pruned_at + PRUNED_EVERY:
            await self._rooms.write(lambda connection: shown.prune(connection, now))
            self._pruned_at = now

    async def _take(self, event: Event, one: Heard) -> None:
        try:
            await self._taken(one)
        except UnavailableError:
            raise
        except Exception:  # an edge: were the batch not acknowledged, it would come back for ever
            log.exception("bug", reference=secrets.token_hex(2).upper(), kind=event.kind[:40])

    async def _taken(self, one: Heard) -> None:
        info, me = self._wire.room(one.room), self._wire.user
        if info is None:
            return  # we have left it since
        match one:
            case Deleted():
                await self._rooms.write(lambda connection: _taken_away(connection, name_of(one.room, one.of)))
            case Corrected() | Unreadable():
                await self._excuse(one, info)
            case Upgraded():
                self._entrance.follow(one.successor)
            case _:
                now = self._clock()
                turn = await self._rooms.read(lambda connection: turns.turn(connection, one, info, me, now))
                if turn is not None and (turn.crowded or turn.late) and isinstance(one, Said):
                    await self._excuse(one, info)
                elif turn is not None:
                    await self._hand(turn)
                if isinstance(one, Membership) and one.user != me and set(info.members) == {me}:
                    self._manners.beside.do(self._rooms.leave, one.room)

    async def _hand(self, turn: Turn) -> None:
        """Hand an update to the desk, in order; what follows its answer is done beside the rest."""
        if turn.stale:
            self._manners.beside.do(self._stale, turn)
            return
        if turn.moves:  # the answer goes where somebody has just spoken
            user, room = turn.incoming.address.user, turn.room
            await self._rooms.write(lambda connection: talks_in(connection, user, room))
        self._serving.append(asyncio.create_task(self._served(turn)))

    async def _served(self, turn: Turn) -> None:
        incoming = turn.incoming
        quiet = len(self._serving) > BUSY or incoming.gone or not incoming.place.private
        writing = None if quiet else self._manners.writing(turn.room)
        try:
            receipt = await self._receive(incoming)
        except UnavailableError:
            raise
        except Exception:  # an edge: as above
            log.exception("bug", reference=secrets.token_hex(2).upper(), update=incoming.key)
            return
        finally:
            if writing is not None:
                writing.cancel()
        if not incoming.gone and not incoming.moved_to:
            self._manners.beside.do(self._after, turn, receipt)

    async def _after(self, turn: Turn, receipt: Receipt) -> None:
        """Say what is to be said beside the button, close questions that are answered, make the button new again."""
        place, tapped = turn.incoming.place, turn.tapped if turn.reacted else ""
        over, drawn, language = await self._rooms.read(lambda connection: _come_of(connection, turn, tapped))
        if receipt.toast and not drawn:
            name = "" if place.private else turn.incoming.name
            await self._manners.say_beside(turn.room, turn.to, receipt.toast, name)
        await self._sender.close_answered(over, language)
        if turn.reacted and self._manners.may_redact(turn.room):
            await self._sender.take_back(turn.room, turn.incoming.key)

    async def _stale(self, turn: Turn) -> None:
        place = turn.incoming.place
        language = await self._rooms.read(lambda connection: language_at(connection, place))
        with speaking(language):
            words = _("Cela a changé entre-temps : touchez l'un des numéros d'à présent.")
        await self._manners.say_beside(turn.room, turn.to, words, "" if place.private else turn.incoming.name)

    async def _excuse(self, one: Excused, info: RoomInfo) -> None:
        """Say once why a message has no effect."""

        def excuse(connection: Connection) -> bool:
            letters = excuses(connection, one, info, self._wire.user, self._clock())
            outbox.post(connection, letters)
            return bool(letters)

        if await self._rooms.write(excuse):
            self._wake()


def _come_of(connection: Connection, turn: Turn, tapped: str) -> tuple[list[Shown], bool, str]:
    """Find what came of an update: questions nobody is asked any more, whether cards are drawn again; and the language."""
    place = turn.incoming.place
    over = [question for question in shown.unanswered(connection, place.chat) if question.message != tapped]
    drawn = turns.wanted(connection, turn) > turn.wanted
    return over, drawn, language_at(connection, place) if over else ""


def _taken_away(connection: Connection, message: str) -> None:
    """Note that somebody took a message away: a card that was there is shown anew when it next changes."""
    shown.gone(connection, message)
    there = (CARDS.c.platform == shown.PLATFORM) & (CARDS.c.message == message)
    connection.execute(update(CARDS).where(there).values(message=""))
