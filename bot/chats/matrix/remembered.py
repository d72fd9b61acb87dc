"""What is remembered of people on Matrix: where one talks to them, in which language, what they need not hear again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, SQLModel, col

from bot.chat import Place
from bot.groups.tables import LinkedAddress, Room
from bot.ledger.tables import table

KEPT = timedelta(days=92)


class MatrixDirect(SQLModel, table=True):
    """The room in which somebody and the bot talk, alone: where they wrote last."""

    __tablename__ = "matrix_direct"

    user: str = Field(primary_key=True)
    room: str


class MatrixTold(SQLModel, table=True):
    """Something that is said once in a while only: « who are you » to a stranger, « I cannot read you » to anybody."""

    __tablename__ = "matrix_told"

    name: str = Field(primary_key=True)
    told_at: datetime


DIRECT, TOLD = table(MatrixDirect), table(MatrixTold)


def direct_room(connection: Connection, user: str) -> str:
    """Give the room in which one talks to somebody; nothing if there was none yet."""
    return str(connection.execute(select(DIRECT.c.room).where(DIRECT.c.user == user)).scalar() or "")


def talks_in(connection: Connection, user: str, room: str) -> None:
    """Remember the room in which one talks to somebody."""
    noted = upsert(DIRECT).values(user=user, room=room)
    connection.execute(noted.on_conflict_do_update(index_elements=["user"], set_={"room": room}))


def who_talks_in(connection: Connection, room: str) -> str:
    """Tell whose room it is; nothing if it is nobody's."""
    return str(connection.execute(select(DIRECT.c.user).where(DIRECT.c.room == room)).scalar() or "")


def talks_in_room(connection: Connection, user: str, room: str) -> bool:
    """Tell whether a room is the one in which one talks to somebody."""
    return direct_room(connection, user) == room


def crowded_name(room: str) -> str:
    """Name what is said once in a room in which one was alone with the bot, and is no longer."""
    return f"crowded {room}"


def was_told(connection: Connection, name: str) -> bool:
    """Tell whether something was said once."""
    return connection.execute(select(TOLD.c.name).where(TOLD.c.name == name)).first() is not None


def first_time(connection: Connection, name: str, now: datetime, since: timedelta = KEPT) -> bool:
    """Say whether something is to be told now, and note that it is."""
    connection.execute(delete(TOLD).where(TOLD.c.told_at < now - KEPT))
    told = connection.execute(select(TOLD.c.told_at).where(TOLD.c.name == name)).scalar()
    if told is not None and told > now - since:
        return False
    noted = upsert(TOLD).values(name=name, told_at=now)
    connection.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"told_at": now}))
    return True


def language_at(connection: Connection, place: Place) -> str:
    """Tell in which language one speaks at a place."""
    if place.private:
        here = (col(LinkedAddress.platform) == place.platform) & (col(LinkedAddress.chat) == place.chat)
        query = select(col(LinkedAddress.language)).where(here)
    else:
        here = (col(Room.platform) == place.platform) & (col(Room.chat) == place.chat)
        query = select(col(Room.language)).where(here)
    return str(connection.execute(query).scalars().first() or "fr")
