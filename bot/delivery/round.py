"""One round at one chat: its messages in order, then its cards, or an errand; what is refused is kept for later or set aside."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, delete, insert, update
from sqlmodel import SQLModel, col

from bot import cards, outbox
from bot.chat import (
    Address,
    Chat,
    Document,
    FileRef,
    Incoming,
    Message,
    MessageGoneError,
    Place,
    Receipt,
    RetryLaterError,
    UndeliverableError,
)
from bot.delivery.desks import Ledger, Work
from bot.groups import apply as people_apply
from bot.groups.people import Group, settings
from bot.ledger.books import Books
from bot.ledger.errors import UnavailableError
from bot.ledger.store import Store
from bot.outbox import CardPlace, Errand, StoredFile, Waiting, unpacked
from bot.papers import make
from bot.words import speaking

log = structlog.get_logger()

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
MOST_TRIES = 300
"""About a day of tries, once they are five minutes apart."""

FILE_MOST_BYTES = 1_000_000


class Round:
    """Serves one chat once."""

    def __init__(
        self,
        store: Store,
        chat: Chat,
        receive: Callable[[Incoming], Awaitable[Receipt]],
        clock: Callable[[], datetime],
        ledger: Ledger,
    ) -> None:
        self._store = store
        self._chat = chat
        self._receive = receive
        self._clock = clock
        self._ledger = ledger

    async def serve(self, work: Work) -> None:
        """Serve what waits; stop at the first that must wait, so that order is kept."""
        steps: list[tuple[type[SQLModel], Any, Callable[[Any], Awaitable[None]]]] = [
            *((Waiting, row, self._letter) for row in work.letters),
            *((CardPlace, row, self._card) for row in work.cards),
            *((Errand, row, self._errand) for row in work.errands),
        ]
        for table, row, step in steps:
            try:
                await step(row)
            except RetryLaterError as trouble:
                await self._later(table, row, trouble)
                return
            except UndeliverableError as trouble:
                if await self._undeliverable(table, row, trouble):
                    return
            except UnavailableError:
                raise
            except Exception as bug:  # noqa: BLE001 - one message's bug must not keep others from being delivered
                reference = secrets.token_hex(2).upper()
                log.error("a message could not be made", reference=reference, exc_info=bug)
                await self._set_aside(table, row, f"bug {reference}")

    async def _letter(self, row: Any) -> None:
        if row.useful_until is not None and row.useful_until < self._clock():
            self._ledger.sent(row.id)
            return
        place = Place(row.platform, row.chat, row.topic, private=row.private)
        message = unpacked(row.body)
        if row.edits and await self._edited(place, row.edits, message):
            self._ledger.sent(row.id)
            return
        document = await asyncio.to_thread(self._document, message) if message.attachment else None
        await self._chat.send(place, message, document)
        self._ledger.sent(row.id)

    async def _edited(self, place: Place, message_id: str, message: Message) -> bool:
        try:
            await self._chat.edit(place, message_id, message)
        except MessageGoneError:
            return False
        return True

    def _document(self, message: Message) -> Document:
        assert message.attachment is not None
        with self._store.read() as connection:
            return make(connection, message.attachment, self._clock())

    async def _card(self, row: Any) -> None:
        """Draw a card as it is true now; edit it in place, or bring it to the bottom and retire the old one."""
        place = Place(row.platform, row.chat, row.topic, private=row.private)
        drawn, old = await asyncio.to_thread(self._draw, row)
        moved = row.resend or not row.message or not await self._edited(place, row.message, drawn)
        shown = await self._chat.send(place, drawn, None) if moved else row.message
        values: dict[str, Any] = {"message": shown, "shown": row.wanted, "attempts": 0, "next_at": None}
        if moved:
            values |= {"resend": False, "sent_at": self._clock()}
        await self._ledger.write(lambda c: c.execute(update(CardPlace).where(_key(CardPlace, row)).values(**values)).rowcount)
        if moved and row.message:
            await self._retire(place, row.message, old)

    async def _retire(self, place: Place, message_id: str, old: Message) -> None:
        try:
            await self._edited(place, message_id, old)
        except (RetryLaterError, UndeliverableError) as trouble:
            log.info("an old card stays as it was", reason=type(trouble).__name__)

    def _draw(self, row: Any) -> tuple[Message, Message]:
        with self._store.read() as connection:
            group = Group(connection, row.group_id)
            with speaking(row.language, settings(connection, row.group_id).zone):
                books = Books(connection, row.group_id, self._clock())
                return cards.draw(row.name, books, group, row.at), cards.retired()

    async def _errand(self, row: Any) -> None:
        """Download a file and bring it back as an update with its own key: once, whenever this is interrupted."""
        body = json.loads(row.body)
        file = FileRef(*body["file"])
        try:
            content: bytes | None = await self._chat.fetch(file, FILE_MOST_BYTES)
        except UndeliverableError:
            content = None
        number = -1
        if content is not None:
            stored = {"name": file.name, "content": content, "received_at": self._clock()}
            number = await self._ledger.write(
                lambda c: int(c.execute(insert(StoredFile).returning(col(StoredFile.id)), stored).scalar_one())
            )
        await self._receive(_file_arrived(body, number))
        await self._ledger.write(lambda c: c.execute(delete(Errand).where(col(Errand.id) == row.id)).rowcount)

    async def _later(self, table: type[SQLModel], row: Any, trouble: RetryLaterError) -> None:
        """Keep a message for later: twice as long each time, with some chance so that all do not come back at once."""
        if row.attempts + 1 >= MOST_TRIES:
            await self._set_aside(table, row, "too many tries")
            return
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.attempts, 10)) * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
        if trouble.after_seconds is not None:
            wait = timedelta(seconds=trouble.after_seconds)
        values = {"attempts": row.attempts + 1, "next_at": self._clock() + wait}
        await self._ledger.write(lambda c: c.execute(update(table).where(_key(table, row)).values(**values)).rowcount)

    async def _undeliverable(self, table: type[SQLModel], row: Any, trouble: UndeliverableError) -> bool:
        """Follow a chat that moved, or set the message aside; say whether this round is over."""
        place = Place(row.platform, getattr(row, "chat", ""), private=getattr(row, "private", False))
        if trouble.moved_to:
            await self._ledger.write(lambda c: _move(c, place, trouble.moved_to))
            return True
        if trouble.unreachable:
            await self._ledger.write(lambda c: people_apply.mark_reached(c, place, reached=False))
        await self._set_aside(table, row, str(trouble))
        return False

    async def _set_aside(self, table: type[SQLModel], row: Any, reason: str) -> None:
        log.warning("a message is set aside", what=table.__name__, reason=reason[:100])
        values: dict[str, Any] = {"state": "aside", "reason": reason[:200]}
        if table is CardPlace:
            values = {"shown": row.wanted, "resend": False}
        if table is Errand:
            await self._ledger.write(lambda c: c.execute(delete(Errand).where(_key(table, row))).rowcount)
        else:
            await self._ledger.write(lambda c: c.execute(update(table).where(_key(table, row)).values(**values)).rowcount)


def _key(table: type[SQLModel], row: Any) -> Any:
    columns = {column.name: column for column in table.__table__.primary_key}  # type: ignore[attr-defined]  # at run time
    found = [column == getattr(row, name) for name, column in columns.items()]
    return found[0] if len(found) == 1 else found[0] & found[1] & found[2] & found[3]


def _move(connection: Connection, place: Place, moved_to: str) -> None:
    people_apply.move(connection, place, moved_to)
    outbox.move(connection, place, moved_to)


def _file_arrived(body: dict[str, Any], number: int) -> Incoming:
    place = Place(body["platform"], body["chat"], body["topic"], private=body["private"])
    address = Address(body["platform"], body["user"])
    return Incoming(bot=body["bot"], key=f"file:{body['key']}", address=address, place=place, stored_file=number)


def prune_files(connection: Connection, now: datetime) -> None:
    """Forget files received more than a day ago."""
    connection.execute(delete(StoredFile).where(col(StoredFile.received_at) < now - timedelta(days=1)))

