"""What invitations, addresses and rooms are: opened once, linked, cut off. Called in the transaction that records it (B42, B43)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import col

from bot.chat import Place
from bot.groups.agreeing import stop_clocks
from bot.groups.facts import (
    AddressAsked,
    AddressLinked,
    AddressRevoked,
    InvitationMade,
    LanguageChosen,
    RoomLinked,
)
from bot.groups.names import digest
from bot.groups.tables import Invitation, LinkedAddress, Room, RoomCode
from bot.groups.voices import SPEAKS
from bot.ledger.errors import N_, Refusal
from bot.ledger.journal import Recorded

INVITATION_LASTS = timedelta(days=7)


ROOM_CODE_LASTS = timedelta(minutes=30)


@dataclass(frozen=True)
class RoomCodeShown:
    """A draft: a code shown in a room that belongs to no group yet (B43)."""

    place: Place
    code: str
    expires_at: datetime


class InvitationUsedError(Refusal):
    """The invitation was used, or has expired, since it was read (B42)."""

    sentence = N_("Cette invitation n'est plus valable. Demandez-en une autre à un coordinateur.")


class RoomCodeUsedError(Refusal):
    """The code of a room was used, or has expired, or never was one (B43)."""

    sentence = N_("Ce code n'est pas, ou plus, celui d'un salon. Dans le salon, écrivez /lier pour en avoir un.")


def _invitation_made(connection: Connection, recorded: Recorded, fact: InvitationMade) -> None:
    expires_at = fact.expires_at or recorded.at + INVITATION_LASTS
    row = {"digest": digest(fact.code), "group_id": recorded.group, "member": fact.member}
    connection.execute(insert(Invitation), {**row, "expires_at": expires_at, "used_at": None})


def _address_asked(connection: Connection, recorded: Recorded, fact: AddressAsked) -> None:
    _use_invitation(connection, recorded, fact)
    _put_address(connection, recorded, fact, state="waiting")


def _address_linked(connection: Connection, recorded: Recorded, fact: AddressLinked) -> None:
    if fact.code:
        _use_invitation(connection, recorded, fact)
        _put_address(connection, recorded, fact, state="linked")
        return
    waiting = (col(LinkedAddress.group_id) == recorded.group) & (col(LinkedAddress.member) == fact.member)
    this_one = waiting & (col(LinkedAddress.number) == fact.number) & (col(LinkedAddress.state) == "waiting")
    if not connection.execute(update(LinkedAddress).where(this_one).values(state="linked")).rowcount:
        raise InvitationUsedError


def _use_invitation(connection: Connection, recorded: Recorded, fact: AddressLinked | AddressAsked) -> None:
    unused = (col(Invitation.digest) == digest(fact.code)) & col(Invitation.used_at).is_(None)
    if not connection.execute(update(Invitation).where(unused).values(used_at=recorded.at)).rowcount:
        raise InvitationUsedError


def _put_address(connection: Connection, recorded: Recorded, fact: AddressLinked | AddressAsked, *, state: str) -> None:
    """Note an address; of a person who is in another group already, which one is meant will be asked once."""
    person = (col(LinkedAddress.platform) == fact.platform) & (col(LinkedAddress.user) == fact.user)
    connection.execute(update(LinkedAddress).where(person).values(current=False))
    connection.execute(delete(LinkedAddress).where(person, col(LinkedAddress.group_id) == recorded.group))
    first = connection.execute(
        select(col(LinkedAddress.group_id)).where(person, col(LinkedAddress.state) != "revoked")
    ).first()
    row = {"platform": fact.platform, "user": fact.user, "chat": fact.chat, "language": fact.language}
    whose = {"group_id": recorded.group, "member": fact.member, "number": fact.number}
    connection.execute(
        insert(LinkedAddress),
        {
            **row,
            **whose,
            "state": state,
            "current": first is None,
            "linked_at": recorded.at,
            "lost_at": None,
            "latest": False,
        },
    )


def _address_revoked(connection: Connection, recorded: Recorded, fact: AddressRevoked) -> None:
    """Cut an address off; the invitations not used yet may be on the lost phone, and would let whoever has it in again.

    Nor does silence agree any more to what may have been proposed from it.
    """
    whose = (col(LinkedAddress.group_id) == recorded.group) & (col(LinkedAddress.member) == fact.member)
    this_one = whose & (col(LinkedAddress.number) == fact.number)
    spoke = connection.execute(select(LinkedAddress).where(this_one, col(LinkedAddress.state).in_(SPEAKS))).first()
    connection.execute(update(LinkedAddress).where(this_one).values(state="revoked", current=False))
    if spoke is not None:
        forget_invitations(connection, recorded.group, fact.member)
        stop_clocks(connection, recorded.group, fact.member)


def forget_invitations(connection: Connection, group: int, member: int) -> None:
    """Take back the invitations of a member that nobody has used."""
    theirs = (col(Invitation.group_id) == group) & (col(Invitation.member) == member)
    connection.execute(delete(Invitation).where(theirs, col(Invitation.used_at).is_(None)))


def _room_linked(connection: Connection, recorded: Recorded, fact: RoomLinked) -> None:
    """Give a room to a group, once for all the codes it has shown: with another of them it would become another group's."""
    here = (col(RoomCode.platform) == fact.platform) & (col(RoomCode.chat) == fact.chat)
    spent = connection.execute(delete(RoomCode).where(here).returning(col(RoomCode.digest))).scalars().all()
    if digest(fact.code) not in spent:
        raise RoomCodeUsedError
    connection.execute(delete(Room).where(col(Room.platform) == fact.platform, col(Room.chat) == fact.chat))
    row = {"platform": fact.platform, "chat": fact.chat, "topic": fact.topic, "group_id": recorded.group}
    connection.execute(insert(Room), {**row, "active": True, "language": fact.language})


def _language_chosen(connection: Connection, _recorded: Recorded, fact: LanguageChosen) -> None:
    person = (col(LinkedAddress.platform) == fact.platform) & (col(LinkedAddress.user) == fact.user)
    connection.execute(update(LinkedAddress).where(person).values(language=fact.language))


EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    InvitationMade: _invitation_made,
    AddressAsked: _address_asked,
    AddressLinked: _address_linked,
    AddressRevoked: _address_revoked,
    RoomLinked: _room_linked,
    LanguageChosen: _language_chosen,
}
