"""A delivery without waiting: shows what waits in the outbox, draws cards, runs errands, at once and in order.

The real one (bot.delivery) has its own tests; transcripts need the words only.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import col

from bot.cards import taken_away
from bot.chat import Address, Document, Incoming, Message, Place, Receipt
from bot.delivery.asking_providers import Nowhere
from bot.delivery.notes import Notes, deletion
from bot.delivery.round import serve
from bot.delivery.showing import Means, card_key, drawn, forgotten, place_of
from bot.delivery.work import Work, lane_of
from bot.errands import Errand, StoredFile
from bot.ledger.store import Store
from bot.online.answers import PLATFORM as ONLINE
from bot.outbox import CardPlace, Waiting, unpacked
from bot.papers import make
from bot.providers.accounts import Accounts


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
    accounts: Accounts = field(default_factory=Accounts)
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
        self.store.write(deletion([r.id for r in rows], [r.receipt for r in rows])).result()
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
            rows = [CardPlace(**row._mapping) for row in connection.execute(select(CardPlace).where(wanted))]
            messages = [drawn(connection, row, self.clock()) for row in rows]
        for row, message in zip(rows, messages, strict=True):
            self.store.write(self._card(row, message)).result()
        return bool(rows)

    def _card(self, row: CardPlace, message: Message | None) -> Callable[[Connection], None]:
        if message is None:
            if row.message:
                self._show(place_of(row), taken_away(), row.message)
            return forgotten(row)
        number = self._show(place_of(row), message, "" if row.resend else row.message)
        values = {"message": number, "shown": row.wanted, "resend": False, "sent_at": self.clock()}

        def job(connection: Connection) -> None:
            connection.execute(update(CardPlace).where(card_key(row)).values(**values))

        return job

    def _errands(self, receive: Callable[[Incoming], Receipt]) -> bool:
        with self.store.read() as connection:
            due = col(Errand.next_at).is_(None) | (col(Errand.next_at) <= self.clock())
            rows = connection.execute(select(Errand).where(due)).all()
        for row in rows:
            if row.platform == ONLINE:
                self._ask_provider(Errand(**row._mapping), receive)
                continue
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

    def _ask_provider(self, row: Errand, receive: Callable[[Incoming], Receipt]) -> None:
        """Run an errand to a provider as the real delivery does, what is refused for now kept for later."""

        async def run() -> None:
            async def heard(incoming: Incoming) -> Receipt:
                return receive(incoming)

            notes, ending = Notes(self.store, asyncio.sleep), asyncio.Event()
            means = Means(
                self.store, Nowhere(), heard, self.clock, notes, lambda: 1.0, ending, self.accounts, "https://t.me/bot"
            )
            await serve(means, Work(lane_of(row), [row]))

        asyncio.run(run())
