"""What waits to be sent: messages, cards. Written in the transaction that decides them (B47).

A message is delivered once its transaction is committed, in order within its chat; a card is state: delivery compares
the wanted version with the one shown. :mod:`bot.delivery` empties all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    String,
    Text,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlmodel import Field, SQLModel, col

from bot.chat import Attachment, Invoice, Message, Option, Place
from bot.ledger.prepared import Prepared
from bot.ledger.tables import BIG, table

CARD_COMES_BACK_AFTER = timedelta(minutes=5)
"""A card is brought back to the bottom of its chat, but not more often than this (B20)."""


class Waiting(SQLModel, table=True):
    """A message to deliver. ``edits`` names the message it replaces; ``token`` makes a repeated send recognisable."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "state", "id"),
        Index("ix_outbox_chat", "platform", "chat"),
        {"sqlite_autoincrement": True},  # an id is never used again: delivery remembers what it has sent
    )

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    platform: str
    chat: str
    topic: str = ""
    private: bool = True
    body: str = Field(sa_column=Column(Text, nullable=False))
    edits: str = ""
    token: str
    useful_until: datetime | None = None
    state: str = "waiting"
    attempts: int = 0
    next_at: datetime | None = None
    reason: str = ""
    receipt: str = Field(default="", sa_column=Column(String, nullable=False, server_default=text("''")))


class Arrived(SQLModel, table=True):
    """A message that somebody wanted to know of, and that has been delivered: by the name it was posted under."""

    __tablename__ = "receipt"

    name: str = Field(primary_key=True)


RECEIPT = table(Arrived)


class CardPlace(SQLModel, table=True):
    """Where a card is shown. ``wanted`` > ``shown`` when it is to be drawn again; ``resend`` when at the bottom.

    ``sending`` is the token under which it was last sent, until that is noted: whatever changes meanwhile, it is sent once.
    """

    __tablename__ = "card_place"

    group_id: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    name: str = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    topic: str = ""
    private: bool = False
    language: str = "fr"
    at: int = Field(default=0, sa_column=Column(BIG, nullable=False))
    message: str = ""
    wanted: int = 1
    shown: int = 0
    resend: bool = True
    attempts: int = 0
    next_at: datetime | None = None
    sent_at: datetime | None = None
    sending: str = Field(default="", sa_column=Column(String, nullable=False, server_default=text("''")))


@dataclass(frozen=True)
class Letter:
    """A message and where it goes. ``edits``: the message it replaces. Not worth delivering after ``useful_until``.

    ``receipt``: the name under which its delivery is noted, where that matters.
    """

    place: Place
    message: Message
    edits: str = ""
    useful_until: datetime | None = None
    receipt: str = ""


_LETTER = ("platform", "chat", "topic", "private", "body", "edits", "token", "useful_until", "receipt")
_FRESH = {"state": "waiting", "attempts": 0, "next_at": None, "reason": ""}
_OF_LETTER: dict[str, object] = {name: bindparam(f"of_{name}") for name in _LETTER}
_POST = Prepared(insert(table(Waiting)).values({**_OF_LETTER, **_FRESH}).inline())


def post(connection: Connection, letters: Sequence[Letter]) -> None:
    """Put messages into the outbox, in order."""
    for letter in letters:
        place = letter.place
        row = {
            "of_platform": place.platform, "of_chat": place.chat, "of_topic": place.topic, "of_private": place.private,
            "of_body": packed(letter.message), "of_edits": letter.edits, "of_token": token_hex(16),
            "of_useful_until": letter.useful_until, "of_receipt": letter.receipt,
        }  # fmt: skip
        _POST.do(connection, row)


def receipt_of(group: int, fact: int) -> str:
    """Name the receipt of the message that a fact sends.

    >>> receipt_of(1, 345)
    '1/345'
    """
    return f"{group}/{fact}"


def note_arrived(connection: Connection, names: Iterable[str]) -> None:
    """Note that messages have been delivered, once."""
    wanted = set(names) - {""}
    if wanted:
        known = set(connection.execute(select(RECEIPT.c.name).where(RECEIPT.c.name.in_(wanted))).scalars())
        fresh = [{"name": name} for name in sorted(wanted - known)]
        if fresh:
            connection.execute(insert(RECEIPT), fresh)


_JSON = json.JSONEncoder(ensure_ascii=False)


def packed(message: Message) -> str:
    """Write a message as JSON."""
    found = message.attachment
    return _JSON.encode(
        {
            "text": message.text,
            "options": [[[o.label, o.data, o.copies, o.opens] for o in row] for row in message.options],
            "attachment": found and [found.maker, found.name, dict(found.arguments)],
            "asks": message.asks,
            "invoice": message.invoice and list(vars(message.invoice).values()),
            "takes_away": message.takes_away,
        }
    )


