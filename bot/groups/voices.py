"""Who speaks from an address, in a room, by an invitation; what somebody who reads there may read (B42, B43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from bot.chat import Address, Place
from bot.groups.names import digest
from bot.groups.people import PERSON, A, Group, M, Person, Right, person_of
from bot.groups.tables import Invitation, Room
from bot.ledger.prepared import Prepared

SPEAKS = {"linked", "unreachable"}
"""The states of an address that speaks for its member; a waiting one does not yet (B42)."""


@dataclass(frozen=True)
class Speaker:
    """Who sent an update: a person of a group, at an address of a certain state."""

    group: int
    person: Person
    number: int
    state: str
    language: str
    current: bool
    latest: bool = True


_SPEAKERS = Prepared(
    select(A.c.group_id, A.c.number.label("address"), A.c.state, A.c.language, A.c.current, A.c.latest, *PERSON)
    .join(M, (M.c.group_id == A.c.group_id) & (M.c.number == A.c.member))
    .where(A.c.platform == bindparam("platform"), A.c.user == bindparam("user"), A.c.state != "revoked")
)


_AT_CHAT = (
    select(M.c.right)
    .join(A, (M.c.group_id == A.c.group_id) & (M.c.number == A.c.member))
    .where(
        *(A.c.group_id == bindparam("group"), A.c.platform == bindparam("platform"), A.c.chat == bindparam("chat")),
        *(A.c.state.in_(("linked", "unreachable")), M.c.active),
    )
)


_ROOM = Prepared(
    select(Room).where(
        col(Room.platform) == bindparam("platform"), col(Room.chat) == bindparam("chat"), col(Room.active)
    )
)


def speakers(connection: Connection, address: Address) -> list[Speaker]:
    """Find for whom an address speaks: one entry for each group; waiting ones included, revoked ones not."""
    rows = _SPEAKERS.rows(connection, {"platform": address.platform, "user": address.user})
    return [
        Speaker(r.group_id, person_of(r), r.address, r.state, r.language, r.current, r.latest) for r in rows if r.active
    ]  # fmt: skip


def room_at(connection: Connection, place: Place) -> tuple[int, str, str] | None:
    """Find the group of a coordinators' room, its topic and its language."""
    row = _ROOM.row(connection, {"platform": place.platform, "chat": place.chat})
    return (row.group_id, row.topic, row.language) if row else None


def right_at(connection: Connection, group: int, place: Place) -> Right | None:
    """Tell the right of whoever reads a place: in a group's room its coordinators, in private one member; None: nobody (B40)."""
    if not place.private:
        room = room_at(connection, place)
        return Right.TREASURY if room is not None and room[0] == group else None
    row = connection.execute(_AT_CHAT, {"group": group, "platform": place.platform, "chat": place.chat}).first()
    return Right(row.right) if row else None


def invited(connection: Connection, code: str, now: datetime) -> tuple[int, Person] | None:
    """Find the group and the member an unused, unexpired invitation is for."""
    query = select(Invitation).where(col(Invitation.digest) == digest(code))
    row = connection.execute(query).first()
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    person = Group(connection, row.group_id).member(row.member)
    return (row.group_id, person) if person and person.active else None
