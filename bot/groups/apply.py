"""What facts do to the tables of people and places: called by the desk in the transaction that records them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, insert, select, update
from sqlmodel import col

from bot.chat import Address, Place
from bot.groups import proposals
from bot.groups.facts import (
    AddressAsked,
    AddressLinked,
    AddressRevoked,
    AnnouncementsChosen,
    InvitationMade,
    LanguageChosen,
    MemberAdded,
    MemberRenamed,
    ProposalDecided,
    Proposed,
    RightGiven,
    RoomLinked,
    WhereToldChosen,
)
from bot.groups.people import SPEAKS, Group, Right, Speaker, digest, name_key
from bot.groups.settings import SettingChanged, setting_changed
from bot.groups.tables import ChequeNote, Invitation, LinkedAddress, Member, Note, Proposal, Room, RoomCode
from bot.groups.written import ChequeDescribed, cheque_described
from bot.ledger.errors import N_, Refusal
from bot.ledger.facts import CashCounted, PaymentDeclared, PaymentReceived, PaymentRefused
from bot.ledger.journal import Recorded
from bot.ledger.settling import BalanceWrittenOff

INVITATION_LASTS = timedelta(days=7)
ROOM_CODE_LASTS = timedelta(minutes=30)
PROPOSAL_LASTS = timedelta(days=14)


@dataclass(frozen=True)
class RoomCodeShown:
    """A draft: a code shown in a room that belongs to no group yet (B43)."""

    place: Place
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class GroupChosen:
    """A draft: of the groups a person is in, the one meant when they write in private."""

    address: Address
    group: int


class InvitationUsedError(Refusal):
    """The invitation was used, or has expired, since it was read (B42)."""

    sentence = N_("Cette invitation n'est plus valable. Demandez-en une autre à un coordinateur.")


class RoomCodeUsedError(Refusal):
    """The code of a room was used, or has expired, or never was one (B43)."""

    sentence = N_("Ce code n'est pas, ou plus, celui d'un salon. Dans le salon, écrivez /lier pour en avoir un.")


class AlreadyProposedError(Refusal):
    """The very same was proposed a while ago, and waits for another coordinator (B28, B43)."""

    sentence = N_("C'est déjà demandé : un autre coordinateur doit encore répondre. Rien n'a été ajouté.")


class AlreadyLeftError(Refusal):
    """The member is not in the group any more (B44)."""

    sentence = N_("Cette personne n'est plus dans le groupe. Rien n'a changé.")


class LastCoordinatorError(Refusal):
    """A group keeps one coordinator at least (B43)."""

    sentence = N_("Il faut au moins un coordinateur : nommez-en d'abord un autre.")


class ProposalClosedError(Refusal):
    """Somebody else has decided meanwhile (B43)."""

    sentence = N_("C'est déjà décidé. Rien n'a changé.")


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
        _stop_clocks(connection, recorded.group, fact.member)


def _stop_clocks(connection: Connection, group: int, author: int) -> None:
    """Leave what a member has proposed to another's tap alone: whoever had the lost phone may have proposed it (B43)."""
    theirs = (col(Proposal.group_id) == group) & (col(Proposal.author) == author) & (col(Proposal.state) == "open")
    connection.execute(update(Proposal).where(theirs).values(due_at=None))


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


def _proposed(connection: Connection, recorded: Recorded, fact: Proposed) -> None:
    """Keep what is proposed; the same, proposed twice and agreed to twice, would be done twice."""
    same = (
        (col(Proposal.group_id) == recorded.group)
        & (col(Proposal.facts) == fact.facts)
        & (col(Proposal.state) == "open")
    )
    if connection.execute(
        select(col(Proposal.number)).where(same, col(Proposal.made_at) > recorded.at - PROPOSAL_LASTS)
    ).first():
        raise AlreadyProposedError
    row = {"group_id": recorded.group, "number": recorded.number, "facts": fact.facts, "state": "open"}
    when = {"made_at": recorded.at, "due_at": fact.due_at}
    connection.execute(insert(Proposal), {**row, **when, "author": recorded.author})


def _proposal_decided(connection: Connection, recorded: Recorded, fact: ProposalDecided) -> None:
    """Close a proposal, once. Refused by who it is about, where there is a third coordinator, it waits for that one's agreement."""
    this_one = (col(Proposal.group_id) == recorded.group) & (col(Proposal.number) == fact.proposal)
    still_open = this_one & (col(Proposal.state) == "open")
    changed: dict[str, object] = {"state": "accepted" if fact.accepted else "refused"}
    if _own_objection(connection, recorded, fact):
        still_open, changed = still_open & col(Proposal.due_at).is_not(None), {"due_at": None}
    if fact.accepted and recorded.author == fact.member:
        raise proposals.OwnProposalError
    if not connection.execute(update(Proposal).where(still_open).values(**changed)).rowcount:
        raise ProposalClosedError


def _own_objection(connection: Connection, recorded: Recorded, fact: ProposalDecided) -> bool:
    """Tell whether somebody objects to what is about themselves, and another than them and its author can still agree."""
    group = Group(connection, recorded.group)
    row, author = group.proposal(fact.proposal), recorded.author
    if fact.accepted or author is None or row is None or author == row.author:
        return False
    about = proposals.concerned(proposals.read(row.facts))
    return author in about and proposals.third(group, author, row.author)


_EFFECTS: dict[type, Callable[[Connection, Recorded, Any], None]] = {
    MemberAdded: _member_added,
    MemberRenamed: _member_renamed,
    RightGiven: _right_given,
    InvitationMade: _invitation_made,
    AddressAsked: _address_asked,
    AddressLinked: _address_linked,
    AddressRevoked: _address_revoked,
    RoomLinked: _room_linked,
    LanguageChosen: _language_chosen,
    AnnouncementsChosen: _announcements_chosen,
    WhereToldChosen: _where_told_chosen,
    PaymentRefused: _payment_refused,
    PaymentDeclared: _cheque_written,
    PaymentReceived: _cheque_written,
    ChequeDescribed: cheque_described,
    CashCounted: _cash_counted,
    BalanceWrittenOff: _written_off,
    Proposed: _proposed,
    ProposalDecided: _proposal_decided,
    SettingChanged: setting_changed,
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
