"""The tables of people and places. They can be changed and erased; the books cannot (B44)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, String, Text, false, text, true
from sqlmodel import Field, SQLModel

from bot.ledger.tables import big


class BuyingGroup(SQLModel, table=True):
    """One buying group and what its coordinators chose for it.

    ``kitty_floor``: what a kitty that may go below zero must not fall below, in cents, not above 0; None: no floor (B18).
    ``kitty_with_others`` lifts the kitty's exclusivity (B19).
    """

    __tablename__ = "buying_group"

    id: int = Field(sa_column=big(key=True))
    name: str
    currency: str = "EUR"
    timezone: str = "Europe/Paris"
    language: str = "fr"
    methods: str = "cheque cash transfer"
    top_up_methods: str = "cheque cash transfer"
    kitty_may_go_negative: bool = False
    created_at: datetime
    cheque_payee: str = Field(default="", sa_column=Column(String, nullable=False, server_default=text("''")))
    iban: str = Field(default="", sa_column=Column(String, nullable=False, server_default=text("''")))
    account_holder: str = Field(default="", sa_column=Column(String, nullable=False, server_default=text("''")))
    reference_prefix: str = Field(default="", sa_column=Column(String, nullable=False, server_default=text("''")))
    kitty_floor: int | None = Field(default=None, sa_column=big(null=True))
    kitty_with_others: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class Member(SQLModel, table=True):
    """A household. ``number`` is also the number of its account; ``folded`` is the name as it is searched for.

    ``tell_openings``: it wants to be told when orders open and close (B31). ``told_at``: at which of its addresses it is told
    things: 0 where somebody of it wrote last, −1 at all of them, else the number of one. ``left_at``: when it left, not
    ``active`` since; ``erase``: it wants its personal data erased once its account is closed; ``erased``: they are (B44).
    ``coordinated_until``: when it last ceased to coordinate (B43).
    """

    __tablename__ = "member"

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    name: str
    folded: str
    right: str = "member"
    active: bool = True
    tell_openings: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    told_at: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    created_at: datetime
    left_at: datetime | None = None
    erase: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    erased: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    coordinated_until: datetime | None = None


class LinkedAddress(SQLModel, table=True):
    """Where a person of a household talks from. ``chat`` is the private chat in which they are written to.

    ``state``: waiting (to be confirmed from the first address), linked, unreachable, revoked. ``current`` is the
    group meant when a person of several groups writes in private. ``lost_at``: when it could first not be written to (B39).
    ``latest``: of the household's addresses, the one that wrote last.
    """

    __tablename__ = "address"
    __table_args__ = (
        ForeignKeyConstraint(["group_id", "member"], ["member.group_id", "member.number"], name="fk_address_member"),
        Index("ix_address_member", "group_id", "member"),
    )

    platform: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    group_id: int = Field(sa_column=big(key=True))
    member: int = Field(sa_column=big())
    number: int = Field(sa_column=big())
    chat: str
    state: str = "linked"
    current: bool = True
    language: str = "fr"
    linked_at: datetime
    lost_at: datetime | None = None
    latest: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class Invitation(SQLModel, table=True):
    """A way in for one member, once, for a few days. Only the code's digest is kept."""

    __tablename__ = "invitation"

    digest: str = Field(primary_key=True)
    group_id: int = Field(sa_column=big())
    member: int = Field(sa_column=big())
    expires_at: datetime
    used_at: datetime | None = None


class Room(SQLModel, table=True):
    """A chat of several people that belongs to a group."""

    __tablename__ = "room"

    platform: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    group_id: int = Field(sa_column=big())
    topic: str = ""
    active: bool = True
    language: str = "fr"


class RoomCode(SQLModel, table=True):
    """A code shown in a room, to be entered by a coordinator in private. Only its digest is kept."""

    __tablename__ = "room_code"

    digest: str = Field(primary_key=True)
    platform: str
    chat: str
    topic: str = ""
    expires_at: datetime


class Note(SQLModel, table=True):
    """The free text of a fact, kept apart so that it can be erased."""

    __tablename__ = "note"

    group_id: int = Field(sa_column=big(key=True))
    fact: int = Field(sa_column=big(key=True))
    text: str = Field(sa_column=Column(Text, nullable=False))


class ChequeNote(SQLModel, table=True):
    """What is written on a cheque (its bank, its number), kept apart so that it can be erased (B22, B44)."""

    __tablename__ = "cheque_note"

    group_id: int = Field(sa_column=big(key=True))
    payment: int = Field(sa_column=big(key=True))
    text: str = Field(sa_column=Column(Text, nullable=False))


class Proposal(SQLModel, table=True):
    """Facts that no coordinator decides alone, waiting for another one's tap (B43).

    ``facts`` is JSON, private fields included. ``state``: open, accepted, refused. ``due_at``: when silence agrees; None: never.
    """

    __tablename__ = "proposal"

    group_id: int = Field(sa_column=big(key=True))
    number: int = Field(sa_column=big(key=True))
    facts: str = Field(sa_column=Column(Text, nullable=False))
    author: int = Field(sa_column=big())
    made_at: datetime
    state: str = "open"
    due_at: datetime | None = None


class Handle(SQLModel, table=True):
    """The bot's own name on a platform, as learnt at the last start: what invitations point to."""

    __tablename__ = "handle"

    platform: str = Field(primary_key=True)
    name: str
