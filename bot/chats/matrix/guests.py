"""Invitations into rooms: accepted from people we know; a stranger is told once how to come in, and only that (B42, B43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import Connection, exists, select
from sqlmodel import col

from bot.chat import Address, Place
from bot.chats.matrix.remembered import first_time
from bot.chats.matrix.shown import PLATFORM
from bot.chats.matrix.wire.events import Invitation
from bot.groups import tables
from bot.groups.people import Right
from bot.groups.voices import SPEAKS, speakers


class Welcome(Enum):
    """What becomes of an invitation.

    Entered and greeted; entered, and told how a room is linked; entered in silence; told one line and left; refused.
    """

    GREET = auto()
    EXPLAIN = auto()
    ENTER = auto()
    TELL = auto()
    REFUSE = auto()


@dataclass(frozen=True)
class Arrival:
    """A room being entered, who invited us, and what is to be done there."""

    room: str
    inviter: str
    welcome: Welcome


def welcome(connection: Connection, invitation: Invitation, successors: Sequence[str], now: datetime) -> Welcome:
    """Decide about an invitation. A stranger who wants to talk in private is heard while somebody is expected to come in.

    ``successors`` are the rooms that replace rooms of ours.
    """
    if invitation.room in successors:
        return Welcome.ENTER
    known = speakers(connection, Address(PLATFORM, invitation.sender))
    linked = [speaker for speaker in known if speaker.state in SPEAKS]
    if linked and not invitation.direct:
        coordinates = any(speaker.person.right is Right.TREASURY for speaker in linked)
        return Welcome.EXPLAIN if coordinates else Welcome.ENTER
    if linked:
        return Welcome.GREET
    if invitation.direct and (known or _somebody_is_expected(connection, now)):
        return Welcome.GREET
    return Welcome.TELL if first_time(connection, f"stranger {invitation.sender}", now) else Welcome.REFUSE


def coordinators_rooms(connection: Connection) -> list[Place]:
    """List the rooms on Matrix that are a group's."""
    ours = select(col(tables.Room.chat)).where(col(tables.Room.platform) == PLATFORM, col(tables.Room.active))
    return [Place(PLATFORM, chat, private=False) for chat in connection.execute(ours).scalars()]


def _somebody_is_expected(connection: Connection, now: datetime) -> bool:
    unused = col(tables.Invitation.used_at).is_(None) & (col(tables.Invitation.expires_at) > now)
    return bool(connection.execute(select(exists().where(unused))).scalar())
