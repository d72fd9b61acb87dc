"""A card's number sent in two messages, one after the other: told apart without keeping a digit of the first (B25).

What is kept of a message that may be the first half is how it is cut and two check sums, for a few minutes at most: none
of its digits can be had from them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlmodel import Field, SQLModel

from bot.chat import Incoming
from bot.desk.cardnumber import Half, completes, half
from bot.ledger.prepared import Prepared
from bot.ledger.tables import table

TOGETHER_WITHIN = timedelta(minutes=3)


class CardHalf(SQLModel, table=True):
    """What may be the first half of a card's number. ``place`` is a digest of who wrote it where; sums are digits from 0 to 9."""

    __tablename__ = "card_half"

    place: str = Field(primary_key=True)
    message: str
    shape: str
    even: int
    odd: int
    at: datetime


HALF = table(CardHalf)
_FIND = Prepared(select(HALF).where(HALF.c.place == bindparam("here")))
_FORGET = delete(HALF).where(HALF.c.place == bindparam("here"))


def completed(connection: Connection, incoming: Incoming, now: datetime) -> str | None:
    """Name the message with which this one makes a card's number, None if there is none; note this one: another may follow."""
    here = _digest(incoming)
    row = _FIND.row(connection, {"here": here})
    if row is not None:
        connection.execute(_FORGET, {"here": here})
        first = Half(tuple(int(n) for n in row.shape.split()), row.even, row.odd)
        if now - row.at <= TOGETHER_WITHIN and completes(first, incoming.text):
            return str(row.message)
    begun = half(incoming.text)
    if begun is not None:
        shape = " ".join(str(n) for n in begun.shape)
        kept = {"message": incoming.message, "shape": shape, "even": begun.even, "odd": begun.odd, "at": now}
        connection.execute(insert(HALF), {"place": here, **kept})
    return None


def prune(connection: Connection, now: datetime) -> None:
    """Forget what nothing has followed."""
    connection.execute(delete(HALF).where(HALF.c.at < now - TOGETHER_WITHIN))


def _digest(incoming: Incoming) -> str:
    who = "\n".join((incoming.address.platform, incoming.address.user, incoming.place.chat))
    return hashlib.sha256(who.encode()).hexdigest()