def unpacked(body: str) -> Message:
    """Read a message back from JSON."""
    found = json.loads(body)
    recipe = found["attachment"]
    options = tuple(tuple(Option(*option) for option in row) for row in found["options"])
    shown, gone = found.get("invoice"), found.get("takes_away", "")
    attachment, invoice = Attachment(*recipe) if recipe else None, Invoice(*shown) if shown else None
    return Message(found["text"], options, attachment, found["asks"], invoice, gone)


_CARD = table(CardPlace).c
_THIS_CARD = (_CARD.group_id == bindparam("group")) & (_CARD.name == bindparam("card"))
_LONG_AGO = _CARD.sent_at.is_(None) | (_CARD.sent_at <= bindparam("before"))
_REDRAW = Prepared(update(table(CardPlace)).where(_THIS_CARD).values(wanted=_CARD.wanted + 1))
_BRING_BACK = Prepared(update(table(CardPlace)).where(_THIS_CARD, _LONG_AGO).values(resend=True))
_CARD_PLACES = Prepared(select(_CARD.platform, _CARD.chat, _CARD.topic, _CARD.private).where(_THIS_CARD))


def show_card(connection: Connection, *, group: int, name: str, place: Place, language: str, at: int = 0) -> None:
    """Show a card at the bottom of a chat, from now on kept true there."""
    values = {"at": at, "topic": place.topic, "language": language, "resend": True, "wanted": col(CardPlace.wanted) + 1}
    here = _card(group, name) & (col(CardPlace.platform) == place.platform) & (col(CardPlace.chat) == place.chat)
    if not connection.execute(update(CardPlace).where(here).values(**values)).rowcount:
        key = {"group_id": group, "name": name, "platform": place.platform, "chat": place.chat}
        new = {"topic": place.topic, "private": place.private, "language": language, "at": at, "message": ""}
        fresh = {"wanted": 1, "shown": 0, "resend": True, "attempts": 0, "next_at": None, "sent_at": None}
        connection.execute(insert(CardPlace), {**key, **new, **fresh})


def card_at(connection: Connection, *, group: int, name: str, place: Place) -> int | None:
    """Tell what a card in a chat is turned to; None where it is not shown there."""
    here = _card(group, name) & (col(CardPlace.platform) == place.platform) & (col(CardPlace.chat) == place.chat)
    return connection.execute(select(col(CardPlace.at)).where(here)).scalar()


def turn_card(connection: Connection, *, group: int, name: str, place: Place, at: int) -> None:
    """Let a card show another of its things, in one place, without moving it."""
    here = _card(group, name) & (col(CardPlace.platform) == place.platform) & (col(CardPlace.chat) == place.chat)
    connection.execute(update(CardPlace).where(here).values(at=at, wanted=col(CardPlace.wanted) + 1))


def redraw_card(connection: Connection, *, group: int, name: str) -> None:
    """Have a card drawn again wherever it is shown."""
    _REDRAW.do(connection, {"group": group, "card": name})


def bring_card_back(connection: Connection, *, group: int, name: str, now: datetime) -> None:
    """Bring a card to the bottom of the chats where it has not been for a while (B20)."""
    _BRING_BACK.do(connection, {"group": group, "card": name, "before": now - CARD_COMES_BACK_AFTER})


def card_places(connection: Connection, *, group: int, name: str) -> list[Place]:
    """List the chats where a card is shown."""
    rows = _CARD_PLACES.rows(connection, {"group": group, "card": name})
    return [Place(r.platform, r.chat, r.topic, private=r.private) for r in rows]


def move(connection: Connection, place: Place, moved_to: str) -> None:
    """Follow a chat whose platform has given it a new id: what waits for it, and its cards."""
    waits = (col(Waiting.platform) == place.platform) & (col(Waiting.chat) == place.chat)
    connection.execute(update(Waiting).where(waits).values(chat=moved_to, edits=""))
    cards = (col(CardPlace.platform) == place.platform) & (col(CardPlace.chat) == place.chat)
    there = select(col(CardPlace.name)).where(
        col(CardPlace.platform) == place.platform, col(CardPlace.chat) == moved_to
    )
    if connection.execute(there).first() is None:
        connection.execute(update(CardPlace).where(cards).values(chat=moved_to, message="", resend=True))


def _card(group: int, name: str) -> ColumnElement[bool]:
    return (col(CardPlace.group_id) == group) & (col(CardPlace.name) == name)
