"""What facts do to the tables of people and places: called by the desk in the transaction that records them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, insert, update
from sqlmodel import col

from bot.chat import Address, Place
from bot.groups import agreeing, joining
from bot.groups.facts import (
    AnnouncementsChosen,
    MemberAdded,
    MemberRenamed,
    RightGiven,
    WhereToldChosen,
)
from bot.groups.joining import RoomCodeShown
from bot.groups.names import digest, name_key
from bot.groups.people import Group, Right
from bot.groups.settings import SettingChanged, setting_changed
from bot.groups.tables import ChequeNote, LinkedAddress, Member, Note, Room, RoomCode
from bot.groups.voices import Speaker
from bot.groups.written import ChequeDescribed, cheque_described
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import CashCounted, PaymentDeclared, PaymentReceived, PaymentRefused
from bot.ledger.journal import Recorded
from bot.ledger.settling import BalanceWrittenOff


@dataclass(frozen=True)
class GroupChosen:
    """A draft: of the groups a person is in, the one meant when they write in private."""

    address: Address
    group: int


class AlreadyLeftError(Refusal):
    """The member is not in the group any more (B44)."""

    sentence = N_("Cette personne n'est plus dans le groupe. Rien n'a changé.")


class LastCoordinatorError(Refusal):
    """A group keeps one coordinator at least (B43)."""

    sentence = N_("Il faut au moins un coordinateur : nommez-en d'abord un autre.")


def apply(connection: Connection, recorded: Recorded) -> None:
    """Carry a fact out on people and places. A fact about something else changes nothing here.

    Raises InvitationUsedError and ProposalClosedError where a conditional update finds nothing left to do.
    """
    effect = _EFFECTS.get(type(recorded.fact))
    if effect is not None:
        effect(connection, recorded, recorded.fact)


def move(connection: Connection, place: Place, moved_to: str) -> None:
    """Follow a room whose platform has given it a new id."""
    here = (col(Room.platform) == place.platform) & (col(Room.chat) == place.chat)
    there = (col(Room.platform) == place.platform) & (col(Room.chat) == moved_to)
    if connection.execute(update(Room).where(here).values(active=False)).rowcount:
        known = connection.execute(update(Room).where(there).values(active=True)).rowcount
        if not known:
            connection.execute(update(Room).where(here).values(chat=moved_to, active=True))


def mark_reached(connection: Connection, place: Place, *, reached: bool, at: datetime | None = None) -> None:
    """Note that a private chat can, or can no longer, be written to; ``at``: since when (B39, B47).

    A room where the bot is no more is no longer its group's: coordinators are told in private, and may link it anew.
    """
    if not place.private:
        if not reached:
            lost = (col(Room.platform) == place.platform) & (col(Room.chat) == place.chat)
            connection.execute(update(Room).where(lost).values(active=False))
        return
    before, after = ("unreachable", "linked") if reached else ("linked", "unreachable")
    here = (col(LinkedAddress.platform) == place.platform) & (col(LinkedAddress.chat) == place.chat)
    changed = {"state": after, "lost_at": None if reached else at}
    connection.execute(update(LinkedAddress).where(here, col(LinkedAddress.state) == before).values(**changed))


def mark_latest(connection: Connection, speaker: Speaker) -> None:
    """Note that of a household's addresses this one wrote last."""
    theirs = (col(LinkedAddress.group_id) == speaker.group) & (col(LinkedAddress.member) == speaker.person.number)
    this_one = case((col(LinkedAddress.number) == speaker.number, True), else_=False)
    connection.execute(update(LinkedAddress).where(theirs).values(latest=this_one))


def _member_added(connection: Connection, recorded: Recorded, fact: MemberAdded) -> None:
    row = {"group_id": recorded.group, "number": fact.member, "name": fact.name, "folded": name_key(fact.name)}
    connection.execute(insert(Member), {**row, "right": "member", "active": True, "created_at": recorded.at})


def _member_renamed(connection: Connection, recorded: Recorded, fact: MemberRenamed) -> None:
    _change_member(connection, recorded, fact.member, name=fact.name, folded=name_key(fact.name))


def _right_given(connection: Connection, recorded: Recorded, fact: RightGiven) -> None:
    """Give a right; two coordinators who take each other's at the same moment leave one all the same.

    Raises AlreadyLeftError for who has left since: they would come back with it, and nobody would have said so (B44).
    """
    group = Group(connection, recorded.group)
    person = group.member(fact.member)
    if person is None or not person.active:
        raise AlreadyLeftError
    remaining = [person.number for person in group.coordinators()]
    ceases = fact.right != Right.TREASURY.value and fact.member in remaining
    if ceases and remaining == [fact.member]:
        raise LastCoordinatorError
    until = {"coordinated_until": recorded.at} if ceases else {}
    _change_member(connection, recorded, fact.member, right=fact.right, **until)


def _change_member(connection: Connection, recorded: Recorded, member: int, **values: object) -> None:
    where = (col(Member.group_id) == recorded.group) & (col(Member.number) == member)
    connection.execute(update(Member).where(where).values(**values))


def _announcements_chosen(connection: Connection, recorded: Recorded, fact: AnnouncementsChosen) -> None:
    _change_member(connection, recorded, fact.member, tell_openings=fact.wanted)


def _where_told_chosen(connection: Connection, recorded: Recorded, fact: WhereToldChosen) -> None:
    _change_member(connection, recorded, fact.member, told_at=fact.address)


def _payment_refused(connection: Connection, recorded: Recorded, fact: PaymentRefused) -> None:
    _note(connection, recorded, fact.reason)


def _cash_counted(connection: Connection, recorded: Recorded, fact: CashCounted) -> None:
    _note(connection, recorded, fact.reason)


def _written_off(connection: Connection, recorded: Recorded, fact: BalanceWrittenOff) -> None:
    _note(connection, recorded, fact.reason)


def _note(connection: Connection, recorded: Recorded, text: str) -> None:
    if text:
        connection.execute(insert(Note), {"group_id": recorded.group, "fact": recorded.number, "text": text})


def _cheque_written(connection: Connection, recorded: Recorded, fact: PaymentDeclared | PaymentReceived) -> None:
    if fact.cheque:
        row = {"group_id": recorded.group, "payment": recorded.number, "text": fact.cheque}
        connection.execute(insert(ChequeNote), row)


_EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    MemberAdded: _member_added,
    MemberRenamed: _member_renamed,
    RightGiven: _right_given,
    AnnouncementsChosen: _announcements_chosen,
    WhereToldChosen: _where_told_chosen,
    PaymentRefused: _payment_refused,
    PaymentDeclared: _cheque_written,
    PaymentReceived: _cheque_written,
    ChequeDescribed: cheque_described,
    CashCounted: _cash_counted,
    BalanceWrittenOff: _written_off,
    SettingChanged: setting_changed,
    **joining.EFFECTS,
    **agreeing.EFFECTS,
}


def keep(connection: Connection, draft: object) -> None:
    """Keep a draft: something that is not a fact of any group's books yet."""
    if isinstance(draft, GroupChosen):
        person = (col(LinkedAddress.platform) == draft.address.platform) & (
            col(LinkedAddress.user) == draft.address.user
        )
        chosen = case((col(LinkedAddress.group_id) == draft.group, True), else_=False)
        connection.execute(update(LinkedAddress).where(person).values(current=chosen))
        return
    assert isinstance(draft, RoomCodeShown), draft
    row = {"digest": digest(draft.code), "platform": draft.place.platform, "chat": draft.place.chat}
    connection.execute(insert(RoomCode), {**row, "topic": draft.place.topic, "expires_at": draft.expires_at})
