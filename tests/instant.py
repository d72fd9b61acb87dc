"""A delivery without waiting: shows what waits in the outbox, draws cards, runs errands, at once and in order.

The real one (bot.delivery) has its own tests; transcripts need the words only.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from bot.cards import draw
from bot.chat import Address, Document, Incoming, Message, Place, Receipt
from bot.desk.taps import stamped
from bot.groups.people import Group, settings
from bot.ledger.books import Books
from bot.ledger.store import Store
from bot.outbox import CardPlace, Errand, StoredFile, Waiting, unpacked
from bot.papers import make
from bot.words import speaking


@dataclass
class Shown:
    """A message on somebody's screen. ``replaced`` once it was edited: another stands for it in the list."""

    id: str
    place: Place
    message: Message
    document: Document | None = None
    edited: bool = False
    replaced: bool = False


@dataclass
class InstantDelivery:
    """Delivers to a list. ``files`` are what people sent, by name."""

    store: Store
    shown: list[Shown]
    clock: Callable[[], datetime]
    files: dict[str, bytes] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def deliver(self, receive: Callable[[Incoming], Receipt]) -> None:
        """Deliver until nothing is left."""
        while self._letters() or self._cards() or self._errands(receive):
            pass

    def _letters(self) -> bool:
        with self.store.read() as connection:
            rows = connection.execute(
                select(Waiting).where(col(Waiting.state) == "waiting").order_by(col(Waiting.id))
            ).all()
            for row in rows:
                message = unpacked(row.body)
                document = make(connection, message.attachment, self.clock()) if message.attachment else None
                place = Place(row.platform, row.chat, row.topic, private=row.private)
                self._show(place, message, row.edits, document)
        self.store.write(lambda c: c.execute(delete(Waiting).where(col(Waiting.id).in_([r.id for r in rows])))).result()
        return bool(rows)

    def _show(self, place: Place, message: Message, edits: str = "", document: Document | None = None) -> str:
        old = next((shown for shown in self.shown if shown.id == edits and not shown.replaced), None)
        if old is not None:
            old.replaced = True
        number = edits if old is not None else str(next(self.numbers))
        self.shown.append(Shown(number, place, message, document, edited=old is not None))
        return number

    def _cards(self) -> bool:
        with self.store.read() as connection:
            wanted = (col(CardPlace.wanted) > col(CardPlace.shown)) | col(CardPlace.resend)
            rows = connection.execute(select(CardPlace).where(wanted)).all()
            drawn = []
            for row in rows:
                group = Group(connection, row.group_id)
                with speaking(row.language, settings(connection, row.group_id).zone):
                    card = draw(row.name, Books(connection, row.group_id, self.clock()), group, row.at)
                    drawn.append(stamped(card, row.group_id))
        for row, message in zip(rows, drawn, strict=True):
            place = Place(row.platform, row.chat, row.topic, private=row.private)
            number = self._show(place, message, "" if row.resend else row.message)
            values = {"message": number, "shown": row.wanted, "resend": False, "sent_at": self.clock()}
            where = (col(CardPlace.group_id) == row.group_id) & (col(CardPlace.chat) == row.chat)
            self.store.write(lambda c, w=where, v=values: c.execute(update(CardPlace).where(w).values(**v))).result()  # type: ignore[misc]
        return bool(rows)

    def _errands(self, receive: Callable[[Incoming], Receipt]) -> bool:
        with self.store.read() as connection:
            rows = connection.execute(select(Errand)).all()
        for row in rows:
            body = json.loads(row.body)
            stored = {"name": body["file"][1], "content": self.files[body["file"][0]], "received_at": self.clock()}
            number = self.store.write(
                lambda c, s=stored: c.execute(insert(StoredFile).returning(col(StoredFile.id)), s).scalar_one()  # type: ignore[misc]
            ).result()
            place = Place(body["platform"], body["chat"], body["topic"], private=body["private"])
            address = Address(body["platform"], body["user"])
            receive(
                Incoming(bot=body["bot"], key=f"file:{body['key']}", address=address, place=place, stored_file=number)
            )
            self.store.write(lambda c, i=row.id: c.execute(delete(Errand).where(col(Errand.id) == i))).result()  # type: ignore[misc]
        return bool(rows)
