"""What can happen to people and places: facts without money, kept in the same journal (B6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.ledger.facts import Fact, private, register


@register
@dataclass(frozen=True)
class MemberAdded(Fact):
    """A household joins the group's list; its account is opened by the same turn."""

    member: int
    name: str = private()


@register
@dataclass(frozen=True)
class MemberRenamed(Fact):
    """A household is called otherwise."""

    member: int
    name: str = private()


@register
@dataclass(frozen=True)
class InvitationMade(Fact):
    """A coordinator invites a member to the chat, or a member a second address of theirs (B42)."""

    member: int
    code: str = private()
    expires_at: datetime | None = private(None)  # noqa: RUF009 - it makes a field


@register
@dataclass(frozen=True)
class AddressAsked(Fact):
    """A second address opened an invitation, and waits to be confirmed from the first (B42)."""

    member: int
    platform: str
    number: int
    user: str = private()
    chat: str = private()
    code: str = private()
    language: str = private("fr")


@register
@dataclass(frozen=True)
class AddressLinked(Fact):
    """A person talks for a member from now on (B42). ``number`` counts the addresses of the member."""

    member: int
    platform: str
    number: int
    user: str = private()
    chat: str = private()
    code: str = private()
    language: str = private("fr")


@register
@dataclass(frozen=True)
class AddressRevoked(Fact):
    """An address of a member speaks for them no more: lost phone, or a stranger's request (B42)."""

    unseats: ClassVar[bool] = True

    member: int
    number: int


@register
@dataclass(frozen=True)
class RightGiven(Fact):
    """A member may do more, or less: ``member``, ``pickup`` or ``treasury`` (B43)."""

    member: int
    right: str


@register
@dataclass(frozen=True)
class RoomLinked(Fact):
    """A room is the coordinators' (B43)."""

    platform: str
    chat: str = private()
    topic: str = private()
    code: str = private()
    language: str = private("fr")


@register
@dataclass(frozen=True)
class LanguageChosen(Fact):
    """A person reads another language."""

    member: int
    language: str
    platform: str = private()
    user: str = private()


@register
@dataclass(frozen=True)
class AnnouncementsChosen(Fact):
    """A member wants to be told when orders open and close, or does not (B31)."""

    member: int
    wanted: bool


@register
@dataclass(frozen=True)
class WhereToldChosen(Fact):
    """A household wants to be told at one of its addresses: its number, 0 where it wrote last, −1 at all of them."""

    member: int
    address: int


@register
@dataclass(frozen=True)
class Proposed(Fact):
    """A coordinator asks another to agree to what is not decided alone (B43). ``due_at``: when silence agrees, if it does."""

    member: int
    facts: str = private()
    due_at: datetime | None = private(None)  # noqa: RUF009 - it makes a field


@register
@dataclass(frozen=True)
class ProposalDecided(Fact):
    """Another coordinator agreed, or did not; its author withdrew it; nobody objected in time (no author) (B43)."""

    member: int
    proposal: int
    accepted: bool
