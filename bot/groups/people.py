"""Reading a group: its members, with which rights, where they and its coordinators are written to, what it has chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlmodel import col

from bot.chat import Address, Place
from bot.groups.chosen import Settings, settings
from bot.groups.names import digest, matching, near
from bot.groups.reach import Reach, where_told
from bot.groups.tables import ChequeNote, LinkedAddress, Member, Note, Proposal, Room, RoomCode
from bot.ledger.prepared import Prepared
from bot.ledger.tables import ACCOUNT


class Right(StrEnum):
    """What a member may do; each includes the one before (B43)."""

    MEMBER = "member"
    PICKUP = "pickup"
    TREASURY = "treasury"

    def covers(self, needed: Right) -> bool:
        """Tell whether this right is enough."""
        order = list(Right)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True)
class Person:
    """A member, as far as a conversation is concerned. Not ``active``: has left; ``closed``: and the account too (B44)."""

    number: int
    name: str
    right: Right
    active: bool = True
    closed: bool = False


M, A = Member.__table__, LinkedAddress.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__ at run time

PERSON = (M.c.number, M.c.name, M.c.right, M.c.active)
_ACCOUNT_OF = (ACCOUNT.c.group_id == M.c.group_id) & (ACCOUNT.c.number == M.c.number)
_WITH_ACCOUNT = select(*PERSON, ACCOUNT.c.closed).join(ACCOUNT, _ACCOUNT_OF).where(M.c.group_id == bindparam("group"))
_MEMBER = Prepared(_WITH_ACCOUNT.where(M.c.number == bindparam("member")))
_DEPARTED = _WITH_ACCOUNT.where(~M.c.active, ~M.c.erased).order_by(M.c.folded)
_ROOMS = Prepared(select(Room).where(col(Room.group_id) == bindparam("group"), col(Room.active)))
_REACHES = Prepared(select(A).where(A.c.group_id == bindparam("group"), A.c.member == bindparam("member")))
_MEMBERS = select(M).where(M.c.group_id == bindparam("group"), M.c.active).order_by(M.c.folded)
_COORDINATORS = Prepared(_MEMBERS.where(M.c.right == Right.TREASURY.value))


class Group:
    """One group as conversations read it."""

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        self.number = number
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The group's name and choices."""
        if self._settings is None:
            self._settings = settings(self._connection, self.number)
        return self._settings

    def members(self) -> list[Person]:
        """List the active members by name."""
        return [person_of(row) for row in self._connection.execute(_MEMBERS, {"group": self.number})]

    def member(self, number: int) -> Person | None:
        """Find a member, active or not."""
        row = _MEMBER.row(self._connection, {"group": self.number, "member": number})
        return person_of(row, closed=row.closed) if row else None

    def name_of(self, number: int | None) -> str:
        """Give a member's name; « Ardoise » for what nobody in the group did."""
        person = self.member(number) if number is not None else None
        return person.name if person else "Ardoise"

    def names(self) -> dict[int, str]:
        """Give all names, of those who left too, by number."""
        rows = self._connection.execute(select(M.c.number, M.c.name).where(M.c.group_id == self.number))
        return {row.number: row.name for row in rows}

    def departed(self) -> list[Person]:
        """List those who have left and are not erased, by name: they may still owe, or be owed (B44)."""
        return [
            person_of(row, closed=row.closed) for row in self._connection.execute(_DEPARTED, {"group": self.number})
        ]

    def left_at(self, member: int) -> datetime | None:
        """Tell when a member left; None for one who is there."""
        query = select(M.c.left_at).where(M.c.group_id == self.number, M.c.number == member)
        return self._connection.execute(query).scalar()

    def erased(self, member: int) -> bool:
        """Tell whether a member's personal data are erased."""
        query = select(M.c.erased).where(M.c.group_id == self.number, M.c.number == member)
        return bool(self._connection.execute(query).scalar())

    def search(self, typed: str, *, departed: bool = False) -> list[Person]:
        """Find members by what people type, the best first; ``departed``: those who have left too."""
        return matching(typed, [*self.members(), *(self.departed() if departed else [])])

    def near(self, typed: str) -> list[Person]:
        """Find members whose name is nearly what was typed: to be offered, never taken for what was meant."""
        return near(typed, self.members())

    def coordinators(self) -> list[Person]:
        """List the active members with the treasury right."""
        return [person_of(row) for row in _COORDINATORS.rows(self._connection, {"group": self.number})]

    def last_ceased_to_coordinate(self, *, but: int) -> datetime | None:
        """Tell when a member ceased to coordinate last, one of them left out; None where nobody ever did (B43)."""
        gone = select(func.max(M.c.coordinated_until)).where(M.c.group_id == self.number, M.c.number != but)
        at: datetime | None = self._connection.execute(gone).scalar()
        return at

    def coordinators_places(self, *, but: int = 0) -> list[tuple[Place, str]]:
        """List where coordinators are told, and in which language: their rooms; where there is none yet, each in private."""
        rooms = self.rooms()
        people = [] if rooms else [person for person in self.coordinators() if person.number != but]
        return rooms or [(r.place, r.language) for person in people for r in self.told_at(person.number)]

    def told_of_openings(self) -> list[Person]:
        """List the active members who want to be told when orders open and close (B31)."""
        rows = self._connection.execute(_MEMBERS.where(M.c.tell_openings), {"group": self.number})
        return [person_of(row) for row in rows]

    def reaches(self, member: int, *, revoked: bool = False) -> list[Reach]:
        """List the addresses of a member; the revoked ones, which speak for nobody, only where asked for."""
        rows = _REACHES.rows(self._connection, {"group": self.number, "member": member})
        return [
            Reach(
                r.member, r.number, Address(r.platform, r.user), Place(r.platform, r.chat), r.state, r.language, r.linked_at,
                r.latest,
            ) for r in rows if revoked or r.state != "revoked"
        ]  # fmt: skip

    def told_at(self, member: int) -> list[Reach]:
        """List where a household is told something: once, where it wrote last, unless it chose otherwise."""
        linked = [reach for reach in self.reaches(member) if reach.state == "linked"]
        if len(linked) < 2:
            return linked
        return where_told(linked, self.told_choice(member))

    def told_choice(self, member: int) -> int:
        """Give what a household chose: 0 where it wrote last, −1 everywhere, or the number of an address."""
        query = select(M.c.told_at).where(M.c.group_id == self.number, M.c.number == member)
        return int(self._connection.execute(query).scalar_one())

    def rooms(self) -> list[tuple[Place, str]]:
        """List the coordinators' rooms and their languages."""
        rows = _ROOMS.rows(self._connection, {"group": self.number})
        return [(Place(r.platform, r.chat, r.topic, private=False), r.language) for r in rows]

    def next_member(self) -> int:
        """Give the number the next member will have."""
        query = select(func.coalesce(func.max(M.c.number), 0) + 1).where(M.c.group_id == self.number)
        return int(self._connection.execute(query).scalar_one())

    def next_address(self, member: int) -> int:
        """Give the number the member's next address will have, revoked ones counted."""
        where = (A.c.group_id == self.number) & (A.c.member == member)
        query = select(func.coalesce(func.max(A.c.number), 0) + 1).where(where)
        return int(self._connection.execute(query).scalar_one())

    def note(self, fact: int) -> str:
        """Give the free text kept for a fact, or nothing."""
        query = select(col(Note.text)).where(col(Note.group_id) == self.number, col(Note.fact) == fact)
        return str(self._connection.execute(query).scalar() or "")

    def cheque_note(self, payment: int) -> str:
        """Give what is written on the cheque of a payment, or nothing (B22)."""
        this_one = (col(ChequeNote.group_id) == self.number) & (col(ChequeNote.payment) == payment)
        return str(self._connection.execute(select(col(ChequeNote.text)).where(this_one)).scalar() or "")

    def proposal(self, number: int) -> Row[Any] | None:
        """Find a proposal."""
        query = select(Proposal).where(col(Proposal.group_id) == self.number, col(Proposal.number) == number)
        return self._connection.execute(query).first()

    def waiting_proposals(self, author: int, *, since: datetime) -> list[int]:
        """List what a member has proposed since a moment, and which nobody has decided."""
        theirs = (col(Proposal.group_id) == self.number) & (col(Proposal.author) == author)
        waiting = theirs & (col(Proposal.state) == "open") & (col(Proposal.made_at) > since)
        return list(self._connection.execute(select(col(Proposal.number)).where(waiting)).scalars())

    def room_coded(self, code: str, now: datetime) -> Place | None:
        """Find the room in which a code was shown a short while ago."""
        row = self._connection.execute(select(RoomCode).where(col(RoomCode.digest) == digest(code))).first()
        if row is None or row.expires_at <= now:
            return None
        return Place(row.platform, row.chat, row.topic, private=False)


def person_of(row: Any, *, closed: bool = False) -> Person:
    """Make a person of a row that has the columns of PERSON."""
    return Person(row.number, row.name, Right(row.right), row.active, closed)
